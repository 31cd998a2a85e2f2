/**
 * The row sink on ClickHouse, over HTTP.
 *
 * An insert is one block, so it is stored whole or not at all, and carries a deduplication token: the engine drops a second one with
 * the same token (`non_replicated_deduplication_window` on the table). `async_insert` is off: an answer means stored.
 *
 * Views behind the table are fed before the engine looks at the token, so a repeated insert reaches them again, although the table
 * itself drops it (measured on 26.7; tables behind a view that have a deduplication window of their own drop it too). So a
 * repetition first asks whether the block is there (`holds`). And the token names the query: the engine runs no second one
 * of that name while the first is under way, so the answer cannot come too early.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client'
import { context, propagation } from '@opentelemetry/api'
import { createTableStatement, quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { clickhouseFault, engineCode, isAboutRows } from './clickhouse-errors.ts'
import {
  pipelineStatsTable,
  quarantineColumns,
  quarantinedRows,
  quarantineTable,
} from './governance-statements.ts'
import type { RowSink, SealedPayload } from './ports.ts'
import { checkTable, type ExistingTable } from './table-check.ts'
import { holdsStatement, lookupStatement } from './unchanged-statements.ts'

/** Options of {@link createClickHouseSink}. */
export type ClickHouseSinkOptions = {
  readonly connection: ClickHouseConnection
  readonly database: string
  readonly governanceDatabase: string
  readonly requestMillis?: number
}

/** Keys in one lookup. */
const LOOKUP_CHUNK = 200

