/** How each dataset is doing, out of what capture, Kafka, ClickHouse and the worker say. Pure. */
import type {
  CaptureStatus,
  DatasetHealth,
  DatasetState,
  WorkerLanes,
} from '#contracts/events/pipeline-health.ts'
import { DATASET_STATES } from '#contracts/events/pipeline-health.ts'
import { changeWords } from '#transforms/column-watch.ts'
import type { ClickHouseHealth, Loaded } from './clickhouse-health.ts'
import type { DatasetLag, KafkaLag } from './kafka-lag.ts'

/** What is known; null is a part that does not answer. */
export type HealthSources = {
  readonly datasets: readonly string[]
  readonly capture: CaptureStatus | null
  readonly kafka: KafkaLag | null
  readonly clickhouse: ClickHouseHealth | null
  readonly worker: WorkerLanes | null
  /** Milliseconds. */
  readonly now: number
}

/** Records that have waited for this long make a dataset `behind`. */
const BEHIND_SECONDS = 60

/** One entry for each dataset, in the order of the contracts. */
export function datasetHealth(sources: HealthSources): readonly DatasetHealth[] {
  return sources.datasets.map((dataset) => healthOf(dataset, sources))
}

function healthOf(dataset: string, sources: HealthSources): DatasetHealth {
  const { kafka, clickhouse, capture, now } = sources
  const lag = kafka?.datasets.get(dataset)
  const loaded = clickhouse?.loaded.find((each) => each.dataset === dataset)
  const verified = clickhouse?.verified.find((each) => each.dataset === dataset)
  const lagSeconds = lag ? waited(lag, now) : null
  const reasons = reasonsOf(dataset, sources, lag, lagSeconds)
  const found = DATASET_STATES.filter((each) => reasons.has(each))
  const states = found.length > 0 ? found : (['flowing'] as const)
  const [state = 'flowing'] = states
  const known = <T>(value: T): T | null => (clickhouse ? value : null)
  return {
    dataset,
    state,
    states: [...states],
    detail: reasons.get(state) ?? '',
    lagEvents: lag?.events ?? null,
    lagSeconds,
    lagBytes: capture && lag ? lagBytes(capture, lag, loaded) : null,
    expiredEvents: lag?.expired ?? null,
    freshnessP50Ms: loaded && loaded.samples > 0 ? round(loaded.p50) : null,
    freshnessP95Ms: loaded && loaded.samples > 0 ? round(loaded.p95) : null,
    rowsPerSecond: known(round(loaded?.rows_per_s ?? 0)),
    batchRecords: loaded?.batch_records == null ? null : round(loaded.batch_records),
    quarantined: known(loaded?.quarantined ?? 0),
    quarantinedShare: loaded?.share ?? null,
    lastLoadedAt: loaded ? new Date(loaded.last_millis).toISOString() : null,
    doubling: clickhouse?.doubling.get(dataset) ?? [],
    verified: verified
      ? {
          at: new Date(verified.at_millis).toISOString(),
          different: verified.different,
          explained: verified.explained,
        }
      : null,
  }
}

/** Every state that the dataset is in, and why. */
function reasonsOf(
  dataset: string,
  { capture, kafka, clickhouse, worker }: HealthSources,
  lag: DatasetLag | undefined,
  lagSeconds: number | null,
): ReadonlyMap<DatasetState, string> {
  const reasons = new Map<DatasetState, string>()
  if (capture?.faults.some(({ code }) => code === 'MOGO_SLOT_LOST'))
    reasons.set('cut off', 'MOGO_SLOT_LOST: changes are missing from here on')
  const lanes = worker?.lanes.filter((lane) => lane.dataset === dataset) ?? []
  for (const { state, code } of lanes) reasons.set(state, code)
  if (reasons.has('held')) {
    const change = clickhouse?.changes.find((each) => each.dataset === dataset)
    if (change) reasons.set('held', changeWords({ ...change, decision: 'hold' }))
  }
  // The book is what counts where several workers read; without one that says otherwise the dataset is paused.
  const paused = clickhouse?.paused.find((each) => each.dataset === dataset)
  if (paused) reasons.set('paused', `${paused.quarantined} of ${paused.records} records broke the contract`)
  if (lag && lag.expired > 0)
    reasons.set('expired', `Kafka has removed ${lag.expired} records before they were loaded`)
  if (!kafka) reasons.set('unknown', 'Kafka does not answer')
  else if (!lag) reasons.set('unread', 'its topic does not exist: mogo capture apply')
  else if (kafka.workers === 0) reasons.set('unread', 'no worker runs')
  if (lagSeconds !== null && lagSeconds > BEHIND_SECONDS) reasons.set('behind', '')
  return reasons
}

/** How long the oldest unread record has waited; null if it could not be read. */
function waited({ events, oldestAt }: DatasetLag, now: number): number | null {
  if (events === 0) return 0
  return oldestAt === null ? null : Math.max(0, Math.round((now - oldestAt) / 100) / 10)
}

/**
 * Everything up to what the connector has confirmed is in Kafka; if nothing of it waits there, all of that is loaded. Otherwise the last row
 * that was loaded says where the dataset is; null if that is not known, as after a first snapshot.
 */
function lagBytes(capture: CaptureStatus, lag: DatasetLag, loaded: Loaded | undefined): number | null {
  const confirmed = lag.events === 0 ? BigInt(capture.slot?.confirmed ?? '0') : 0n
  const last = BigInt(loaded?.position ?? '0')
  const from = confirmed > last ? confirmed : last
  if (from === 0n) return null
  const behind = BigInt(capture.position) - from
  return behind > 0n ? Number(behind) : 0
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
