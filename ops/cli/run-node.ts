/** Runs a program of ours with this Node, on this terminal, and passes its exit code on. */
import { spawn } from 'node:child_process'

/** Runs it; the variables of `environment` are added to those of this process. */
export function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  const forward = (name: NodeJS.Signals): void => void child.kill(name)
  process.on('SIGTERM', forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}