/** Makes a sink. Nothing is connected until it is used. */
export function createClickHouseSink(options: ClickHouseSinkOptions): RowSink {
  const { connection, database, governanceDatabase, requestMillis = 60_000 } = options
  const client: ClickHouseClient = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    application: 'mogo-worker',
    request_timeout: requestMillis,
    max_open_connections: 16,
    compression: { request: false, response: false },
    // Its messages quote statements.
    log: { level: ClickHouseLogLevel.OFF },
  })

  /** W3C trace context of the moment: the engine's own spans join the batch's. */
  function traceHeaders(): Record<string, string> {
    const headers: Record<string, string> = {}
    propagation.inject(context.active(), headers)
    return headers
  }

  async function command(query: string, what: string, settings: ClickHouseSettings = {}): Promise<void> {
    try {
      await client.command({ query, clickhouse_settings: settings, http_headers: traceHeaders() })
    } catch (error) {
      throw clickhouseFault(error, connection.url, what)
    }
  }

  async function rows<T>(query: string, what: string, settings: ClickHouseSettings = {}): Promise<T[]> {
    try {
      const result = await client.exec({ query, clickhouse_settings: settings, http_headers: traceHeaders() })
      const chunks: Buffer[] = []
      for await (const chunk of result.stream) chunks.push(chunk as Buffer)
      const lines = Buffer.concat(chunks).toString('utf8').split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T)
    } catch (error) {
      throw clickhouseFault(error, connection.url, what)
    }
  }

  async function insertLines(
    table: string,
    columns: readonly string[],
    lines: Buffer,
    token: string,
  ): Promise<void> {
    const result = await client.exec({
      query_id: queryIdOf(token),
      query: `INSERT INTO ${table} (${columns.map(quoteIdentifier).join(', ')}) FORMAT JSONCompactEachRow`,
      values: Readable.from([lines], { objectMode: false }),
      clickhouse_settings: {
        async_insert: 0,
        insert_deduplicate: 1,
        insert_deduplication_token: token,
        // One block, whatever the size of the batch.
        min_insert_block_size_rows: '10000000',
        min_insert_block_size_bytes: '1000000000',
        wait_end_of_query: 1,
        log_queries: 0,
      },
      http_headers: traceHeaders(),
    })
    // Errors after the head of the answer come as a destroyed stream.
    for await (const _chunk of result.stream);
  }

  async function existingTable(dataset: CompiledDataset): Promise<ExistingTable | undefined> {
    const where = `database = ${quoteLiteral(database)} AND`
    const name = quoteLiteral(dataset.table)
    const [table] = await rows<[string, string]>(
      /*sql*/ `SELECT engine, sorting_key FROM system.tables WHERE ${where} name = ${name} FORMAT JSONCompactEachRow`,
      dataset.table,
    )
    if (!table) return undefined
    const columns = await rows<[string, string]>(
      /*sql*/ `SELECT name, type FROM system.columns WHERE ${where} table = ${name} ORDER BY position FORMAT JSONCompactEachRow`,
      dataset.table,
    )
    return {
      engine: table[0],
      sortingKey: table[1],
      columns: columns.map(([column, type]) => ({ name: column, type })),
    }
  }

  const tableOf = (dataset: CompiledDataset) =>
    `${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`

  /** The embedded engine makes its databases itself, and its worker may not. */
  async function ensureDatabase(name: string): Promise<void> {
    const found = await rows(
      /*sql*/ `SELECT name FROM system.databases WHERE name = ${quoteLiteral(name)} FORMAT JSONCompactEachRow`,
      name,
    )
    if (found.length === 0)
      await command(/*sql*/ `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(name)}`, name)
  }

  return {
    async prepareGovernance() {
      await ensureDatabase(database)
      await ensureDatabase(governanceDatabase)
      await command(quarantineTable(governanceDatabase), `${governanceDatabase}.quarantine`)
      await command(quarantineColumns(governanceDatabase), `${governanceDatabase}.quarantine`)
      await command(pipelineStatsTable(governanceDatabase), `${governanceDatabase}.pipeline_stats`)
    },

    async prepare(dataset) {
      await command(createTableStatement(dataset, database), dataset.table)
      const existing = await existingTable(dataset)
      if (!existing) return
      const check = checkTable(dataset, existing)
      if (!check.fits)
        throw new MogoError('MOGO_TABLE_MISMATCH', {
          table: `${database}.${dataset.table}`,
          detail: check.detail,
        })
      for (const column of check.missing)
        await command(
          /*sql*/ `ALTER TABLE ${tableOf(dataset)} ADD COLUMN IF NOT EXISTS ${quoteIdentifier(column.name)} ${column.type} COMMENT ${quoteLiteral(column.comment)}`,
          dataset.table,
        )
    },

    async insert(dataset, lines, token) {
      try {
        await insertLines(tableOf(dataset), insertColumns(dataset), lines, token)
        return { kind: 'stored' }
      } catch (error) {
        if (isAboutRows(error)) return { kind: 'refused', engineCode: engineCode(error) }
        throw clickhouseFault(error, connection.url, `${database}.${dataset.table}`)
      }
    },

    async insertGovernance(table, columns, lines, token) {
      try {
        const name = `${quoteIdentifier(governanceDatabase)}.${quoteIdentifier(table)}`
        await insertLines(name, columns, lines, token)
      } catch (error) {
        throw clickhouseFault(error, connection.url, `${governanceDatabase}.${table}`)
      }
    },

    async lookup(dataset, wanted) {
      const found: (readonly string[] | null)[] = wanted.map(() => null)
      for (let start = 0; start < wanted.length; start += LOOKUP_CHUNK) {
        const query = lookupStatement(dataset, database, wanted.slice(start, start + LOOKUP_CHUNK))
        const lines = await rows<[number | string, ...unknown[]]>(query, dataset.table, LOOKUP_SETTINGS)
        for (const [number, ...values] of lines)
          found[start + Number(number) - 1] = values.map((value) => JSON.stringify(value))
      }
      return found
    },

    async quarantined(dataset, rowKeys) {
      const found: SealedPayload[] = []
      for (let start = 0; start < rowKeys.length; start += LOOKUP_CHUNK) {
        const query = quarantinedRows(
          governanceDatabase,
          dataset.name,
          rowKeys.slice(start, start + LOOKUP_CHUNK),
        )
        const what = `${governanceDatabase}.quarantine`
        for (const [topic, partition, offset, payload] of await rows<[string, number, string, string]>(
          query,
          what,
          LOOKUP_SETTINGS,
        ))
          found.push({ topic, partition, offset: BigInt(offset), payload })
      }
      return found
    },

    async holds(dataset, row) {
      const found = await rows(holdsStatement(dataset, database, row), dataset.table, LOOKUP_SETTINGS)
      return found.length > 0
    },

    async truncate(dataset, belowVersion) {
      const version = quoteIdentifier(INTERNAL_COLUMNS.version)
      await command(
        /*sql*/ `ALTER TABLE ${tableOf(dataset)} DELETE WHERE ${version} < toUInt128(${quoteLiteral(belowVersion)})`,
        dataset.table,
        { mutations_sync: '2' },
      )
    },

    async check() {
      const result = await client.ping()
      if (!result.success) throw clickhouseFault(result.error, connection.url, 'ping')
    },

    close: () => client.close(),
  }
}

/** A name that fits in a header whatever the topic is called. */
function queryIdOf(token: string): string {
  return `mogo-insert-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`
}

const LOOKUP_SETTINGS: ClickHouseSettings = {
  log_queries: 0,
  max_query_size: '10000000',
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
}
