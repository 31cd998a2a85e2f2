/**
 * The figures of the pipeline's health: what rules speak of, and what the operations process serves as gauges `mogo.<name>`. Each says something
 * about a subject: a dataset, the slot, the connector, or the whole. Pure.
 */
import {
  type CaptureStatus,
  captures,
  type DatasetHealth,
  type DatasetState,
  type PipelineHealth,
} from '#contracts/events/pipeline-health.ts'

/** What a figure is about; also the name of its attribute. */
export type SubjectKind = 'dataset' | 'slot' | 'connector' | 'disk'

type MetricEntry = { readonly about: SubjectKind; readonly description: string }
const about = (kind: SubjectKind, description: string): MetricEntry => ({ about: kind, description })

/** Every figure. Yes is 1, no is 0; shares are from 0 to 1. */
export const HEALTH_METRICS = {
  'slot.lost': about('slot', 'Changes are missing: the slot was lost, or is gone.'),
  'slot.inactive': about('slot', 'Nobody reads the slot.'),
  'slot.inactive.seconds': about('slot', 'Since when nobody reads the slot; 0 while somebody does.'),
  'slot.lag.bytes': about('slot', 'Log between what the connector has confirmed and now.'),
  'slot.retained.bytes': about('slot', 'Log that Postgres keeps for the slot.'),
  'slot.safe.bytes': about(
    'slot',
    'Log that may be written before the slot is in danger; none without limit.',
  ),
  'slot.safe.share': about(
    'slot',
    'What of the log that Postgres keeps at most may still be written; none without limit.',
  ),
  'connector.failed': about('connector', 'The connector or a task has failed, or it is missing.'),
  'connector.running': about('connector', 'Connector and tasks run.'),
  'connector.tasks.failed': about('connector', 'Tasks that have failed.'),
  'capture.pending': about('connector', 'Changes that `mogo capture apply` would make.'),
  'dataset.lag.events': about('dataset', 'Records in Kafka that are not loaded yet.'),
  'dataset.lag.seconds': about('dataset', 'How long the oldest of them has been there.'),
  'dataset.lag.bytes': about('dataset', 'Log of Postgres since the last position of which all is loaded.'),
  'dataset.expired.events': about('dataset', 'Records that Kafka removed before they were loaded.'),
  'dataset.freshness.p50.seconds': about('dataset', 'Commit to visible, median of five minutes.'),
  'dataset.freshness.p95.seconds': about('dataset', 'Commit to visible, 95th percentile of five minutes.'),
  'dataset.rows.rate': about('dataset', 'Rows loaded a second, over a minute.'),
  'dataset.batch.records': about('dataset', 'Records in a batch on average, over a minute.'),
  'dataset.quarantined.share': about('dataset', 'Share of the records of five minutes that was quarantined.'),
  'dataset.stopped': about('dataset', 'A lane has stopped with a fault that waiting does not mend.'),
  'dataset.held': about('dataset', 'The table waits for its contract: its columns have changed.'),
  'dataset.paused': about('dataset', 'The table is paused: most of its records broke the contract.'),
  'dataset.unread': about('dataset', 'No worker reads the table.'),
  'dataset.different': about('dataset', 'Rows that differed from the source when they were compared last.'),
  'disk.free': about('disk', 'Free bytes on the disk of the state folder.'),
} as const satisfies Readonly<Record<string, MetricEntry>>

/** Name of a figure. */
export type HealthMetric = keyof typeof HEALTH_METRICS

/** A figure at a moment. */
export type Sample = { readonly metric: HealthMetric; readonly subject: string; readonly value: number }

/** The name that Prometheus has for a figure. */
export function prometheusName(metric: HealthMetric): string {
  return `mogo_${metric.replaceAll('.', '_')}`
}

type Figures = Partial<Record<HealthMetric, number | boolean | null | undefined>>

/** All figures of a look. What is not known has none. */
export function samplesOf(health: PipelineHealth): readonly Sample[] {
  const samples: Sample[] = []
  const add = (subject: string, values: Figures): void => {
    for (const [metric, value] of Object.entries(values))
      if (value != null) samples.push({ metric: metric as HealthMetric, subject, value: Number(value) })
  }
  const { capture } = health
  if (capture) {
    const { slot } = capture
    const isLost = capture.faults.some(({ code }) => code === 'MOGO_SLOT_LOST')
    add(capture.slotName, {
      'slot.lost': isLost,
      'slot.inactive': !captures(capture),
      'slot.inactive.seconds': captures(capture) ? 0 : slot?.inactiveSeconds,
      'slot.lag.bytes': slot?.lagBytes,
      'slot.retained.bytes': slot?.retainedBytes,
      'slot.safe.bytes': slot?.safeBytes,
      'slot.safe.share': slot && safeShare(slot),
    })
    // While Connect is away nothing is known of the connector.
    if (capture.state !== 'UNKNOWN')
      add(capture.connector, {
        'connector.failed': capture.state === 'FAILED' || capture.state === 'MISSING',
        'connector.running': capture.state === 'RUNNING',
        'connector.tasks.failed': capture.tasks.filter(({ state }) => state === 'FAILED').length,
      })
    if (capture.faults.length === 0) add(capture.connector, { 'capture.pending': capture.pending.length })
  }
  for (const dataset of health.datasets) add(dataset.dataset, figuresOf(dataset, health))
  return samples
}

function safeShare({ safeBytes, retainedBytes }: NonNullable<CaptureStatus['slot']>): number | null {
  if (safeBytes === null) return null
  const most = Math.max(0, safeBytes) + (retainedBytes ?? 0)
  return most === 0 ? 0 : Math.max(0, safeBytes) / most
}

function figuresOf(dataset: DatasetHealth, { workerAnswers, workers, alerts }: PipelineHealth): Figures {
  const { states, freshnessP50Ms, freshnessP95Ms } = dataset
  const is = (state: DatasetState, isKnown: boolean) => (isKnown ? states.includes(state) : null)
  const seconds = (millis: number | null) => (millis === null ? null : millis / 1000)
  return {
    'dataset.lag.events': dataset.lagEvents,
    'dataset.lag.seconds': dataset.lagSeconds,
    'dataset.lag.bytes': dataset.lagBytes,
    'dataset.expired.events': dataset.expiredEvents,
    'dataset.freshness.p50.seconds': seconds(freshnessP50Ms),
    'dataset.freshness.p95.seconds': seconds(freshnessP95Ms),
    'dataset.rows.rate': dataset.rowsPerSecond,
    'dataset.batch.records': dataset.batchRecords,
    'dataset.quarantined.share': dataset.quarantinedShare,
    'dataset.stopped': is('stopped', workerAnswers),
    'dataset.held': is('held', workerAnswers),
    // ClickHouse has both the alerts and the book of paused tables.
    'dataset.paused': is('paused', alerts !== null),
    'dataset.unread': is('unread', workers !== null),
    'dataset.different': dataset.verified?.different,
  }
}
