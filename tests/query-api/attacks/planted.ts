/**
 * Objects of other engines beside the datasets, each with rows of the other tenant in it or behind it: what somebody with rights at the
 * engine may have made. No scope has a grant on any of them.
 */
import type { Tenants } from '../support/tenants.ts'
import { MARKERS } from './vector.ts'

const [MARKER, NUMBER] = MARKERS

/** Makes them. `password` is the administrator's: a dictionary and a definer need one who may read. */
export async function plant(admin: Tenants['admin'], nativePort: number, password: string): Promise<void> {
  const south = `SELECT id, name, amount FROM analytics.clients WHERE tenant_id = 'south'`
  const columns = 'id Int64, name Nullable(String)'
  for (const sql of [
    'CREATE VIEW analytics.planted_view DEFINER = admin SQL SECURITY DEFINER AS SELECT * FROM analytics.clients',
    `CREATE TABLE analytics.planted_mv_rows (${columns}) ENGINE = MergeTree ORDER BY id`,
    `CREATE MATERIALIZED VIEW analytics.planted_mv TO analytics.planted_mv_rows AS SELECT id, name FROM analytics.clients`,
    `INSERT INTO analytics.planted_mv_rows SELECT id, name FROM (${south})`,
    'CREATE TABLE analytics.planted_buffer AS analytics.clients ENGINE = Buffer(analytics, clients, 1, 10, 100, 10000, 1000000, 10000000, 100000000)',
    "CREATE TABLE analytics.planted_merge AS analytics.clients ENGINE = Merge(analytics, '^clients$')",
    `CREATE TABLE analytics.planted_memory (${columns}) ENGINE = Memory`,
    `INSERT INTO analytics.planted_memory SELECT id, name FROM (${south})`,
    'CREATE TABLE analytics.planted_join (id Int64, name String) ENGINE = Join(ANY, LEFT, id)',
    `INSERT INTO analytics.planted_join SELECT id, assumeNotNull(name) FROM (${south})`,
    'CREATE TABLE analytics.planted_set (amount UInt64) ENGINE = Set',
    `INSERT INTO analytics.planted_set SELECT DISTINCT toUInt64(amount) FROM (${south})`,
    `CREATE DICTIONARY analytics.planted_dictionary (id UInt64, name String DEFAULT '') PRIMARY KEY id SOURCE(CLICKHOUSE(HOST '127.0.0.1' PORT ${nativePort} USER 'admin' PASSWORD '${password}' QUERY 'SELECT toUInt64(id) AS id, assumeNotNull(name) AS name FROM analytics.clients WHERE tenant_id = ''south''')) LAYOUT(HASHED()) LIFETIME(0)`,
  ])
    await admin(sql)
  // Each holds what it is meant to hold, or attempts at it would show nothing.
  const held = await admin(
    `SELECT (SELECT count() FROM analytics.planted_view) > 50, (SELECT any(name) FROM analytics.planted_mv_rows), (SELECT any(name) FROM analytics.planted_memory), joinGet('analytics.planted_join', 'name', 1::Int64), toUInt64(${NUMBER}) IN analytics.planted_set, dictGet('analytics.planted_dictionary', 'name', 1::UInt64)`,
  )
  if (held.trim() !== ['1', MARKER, MARKER, MARKER, '1', MARKER].join('\t'))
    throw new Error('the planted objects do not hold rows of the other tenant')
}
