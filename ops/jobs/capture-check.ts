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
import { z } from 'zod'
import type { Logger } from '#ops/runtime/logger.ts'
import type { Job, JobOutcome } from './job.ts'
import type { RunNode } from './run-node.ts'

/** What is read of `capture status --format json`. */
const statusSchema = z.object({
  connector: z.string(),
  state: z.string(),
  tasks: z.array(z.object({ id: z.int(), state: z.string(), detail: z.string() })),
  slot: z
    .object({ name: z.string(), active: z.boolean(), walStatus: z.string(), lagBytes: z.number() })
    .nullable(),
  pending: z.array(z.unknown()),
  healthy: z.boolean(),
})
type Status = z.output<typeof statusSchema>

const faultSchema = z.object({ code: z.string(), message: z.string() })

/** States of capture as this job sees them. */
export type CaptureState = 'unknown' | 'running' | 'failed' | 'unhealthy' | 'unavailable'

/** What the job is made of. */
export type CaptureCheckOptions = {
  readonly cron: string
  readonly run: RunNode
  readonly logger: Logger
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number
  readonly onState?: (state: CaptureState) => void
}

const ENTRY = 'pipelines/capture-main.ts'
const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 16 * 60_000

/** Makes the job. */
export function captureCheck(options: CaptureCheckOptions): Job {
  const { run, logger, now } = options
  let said = ''
  let restartAt = 0
  let pause = FIRST_PAUSE

  return { name: 'capture-check', cron: options.cron, run: check }

  async function check(signal: AbortSignal): Promise<JobOutcome> {
    const result = await run([ENTRY, 'status', '--format', 'json'], signal)
    if (signal.aborted) return 'ok'
    const status = parsed(result.stdout, statusSchema)
    if (!status) {
      const fault = parsed(result.stderr, faultSchema)
      const state = result.code === 3 ? 'unavailable' : 'unhealthy'
      return say(
        state,
        { code: fault?.code ?? 'MOGO_INTERNAL', exit: result.code },
        fault?.message ?? 'no status',
      )
    }
    const failed = failedParts(status)
    if (failed.length > 0) {
      say('failed', { connector: status.connector, failed, detail: causes(status) }, 'capture has failed')
      await restart(signal)
      return 'attention'
    }
    if (status.healthy) {
      pause = FIRST_PAUSE
      restartAt = 0
    }
    const facts = {
      connector: status.connector,
      connectorState: status.state,
      slot: status.slot && { active: status.slot.active, walStatus: status.slot.walStatus },
      pending: status.pending.length,
    }
    if (!status.healthy) return say('unhealthy', facts, 'capture is not well: mogo capture status')
    return say(
      'running',
      facts,
      status.pending.length > 0
        ? 'capture runs, but differs from the contracts: mogo capture plan'
        : 'capture runs',
    )
  }

  async function restart(signal: AbortSignal): Promise<void> {
    if (now() < restartAt) return
    restartAt = now() + pause
    const seconds = pause / 1000
    pause = Math.min(LONGEST_PAUSE, pause * 2)
    const result = await run([ENTRY, 'apply', '--format', 'json'], signal)
    if (signal.aborted) return
    if (result.code === 0) logger.info('failed tasks were started again')
    else
      logger.error(
        { code: parsed(result.stderr, faultSchema)?.code, exit: result.code, againAfterSeconds: seconds },
        'failed tasks could not be started again',
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

function failedParts(status: Status): readonly string[] {
  const tasks = status.tasks.filter(({ state }) => state === 'FAILED').map(({ id }) => `task ${id}`)
  return tasks.length === 0 && status.state === 'FAILED' ? ['connector'] : tasks
}

/** Causes as the capture command gives them: it has taken values out already. */
const causes = (status: Status): readonly string[] =>
  status.tasks.flatMap(({ detail, state }) => (state === 'FAILED' && detail !== '' ? [detail] : []))

function parsed<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
