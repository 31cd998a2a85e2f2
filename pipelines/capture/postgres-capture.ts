/**
 * The Postgres side of capture: reads the catalog, applies planned statements, reads the slot, asks for snapshots.
 *
 * Works as the owner (`settings.postgres('superuser')`): the capture role itself may only read. One transaction for the plan, so
 * that half a plan is never seen; REPLICA IDENTITY and publications take part in transactions.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { quoteName } from '#contracts/postgres-quotes.ts'
import type { PostgresConnection } from '#ops/runtime/settings.ts'
import { type BentValue, bentValuesStatement } from './bent-values.ts'
import type { KnownPartitions } from './follow-partitions.ts'
import {
  CAPTURE_SCHEMA,
  CAPTURED_TABLE,
  HEARTBEAT_TABLE,
  PARTITIONS_TABLE,
  SIGNAL_TABLE,
  type SourceChange,
} from './plan-source.ts'
import { postgresFault } from './postgres-fault.ts'
import { quoteTable, type TableName, tableText } from './postgres-names.ts'
import {
  GRANTS_STATEMENT,
  PARTITIONS_STATEMENT,
  POSITION_STATEMENT,
  PUBLICATION_STATEMENT,
  PUBLICATION_TABLES_STATEMENT,
  ROLE_STATEMENT,
  SERVER_STATEMENT,
  SLOT_STATEMENT,
  TABLES_STATEMENT,
  WRITERS_STATEMENT,
} from './postgres-statements.ts'
import { verifierFits } from './scram-verifier.ts'
import type {
  KnownPartition,
  ReplicaIdentity,
  SourceCatalog,
  SourceColumn,
  SourceRole,
  SourceSlot,
  SourceTable,
} from './source-catalog.ts'

/** Names that the catalog is read for. */
export type CatalogRequest = {
  readonly tables: readonly TableName[]
  readonly publication: string
  readonly slot: string
  readonly role: { readonly name: string; readonly password: string }
}

/** What is asked of Debezium, and the partition that it is about. */
export type PartitionRequest = {
  readonly root: string
  readonly partition: KnownPartition
  readonly data: object
}

/** A connection to the source. */
export type PostgresCapture = {
  readCatalog(request: CatalogRequest): Promise<SourceCatalog>
  /** In one transaction, which waits for no lock for longer than `lockMillis`. */
  apply(changes: readonly SourceChange[], lockMillis?: number): Promise<void>
  /** Notes that just these tables are captured; `schema.table`. */
  noteCaptured(tables: readonly string[]): Promise<void>
  /** Asks Debezium to snapshot tables beside the stream, and notes them as captured. */
  requestSnapshot(id: string, tables: readonly string[], patterns: readonly string[]): Promise<void>
  /** Notes that these are all partitions of the tables. */
  notePartitions(known: readonly KnownPartitions[]): Promise<void>
  /** Asks Debezium for the rows of a partition, and notes it as known. */
  requestPartition(id: string, known: PartitionRequest): Promise<void>
  /** Does a row of the table meet the condition? */
  hasRows(table: TableName, condition: string): Promise<boolean>
  /** Those of the tables that have no row now. */
  emptyTables(tables: readonly TableName[]): Promise<readonly TableName[]>
  /** Those of the values that a row of the table has, by their messages. Reads all of the table, if there is anything to look for. */
  findBentValues(table: TableName, values: readonly BentValue[]): Promise<readonly string[]>
  /** True if several rows of the table are the same in these columns. Reads all of the table. */
  hasDuplicates(table: TableName, columns: readonly string[]): Promise<boolean>
  /**
   * Resolves when the transactions that hold a lock for writing on the tables (or their partitions) now have ended; to their process
   * ids if some still have not after that time.
   */
  awaitWriters(tables: readonly TableName[], waitMillis: number): Promise<readonly number[]>
  readSlot(name: string, role: string): Promise<SourceSlot | null>
  /** Where the log is now: bytes, as text. */
  readPosition(): Promise<string>
  dropSlot(name: string): Promise<void>
  close(): Promise<void>
}

/**
 * Connects.
 *
 * @throws MogoError MOGO_POSTGRES_UNREACHABLE, MOGO_POSTGRES_AUTH
 */
