/**
 * Looks whether capture runs, and starts failed tasks of the connector again.
 *
 * Seen states: `running`; `failed` (connector or a task FAILED); `unhealthy` (anything else that is not well: missing, paused, the slot
 * not active); `unavailable` (Connect or Postgres is away). Each change of state is said once, not at every look.
 *
 * A failed task is restarted through `apply`, with pauses that double from one minute to sixteen while it keeps failing: some causes (a
 * full disk) pass, others do not, and restarting every few seconds would only fill the log. Differences between contracts and
 * connector are only said: whether to apply them is for a person to decide.
 */
import { type CaptureStatus, captures, type HealthFault } from '#contracts/events/pipeline-health.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { JobOutcome } from './job.ts'
import { saidFault } from './node-output.ts'
import type { RunNode } from './run-node.ts'

/** What a look found: the state of capture, or why there is none. */
export type CaptureLook =
  | { readonly status: CaptureStatus }
  | { readonly code: string; readonly message: string; readonly isAway: boolean }

/** States of capture as this job sees them. */
export type CaptureState = 'unknown' | 'running' | 'failed' | 'unhealthy' | 'unavailable'

/** What the job is made of. */
export type CaptureCheckOptions = {
  /** Runs `capture-main.ts`. */
  readonly run: RunNode
  readonly logger: Logger
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number
  readonly onState?: (state: CaptureState) => void
}

const ENTRY = 'pipelines/capture-main.ts'
const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 16 * 60_000

/** Makes the check; it is given each look in turn. */
export function captureCheck(
  options: CaptureCheckOptions,
): (look: CaptureLook, signal: AbortSignal) => Promise<JobOutcome> {
  const { run, logger, now } = options
  let said = ''
  const restarts = createPauses()
  const partitions = createPauses()

  return check

  async function check(look: CaptureLook, signal: AbortSignal): Promise<JobOutcome> {
    if (signal.aborted) return 'ok'
    if (!('status' in look))
      return say(look.isAway ? 'unavailable' : 'unhealthy', { code: look.code }, look.message)
    const { status } = look
    // A slot that lost changes, contracts that do not fit: nothing that a restart would mend.
    const fault = status.faults.find(({ passing }) => !passing) ?? status.faults[0]
    if (fault) return sayFault(fault)
    const failed = failedParts(status)
    if (failed.length > 0) {
      say('failed', { connector: status.connector, failed, detail: causes(status) }, 'capture has failed')
      await mend('apply', restarts, ['failed tasks', 'started again'], signal)
      return 'attention'
    }
    const runs = status.state === 'RUNNING' && captures(status)
    if (runs) restarts.forget()
    const hasPartitions = status.pending.some(({ kind }) => kind === 'partition')
    if (runs && hasPartitions)
      await mend('partitions', partitions, ['changed partitions', 'taken in'], signal)
    else if (runs) partitions.forget()
    const facts = {
      connector: status.connector,
      connectorState: status.state,
      slot: status.slot && {
        active: status.slot.active,
        snapshotting: status.slot.snapshotting,
        walStatus: status.slot.walStatus,
      },
      pending: status.pending.length,
    }
    if (!runs) return say('unhealthy', facts, 'capture is not well: mogo capture status')
    return say(
      'running',
      facts,
      status.pending.length > 0
        ? 'capture runs, but differs from the contracts: mogo capture plan'
        : 'capture runs',
    )
  }

  function sayFault({ code, message, remedy, passing }: HealthFault): JobOutcome {
    return say(passing ? 'unavailable' : 'unhealthy', { code }, `${message} ${remedy}`)
  }

  async function mend(
    action: 'apply' | 'partitions',
    pauses: Pauses,
    [what, done]: readonly [string, string],
    signal: AbortSignal,
  ): Promise<void> {
    const seconds = pauses.begin(now())
    if (seconds === undefined) return
    const result = await run([ENTRY, action, '--format', 'json'], signal)
    if (signal.aborted) return
    if (result.code === 0) logger.info(`${what} were ${done}`)
    else
      logger.error(
        { code: saidFault(result.stderr)?.code, exit: result.code, againAfterSeconds: seconds },
        `${what} could not be ${done}`,
      )
  }

  /** Says a state when it, or its facts, are other than last time. */
  function say(state: CaptureState, facts: Readonly<Record<string, unknown>>, sentence: string): JobOutcome {
    options.onState?.(state)
    const key = JSON.stringify([state, facts])
    if (key !== said)
      logger[state === 'running' ? 'info' : state === 'unavailable' ? 'warn' : 'error'](facts, sentence)
    said = key
    return state === 'running' ? 'ok' : 'attention'
  }
}

/** Pauses that grow from one try to the next. */
type Pauses = {
  /** Seconds until the try after this one; undefined if it is too early for this one. */
  begin(now: number): number | undefined
  forget(): void
}

function createPauses(): Pauses {
  let pause = FIRST_PAUSE
  let next = 0
  return {
    begin(now) {
      if (now < next) return undefined
      const seconds = pause / 1000
      next = now + pause
      pause = Math.min(LONGEST_PAUSE, pause * 2)
      return seconds
    },
    forget() {
      pause = FIRST_PAUSE
      next = 0
    },
  }
}

function failedParts(status: CaptureStatus): readonly string[] {
  const tasks = status.tasks.filter(({ state }) => state === 'FAILED').map(({ id }) => `task ${id}`)
  return tasks.length === 0 && status.state === 'FAILED' ? ['connector'] : tasks
}

/** Causes as the capture command gives them: it has taken values out already. */
const causes = (status: CaptureStatus): readonly string[] =>
  status.tasks.flatMap(({ detail, state }) => (state === 'FAILED' && detail !== '' ? [detail] : []))
