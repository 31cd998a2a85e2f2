/** CPU seconds of a process, from /proc; undefined where there is none (another machine, another system). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Clock ticks a second: 100 on every Linux that matters. */
const TICKS = 100

const runState = z.object({
  processes: z.array(z.object({ name: z.string(), process: z.object({ pid: z.int() }).optional() })),
})

/** Pid of an embedded server. */
export function embeddedPid(stateDir: string, server: string): number | undefined {
  try {
    const state = runState.parse(JSON.parse(readFileSync(join(stateDir, 'run', 'state.json'), 'utf8')))
    return state.processes.find(({ name }) => name === server)?.process?.pid
  } catch {
    return undefined
  }
}

/** CPU seconds that a process has used. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return undefined
  }
}
