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
import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client'
import { context, propagation } from '@opentelemetry/api'
import {
  createTableStatement,
  quoteIdentifier,
  quoteLiteral,
  type TableColumn,
  tableColumns,
} from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import type { RowSink, SealedPayload } from '../ports.ts'
import {
  formerQuarantine,
  moveFormer,
  putFormerAside,
  quarantinedRows,
  quarantineTable,
} from '../quarantine/quarantine-statements.ts'
import { clickhouseFault, engineCode, isAboutRows, isFenced } from './clickhouse-errors.ts'
import { firstValueStatement } from './first-value.ts'
import {
  breakersTable,
  lastRemovals,
  noteRemoval,
  pipelineStatsColumn,
  pipelineStatsTable,
  removalsTable,
} from './governance-statements.ts'
import {
  claimCondition,
  claimedLane,
  claimedStatement,
  claimStatement,
  laneClaimsTable,
} from './lane-claims.ts'
import { schemaChangesTable } from './schema-changes.ts'
import { checkTable, type ExistingTable } from './table-check.ts'
import { holdsStatement, lookupStatement } from './unchanged-statements.ts'
import { type TableFacts, tableFacts, tableFactsStatement, viewsBehind } from './views-behind.ts'

/** Options of {@link createClickHouseSink}. */
export type ClickHouseSinkOptions = {
  readonly connection: ClickHouseConnection
  readonly database: string
  readonly governanceDatabase: string
  readonly requestMillis?: number
  /** Whose claims and tokens these are, where a table is read again beside the usual worker. */
  readonly replayId?: string
}

/** Keys in one lookup. */
const LOOKUP_CHUNK = 200

