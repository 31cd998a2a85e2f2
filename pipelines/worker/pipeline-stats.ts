/**
 * Counts of what the worker did, per dataset: as OpenTelemetry metrics at once, and as rows for `governance.pipeline_stats` window by
 * window. The samples of a window are bounded, so that a burst costs no memory.
 */
import { metrics } from '@opentelemetry/api'
import { quantile } from './freshness.ts'

/** What a loaded batch adds. */
export type BatchCounts = {
  readonly dataset: string
  readonly records: number
  readonly stored: number
  readonly rows: number
  readonly bytes: number
  readonly quarantined: ReadonlyMap<string, number>
  readonly filtered: ReadonlyMap<string, number>
  /** Milliseconds from commit to visible. */
  readonly freshness: readonly number[]
  readonly seconds: number
  /** Where the last row stands in the order of commits, an LSN; 0 if that is not known. */
  readonly position: bigint
  /** Records without the replayed ones, and how many of these were quarantined: by them it is judged whether the table is in order. */
  readonly judged: { readonly records: number; readonly quarantined: number }
}

/** Totals since the start, per dataset. */
export type DatasetTotals = {
  in: number
  stored: number
  quarantined: number
  filtered: number
  rows: number
}

/** See {@link createPipelineStats}. */
export type PipelineStats = {
  loaded(batch: BatchCounts): void
  behind(dataset: string, lane: string, records: number): void
  /** Lines of JSONCompactEachRow for the closed window; empty if nothing happened. */
  closeWindow(now: number): string
  totals(): Readonly<Record<string, Readonly<DatasetTotals>>>
}

type Window = {
  totals: DatasetTotals
  batches: number
  bytes: number
  position: bigint
  samples: number[]
}

const MOST_SAMPLES = 5000
const FRESHNESS_SECONDS = [0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 15, 60]

const noTotals = (): DatasetTotals => ({ in: 0, stored: 0, quarantined: 0, filtered: 0, rows: 0 })

const noWindow = (): Window => ({ totals: noTotals(), batches: 0, bytes: 0, position: 0n, samples: [] })

/** Makes the counters. `worker` names this process in the rows. */
export function createPipelineStats(worker: string): PipelineStats {
  const meter = metrics.getMeter('worker')
  const recordsIn = meter.createCounter('mogo.pipeline.records.in', { description: 'Records read.' })
  const recordsOut = meter.createCounter('mogo.pipeline.records.out', {
    description: 'Records by outcome (stored, quarantined, filtered) and reason.',
  })
  const rowsOut = meter.createCounter('mogo.pipeline.rows', { description: 'Rows loaded.' })
  const batchRecords = meter.createHistogram('mogo.pipeline.batch.records', {
    description: 'Records in a batch.',
    advice: { explicitBucketBoundaries: [1, 10, 100, 1000, 5000, 10_000, 50_000] },
  })
  const loadSeconds = meter.createHistogram('mogo.pipeline.load.duration', {
    unit: 's',
    description: 'Time to load a batch.',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30] },
  })
  const freshness = meter.createHistogram('mogo.pipeline.freshness', {
    unit: 's',
    description: 'Commit in Postgres to visible.',
    advice: { explicitBucketBoundaries: FRESHNESS_SECONDS },
  })
  const lags = new Map<string, { dataset: string; records: number }>()
  meter
    .createObservableGauge('mogo.pipeline.lag', { description: 'Records in Kafka beyond what was read.' })
    .addCallback((result) => {
      for (const [dataset, records] of lagByDataset()) result.observe(records, { dataset })
    })

  const totals = new Map<string, DatasetTotals>()
  let windows = new Map<string, Window>()

  function lagByDataset(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const { dataset, records } of lags.values()) sums.set(dataset, (sums.get(dataset) ?? 0) + records)
    return sums
  }

  function add(into: DatasetTotals, batch: BatchCounts): void {
    into.in += batch.records
    into.stored += batch.stored
    into.quarantined += sum(batch.quarantined)
    into.filtered += sum(batch.filtered)
    into.rows += batch.rows
  }

  return {
    loaded(batch) {
      const { dataset } = batch
      recordsIn.add(batch.records, { dataset })
      recordsOut.add(batch.stored, { dataset, outcome: 'stored', reason: '' })
      for (const [reason, count] of batch.quarantined)
        recordsOut.add(count, { dataset, outcome: 'quarantined', reason })
      for (const [reason, count] of batch.filtered)
        recordsOut.add(count, { dataset, outcome: 'filtered', reason })
      rowsOut.add(batch.rows, { dataset })
      batchRecords.record(batch.records, { dataset })
      loadSeconds.record(batch.seconds, { dataset })
      for (const millis of batch.freshness) freshness.record(millis / 1000, { dataset })
      const total = totals.get(dataset) ?? noTotals()
      totals.set(dataset, total)
      add(total, batch)
      const window = windows.get(dataset) ?? noWindow()
      windows.set(dataset, window)
      add(window.totals, batch)
      window.batches += 1
      window.bytes += batch.bytes
      if (batch.position > window.position) window.position = batch.position
      for (const millis of batch.freshness)
        if (window.samples.length < MOST_SAMPLES) window.samples.push(millis)
    },
    behind(dataset, lane, records) {
      lags.set(lane, { dataset, records })
    },
    closeWindow(now) {
      const closed = windows
      windows = new Map()
      const lag = lagByDataset()
      const at = new Date(now).toISOString().replace('T', ' ').replace('Z', '')
      return [...closed]
        .map(([dataset, { totals: counts, batches, bytes, position, samples }]) => {
          samples.sort((a, b) => a - b)
          const quantiles = [0.5, 0.95, 1].map((share) => quantile(samples, share))
          return `${JSON.stringify([
            ...[at, worker, dataset, counts.in, counts.stored, counts.quarantined, counts.filtered],
            ...[counts.rows, batches, bytes],
            ...quantiles.map((value) => (Number.isNaN(value) ? 'nan' : value)),
            ...[lag.get(dataset) ?? 0, String(position)],
          ])}\n`
        })
        .join('')
    },
    totals: () => Object.fromEntries(totals),
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}
