/** Tables of the worker in the governance database, but for the quarantine; see quarantine-statements.ts. */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

/** Columns that the worker writes, in order. */
export const STATS_COLUMNS = [
  'at',
  'worker',
  'dataset',
  'records_in',
  'stored',
  'quarantined',
  'filtered',
  'rows',
  'batches',
  'bytes',
  'freshness_p50_ms',
  'freshness_p95_ms',
  'freshness_max_ms',
  'lag',
  'last_position',
] as const

const LAST_POSITION = 'Position of the last row in the log of Postgres; 0 if it is not known.'

/** One row per worker, dataset and second in which something happened. */
export function pipelineStatsTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.pipelineStats} (
  at DateTime64(3, 'UTC') COMMENT 'End of the window.',
  worker LowCardinality(String),
  dataset LowCardinality(String),
  records_in UInt64 COMMENT 'Records read; stored + quarantined + filtered.',
  stored UInt64,
  quarantined UInt64,
  filtered UInt64,
  rows UInt64 COMMENT 'Rows loaded; a record that moves a row is two.',
  batches UInt32,
  bytes UInt64,
  freshness_p50_ms Float64 COMMENT 'Commit in Postgres to visible here, changes of the stream only; NaN if there were none.',
  freshness_p95_ms Float64,
  freshness_max_ms Float64,
  lag UInt64 COMMENT 'Records that lay in Kafka beyond what was read.',
  last_position UInt64 COMMENT '${LAST_POSITION}'
)
ENGINE = MergeTree
ORDER BY (dataset, at)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'What the pipeline did, second by second.'`
}

/** A table of an earlier version lacks the column. */
export function pipelineStatsColumn(database: string): string {
  return /*sql*/ `ALTER TABLE ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.pipelineStats} ADD COLUMN IF NOT EXISTS last_position UInt64 COMMENT '${LAST_POSITION}'`
}

/** Below which version the rows of a dataset were removed (TRUNCATE, a source that was read anew): a replay must not bring them back. */
export function removalsTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.removals} (
  dataset LowCardinality(String),
  below UInt128 COMMENT 'Rows with a lower version are gone.',
  at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(below)
ORDER BY dataset
COMMENT 'Below which version the rows of a dataset were removed, last.'`
}

/** Notes a removal. */
export function noteRemoval(database: string, dataset: string, below: string): string {
  return /*sql*/ `INSERT INTO ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.removals} (dataset, below) SELECT ${quoteLiteral(dataset)}, toUInt128(${quoteLiteral(below)})`
}

/** The last removal of each dataset. */
export function lastRemovals(database: string, datasets: readonly string[]): string {
  return /*sql*/ `SELECT dataset, toString(max(below)) AS below FROM ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.removals}
WHERE dataset IN (${datasets.map(quoteLiteral).join(', ')}) GROUP BY dataset FORMAT JSONEachRow`
}

/** The book of paused datasets: a row when a worker pauses one, and when somebody lets it go on. */
export function breakersTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantineBreakers} (
  at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  dataset LowCardinality(String),
  event LowCardinality(String) COMMENT 'paused or resumed.',
  worker LowCardinality(String) COMMENT 'Which worker paused it.',
  records UInt64 COMMENT 'Records in the window that paused it.',
  quarantined UInt64,
  changed_by String COMMENT 'Who let it go on; empty: the worker.'
)
ENGINE = MergeTree
ORDER BY (dataset, at)
COMMENT 'When datasets were paused because most of their records broke the contract, and resumed.'`
}

/** An event for the book. */
export type BreakerEvent = {
  readonly dataset: string
  readonly event: 'paused' | 'resumed'
  readonly worker?: string
  readonly records?: number
  readonly quarantined?: number
  readonly by?: string
}

/** Notes an event. */
export function noteBreaker(database: string, event: BreakerEvent): string {
  const { dataset, worker = '', records = 0, quarantined = 0, by = '' } = event
  const [about, kind, which, who] = [dataset, event.event, worker, by].map(quoteLiteral)
  return /*sql*/ `INSERT INTO ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantineBreakers} (dataset, event, worker, records, quarantined, changed_by)
SELECT ${about}, ${kind}, ${which}, ${records}, ${quarantined}, ${who}`
}

/** How often a dataset was resumed. */
export function resumptions(database: string, dataset: string): string {
  return /*sql*/ `SELECT toUInt32(count()) AS times FROM ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantineBreakers}
WHERE dataset = ${quoteLiteral(dataset)} AND event = 'resumed' FORMAT JSONEachRow`
}

/** Datasets that are paused: their last event says so. */
export function pausedDatasets(database: string): string {
  return /*sql*/ `SELECT dataset, toUnixTimestamp64Milli(max(at)) AS since_millis, argMax(records, at) AS records, argMax(quarantined, at) AS quarantined
FROM ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantineBreakers}
GROUP BY dataset HAVING argMax(event, at) = 'paused' ORDER BY dataset FORMAT JSONEachRow`
}
