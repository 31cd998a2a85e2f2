/** Talks to the supervisor of a running project. */
import { join } from 'node:path'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { ControlFile } from '#ops/embedded/control-api.ts'
import { isAlive } from '#ops/embedded/process-identity.ts'
import { type ProcessRecord, type RunState, readJson } from '#ops/embedded/state-file.ts'

/** What runs. */
export type StackStatus = {
  readonly supervisorPid: number
  readonly startedAt: string
  readonly processes: readonly ProcessRecord[]
}

/** Status of a running project; undefined if it does not run. */
export function stackStatus(stateDir: string): StackStatus | undefined {
  const state = readJson<RunState>(join(stateDir, 'run', 'state.json'))
  if (!state || !isAlive(state.supervisor)) return undefined
  return { supervisorPid: state.supervisor.pid, startedAt: state.startedAt, processes: state.processes }
}

/**
 * Stops a running project and waits until its supervisor has ended.
 *
 * @throws MogoError MOGO_NOT_RUNNING
 */
export async function stopStack(stateDir: string): Promise<void> {
  const state = readJson<RunState>(join(stateDir, 'run', 'state.json'))
  const control = readJson<ControlFile>(join(stateDir, 'run', 'control.json'))
  if (!state || !isAlive(state.supervisor)) throw new MogoError('MOGO_NOT_RUNNING')
  try {
    if (!control) throw new MogoError('MOGO_NOT_RUNNING')
    await fetch(`${control.url}/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}` },
      signal: AbortSignal.timeout(5000),
    })
  } catch (error) {
    // A supervisor that is just starting has no control API yet; the signal says the same.
    if (!isMogoError(error) && !(error instanceof Error)) throw error
    process.kill(state.supervisor.pid, 'SIGTERM')
  }
  while (isAlive(state.supervisor)) await new Promise((resolve) => setTimeout(resolve, 50))
}
