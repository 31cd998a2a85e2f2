/**
 * Keeps lineage and access records in ClickHouse; the tables are described in statements.ts.
 *
 * A batch becomes at most two inserts. Both may be repeated, so a crash between them, or before the offsets are committed, only
 * means that the same rows are written again. Edges are kept of answered queries only: a refused or failed one has no result
 * that could come from anywhere; what it touched stands in the access log.
 */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { clickhouseFault } from '#ops/runtime/clickhouse-faults.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import type { LineageStore } from './ports.ts'
import { statements } from './statements.ts'
import {
  type AccessRow,
  accessRow,
  type ContractEdgeRow,
  contractRows,
  type EdgeRow,
  edgeOf,
  latestState,
  queryRecord,
  queryRows,
} from './store-rows.ts'

/** Opens the store. Nothing is sent before the first call. */
export function createClickHouseStore(connection: ClickHouseConnection, database: string): LineageStore {
  const sql = statements(database)
  const client: ClickHouseClient = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    application: 'mogo-lineage',
    request_timeout: 30_000,
    max_open_connections: 8,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      date_time_input_format: 'best_effort',
      date_time_output_format: 'iso',
      output_format_json_quote_64bit_integers: 0,
      wait_end_of_query: 1,
    },
  })

  return {
    async prepare() {
      const [database_] = await select<{ found: number }>(sql.databaseExists, { database }, database)
      if (database_?.found !== 1) await run(sql.createDatabase)
      await run(sql.createEdges)
      await run(sql.createLog)
      await run(sql.extendLog)
    },
    async record(events) {
      const access = events.filter((event) => event.type === 'access')
      const contracts = events.filter((event) => event.type === 'contract')
      const edges = [...contracts.flatMap(contractRows), ...access.flatMap(queryRows)]
      // The edges first: a query can be looked up as soon as it is in the log, and must not be shown without its edges. If the
      // second insert fails, the offsets are not committed and both are written again.
      await insert(sql.edges, edges)
      // Of a query that has ended by now only the last record counts.
      const last = new Map(access.map((event) => [event.id, event]))
      await insert(sql.log, [...last.values()].map(accessRow))
    },
    async contractLineage(datasets) {
      const rows = await select<ContractEdgeRow>(sql.contractEdges, { datasets }, sql.edges)
      return [...Map.groupBy(rows, (row) => row.dataset).values()].map(latestState)
    },
    async queryRecord(id) {
      // One after the other, in the reverse order of the inserts: an entry that is seen has its edges.
      const [row] = await select<AccessRow>(sql.accessRecord, { id }, sql.log)
      if (!row) return undefined
      const edges = await select<EdgeRow>(sql.queryEdges, { id }, sql.edges)
      return queryRecord(row, edges.map(edgeOf))
    },
    async columnUse({ table, columns }, tenant) {
      const rows = await select<{ column: string; queries: number; last_read_at: string }>(
        sql.columnUse(tenant),
        { table, columns, ...(tenant === undefined ? {} : { tenant }) },
        sql.edges,
      )
      const found = new Map(rows.map((row) => [row.column, row]))
      return columns.map((column) => {
        const row = found.get(column)
        return { column, queries: row?.queries ?? 0, lastReadAt: row?.last_read_at ?? null }
      })
    },
    async latestReaders({ table, columns }, tenant, limit) {
      const parameters = { table, columns, limit, ...(tenant === undefined ? {} : { tenant }) }
      return (await select<EdgeRow>(sql.latestReaders(tenant), parameters, sql.edges)).map(edgeOf)
    },
    async check() {
      await select('SELECT 1', {}, database)
    },
    close: () => client.close(),
  }

  async function select<Row>(
    query: string,
    parameters: Readonly<Record<string, unknown>>,
    what: string,
  ): Promise<Row[]> {
    try {
      const result = await client.query({ query, query_params: parameters, format: 'JSONEachRow' })
      return await result.json<Row>()
    } catch (error) {
      throw clickhouseFault(error, connection, what)
    }
  }

  async function run(query: string): Promise<void> {
    try {
      await client.command({ query })
    } catch (error) {
      throw clickhouseFault(error, connection, database)
    }
  }

  async function insert(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return
    const columns = Object.keys(rows[0] ?? {}) as [string, ...string[]]
    try {
      await client.insert({ table, values: [...rows], columns, format: 'JSONEachRow' })
    } catch (error) {
      throw clickhouseFault(error, connection, table)
    }
  }
}
