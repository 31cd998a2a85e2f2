/** Starts `./mogo` as a user would, and looks at what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STATE_DIR_MARK } from '#ops/embedded/orphan.ts'
import { allPids, hasEnvironment } from '#ops/embedded/process-identity.ts'

/** Root of the product. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A started `./mogo`. */
export type MogoProcess = {
  readonly child: ChildProcess
  /** Everything it has said so far. */
  output(): string
  /** Resolves when what it has said matches; rejects if it ends before. */
  says(pattern: RegExp): Promise<void>
  /** Its exit code. */
  readonly exited: Promise<number>
}

/** Starts `./mogo` with these arguments, in a process group of its own (so that a test's end takes it along). */
export function startMogo(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): MogoProcess {
  const child = spawn(join(ROOT, 'mogo'), [...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const listener of listeners) listener()
    })
  let ended = false
  const exited = new Promise<number>((resolve) =>
    child.once('close', (code) => {
      ended = true
      resolve(code ?? 1)
      for (const listener of listeners) listener()
    }),
  )
  return {
    child,
    output: () => text,
    exited,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text)) resolve()
          else if (ended) reject(new Error(`mogo ended before it said ${pattern}:\n${text.slice(-3000)}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Runs `./mogo` to its end. */
export async function runMogo(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const started = startMogo(args, environment)
  return { code: await started.exited, output: started.output() }
}

/** Pids of living processes of the project with this state folder. */
export function processesOf(stateDir: string): readonly number[] {
  return allPids().filter((pid) => hasEnvironment(pid, STATE_DIR_MARK, stateDir) && isRunning(pid))
}

function isRunning(pid: number): boolean {
  try {
    // A zombie has no executable any more.
    return readlinkSync(`/proc/${pid}/exe`) !== ''
  } catch {
    return false
  }
}

/** Waits until nothing of a project is left; the processes that are still there when time is up. */
export async function leftovers(stateDir: string, millis = 20_000): Promise<readonly number[]> {
  const end = Date.now() + millis
  for (;;) {
    const pids = processesOf(stateDir)
    if (pids.length === 0 || Date.now() > end) return pids
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
