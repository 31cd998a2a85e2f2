/**
 * Tables of ClickHouse (system.tables, system.columns) -> tables of the common form.
 *
 * ClickHouse has no keys that it would hold; the sorting key is the guess: of a ReplacingMergeTree it tells rows apart, of other engines it
 * may not, and the draft says so. Of tables that the pipeline made, what it added (`_version`, `_deleted`, …) is left out, and columns of
 * tokens are not guessed to be personal again.
 */
import { quoteIdentifier, quoteLiteral } from '../compile/clickhouse-ddl.ts'
import { INTERNAL_COLUMNS } from '../compile/compiled-dataset.ts'
import { clickhouseType, splitArguments } from './clickhouse-type.ts'
import { createPersonalDetector } from './detect-personal.ts'
import type { Imported, ImportedColumn, ImportedTable, RefusedTable } from './imported-table.ts'
import { withSample } from './postgres-sample.ts'

/** Runs one statement and returns its rows. */
export type ClickHouseQuery = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Which tables. */
export type ClickHouseChoice = {
  /** `database.table`. */
  readonly tables?: readonly string[] | undefined
  readonly databases?: readonly string[] | undefined
  /** Look at values too. */
  readonly samples: boolean
}

const SAMPLE_ROWS = 200
const INTERNAL: ReadonlySet<string> = new Set(Object.values(INTERNAL_COLUMNS))

/** Reads tables. Views and dictionaries are refused. */
export async function clickhouseTables(query: ClickHouseQuery, choice: ClickHouseChoice): Promise<Imported> {
  const where = [
    ...(choice.databases ? [`database IN (${choice.databases.map(quoteLiteral).join(', ')})`] : []),
    ...(choice.tables
      ? [`concat(database, '.', name) IN (${choice.tables.map(quoteLiteral).join(', ')})`]
      : []),
    `database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')`,
    'NOT is_temporary',
  ]
  const rows = await query(/*sql*/ `
    SELECT database, name, engine, sorting_key, partition_key, comment
    FROM system.tables WHERE ${where.join(' AND ')} ORDER BY database, name`)
  const tables: ImportedTable[] = []
  const refused: RefusedTable[] = []
  for (const row of rows) {
    const database = String(row['database'])
    const name = String(row['name'])
    const engine = String(row['engine'])
    if (/View$|^Dictionary$/.test(engine)) {
      refused.push({ schema: database, name, reason: `it is a ${engine}: import the tables behind it` })
      continue
    }
    const columns = await query(/*sql*/ `
      SELECT name, type, comment, default_kind, default_expression
      FROM system.columns WHERE database = ${quoteLiteral(database)} AND table = ${quoteLiteral(name)} ORDER BY position`)
    const table = tableOf(row, columns)
    tables.push(choice.samples ? await sampled(query, table) : table)
  }
  return { tables, refused }
}

type Row = Readonly<Record<string, unknown>>

function tableOf(row: Row, columnRows: readonly Row[]): ImportedTable {
  const engine = String(row['engine'])
  const names = columnRows.map((column) => String(column['name']))
  const isOurs = [INTERNAL_COLUMNS.version, INTERNAL_COLUMNS.deleted, INTERNAL_COLUMNS.loadedAt].every(
    (name) => names.includes(name),
  )
  const sorting = keyParts(String(row['sorting_key'] ?? '')).filter((part) => !isOurs || !INTERNAL.has(part))
  const partition = keyParts(String(row['partition_key'] ?? ''))
  const key = sorting.filter((part) => names.includes(part))
  const partitions = partition.filter((part) => names.includes(part))
  const expressions = sorting.length > key.length
  const carried = columnRows.filter(
    (column) => column['default_kind'] !== 'ALIAS' && column['default_kind'] !== 'EPHEMERAL',
  )
  const left = columnRows.filter((column) => !carried.includes(column))
  const isReplacing = /ReplacingMergeTree$/.test(engine) && !expressions
  return {
    schema: String(row['database']),
    name: String(row['name']),
    from: 'the tables of ClickHouse',
    physicalType: 'table',
    ...(row['comment'] && !isOurs ? { comment: String(row['comment']) } : {}),
    columns: carried
      .filter((column) => !isOurs || !INTERNAL.has(String(column['name'])))
      .map((column) => columnOf(column, key, partitions, isOurs)),
    foreignKeys: [],
    uniqueKeys: [],
    rules: [],
    custom: {},
    ...(key.length > 0
      ? {
          keyFrom: `the sorting key of a ${engine}${isReplacing ? '' : ', guessed: nothing keeps it unique'}`,
        }
      : {}),
    notes: [
      ...left.map((column) => `Left out: the column ${String(column['name'])}, which is not stored.`),
      ...(expressions ? ['Left out: the expressions in its sorting key.'] : []),
      ...(partition.length > partitions.length ? ['Left out: the expressions in its partition key.'] : []),
    ],
  }
}

function columnOf(
  row: Row,
  key: readonly string[],
  partitions: readonly string[],
  isOurs: boolean,
): ImportedColumn {
  const name = String(row['name'])
  const { type, nullable } = clickhouseType(String(row['type']))
  const position = key.indexOf(name)
  const partition = partitions.indexOf(name)
  const kind = String(row['default_kind'] ?? '')
  const custom = {
    ...type.custom,
    ...(kind === '' ? {} : { [kind.toLowerCase()]: String(row['default_expression']) }),
  }
  return {
    ...type,
    name,
    required: !nullable,
    ...(row['comment'] ? { comment: String(row['comment']) } : {}),
    ...(position < 0 ? {} : { keyPosition: position + 1 }),
    ...(partition < 0 ? {} : { partitionPosition: partition + 1 }),
    // What the pipeline stored under this name is no personal data any more.
    ...(isOurs && name.endsWith('_token') ? { notPersonal: true } : {}),
    ...(Object.keys(custom).length > 0 ? { custom } : {}),
  }
}

/** Parts of a key: `a, toDate(b)`, `(a, b)`, names quoted or not. */
function keyParts(key: string): readonly string[] {
  const inner = /^\((.*)\)$/s.exec(key.trim())?.[1] ?? key
  return splitArguments(inner).map((part) =>
    /^`(?:[^`\\]|\\.)*`$/s.test(part) ? part.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : part,
  )
}

/** Values go into the detectors and nowhere else. */
async function sampled(query: ClickHouseQuery, table: ImportedTable): Promise<ImportedTable> {
  const columns = table.columns.filter(({ logicalType }) => logicalType === 'string')
  if (columns.length === 0) return table
  const detectors = new Map(columns.map(({ name }) => [name, createPersonalDetector()]))
  const list = columns.map(
    ({ name }, index) => `substringUTF8(toString(${quoteIdentifier(name)}), 1, 512) AS c${index}`,
  )
  const rows = await query(/*sql*/ `
    SELECT ${list.join(', ')} FROM ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} LIMIT ${SAMPLE_ROWS}
    SETTINGS max_execution_time = 5, timeout_overflow_mode = 'break'`)
  for (const row of rows)
    for (const [index, { name }] of columns.entries()) detectors.get(name)?.add(row[`c${index}`])
  return { ...table, columns: table.columns.map((column) => withSample(column, detectors.get(column.name))) }
}
