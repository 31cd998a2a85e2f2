/**
 * What has to change in Postgres so that capture is as the contracts want it: wanted state against catalog, as a list of
 * changes, each with the statements that make it. Pure: the same catalog gives the same plan, and a catalog after the
 * plan gives an empty one.
 *
 * Objects: the capture role and its grants, the schema `mogo` with two small tables (heartbeat: keeps the slot moving while the
 * contract tables are quiet; signal: asks Debezium for snapshots), REPLICA IDENTITY of some tables, the publication.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { quoteName, quoteText } from '#contracts/postgres-quotes.ts'
import { quoteTable, type TableName, tableText } from './postgres-names.ts'
import type { SourceCatalog, SourceTable } from './source-catalog.ts'
import { losesUnchanged } from './unchanged-types.ts'

/** One thing that differs. */
export type CaptureChange = {
  readonly kind:
    | 'role'
    | 'grant'
    | 'table'
    | 'identity'
    | 'publication'
    | 'topic'
    | 'connector'
    | 'snapshot'
    /** Partitions have come or gone: nothing for which a person is needed. */
    | 'partition'
  readonly object: string
  /** What is done, in words. */
  readonly change: string
}
/** A change in Postgres. `statements` may hold a password verifier: not to be shown. */
export type SourceChange = CaptureChange & { readonly statements: readonly string[] }

/** What is wanted. */
export type SourceTarget = {
  readonly datasets: readonly CompiledDataset[]
  readonly publication: string
  /** The role to make and keep, or null where it is the user's own and only checked. */
  readonly role: { readonly name: string; readonly verifier: string } | null
  /** The role that Debezium logs in as, whoever keeps it. */
  readonly login: string
  readonly database: string
  /** Partitions of a table's topic. */
  readonly partitionsOf: (table: TableName) => number
}

/** Schema and tables that capture makes for itself in the source. */
export const CAPTURE_SCHEMA = 'mogo'
/** Written by Debezium in every heartbeat interval. */
export const HEARTBEAT_TABLE: TableName = { schema: CAPTURE_SCHEMA, table: 'heartbeat' }
/** Read by Debezium: requests for snapshots. */
export const SIGNAL_TABLE: TableName = { schema: CAPTURE_SCHEMA, table: 'signal' }

/** Which tables have been, or are being, snapshotted: a table that comes under contract later needs a snapshot of its own. */
export const CAPTURED_TABLE: TableName = { schema: CAPTURE_SCHEMA, table: 'captured' }

/** Partitions of captured tables that are known; see follow-partitions.ts. */
export const PARTITIONS_TABLE: TableName = { schema: CAPTURE_SCHEMA, table: 'partitions' }

/** Why an UPDATE or DELETE of the dataset's table must tell all of the old row; undefined if it need not (see README, "Deletes"). */
function fullIdentityReason(
  dataset: CompiledDataset,
  table: Pick<SourceTable, 'primaryKey' | 'columns' | 'mayBeLarge'>,
  partitions: number,
): string | undefined {
  if (!dataset.tenantInKey || dataset.key.some((column) => !table.primaryKey.includes(column)))
    return 'so that a DELETE tells whose row it was (the tenant is not in the key)'
  const large = table.columns.find((column) => losesUnchanged(column))
  if (large)
    return `so that an UPDATE keeps large values of ${large.name} (${large.type}) that it leaves alone`
  // What it leaves out is taken from the row under the old key, whose records may lie in a partition that is not read as far yet.
  if (table.mayBeLarge && partitions > 1)
    return `so that a row whose key changes takes its large values along (its topic has ${partitions} partitions)`
  return undefined
}

/** Plans; empty if nothing is to be done. The order is that of application. */
export function planSource(target: SourceTarget, catalog: SourceCatalog): readonly SourceChange[] {
  return [
    ...planRole(target, catalog),
    ...planOwnTables(target, catalog),
    ...planGrants(target, catalog),
    ...planIdentity(target, catalog),
    ...planPublication(target, catalog),
  ]
}

