/** What each kind of source yields: tables in the common form. The connections are opened here, read only, and closed again. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { avroTables } from '#contracts/import/avro-tables.ts'
import { clickhouseTables } from '#contracts/import/clickhouse-tables.ts'
import { dbtTables } from '#contracts/import/dbt-tables.ts'
import { type Imported, type ImportedTable, keyColumns } from '#contracts/import/imported-table.ts'
import { jsonSchemaTables } from '#contracts/import/json-schema-tables.ts'
import { readCatalog } from '#contracts/import/postgres-catalog.ts'
import { samplePostgres } from '#contracts/import/postgres-sample.ts'
import { postgresTables } from '#contracts/import/postgres-tables.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { openClickHouse } from '../../clickhouse-session.ts'
import { openPostgres } from '../../postgres-session.ts'

/** Kinds of sources. */
export const IMPORT_KINDS = ['postgres', 'clickhouse', 'json-schema', 'avro', 'dbt'] as const
/** See {@link IMPORT_KINDS}. */
export type ImportKind = (typeof IMPORT_KINDS)[number]

/** What is read. */
export type SourceOptions = {
  readonly from?: ImportKind
  readonly files?: readonly string[]
  readonly table?: readonly string[]
  readonly schema?: readonly string[]
  readonly select?: readonly string[]
  /** False: names only, no look at values. */
  readonly samples?: boolean
}

/** Tables, what was refused, and what a person should know. */
export type Source = Imported & { readonly notes: readonly string[] }

/**
 * Reads the tables.
 *
 * @throws MogoError MOGO_USAGE, MOGO_IMPORT_…, and those of the connections
 */
export async function readSource(project: Project, options: SourceOptions): Promise<Source> {
  const { from = 'postgres', files = [] } = options
  if (from === 'postgres' || from === 'clickhouse') {
    if (files.length > 0)
      throw new MogoError('MOGO_USAGE', { detail: `--from ${from} reads a database, not files.` })
    return from === 'postgres' ? readPostgres(project, options) : readClickHouse(project, options)
  }
  if (files.length === 0)
    throw new MogoError('MOGO_USAGE', { detail: `--from ${from} needs the files to read.` })
  const read = files.map((file) => readFile(from, file, options.select))
  return {
    tables: read.flatMap(({ tables }) => tables),
    refused: read.flatMap(({ refused }) => refused),
    notes: [],
  }
}

async function readPostgres(project: Project, options: SourceOptions): Promise<Source> {
  const { table, schema, samples = true } = options
  const session = await openPostgres(resolveSettings(project).postgres('superuser'))
  try {
    const query = async (sql: string, parameters: readonly unknown[]) =>
      (await session.query(sql, parameters)).rows
    const catalog = await readCatalog(query, { tables: table, schemas: schema })
    const { tables, refused } = postgresTables(catalog, table !== undefined)
    if (tables.length + refused.length === 0)
      throw new MogoError('MOGO_USAGE', {
        detail: table ? `There is no table ${table.join(', ')}.` : 'The database has no tables.',
      })
    if (!samples) return { tables, refused, notes: [] }
    const sampled = await samplePostgres(query, tables, catalog.tables)
    return { tables: sampled.tables, refused, notes: sampled.notes }
  } finally {
    await session.close()
  }
}

async function readClickHouse(project: Project, options: SourceOptions): Promise<Source> {
  const { clickhouse } = project.config
  const session = openClickHouse(resolveSettings(project).clickhouse('admin'), clickhouse.database)
  try {
    const query = async (sql: string) => (await session.query(sql)).rows
    const { table, schema, samples = true } = options
    const imported = await clickhouseTables(query, {
      tables: table?.map((name) => (name.includes('.') ? name : `${clickhouse.database}.${name}`)),
      databases: schema ?? (table ? undefined : [clickhouse.database]),
      samples,
    })
    if (imported.tables.length + imported.refused.length === 0)
      throw new MogoError('MOGO_USAGE', {
        detail: table ? `There is no table ${table.join(', ')}.` : 'The database has no tables.',
      })
    return { ...imported, notes: [] }
  } finally {
    await session.close()
  }
}

function readFile(
  kind: Exclude<ImportKind, 'postgres' | 'clickhouse'>,
  path: string,
  select: readonly string[] | undefined,
): Imported {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MogoError('MOGO_IMPORT_UNREADABLE', { file: path }, { cause })
  }
  if (kind === 'json-schema')
    return jsonSchemaTables(path, text, basename(path).replace(/(\.schema)?\.json$/i, ''))
  return kind === 'avro' ? avroTables(path, text) : dbtTables(path, text, select ?? [])
}

/**
 * The tables with a key that a person named, where the source has none. Tables that lack one of the columns stay as they are.
 *
 * @throws MogoError MOGO_USAGE, if no table has them
 */
export function withKey(tables: readonly ImportedTable[], key: readonly string[]): readonly ImportedTable[] {
  const lacks = (table: ImportedTable): boolean =>
    keyColumns(table).length === 0 &&
    key.every((name) => table.columns.some((column) => column.name === name))
  if (!tables.some(lacks))
    throw new MogoError('MOGO_USAGE', {
      detail: `--key ${key.join(' ')}: no table without a key has ${key.length === 1 ? 'that column' : 'those columns'}.`,
    })
  return tables.map((table) => {
    if (!lacks(table)) return table
    const columns = table.columns.map((column) => {
      const position = key.indexOf(column.name)
      return position < 0 ? column : { ...column, keyPosition: position + 1, required: true }
    })
    return { ...table, columns, keyFrom: 'named at the import' }
  })
}
