/** Tables of the operations side in the governance database: when alerts fired and were resolved, and what comparisons with the source found. */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

const tableOf = (database: string, table: string) => `${quoteIdentifier(database)}.${table}`

/** One row when an alert begins to fire, one when it is resolved. */
export function alertsTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${tableOf(database, GOVERNANCE_TABLES.alerts)} (
  at DateTime64(3, 'UTC'),
  alert LowCardinality(String) COMMENT 'Name of the rule.',
  subject String COMMENT 'What it is about: a dataset, the slot, the connector.',
  state LowCardinality(String) COMMENT 'firing or resolved.',
  severity LowCardinality(String) COMMENT 'critical or warning.',
  value Nullable(Float64) COMMENT 'The figure; NULL if what it was about is gone.',
  message String,
  remedy String
)
ENGINE = MergeTree
ORDER BY (alert, subject, at)
COMMENT 'Changes of alerts about the pipeline.'`
}

/** A row of {@link alertsTable}; `at` in milliseconds. */
export type AlertRow = {
  readonly at: number
  readonly alert: string
  readonly subject: string
  readonly state: 'firing' | 'resolved'
  readonly severity: string
  readonly value: number | null
  readonly message: string
  readonly remedy: string
}

/** Writes rows; at least one. */
export function noteAlerts(database: string, rows: readonly AlertRow[]): string {
  const selected = rows.map((row) =>
    [
      momentOf(row.at),
      ...[row.alert, row.subject, row.state, row.severity].map(quoteLiteral),
      row.value === null ? 'NULL' : `toFloat64(${quoteLiteral(String(row.value))})`,
      ...[row.message, row.remedy].map(quoteLiteral),
    ].join(', '),
  )
  return insertInto(
    tableOf(database, GOVERNANCE_TABLES.alerts),
    'at, alert, subject, state, severity, value, message, remedy',
    selected,
  )
}

/** One row per dataset and comparison. */
export function verificationsTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${tableOf(database, GOVERNANCE_TABLES.verifications)} (
  at DateTime64(3, 'UTC'),
  dataset LowCardinality(String),
  source_rows UInt64,
  stored_rows UInt64,
  explained UInt64 COMMENT 'Rows that differ because they break the contract.',
  unexplained UInt64 COMMENT 'Rows that differ and must not.'
)
ENGINE = MergeTree
ORDER BY (dataset, at)
COMMENT 'What comparisons of the datasets with their source tables found.'`
}

/** A row of {@link verificationsTable}. */
export type VerificationRow = {
  readonly dataset: string
  readonly sourceRows: number
  readonly storedRows: number
  readonly explained: number
  readonly unexplained: number
}

/** Writes rows, at least one; `at` in milliseconds. */
export function noteVerifications(database: string, at: number, rows: readonly VerificationRow[]): string {
  const selected = rows.map((row) =>
    [
      momentOf(at),
      quoteLiteral(row.dataset),
      ...[row.sourceRows, row.storedRows, row.explained, row.unexplained],
    ].join(', '),
  )
  return insertInto(
    tableOf(database, GOVERNANCE_TABLES.verifications),
    'at, dataset, source_rows, stored_rows, explained, unexplained',
    selected,
  )
}

function insertInto(table: string, columns: string, selected: readonly string[]): string {
  return /*sql*/ `INSERT INTO ${table} (${columns}) ${selected.map((row) => `SELECT ${row}`).join(' UNION ALL ')}`
}

function momentOf(millis: number): string {
  return `fromUnixTimestamp64Milli(${Math.trunc(millis)}, 'UTC')`
}
