/** Looks at the processes of a state folder from outside, and drives embedded-process.ts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { STATE_DIR_MARK } from '#ops/embedded/orphan.ts'
import { allPids, commandLineOf, hasEnvironment, identityOf } from '#ops/embedded/process-identity.ts'
import type { SupervisorEvent } from '#ops/embedded/server.ts'
import type { EmbeddedEndpoints } from '#ops/embedded/start-embedded.ts'
import { socketsOf } from '../../support/process-sockets.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** Pids of all processes that belong to a state folder, the supervisor itself left out. */
export function processesOf(stateDir: string): number[] {
  return allPids().filter(
    (pid) =>
      identityOf(pid) !== undefined &&
      !commandLineOf(pid).some((word) => word.endsWith('embedded-process.ts')) &&
      (hasEnvironment(pid, STATE_DIR_MARK, stateDir) ||
        commandLineOf(pid).some((word) => word.includes(`${stateDir}/`))),
  )
}

/** Addresses (as /proc/net writes them, hex) on which these processes listen. */
export function listeningAddresses(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketsOf))
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    let text = ''
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      return [] // no IPv6
    }
    return text
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
      .map((fields) => fields[1] ?? '')
  })
}

type Line = Partial<SupervisorEvent> & {
  readonly ready?: boolean
  readonly stopped?: boolean
  readonly failed?: string
  readonly message?: string
  readonly endpoints?: EmbeddedEndpoints
  readonly orphansStopped?: number
}

/** A supervisor in a process of its own. */
export type OtherProcess = {
  readonly child: ChildProcess
  /** Resolves to the first line, also a past one, that fits; rejects when the process ends without it. */
  readonly line: (fits: (line: Line) => boolean) => Promise<Line>
  readonly ready: () => Promise<Line>
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
}

/** Starts servers in a process of its own. */
export function startElsewhere(
  stateDir: string,
  servers: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): OtherProcess {
  const script = join(import.meta.dirname, 'embedded-process.ts')
  const child = spawn(
    process.execPath,
    ['--no-warnings', script, stateDir, join(ROOT, '.mogo', 'lib'), ...servers],
    {
      cwd: ROOT,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let over = false
  const wake = (): void => {
    for (const check of waiting) check()
  }
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => {
    lines.push(JSON.parse(text) as Line)
    wake()
  })
  reader.on('close', () => {
    over = true
    wake()
  })
  const line = (fits: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = lines.find(fits)
        if (found === undefined && !over) return
        waiting.delete(check)
        if (found === undefined)
          reject(new Error(`ended without it; last line: ${JSON.stringify(lines.at(-1))}`))
        else resolve(found)
      }
      waiting.add(check)
      check()
    })
  return {
    child,
    line,
    ready: async () => {
      const last = await line((l) => l.ready === true || l.failed !== undefined)
      if (last.failed !== undefined) throw new Error(`${last.failed}: ${last.message}`)
      return last
    },
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}
