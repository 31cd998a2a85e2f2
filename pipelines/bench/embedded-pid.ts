/** Pid of an embedded server of the project; 0 if there is none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const runState = z.object({
  processes: z.array(z.object({ name: z.string(), process: z.object({ pid: z.int() }).optional() })),
})

/** See above. */
export function embeddedPid(stateDir: string, server: string): number {
  try {
    const state = runState.parse(JSON.parse(readFileSync(join(stateDir, 'run', 'state.json'), 'utf8')))
    return state.processes.find(({ name }) => name === server)?.process?.pid ?? 0
  } catch {
    return 0
  }
}
