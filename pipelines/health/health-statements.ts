/** What the governance database knows of the pipeline's health. Each statement answers with one line of JSON per dataset, or alert. */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

const of = (database: string, table: string) => `${quoteIdentifier(database)}.${table}`

/** Which of our tables there are: a new project has none, and an old one may lack some. */
export function existingTables(database: string): string {
  return /*sql*/ `SELECT name FROM system.tables WHERE database = ${quoteLiteral(database)} FORMAT JSONEachRow`
}

/**
 * What was loaded: a minute for rates, five for freshness, an hour for quarantine, a day for the last load. Percentiles are those of
 * seconds, weighted by their records: p95 is that of the seconds' p95, so rather too high than too low.
 */
export function loadedStatement(database: string): string {
  const within = (seconds: number) => `at > now64(3, 'UTC') - INTERVAL ${seconds} SECOND`
  const quantileOf = (share: number, column: string) =>
    `quantileExactWeightedIf(${share})(${column}, stored, isFinite(${column}) AND ${within(300)})`
  const orNull = (value: string) => `if(isFinite(${value}), ${value}, NULL)`
  return /*sql*/ `SELECT dataset,
  toUnixTimestamp64Milli(max(at)) AS last_millis,
  sumIf(rows, ${within(60)}) / 60 AS rows_per_s,
  ${orNull(`sumIf(records_in, ${within(60)}) / sumIf(batches, ${within(60)})`)} AS batch_records,
  countIf(isFinite(freshness_p50_ms) AND ${within(300)}) AS samples,
  ${quantileOf(0.5, 'freshness_p50_ms')} AS p50,
  ${quantileOf(0.95, 'freshness_p95_ms')} AS p95,
  sumIf(quarantined, ${within(3600)}) AS quarantined,
  ${orNull(`sumIf(pipeline_stats.quarantined, ${within(300)}) / sumIf(records_in, ${within(300)})`)} AS share,
  toString(max(last_position)) AS position
FROM ${of(database, GOVERNANCE_TABLES.pipelineStats)} AS pipeline_stats
WHERE ${within(86_400)} GROUP BY dataset FORMAT JSONEachRow`
}

/** The last change of each source table that its contract did not know. */
export function lastSchemaChanges(database: string): string {
  return /*sql*/ `SELECT dataset, argMax(added, at) AS added, argMax(removed, at) AS removed
FROM ${of(database, GOVERNANCE_TABLES.schemaChanges)} GROUP BY dataset FORMAT JSONEachRow`
}

/** The last comparison of each dataset with its source. */
export function lastVerifications(database: string): string {
  return /*sql*/ `SELECT dataset, toUnixTimestamp64Milli(max(at)) AS at_millis, argMax(unexplained, at) AS different, argMax(explained, at) AS explained
FROM ${of(database, GOVERNANCE_TABLES.verifications)} GROUP BY dataset FORMAT JSONEachRow`
}

/** Alerts whose last state is firing. */
export function firingAlerts(database: string): string {
  const last = (column: string) => `argMax(${column}, at) AS last_${column}`
  return /*sql*/ `SELECT alert, subject, toUnixTimestamp64Milli(max(at)) AS since_millis,
  ${['state', 'severity', 'message', 'remedy'].map(last).join(', ')}
FROM ${of(database, GOVERNANCE_TABLES.alerts)}
GROUP BY alert, subject HAVING last_state = 'firing' ORDER BY since_millis, alert, subject FORMAT JSONEachRow`
}