/** Makes a sink. Nothing is connected until it is used. */
export function createClickHouseSink(options: ClickHouseSinkOptions): RowSink {
  const { connection, database, governanceDatabase, requestMillis = 60_000, replayId } = options
  const own = (text: string) => (replayId === undefined ? text : `${replayId}:${text}`)
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

  async function insertRows(
    table: string,
    columns: readonly Pick<TableColumn, 'name' | 'type'>[],
    format: 'RowBinary' | 'JSONCompactEachRow',
    rows: Buffer,
    token: string,
    condition?: string,
  ): Promise<void> {
    const result = await client.exec({
      query_id: queryIdOf(token),
      query: insertStatement(table, columns, format, condition),
      values: Readable.from([rows], { objectMode: false }),
      clickhouse_settings: {
        async_insert: 0,
        insert_deduplicate: 1,
        insert_deduplication_token: token,
        // A view whose table drops what it had gets a repetition once, like the table itself.
        deduplicate_blocks_in_dependent_materialized_views: 1,
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

  async function look(inDatabase: string, table: string): Promise<TableFacts | undefined> {
    const [line] = await rows<Parameters<typeof tableFacts>[0]>(tableFactsStatement(inDatabase, table), table)
    return line && tableFacts(line)
  }

  const removeBelow: RowSink['removeBelow'] = async (dataset, below) => {
    const version = quoteIdentifier(INTERNAL_COLUMNS.version)
    await command(
      /*sql*/ `ALTER TABLE ${tableOf(dataset)} DELETE WHERE ${version} < toUInt128(${quoteLiteral(String(below))})`,
      dataset.table,
      { mutations_sync: '2' },
    )
  }

  const isStored: RowSink['isStored'] = async (dataset, row, token) => {
    const running = await rows(underWayStatement(queryIdOf(own(token))), 'system.processes')
    if (running.length > 0)
      throw new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', {
        url: connection.url,
        detail: 'the same batch is still being loaded, sent by a former worker',
      })
    const found = await rows(holdsStatement(dataset, database, row), dataset.table, LOOKUP_SETTINGS)
    return found.length > 0
  }

  async function wasWritten(dataset: CompiledDataset): Promise<boolean> {
    const claims = await rows(claimedStatement(governanceDatabase, dataset.table), dataset.table)
    return claims.length > 0
  }

  /** The embedded engine makes its databases itself, and its worker may not. */
  async function ensureDatabase(name: string): Promise<void> {
    const found = await rows(
      /*sql*/ `SELECT name FROM system.databases WHERE name = ${quoteLiteral(name)} FORMAT JSONCompactEachRow`,
      name,
    )
    if (found.length === 0)
      await command(/*sql*/ `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(name)}`, name)
  }

  /** The engine cannot change which row of a place counts: what a table of an earlier version holds is moved into a new one. */
  async function prepareQuarantine(): Promise<void> {
    const what = `${governanceDatabase}.quarantine`
    const run = async (statements: readonly string[]): Promise<void> => {
      for (const statement of statements) await command(statement, what)
    }
    const former = await rows<[string, number]>(formerQuarantine(governanceDatabase), what)
    if (former.some(([, isAside]) => isAside === 0)) await run(putFormerAside(governanceDatabase))
    await run([quarantineTable(governanceDatabase)])
    if (former.length > 0) await run(moveFormer(governanceDatabase))
  }

  return {
    async prepareGovernance() {
      await ensureDatabase(database)
      await ensureDatabase(governanceDatabase)
      await prepareQuarantine()
      await command(pipelineStatsTable(governanceDatabase), `${governanceDatabase}.pipeline_stats`)
      await command(pipelineStatsColumn(governanceDatabase), `${governanceDatabase}.pipeline_stats`)
      await command(laneClaimsTable(governanceDatabase), `${governanceDatabase}.lane_claims`)
      await command(schemaChangesTable(governanceDatabase), `${governanceDatabase}.schema_changes`)
      await command(removalsTable(governanceDatabase), `${governanceDatabase}.removals`)
      await command(breakersTable(governanceDatabase), `${governanceDatabase}.quarantine_breakers`)
    },

    async prepare(dataset, { anew = false } = {}) {
      const found = await existingTable(dataset)
      // A replay makes what it reads into.
      if (!found && !anew && replayId === undefined && (await wasWritten(dataset)))
        throw new MogoError('MOGO_TABLE_GONE', {
          table: `${database}.${dataset.table}`,
          dataset: dataset.name,
        })
      if (!found) await command(createTableStatement(dataset, database), dataset.table)
      const existing = found ?? (await existingTable(dataset))
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
      for (const column of check.widened)
        await command(
          /*sql*/ `ALTER TABLE ${tableOf(dataset)} MODIFY COLUMN ${quoteIdentifier(column.name)} ${column.type}`,
          dataset.table,
        )
    },

    async claim(dataset, lane) {
      const claim = { lane: own(claimedLane(dataset.table, lane)), owner: randomUUID() }
      await command(claimStatement(governanceDatabase, claim), `${governanceDatabase}.lane_claims`)
      return claim
    },

    async insert(dataset, rows, token, claim) {
      const columns = tableColumns(dataset).filter(({ name }) => name !== INTERNAL_COLUMNS.loadedAt)
      try {
        const condition = claimCondition(governanceDatabase, claim)
        await insertRows(tableOf(dataset), columns, 'RowBinary', rows, own(token), condition)
        return { kind: 'stored' }
      } catch (error) {
        if (isFenced(error)) return { kind: 'fenced' }
        if (isAboutRows(error)) return { kind: 'refused', engineCode: engineCode(error) }
        throw clickhouseFault(error, connection.url, `${database}.${dataset.table}`)
      }
    },

    async insertGovernance(table, columns, lines, token) {
      try {
        const name = `${quoteIdentifier(governanceDatabase)}.${quoteIdentifier(table)}`
        const named = columns.map((column) => ({ name: column, type: '' }))
        await insertRows(name, named, 'JSONCompactEachRow', lines, token)
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

    async firstValue(dataset, column, version) {
      for (const below of [version, null]) {
        const statement = firstValueStatement(dataset, database, column, below)
        const [found] = await rows<[string]>(statement, dataset.table, LOOKUP_SETTINGS)
        if (found) return found[0]
      }
      return null
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
        const lines = await rows<[string, number, string, string, string, string]>(
          query,
          what,
          LOOKUP_SETTINGS,
        )
        for (const [topic, partition, offset, payload, rowKey, rowVersion] of lines)
          found.push({ topic, partition, offset: BigInt(offset), payload, rowKey, rowVersion })
      }
      return found
    },

    isStored,

    async holds(dataset, row, token) {
      return (
        (await isStored(dataset, row, token)) &&
        (await viewsBehind(look, database, dataset.table)) !== 'deduplicating'
      )
    },

    async truncate(dataset, belowVersion) {
      // First the note: a lane that inserts meanwhile looks for it afterwards.
      await command(
        noteRemoval(governanceDatabase, dataset.name, belowVersion),
        `${governanceDatabase}.removals`,
      )
      await removeBelow(dataset, BigInt(belowVersion))
    },

    async removedBelow(dataset) {
      const statement = lastRemovals(governanceDatabase, [dataset.name])
      const [removal] = await rows<{ readonly below: string }>(statement, `${governanceDatabase}.removals`)
      return removal ? BigInt(removal.below) : null
    },

    removeBelow,

    async check() {
      const result = await client.ping()
      if (!result.success) throw clickhouseFault(result.error, connection.url, 'ping')
    },

    close: () => client.close(),
  }
}

/** Rows pass a condition only where one is given: it costs the engine a look into another table. */
function insertStatement(
  table: string,
  columns: readonly Pick<TableColumn, 'name' | 'type'>[],
  format: string,
  condition: string | undefined,
): string {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  if (condition === undefined) return /*sql*/ `INSERT INTO ${table} (${names}) FORMAT ${format}`
  const structure = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`).join(', ')
  return /*sql*/ `INSERT INTO ${table} (${names}) SELECT ${names} FROM input(${quoteLiteral(structure)}) WHERE ${condition} FORMAT ${format}`
}

function underWayStatement(queryId: string): string {
  return /*sql*/ `SELECT 1 FROM system.processes WHERE query_id = ${quoteLiteral(queryId)} FORMAT JSONCompactEachRow`
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
