/**
 * Reads a bounded sample of each table, and keeps of it how many values look personal. Values go from the connection into the detectors and
 * nowhere else.
 *
 * Bounded: at most {@link SAMPLE_ROWS} rows of a table, the first characters of a value, a few seconds; read only, as the role of the
 * connection, so that what it may not read is not sampled. Large tables are sampled over all of their pages (TABLESAMPLE), because the first
 * rows are often test data.
 */
import { quoteName } from '../postgres-quotes.ts'
import { createPersonalDetector, type PersonalDetector } from './detect-personal.ts'
import { type ImportedColumn, type ImportedTable, tableKey, tableText } from './imported-table.ts'
import type { CatalogQuery, CatalogTable } from './postgres-catalog.ts'

/** Most rows of a table that are looked at. */
export const SAMPLE_ROWS = 200
/** Tables with more rows than this are sampled over all pages. */
const LARGE = 50_000
const TIMEOUT = '5s'

/** Types whose values may be text of a person's. Numbers may be card and phone numbers. */
const SAMPLED = /^(text|citext|character|bpchar|inet|cidr|numeric|bigint)/

/** Tables with what their samples showed, and notes on those that could not be read. */
export type Sampled = { readonly tables: readonly ImportedTable[]; readonly notes: readonly string[] }

/** Samples tables. `catalog` gives estimates of their sizes. */
export async function samplePostgres(
  query: CatalogQuery,
  tables: readonly ImportedTable[],
  catalog: readonly CatalogTable[],
): Promise<Sampled> {
  const estimates = new Map(catalog.map((table) => [tableKey(table), table.rowEstimate]))
  const sampled: ImportedTable[] = []
  const notes: string[] = []
  for (const table of tables) {
    const columns = table.columns.filter(({ physicalType = '' }) => SAMPLED.test(physicalType))
    const detectors = new Map(columns.map(({ name }) => [name, createPersonalDetector()]))
    if (
      columns.length > 0 &&
      !(await readSample(query, table, columns, detectors, estimates.get(tableKey(table)) ?? -1))
    )
      notes.push(`${tableText(table)} could not be sampled; its guesses are from names only`)
    sampled.push({
      ...table,
      columns: table.columns.map((column) => withSample(column, detectors.get(column.name))),
    })
  }
  return { tables: sampled, notes }
}

/** A column with what its sample showed. */
export function withSample(column: ImportedColumn, detector: PersonalDetector | undefined): ImportedColumn {
  const result = detector?.result()
  return result === undefined ? column : { ...column, sampled: result }
}

/** False if the table cannot be read. */
async function readSample(
  query: CatalogQuery,
  table: ImportedTable,
  columns: readonly ImportedColumn[],
  detectors: ReadonlyMap<string, PersonalDetector>,
  estimate: number,
): Promise<boolean> {
  const list = columns.map(({ name }, index) => `left(${quoteName(name)}::text, 512) as c${index}`)
  const from = `${quoteName(table.schema)}.${quoteName(table.name)}`
  const statement = (part: string) =>
    /*sql*/ `select ${list.join(', ')} from ${from} ${part} limit ${SAMPLE_ROWS}`
  await query('begin read only', [])
  try {
    await query(`set local statement_timeout = '${TIMEOUT}'`, [])
    let rows: Awaited<ReturnType<CatalogQuery>> = []
    if (estimate > LARGE) {
      // A few times as many as are needed, because pages differ.
      const share = Math.min(100, (SAMPLE_ROWS * 500) / estimate)
      rows = await query(statement(`tablesample system (${share.toFixed(6)})`), [])
    }
    if (rows.length < SAMPLE_ROWS / 4) rows = await query(statement(''), [])
    for (const row of rows)
      for (const [index, { name }] of columns.entries()) detectors.get(name)?.add(row[`c${index}`])
    return true
  } catch (error) {
    if (!isRefusal(error)) throw error
    return false
  } finally {
    await query('rollback', [])
  }
}

/** No privilege, or not in time; anything else is a fault. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code === '42501' || code === '57014' || code === '55P03'
}
