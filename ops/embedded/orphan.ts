/**
 * What an earlier supervisor left behind, after a kill -9 or a power cut of its own.
 *
 * A process is ours if state.json names it (pid and start time, so that a pid given to someone else is not mistaken) or if its environment
 * says `MOGO_STATE_DIR=<this folder>`, which every child of a supervisor gets and hands on. Called only when this project's lock is held, so
 * no other supervisor of the same folder lives.
 */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { allPids, hasEnvironment, identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'
import { type RunState, readJson } from './state-file.ts'

/** Environment variable that marks the children of a supervisor. */
export const STATE_DIR_MARK = 'MOGO_STATE_DIR'

const POLITE_MS = 3_000
const POLL_MS = 50

/** Processes of this state folder that still live. */
export function findOrphans(stateDir: string): ProcessIdentity[] {
  const state = readJson<RunState>(join(stateDir, 'run', 'state.json'))
  const recorded = (state?.processes ?? []).flatMap((record) => record.process ?? []).filter(isAlive)
  const known = new Set(recorded.map((identity) => identity.pid))
  const marked = allPids()
    .filter((pid) => pid !== process.pid && !known.has(pid) && hasEnvironment(pid, STATE_DIR_MARK, stateDir))
    .flatMap((pid) => identityOf(pid) ?? [])
  return [...recorded, ...marked]
}

/**
 * Ends what is left of an earlier run: SIGTERM, after 3 s SIGKILL.
 *
 * @returns how many processes there were
 */
export async function stopOrphans(stateDir: string): Promise<number> {
  const orphans = findOrphans(stateDir)
  const send = (signal: NodeJS.Signals): void => {
    for (const orphan of orphans.filter(isAlive)) {
      try {
        process.kill(orphan.pid, signal)
      } catch {
        // ended in between
      }
    }
  }
  send('SIGTERM')
  const until = performance.now() + POLITE_MS
  while (orphans.some(isAlive) && performance.now() < until) await sleep(POLL_MS)
  send('SIGKILL')
  while (orphans.some(isAlive) && performance.now() < until + POLITE_MS) await sleep(POLL_MS)
  return orphans.length
}