function planRole({ role, datasets }: SourceTarget, catalog: SourceCatalog): SourceChange[] {
  if (!role) return []
  const hidden = contractTables(datasets, catalog).some(({ hidesRows }) => hidesRows)
  const bypass = hidden ? ['BYPASSRLS'] : []
  const name = quoteName(role.name)
  const password = `PASSWORD ${quoteText(role.verifier)}`
  const actual = catalog.role
  if (!actual) {
    const rights = ['LOGIN', 'REPLICATION', ...bypass]
    const statements = [
      /*sql*/ `CREATE ROLE ${name} WITH ${rights.join(' ')} ${password}`,
      // Where row-level security would hide rows from it after all, reading fails, and leaves nothing out.
      /*sql*/ `ALTER ROLE ${name} SET row_security = off`,
    ]
    return [{ kind: 'role', object: role.name, change: `create, with ${rights.join(' and ')}`, statements }]
  }
  const lacks = [
    ...(actual.login ? [] : ['LOGIN']),
    ...(actual.replication ? [] : ['REPLICATION']),
    ...bypass,
    ...(actual.passwordFits === false ? [password] : []),
  ]
  if (lacks.length === 0) return []
  const words = lacks.map((what) => (what === password ? 'the current password' : what)).join(', ')
  const statements = [
    /*sql*/ `ALTER ROLE ${name} WITH ${lacks.join(' ')}`,
    ...(hidden ? [/*sql*/ `ALTER ROLE ${name} SET row_security = off`] : []),
  ]
  return [{ kind: 'role', object: role.name, change: `give it ${words}`, statements }]
}

