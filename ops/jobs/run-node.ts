/**
 * Runs one of our entry files as a process of its own and collects what it prints. Processes never import each other, so this is how
 * the operations process asks another part to do something.
 */
import { spawn } from 'node:child_process'
import { WITH_PARENT } from '#ops/runtime/end-with-parent.ts'

/** How it ended: exit code (null if it was killed), and its output. */
export type NodeResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs an entry file. */
export type RunNode = (args: readonly string[], signal: AbortSignal) => Promise<NodeResult>

/** What runs are given. */
export type RunNodeOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly timeoutMillis: number
}

/** Longest output that is kept; our commands print far less. */
const MOST_OUTPUT = 1024 * 1024

/** Makes the runner. A run ends with this process, however that ends; it is ended by SIGTERM at its timeout or when the signal is aborted, and by SIGKILL five seconds later. */
export function createRunNode(options: RunNodeOptions): RunNode {
  return (args, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...args], {
        cwd: options.cwd,
        env: { ...options.environment, ...WITH_PARENT },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      let killing: NodeJS.Timeout | undefined
      const end = (): void => {
        child.kill('SIGTERM')
        killing ??= setTimeout(() => child.kill('SIGKILL'), 5000)
      }
      const timeout = setTimeout(end, options.timeoutMillis)
      signal.addEventListener('abort', end)
      const output = { stdout: '', stderr: '' }
      for (const stream of ['stdout', 'stderr'] as const)
        child[stream].setEncoding('utf8').on('data', (chunk: string) => {
          if (output[stream].length < MOST_OUTPUT) output[stream] += chunk
        })
      const settle = (): void => {
        clearTimeout(timeout)
        clearTimeout(killing)
        signal.removeEventListener('abort', end)
      }
      child.once('error', (error) => {
        settle()
        reject(error)
      })
      child.once('close', (code) => {
        settle()
        resolve({ code, ...output })
      })
      if (signal.aborted) end()
    })
}
