/** Runs a program of ours with this Node, shows what it says on standard error, and keeps what it prints. */
import { spawn } from 'node:child_process'

/** Exit code, 1 if it was killed, and standard output. */
export type Collected = { readonly code: number; readonly output: string }

/** Runs it; an abort of the signal ends it, and it ends what it has started. */
export function collectOutput(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Collected> {
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
  })
  const end = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', end)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      signal.removeEventListener('abort', end)
      resolve({ code: code ?? 1, output })
    })
    if (signal.aborted) end()
  })
}