function planOwnTables({ login, datasets }: SourceTarget, catalog: SourceCatalog): SourceChange[] {
  const changes: SourceChange[] = []
  const schema = /*sql*/ `CREATE SCHEMA IF NOT EXISTS ${quoteName(CAPTURE_SCHEMA)}`
  if (!catalog.heartbeatTable)
    changes.push({
      kind: 'table',
      object: tableText(HEARTBEAT_TABLE),
      change: 'create the heartbeat table',
      statements: [
        schema,
        /*sql*/ `CREATE TABLE ${quoteTable(HEARTBEAT_TABLE)} (id integer PRIMARY KEY, at timestamptz NOT NULL)`,
      ],
    })
  if (!catalog.signalTable)
    changes.push({
      kind: 'table',
      object: tableText(SIGNAL_TABLE),
      change: 'create the signal table',
      statements: [
        schema,
        /*sql*/ `CREATE TABLE ${quoteTable(SIGNAL_TABLE)} (id varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(32768))`,
      ],
    })
  if (!catalog.capturedTable)
    changes.push({
      kind: 'table',
      object: tableText(CAPTURED_TABLE),
      change: 'create the list of captured tables',
      statements: [
        schema,
        /*sql*/ `CREATE TABLE ${quoteTable(CAPTURED_TABLE)} (source_table text PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())`,
      ],
    })
  const hasPartitions = contractTables(datasets, catalog).some(({ kind }) => kind === 'partitioned')
  if (hasPartitions && !catalog.partitions)
    changes.push({
      kind: 'table',
      object: tableText(PARTITIONS_TABLE),
      change: 'create the list of known partitions',
      statements: [
        schema,
        /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteTable(PARTITIONS_TABLE)} (root text, attached text, partition text NOT NULL, since timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (root, attached))`,
      ],
    })
  const mayAlready = catalog.role?.maySignal === true && catalog.heartbeatTable && catalog.signalTable
  if (!mayAlready) {
    const name = quoteName(login)
    changes.push({
      kind: 'grant',
      object: login,
      change: `may write ${tableText(HEARTBEAT_TABLE)} and ${tableText(SIGNAL_TABLE)}`,
      statements: [
        /*sql*/ `GRANT USAGE ON SCHEMA ${quoteName(CAPTURE_SCHEMA)} TO ${name}`,
        /*sql*/ `GRANT SELECT, INSERT, UPDATE ON ${quoteTable(HEARTBEAT_TABLE)} TO ${name}`,
        /*sql*/ `GRANT SELECT, INSERT, DELETE ON ${quoteTable(SIGNAL_TABLE)} TO ${name}`,
      ],
    })
  }
  return changes
}

function planGrants({ datasets, role, database }: SourceTarget, catalog: SourceCatalog): SourceChange[] {
  if (!role) return []
  const name = quoteName(role.name)
  const grant = (change: string, statements: readonly string[]): SourceChange => ({
    kind: 'grant',
    object: role.name,
    change,
    statements,
  })
  const connect = grant(`may connect to the database ${database}`, [
    /*sql*/ `GRANT CONNECT ON DATABASE ${quoteName(database)} TO ${name}`,
  ])
  return [
    ...(catalog.role?.mayConnect === true ? [] : [connect]),
    ...contractTables(datasets, catalog)
      .filter((table) => !table.captureMaySelect)
      .map((table) =>
        grant(`may read ${tableText(table)}`, [
          /*sql*/ `GRANT USAGE ON SCHEMA ${quoteName(table.schema)} TO ${name}`,
          /*sql*/ `GRANT SELECT ON ${quoteTable(table)} TO ${name}`,
        ]),
      ),
  ]
}

function planIdentity({ datasets, partitionsOf }: SourceTarget, catalog: SourceCatalog): SourceChange[] {
  return contractTables(datasets, catalog).flatMap((table) => {
    const [reason] = datasetsOf(datasets, table).flatMap(
      (dataset) => fullIdentityReason(dataset, table, partitionsOf(table)) ?? [],
    )
    const leaves = table.kind === 'partitioned' ? table.partitions : []
    return [table, ...leaves]
      .filter(({ identity }) => identity !== 'full' && (reason !== undefined || identity !== 'default'))
      .map((each): SourceChange => {
        const statements = [/*sql*/ `ALTER TABLE ${quoteTable(each)} REPLICA IDENTITY FULL`]
        return {
          kind: each === table ? 'identity' : 'partition',
          object: tableText(each),
          change: `REPLICA IDENTITY FULL, ${reason ?? 'so that an UPDATE or DELETE tells the primary key'}`,
          statements,
        }
      })
  })
}

function planPublication(target: SourceTarget, catalog: SourceCatalog): SourceChange[] {
  const name = quoteName(target.publication)
  const wanted = [...contractTables(target.datasets, catalog), HEARTBEAT_TABLE, SIGNAL_TABLE]
  const change = (words: string, statement: string): SourceChange => ({
    kind: 'publication',
    object: target.publication,
    change: words,
    statements: [statement],
  })
  const actual = catalog.publication
  const options = `publish = 'insert, update, delete, truncate', publish_via_partition_root = true`
  if (!actual) {
    const tables = wanted.map(quoteTable).join(', ')
    return [
      change(
        `create, for ${wanted.length} tables`,
        /*sql*/ `CREATE PUBLICATION ${name} FOR TABLE ${tables} WITH (${options})`,
      ),
    ]
  }
  const changes: SourceChange[] = []
  if (!actual.viaRoot || !actual.allOperations)
    changes.push(
      change(
        'publish every operation, partitions as their root',
        /*sql*/ `ALTER PUBLICATION ${name} SET (${options})`,
      ),
    )
  const has = (tables: readonly TableName[], one: TableName) =>
    tables.some((each) => tableText(each) === tableText(one))
  // A row filter or a column list would leave changes out: such a table is taken out and put in whole.
  const filtered = actual.tables.filter((table) => !table.plain)
  for (const table of actual.tables)
    if (!has(wanted, table) || has(filtered, table))
      changes.push(
        change(
          has(wanted, table)
            ? `take the filter off ${tableText(table)}`
            : `take out ${tableText(table)} (not under contract)`,
          /*sql*/ `ALTER PUBLICATION ${name} DROP TABLE ${quoteTable(table)}`,
        ),
      )
  for (const table of wanted)
    if (!has(actual.tables, table) || has(filtered, table))
      changes.push(
        change(`add ${tableText(table)}`, /*sql*/ `ALTER PUBLICATION ${name} ADD TABLE ${quoteTable(table)}`),
      )
  return changes
}

/** Catalog entries of the tables under contract, each once (two contract versions may share a table). */
function contractTables(
  datasets: readonly CompiledDataset[],
  catalog: SourceCatalog,
): readonly SourceTable[] {
  return catalog.tables.filter((table) => datasetsOf(datasets, table).length > 0)
}

function datasetsOf(datasets: readonly CompiledDataset[], table: TableName): readonly CompiledDataset[] {
  return datasets.filter((dataset) => tableText(dataset.source) === tableText(table))
}
