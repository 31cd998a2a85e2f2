/**
 * SQL of the lineage store: two tables in the governance database.
 *
 * `lineage_edges`: one row per edge and origin. An AggregatingMergeTree whose sort key is the whole edge keeps the earliest time
 * at which it was seen (`valid_since`) and the latest (`last_seen`): a repeated delivery changes nothing, and the current state of
 * a dataset is what bears its latest `last_seen`. (A ReplacingMergeTree keeps only one of the two times.) It begins with the
 * `from` end because "who reads this column" is the question over many rows; one query's edges are found by the bloom filter.
 *
 * `access_log`: one row per access record. The id is in the sort key, so that a repeated delivery replaces itself; readers use FINAL.
 *
 * Values travel as query parameters; names of database and tables come from the configuration and are quoted.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { GOVERNANCE_TABLES } from '#contracts/events/topics.ts'

/** Columns of an edge's two ends and its way, in the order of the sort key. */
const EDGE_COLUMNS = [
  'from_system',
  'from_namespace',
  'from_dataset',
  'from_column',
  'to_system',
  'to_namespace',
  'to_dataset',
  'to_column',
  'type',
  'subtype',
  'masking',
  'description',
].join(', ')

/** Renders the statements. */
export function statements(database: string) {
  const db = quoteIdentifier(database)
  const edges = `${db}.${quoteIdentifier(GOVERNANCE_TABLES.lineageEdges)}`
  const log = `${db}.${quoteIdentifier(GOVERNANCE_TABLES.accessLog)}`
  const ofTenant = (tenant: string | undefined) =>
    tenant === undefined ? '' : 'AND tenant = {tenant:String}'
  return {
    edges,
    log,

    databaseExists: /*sql*/ `SELECT count() AS found FROM system.databases WHERE name = {database:String}`,
    createDatabase: /*sql*/ `CREATE DATABASE IF NOT EXISTS ${db}`,

    createEdges: /*sql*/ `CREATE TABLE IF NOT EXISTS ${edges} (
  kind LowCardinality(String) COMMENT 'contract or query: what reported the edge.',
  from_dataset String,
  from_column String,
  tenant LowCardinality(String) COMMENT 'Tenant of the query; empty for contracts.',
  origin_id String COMMENT 'Contract id or query id.',
  origin_version String COMMENT 'Contract version; empty for queries.',
  policy String COMMENT 'Policy hash of the contract, policy version of the query.',
  dataset String COMMENT 'Dataset of the contract; empty for queries.',
  from_system LowCardinality(String),
  from_namespace String,
  to_system LowCardinality(String),
  to_namespace String,
  to_dataset String,
  to_column String,
  type LowCardinality(String) COMMENT 'DIRECT or INDIRECT.',
  subtype LowCardinality(String),
  masking Bool,
  description String COMMENT 'How it is masked.',
  position SimpleAggregateFunction(min, UInt32) COMMENT 'Place in its event: result columns keep their order.',
  valid_since SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  INDEX origin origin_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PRIMARY KEY (kind, from_dataset, from_column, tenant)
ORDER BY (kind, from_dataset, from_column, tenant, origin_id, origin_version, policy, dataset, from_system, from_namespace,
  to_system, to_namespace, to_dataset, to_column, type, subtype, masking, description)
COMMENT 'Column-level lineage, from Postgres columns to results of queries.'`,

    createLog: /*sql*/ `CREATE TABLE IF NOT EXISTS ${log} (
  id String COMMENT 'Query id, also in the answer.',
  at DateTime64(3, 'UTC'),
  tenant LowCardinality(String),
  subject String,
  role LowCardinality(String),
  purpose String,
  decision LowCardinality(String) COMMENT 'answered, refused or failed.',
  reason LowCardinality(String) COMMENT 'Error code; empty if answered.',
  sql_hash String COMMENT 'SHA-256 of the SQL without its literals.',
  columns_read Array(LowCardinality(String)) COMMENT 'dataset.column.',
  policy_version String,
  rows Int64,
  bytes Int64,
  duration_ms Float64,
  trace_id String,
  cached Bool COMMENT 'Answered by what had been read before.',
  times UInt32 DEFAULT 1 COMMENT 'Refusals of one kind that the record stands for.',
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3),
  INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(recorded_at)
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, at, id)
COMMENT 'One row per query asked: who, why, what was read. No values and no SQL.'`,

    /** A table of an earlier version lacks these columns. */
    extendLog: /*sql*/ `ALTER TABLE ${log} ADD COLUMN IF NOT EXISTS cached Bool, ADD COLUMN IF NOT EXISTS times UInt32 DEFAULT 1`,

    /** Every edge of every recorded state of some datasets; small, since contracts change seldom. */
    contractEdges: /*sql*/ `SELECT ${EDGE_COLUMNS}, origin_id, origin_version, policy, dataset, valid_since, last_seen
FROM ${edges} FINAL
WHERE kind = 'contract' AND dataset IN {datasets:Array(String)}`,

    accessRecord: /*sql*/ `SELECT id, at, tenant, subject, role, purpose, decision, reason, sql_hash, columns_read, policy_version,
  rows, bytes, duration_ms, trace_id
FROM ${log} FINAL
WHERE id = {id:String}
ORDER BY at
LIMIT 1`,

    queryEdges: /*sql*/ `SELECT ${EDGE_COLUMNS}
FROM ${edges} FINAL
WHERE kind = 'query' AND origin_id = {id:String}
ORDER BY position`,

    columnUse: (
      tenant: string | undefined,
    ) => /*sql*/ `SELECT from_column AS column, uniqExact(origin_id) AS queries,
  max(last_seen) AS last_read_at
FROM ${edges}
WHERE kind = 'query' AND from_dataset = {table:String} AND from_column IN {columns:Array(String)} ${ofTenant(tenant)}
GROUP BY from_column`,

    latestReaders: (tenant: string | undefined) => /*sql*/ `SELECT ${EDGE_COLUMNS}
FROM ${edges} FINAL
WHERE kind = 'query' AND from_dataset = {table:String} AND from_column IN {columns:Array(String)} ${ofTenant(tenant)}
  AND (from_column, origin_id) IN (
    SELECT from_column, origin_id
    FROM ${edges}
    WHERE kind = 'query' AND from_dataset = {table:String} AND from_column IN {columns:Array(String)} ${ofTenant(tenant)}
    GROUP BY from_column, origin_id
    ORDER BY max(last_seen) DESC, origin_id
    LIMIT {limit:UInt32} BY from_column
  )`,
  }
}
