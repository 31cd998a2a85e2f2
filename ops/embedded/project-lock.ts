/**
 * One supervisor per state folder.
 *
 * The lock is an abstract Unix socket named after the folder: the kernel gives it up with the process, however that ends, so there is no stale
 * lock file to judge. Who holds it is read from state.json.
 */

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { type RunState, readJson } from './state-file.ts'

/** Gives the lock back. */
export type Release = () => Promise<void>

/**
 * Takes the lock of a state folder.
 *
 * @throws MogoError MOGO_ALREADY_RUNNING
 */
export function lockProject(stateDir: string): Promise<Release> {
  const name = createHash('sha256').update(realpathSync(stateDir)).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', () => {
      const state = readJson<RunState>(join(stateDir, 'run', 'state.json'))
      reject(new MogoError('MOGO_ALREADY_RUNNING', { pid: state?.supervisor.pid ?? 'unknown' }))
    })
    server.listen({ path: `\0mogo-${name}` }, () => {
      resolve(() => new Promise((done) => server.close(() => done())))
    })
  })
}
