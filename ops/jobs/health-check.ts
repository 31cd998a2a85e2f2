/**
 * Looks at the whole pipeline through `pipelines/health-main.ts`: hands the state of capture to the capture check, serves the figures as gauges,
 * moves the alerts on, and keeps the last look for whoever asks (`GET /pipeline`).
 */
import { type PipelineHealth, pipelineHealthSchema } from '#contracts/events/pipeline-health.ts'
import { type AlertBook, type AlertEvent, alertText } from '#ops/alerts/alert-book.ts'
import type { AlertRow } from '#ops/alerts/alert-statements.ts'
import { type Sample, samplesOf } from '#ops/alerts/health-metrics.ts'
import type { WriteAlerts } from '#ops/alerts/write-alerts.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { CaptureLook } from './capture-check.ts'
import type { Job, JobOutcome } from './job.ts'
import { parsedOutput, saidFault } from './node-output.ts'
import type { RunNode } from './run-node.ts'

/** What the job is made of. */
export type HealthCheckOptions = {
  readonly cron: string
  readonly run: RunNode
  /** Takes what the look says of capture; see capture-check.ts. */
  readonly capture: (look: CaptureLook, signal: AbortSignal) => Promise<JobOutcome>
  readonly book: AlertBook
  readonly write: WriteAlerts
  /** Figures beside those of the look: of the disk. */
  readonly others: () => readonly Sample[]
  /** Called after every look; null if nothing could be learned. */
  readonly onHealth: (health: PipelineHealth | null, samples: readonly Sample[], firing: number) => void
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const ENTRY = 'pipelines/health-main.ts'

/** Makes the job. */
export function healthCheck(options: HealthCheckOptions): Job {
  const { run, book, logger, now } = options
  let isRestored = false

  return { name: 'health-check', cron: options.cron, run: check }

  async function check(signal: AbortSignal): Promise<JobOutcome> {
    const result = await run([ENTRY], signal)
    if (signal.aborted) return 'ok'
    const health = parsedOutput(result.stdout, pipelineHealthSchema)
    const samples = [...(health ? samplesOf(health) : []), ...options.others()]
    // What fired before this process started still does, until a look says otherwise.
    if (!isRestored && health?.alerts) {
      book.restore(health.alerts)
      isRestored = true
    }
    const events = book.look(samples, now())
    options.onHealth(health ?? null, samples, book.firing())
    await tell(events)
    const captured = await options.capture(captureLook(health, result), signal)
    return captured === 'ok' && book.firing() === 0 ? 'ok' : 'attention'
  }

  async function tell(events: readonly AlertEvent[]): Promise<void> {
    const rows = events.map((event) => rowOf(event, now()))
    for (const { alert, subject, state, severity, message, remedy } of rows) {
      const facts = { code: 'MOGO_ALERT', alert, subject, severity }
      if (state === 'resolved') logger.info(facts, `resolved: ${message}`)
      else logger[severity === 'critical' ? 'error' : 'warn'](facts, `${message} ${remedy}`)
    }
    await options.write(rows)
  }
}

function captureLook(
  health: PipelineHealth | undefined,
  result: { readonly code: number | null; readonly stderr: string },
): CaptureLook {
  if (health?.capture) return { status: health.capture }
  const fault = health?.faults.find(({ part }) => part === 'capture')
  if (fault) return { code: fault.code, message: fault.message, isAway: fault.passing }
  const said = saidFault(result.stderr)
  return {
    code: said?.code ?? 'MOGO_INTERNAL',
    message: said?.message ?? 'no status',
    isAway: result.code === 3,
  }
}

function rowOf({ rule, subject, state, value }: AlertEvent, at: number): AlertRow {
  const { alert, severity } = rule
  return {
    ...{ at, alert, subject, state, severity, value },
    message: alertText(rule.message, subject, value),
    remedy: alertText(rule.remedy, subject, value),
  }
}