export async function connectPostgresCapture(connection: PostgresConnection): Promise<PostgresCapture> {
  const client = new pg.Client({
    host: connection.host,
    port: connection.port,
    database: connection.database,
    user: connection.user,
    password: connection.password,
    ssl: connection.tls ? { rejectUnauthorized: true } : false,
    application_name: 'mogo-capture',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
  })
  client.on('error', () => {}) // a lost connection fails the next query, which says so
  const run = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => {
    try {
      return (await client.query<Row>(text, values)).rows
    } catch (error) {
      throw postgresFault(error, connection)
    }
  }
  try {
    await client.connect()
    // Where row-level security would hide rows from this login, reading fails, and leaves nothing out.
    await client.query('SET row_security = off')
  } catch (error) {
    throw postgresFault(error, connection)
  }

  return {
    async readCatalog(request) {
      const [server] = await run<{
        version: number
        wal_level: string
        superuser: boolean
        free_slots: number
      }>(SERVER_STATEMENT)
      const wanted = [...request.tables, HEARTBEAT_TABLE, SIGNAL_TABLE, CAPTURED_TABLE, PARTITIONS_TABLE]
      const tables = await readTables(wanted, request.role.name)
      const own = (name: TableName) => tables.some((table) => tableText(table) === tableText(name))
      return {
        serverVersion: server?.version ?? 0,
        walLevel: server?.wal_level ?? '',
        freeSlots: server?.free_slots ?? 0,
        superuser: server?.superuser ?? false,
        tables: tables.filter((table) => request.tables.some((name) => tableText(name) === tableText(table))),
        heartbeatTable: own(HEARTBEAT_TABLE),
        signalTable: own(SIGNAL_TABLE),
        capturedTable: own(CAPTURED_TABLE),
        captured: own(CAPTURED_TABLE) ? await readCaptured() : [],
        partitions: own(PARTITIONS_TABLE) ? await readPartitions() : null,
        role: await readRole(
          request.role,
          server?.superuser ?? false,
          own(HEARTBEAT_TABLE) && own(SIGNAL_TABLE),
        ),
        publication: await readPublication(request.publication),
        slot: await readSlot(request.slot, request.role.name),
      }
    },
    async apply(changes, lockMillis = 10_000) {
      if (changes.length === 0) return
      await run('BEGIN')
      try {
        // A table that is locked by a long transaction must not hold up everyone who queues behind us.
        await run(`SET LOCAL lock_timeout = ${lockMillis}`)
        for (const statement of changes.flatMap((change) => change.statements)) await run(statement)
        await run('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {})
        throw error
      }
    },
    async noteCaptured(tables) {
      await run(
        /*sql*/ `WITH gone AS (DELETE FROM ${quoteTable(CAPTURED_TABLE)} WHERE source_table <> ALL ($1::text[]))
          INSERT INTO ${quoteTable(CAPTURED_TABLE)} (source_table) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
        [tables],
      )
    },
    async notePartitions(known) {
      for (const { root, partitions } of known)
        await run(
          /*sql*/ `WITH gone AS (DELETE FROM ${quoteTable(PARTITIONS_TABLE)} WHERE root = $1 AND attached <> ALL ($2::text[]))
            INSERT INTO ${quoteTable(PARTITIONS_TABLE)} (root, attached, partition)
            SELECT $1, now.attached, now.partition FROM unnest($2::text[], $3::text[]) AS now (attached, partition)
            ON CONFLICT (root, attached) DO UPDATE SET partition = excluded.partition`,
          [
            root,
            ['', ...partitions.map(({ attached }) => attached)],
            [root, ...partitions.map(({ partition }) => partition)],
          ],
        )
    },
    async requestPartition(id, { root, partition, data }) {
      // One statement: the request and the note that it was made.
      await run(
        /*sql*/ `WITH noted AS (INSERT INTO ${quoteTable(PARTITIONS_TABLE)} (root, attached, partition) VALUES ($3, $4, $5) ON CONFLICT DO NOTHING)
          INSERT INTO ${quoteTable(SIGNAL_TABLE)} (id, type, data) VALUES ($1, 'execute-snapshot', $2)`,
        [id, JSON.stringify(data), root, partition.attached, partition.partition],
      )
    },
    async hasRows(table, condition) {
      const [row] = await run<{ filled: boolean }>(
        /*sql*/ `SELECT EXISTS (SELECT FROM ${quoteTable(table)} WHERE ${condition}) AS filled`,
      )
      return row?.filled === true
    },
    async emptyTables(tables) {
      const empty: TableName[] = []
      for (const table of tables) {
        const [row] = await run<{ filled: boolean }>(
          /*sql*/ `SELECT EXISTS (SELECT FROM ${quoteTable(table)}) AS filled`,
        )
        if (row?.filled === false) empty.push(table)
      }
      return empty
    },
    async findBentValues(table, values) {
      if (values.length === 0) return []
      const found = await readAll<Record<string, boolean>>(bentValuesStatement(table, values))
      return values.filter((_, index) => found?.[`found_${index}`] === true).map(({ message }) => message)
    },
    async hasDuplicates(table, columns) {
      const names = columns.map(quoteName).join(', ')
      const found = await readAll<{ found: boolean }>(
        /*sql*/ `SELECT EXISTS (SELECT FROM ${quoteTable(table)} GROUP BY ${names} HAVING count(*) > 1) AS found`,
      )
      return found?.found === true
    },
    async awaitWriters(tables, waitMillis) {
      const deadline = Date.now() + waitMillis
      const schemas = tables.map((table) => table.schema)
      const names = tables.map((table) => table.table)
      const read = () => run<{ transaction: string; pid: number }>(WRITERS_STATEMENT, [schemas, names])
      const first = new Set((await read()).map(({ transaction }) => transaction))
      for (;;) {
        const left = (await read()).filter(({ transaction }) => first.has(transaction))
        if (left.length === 0 || Date.now() > deadline) return left.map(({ pid }) => pid)
        await delay(100)
      }
    },
    async requestSnapshot(id, tables, patterns) {
      const data = JSON.stringify({ 'data-collections': patterns, type: 'INCREMENTAL' })
      // One statement: the request and the note that it was made.
      await run(
        /*sql*/ `WITH noted AS (INSERT INTO ${quoteTable(CAPTURED_TABLE)} (source_table) SELECT unnest($3::text[]) ON CONFLICT DO NOTHING)
          INSERT INTO ${quoteTable(SIGNAL_TABLE)} (id, type, data) VALUES ($1, 'execute-snapshot', $2)`,
        [id, data, tables],
      )
    },
    readSlot,
    async readPosition() {
      const [row] = await run<{ position: string }>(POSITION_STATEMENT)
      return row?.position ?? '0'
    },
    async dropSlot(name) {
      await run(
        /*sql*/ 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
        [name],
      )
    },
    close: () => client.end().catch(() => {}),
  }

  /** One row about a whole table, however large it is: the snapshot reads it, too. */
  async function readAll<Row extends pg.QueryResultRow>(statement: string): Promise<Row | undefined> {
    await run('BEGIN READ ONLY')
    try {
      await run('SET LOCAL statement_timeout = 0')
      return (await run<Row>(statement))[0]
    } finally {
      await client.query('ROLLBACK').catch(() => {})
    }
  }

  async function readTables(names: readonly TableName[], role: string): Promise<SourceTable[]> {
    const schemas = names.map((name) => name.schema)
    const relations = names.map((name) => name.table)
    const rows = await run<TableRow>(TABLES_STATEMENT, [schemas, relations])
    const partitions = await readLeaves(schemas, relations)
    const grants = await readGrants(role, schemas, relations)
    return rows.map((row) => ({
      schema: row.schema,
      table: row.table,
      kind: KINDS[row.kind] ?? 'other',
      identity: IDENTITIES[row.identity] ?? 'default',
      columns: row.columns,
      primaryKey: row.primary_key ?? [],
      uniqueKeys: row.unique_keys ?? [],
      partitions: partitions
        .filter((leaf) => leaf.root_schema === row.schema && leaf.root_table === row.table)
        .map((leaf) => ({
          schema: leaf.schema,
          table: leaf.table,
          identity: IDENTITIES[leaf.identity] ?? 'default',
          condition: leaf.condition,
          attached: leaf.attached,
        })),
      captureMaySelect: grants.get(tableText(row))?.may_select ?? false,
      // A role that is not there yet gets no rights by itself.
      hidesRows: grants.get(tableText(row))?.hides_rows ?? row.row_security,
      hasChildren: row.has_children,
      checks: row.checks,
      mayBeLarge: row.may_be_large,
    }))
  }

  /** Without a search path: whatever is not Postgres' own is then said with its schema. */
  async function readLeaves(
    schemas: readonly string[],
    relations: readonly string[],
  ): Promise<readonly PartitionRow[]> {
    await run('BEGIN READ ONLY')
    try {
      await run("SET LOCAL search_path = ''")
      return await run<PartitionRow>(PARTITIONS_STATEMENT, [schemas, relations])
    } finally {
      await client.query('ROLLBACK').catch(() => {})
    }
  }

  async function readGrants(
    role: string,
    schemas: readonly string[],
    tables: readonly string[],
  ): Promise<ReadonlyMap<string, GrantRow>> {
    const rows = await run<GrantRow>(GRANTS_STATEMENT, [schemas, tables, role])
    return new Map(rows.map((row) => [tableText(row), row]))
  }

  async function readRole(
    wanted: CatalogRequest['role'],
    superuser: boolean,
    ownTables: boolean,
  ): Promise<SourceRole | null> {
    const [row] = await run<{ login: boolean; replication: boolean; connect: boolean }>(ROLE_STATEMENT, [
      wanted.name,
    ])
    if (!row) return null
    const [secret] = superuser
      ? await run<{ rolpassword: string | null }>('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [
          wanted.name,
        ])
      : []
    const [may] = ownTables
      ? await run<{ may: boolean }>(
          /*sql*/ `SELECT has_schema_privilege($1, '${CAPTURE_SCHEMA}', 'USAGE')
             AND has_table_privilege($1, '${tableText(HEARTBEAT_TABLE)}', 'INSERT')
             AND has_table_privilege($1, '${tableText(HEARTBEAT_TABLE)}', 'UPDATE')
             AND has_table_privilege($1, '${tableText(SIGNAL_TABLE)}', 'SELECT')
             AND has_table_privilege($1, '${tableText(SIGNAL_TABLE)}', 'INSERT') AS may`,
          [wanted.name],
        )
      : []
    return {
      name: wanted.name,
      login: row.login,
      replication: row.replication,
      passwordFits: secret ? verifierFits(secret.rolpassword, wanted.password) : null,
      maySignal: may?.may ?? false,
      mayConnect: row.connect,
    }
  }

  async function readCaptured(): Promise<string[]> {
    const rows = await run<{ source_table: string }>(
      /*sql*/ `SELECT source_table FROM ${quoteTable(CAPTURED_TABLE)} ORDER BY 1`,
    )
    return rows.map((row) => row.source_table)
  }

  async function readPartitions(): Promise<ReadonlyMap<string, readonly KnownPartition[]>> {
    const rows = await run<KnownPartition & { root: string }>(
      /*sql*/ `SELECT root, attached, partition FROM ${quoteTable(PARTITIONS_TABLE)} ORDER BY 1, 3, 2`,
    )
    const byRoot = Map.groupBy(rows, ({ root }) => root)
    // A root stands there itself.
    return new Map([...byRoot].map(([root, of]) => [root, of.filter(({ attached }) => attached !== '')]))
  }

  async function readPublication(name: string): Promise<SourceCatalog['publication']> {
    const [row] = await run<{ all_tables: boolean; via_root: boolean; all_operations: boolean }>(
      PUBLICATION_STATEMENT,
      [name],
    )
    if (!row) return null
    const tables = await run<TableName & { plain: boolean }>(PUBLICATION_TABLES_STATEMENT, [name])
    return { allTables: row.all_tables, viaRoot: row.via_root, allOperations: row.all_operations, tables }
  }

  async function readSlot(name: string, role: string): Promise<SourceSlot | null> {
    const [row] = await run<{
      active: boolean
      snapshotting: boolean
      wal_status: string
      lag: string | null
      retained: string | null
      safe: string | null
      inactive: string | null
      confirmed: string | null
      invalidation: string | null
    }>(SLOT_STATEMENT, [name, role])
    if (!row) return null
    return {
      active: row.active,
      snapshotting: row.snapshotting,
      walStatus: row.wal_status,
      lagBytes: Number(row.lag ?? 0),
      retainedBytes: numberOr(row.retained),
      safeBytes: numberOr(row.safe),
      inactiveSeconds: row.active || row.snapshotting ? null : numberOr(row.inactive),
      confirmed: row.confirmed ?? '0',
      invalidation: row.invalidation ?? '',
    }
  }
}

const numberOr = (text: string | null): number | null => (text === null ? null : Number(text))

type TableRow = TableName & {
  readonly kind: string
  readonly identity: string
  readonly may_be_large: boolean
  readonly row_security: boolean
  readonly has_children: boolean
  readonly checks: string[]
  readonly columns: SourceColumn[]
  readonly primary_key: string[] | null
  readonly unique_keys: string[][] | null
}
type GrantRow = TableName & { readonly may_select: boolean; readonly hides_rows: boolean }
type PartitionRow = TableName & {
  readonly root_schema: string
  readonly root_table: string
  readonly identity: string
  readonly condition: string
  readonly attached: string
}

const KINDS: Readonly<Record<string, SourceTable['kind']>> = { r: 'table', p: 'partitioned' }
const IDENTITIES: Readonly<Record<string, ReplicaIdentity>> = {
  d: 'default',
  f: 'full',
  n: 'nothing',
  i: 'index',
}
