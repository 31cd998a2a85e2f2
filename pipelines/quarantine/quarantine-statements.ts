/**
 * The quarantine table: one row per dataset and place of a record, of which the row with the highest `version` counts (read it with FINAL).
 *
 *   open                version 2 x attempts      quarantined, and again after each replay that failed
 *   open -> replayed    version 2 x attempts + 1  stored; the payload is gone
 *   open -> dropped     the highest version       nobody wants it; the payload is gone
 *
 * Versions follow from what happened and not from a clock, so that a record that is read twice writes the same state twice.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

/** Columns, in the order in which they are written. */
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
  'rules',
  'trace_id',
  'row_version',
  'status',
  'attempts',
  'changed_at',
  'changed_by',
  'purpose',
  'version',
] as const

/** Columns that a table of an earlier version has: sorted by place, the latest row counted. */
const FORMER_COLUMNS = QUARANTINE_COLUMNS.slice(0, QUARANTINE_COLUMNS.indexOf('rules'))
const FORMER_ENGINE = 'ReplacingMergeTree(at)'

/** Version of the state of an open record. */
export const openVersion = (attempts: number): number => 2 * attempts

const DROPPED_VERSION = '9223372036854775807'

/** A place in the table. */
export type QuarantinePlace = {
  readonly dataset: string
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

const tableOf = (database: string): string => `${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantine}`
const formerOf = (database: string): string =>
  `${quoteIdentifier(database)}.${GOVERNANCE_TABLES.quarantine}_former`

/** Makes the table. */
export function quarantineTable(database: string): string {
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${tableOf(database)} (
  dataset LowCardinality(String) COMMENT 'Dataset whose contract the record breaks.',
  contract_version LowCardinality(String) COMMENT 'Version of the contract then.',
  topic LowCardinality(String) COMMENT 'Place of the record in Kafka.',
  partition UInt32,
  offset UInt64,
  at DateTime64(3, 'UTC') COMMENT 'When it was quarantined, last.',
  codes Array(LowCardinality(String)) COMMENT 'What is wrong, one code a fault.',
  columns Array(LowCardinality(String)) COMMENT 'Source column of each fault; empty if it concerns the record.',
  payload String COMMENT 'The record, sealed with AES-256-GCM; its place is the associated data. Empty once it is settled.',
  row_key String COMMENT 'Which row it is about: HMAC of its key; empty if that is not known.',
  rules Array(String) COMMENT 'What the contract asks for there, in words, one a fault.',
  trace_id String COMMENT 'Trace of the record, else of its batch; W3C, hexadecimal.',
  row_version UInt128 COMMENT 'Version that its row would have; 0 if that is not known.',
  status LowCardinality(String) DEFAULT 'open' COMMENT 'open, replayed or dropped.',
  attempts UInt32 COMMENT 'Replays that failed.',
  changed_at DateTime64(3, 'UTC') DEFAULT at,
  changed_by String COMMENT 'Who replayed or dropped it; empty: the worker.',
  purpose String COMMENT 'Why it was dropped.',
  version UInt64 COMMENT 'Of several rows of a place the highest counts.',
  INDEX row_key row_key TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (dataset, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'Records that broke their contract.'`
}

/** Finds a table of an earlier version, or the rest of one that is being moved. Rows: its name, 1 if it is the rest. */
export function formerQuarantine(database: string): string {
  const names = [GOVERNANCE_TABLES.quarantine, `${GOVERNANCE_TABLES.quarantine}_former`].map(quoteLiteral)
  return /*sql*/ `SELECT name, endsWith(name, '_former') FROM system.tables
WHERE database = ${quoteLiteral(database)} AND name IN (${names.join(', ')}) AND startsWith(engine_full, ${quoteLiteral(FORMER_ENGINE)})
FORMAT JSONCompactEachRow`
}

/** Puts a table of an earlier version aside. */
export function putFormerAside(database: string): readonly string[] {
  const columns = /*sql*/ `ALTER TABLE ${tableOf(database)} ADD COLUMN IF NOT EXISTS row_key String`
  return [columns, /*sql*/ `RENAME TABLE ${tableOf(database)} TO ${formerOf(database)}`]
}

/** Moves what was put aside into the table. May be run again after a crash, and by several workers at once. */
export function moveFormer(database: string): readonly string[] {
  const columns = FORMER_COLUMNS.map(quoteIdentifier).join(', ')
  return [
    /*sql*/ `INSERT INTO ${tableOf(database)} (${columns}) SELECT ${columns} FROM ${formerOf(database)} FINAL`,
    /*sql*/ `DROP TABLE IF EXISTS ${formerOf(database)} SYNC`,
  ]
}

/** Sealed records of rows, by `row_key`: those that are open, and (without a payload) those that were dropped. */
export function quarantinedRows(database: string, dataset: string, rowKeys: readonly string[]): string {
  return /*sql*/ `SELECT topic, partition, toString(offset), payload, row_key, toString(row_version)
FROM ${tableOf(database)} FINAL
WHERE dataset = ${quoteLiteral(dataset)} AND row_key IN (${rowKeys.map(quoteLiteral).join(', ')}) AND status != 'replayed'
FORMAT JSONCompactEachRow`
}

/** Which records. All that are given must hold. */
export type QuarantineConditions = {
  /** Only of these datasets; none: nothing. */
  readonly datasets: readonly string[]
  readonly places?: readonly Omit<QuarantinePlace, 'dataset'>[]
  readonly status?: string
  readonly reason?: string
  /** Quarantined at or after this: milliseconds since 1970. */
  readonly sinceMillis?: number
}

/** Where a page goes on: after this record in the order of {@link listStatement}. */
export type QuarantineCursor = QuarantinePlace & { readonly atMillis: number }

/** The latest records first; `payload` only if it is asked for. */
export function listStatement(
  database: string,
  conditions: QuarantineConditions,
  page: { readonly limit: number; readonly after?: QuarantineCursor; readonly payloads?: boolean },
): string {
  const { after } = page
  const order = 'dataset, topic, partition, offset'
  const later =
    after === undefined
      ? ''
      : ` AND (toUnixTimestamp64Milli(at) < ${after.atMillis} OR (toUnixTimestamp64Milli(at) = ${after.atMillis} AND (${order}) > (${quoteLiteral(after.dataset)}, ${placeTuple(after)})))`
  return /*sql*/ `SELECT dataset, contract_version, topic, partition, toString(offset) AS offset, toUnixTimestamp64Milli(at) AS at_millis,
  codes, columns, rules, trace_id, status, attempts, toUnixTimestamp64Milli(changed_at) AS changed_millis, changed_by, purpose${page.payloads ? ', payload' : ''}
FROM ${tableOf(database)} AS q FINAL
WHERE ${whereOf(conditions)}${later}
ORDER BY q.at DESC, q.dataset, q.topic, q.partition, q.offset
LIMIT ${page.limit}
FORMAT JSONEachRow`
}

/** How many there are, by status. */
export function countStatement(database: string, conditions: QuarantineConditions): string {
  return /*sql*/ `SELECT toUInt32(count()) AS records FROM ${tableOf(database)} AS q FINAL WHERE ${whereOf(conditions)} FORMAT JSONEachRow`
}

/** A change of state. `place` chooses among open records. */
export type StateChange =
  | { readonly kind: 'asked'; readonly by: string }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'dropped'; readonly by: string; readonly purpose: string }

/** Writes the next state of open records. */
export function changeStatement(database: string, places: QuarantineConditions, change: StateChange): string {
  const changes: Readonly<Record<string, string>> = {
    ...(change.kind === 'replayed' ? {} : { changed_by: quoteLiteral(change.by) }),
    ...(change.kind === 'asked'
      ? {}
      : { payload: "''", status: quoteLiteral(change.kind), changed_at: "now64(3, 'UTC')" }),
    ...(change.kind === 'replayed' ? { version: 'q.version + 1' } : {}),
    ...(change.kind === 'dropped' ? { purpose: quoteLiteral(change.purpose), version: DROPPED_VERSION } : {}),
  }
  const values = QUARANTINE_COLUMNS.map((name) => changes[name] ?? `q.${quoteIdentifier(name)}`)
  return /*sql*/ `INSERT INTO ${tableOf(database)} (${QUARANTINE_COLUMNS.map(quoteIdentifier).join(', ')})
SELECT ${values.join(', ')}
FROM ${tableOf(database)} AS q FINAL WHERE ${whereOf({ ...places, status: 'open' })}`
}

/** Takes the payload out of former states too: a merge would do that, but nobody knows when. */
export function wipeStatement(database: string, places: QuarantineConditions): string {
  return /*sql*/ `ALTER TABLE ${tableOf(database)} UPDATE payload = '' WHERE payload != '' AND ${whereOf(places, '')}`
}

function whereOf(conditions: QuarantineConditions, alias = 'q.'): string {
  const { datasets, places, status, reason, sinceMillis } = conditions
  // An empty list in IN is no valid SQL; nothing is asked for then.
  if (datasets.length === 0 || places?.length === 0) return '0'
  return [
    `${alias}dataset IN (${datasets.map(quoteLiteral).join(', ')})`,
    ...(places
      ? [
          `(${alias}topic, ${alias}partition, ${alias}offset) IN (${places.map((place) => `(${placeTuple(place)})`).join(', ')})`,
        ]
      : []),
    ...(status === undefined ? [] : [`${alias}status = ${quoteLiteral(status)}`]),
    ...(reason === undefined ? [] : [`has(${alias}codes, ${quoteLiteral(reason)})`]),
    ...(sinceMillis === undefined
      ? []
      : [`${alias}at >= fromUnixTimestamp64Milli(${Math.trunc(sinceMillis)})`]),
  ].join(' AND ')
}

function placeTuple({ topic, partition, offset }: Omit<QuarantinePlace, 'dataset'>): string {
  return `${quoteLiteral(topic)}, ${partition}, ${offset}`
}
