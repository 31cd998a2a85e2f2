/** Tables of the worker in the governance database. */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

/** Columns that the worker writes, in order. */
export const QUARANTINE_COLUMNS = [
  'dataset',
  'contract_version',
  'topic',
  'partition',
  'offset',
  'at',
  'codes',
  'columns',
  'payload',
  'row_key',
] as const

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
] as const

const ROW_KEY = "row_key String COMMENT 'Which row it is about: HMAC of its key; empty if that is not known.'"
const ROW_KEY_INDEX = 'INDEX row_key row_key TYPE bloom_filter GRANULARITY 1'

/** Brings a quarantine table of an earlier version up to date. */
export function quarantineColumns(database: string): string {
  const table = `${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantine}`
  return /*sql*/ `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${ROW_KEY}, ADD ${ROW_KEY_INDEX.replace('INDEX', 'INDEX IF NOT EXISTS')}`
}

/** Sealed records of rows, by `row_key`. */
export function quarantinedRows(database: string, dataset: string, rowKeys: readonly string[]): string {
  return /*sql*/ `SELECT DISTINCT topic, partition, toString(offset), payload
FROM ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantine} FINAL
WHERE dataset = ${quoteLiteral(dataset)} AND row_key IN (${rowKeys.map(quoteLiteral).join(', ')})
FORMAT JSONCompactEachRow`
}

/** A record stands once, however often it was read: its place is the key. */
export function quarantineTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantine} (
  dataset LowCardinality(String) COMMENT 'Dataset whose contract the record breaks.',
  contract_version LowCardinality(String) COMMENT 'Version of the contract then.',
  topic LowCardinality(String) COMMENT 'Place of the record in Kafka.',
  partition UInt32,
  offset UInt64,
  at DateTime64(3, 'UTC') COMMENT 'When it was quarantined.',
  codes Array(LowCardinality(String)) COMMENT 'What is wrong, one code a fault.',
  columns Array(LowCardinality(String)) COMMENT 'Source column of each fault; empty if it concerns the record.',
  payload String COMMENT 'The record, sealed with AES-256-GCM; its place is the associated data.',
  ${ROW_KEY},
  ${ROW_KEY_INDEX}
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (dataset, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Records that broke their contract.'`
}

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
  lag UInt64 COMMENT 'Records that lay in Kafka beyond what was read.'
)
ENGINE = MergeTree
ORDER BY (dataset, at)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'What the pipeline did, second by second.'`
}
