/**
 * How a child is wrapped before its program runs.
 *
 * - `setpriv --pdeathsig` lets the kernel end the child when the supervisor dies without having stopped it (kill -9). It must come last: the
 *   kernel forgets the wish when a process changes its user.
 * - Postgres refuses to run as root. A user namespace in which root appears as "nobody" satisfies it, while files stay root's own,
 *   so that any project folder works. Where namespaces are not allowed (some containers) it runs as the real user nobody, and its data
 *   folder is given to that user, which then must be able to reach it.
 *
 * All of these replace themselves by the next program, so the pid that the supervisor knows is that of the server.
 * Rejected: a shell or Node process between supervisor and server that watches (one more process to lose).
 */

import { execFile } from 'node:child_process'
import type { CommandLine } from './server.ts'

/** The uid and gid of "nobody" on Linux. */
export const NOBODY = 65_534

/** What this machine allows. */
export type Isolation = {
  /** The supervisor runs as root. */
  readonly root: boolean
  /** `setpriv --pdeathsig` works. */
  readonly deathSignal: boolean
  /** A user namespace may be made. */
  readonly userNamespace: boolean
}

/** Wraps a command line; pure, so that each case can be tested. */
export function wrapCommand(line: CommandLine, isolation: Isolation): readonly [string, ...string[]] {
  const words: string[] = []
  const dropRoot = isolation.root && line.refusesRoot === true
  const asNobody = dropRoot && !isolation.userNamespace
  if (dropRoot && isolation.userNamespace) {
    words.push('unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`)
  }
  if (isolation.deathSignal || asNobody) {
    words.push('setpriv')
    if (asNobody) words.push(`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups')
    if (isolation.deathSignal) words.push('--pdeathsig', (line.deathSignal ?? 'SIGKILL').slice('SIG'.length))
  }
  return [...words, line.command, ...line.args] as unknown as readonly [string, ...string[]]
}

/** Tries out what the machine allows (a few ms). */
export async function detectIsolation(path: string, root = process.getuid?.() === 0): Promise<Isolation> {
  const works = (command: string, args: readonly string[]): Promise<boolean> =>
    new Promise((resolve) => {
      execFile(command, args, { timeout: 5_000, env: { PATH: path } }, (error) => resolve(error === null))
    })
  const [deathSignal, userNamespace] = await Promise.all([
    works('setpriv', ['--pdeathsig', 'KILL', 'true']),
    root ? works('unshare', ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, 'true']) : false,
  ])
  return { root, deathSignal, userNamespace }
}
