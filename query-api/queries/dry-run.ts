/**
 * What a query would read, without running it: datasets and columns, the rows that the caller's policies leave, and how much that is.
 *
 * The estimate counts the caller's own rows, by statements that run as the caller's scope. What the engine itself estimates (EXPLAIN
 * ESTIMATE), and what it says it has read, counts rows before the row filter: it would tell how many rows others have. So the figures
 * are those of a query without a WHERE: how much there is to read, not how much is left of it.
 */
import { rowFilterText } from '#contracts/access/row-filter-text.ts'
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { maskingText } from '#contracts/compile/lineage-edges.ts'
import type { QueryEngine } from '../ports.ts'
import type { PassedQuery } from '../query-service.ts'
import { describeResult, type ResultColumn } from './result-columns.ts'

/** How much the caller's rows of a dataset are. */
export type ReadEstimate = {
  readonly rows: number
  /** False: there are at least so many. */
  readonly isExact: boolean
  /** Of the columns that are read, by the size of some rows, before compression. */
  readonly bytes: number
}

/** One dataset that would be read. */
export type PlannedDataset = {
  readonly name: string
  readonly version: string
  readonly columns: readonly string[]
  /** Which rows the caller sees, in words. */
  readonly rows: string
  /** Columns among those read that are masked: `email_token (hmac(email))`. */
  readonly masked: readonly string[]
  readonly estimate: ReadEstimate
}

/** What would be done. */
export type QueryPlan = {
  readonly queryId: string
  readonly dryRun: true
  readonly role: string
  readonly policyVersion: string
  readonly datasets: readonly PlannedDataset[]
  readonly columns: readonly ResultColumn[]
  readonly estimate: ReadEstimate
}

/** Where the estimate is made. */
export type DryRunOptions = {
  readonly engine: QueryEngine
  readonly database: string
  readonly signal: AbortSignal
}

/** More rows are not counted. */
export const MOST_COUNTED = 1_000_000
/** Rows whose size is looked at. */
const SAMPLE = 1_000

/** Makes the plan of a query that passed the gate. @throws whatever the engine throws */
export async function planQuery(
  queryId: string,
  passed: PassedQuery,
  options: DryRunOptions,
): Promise<QueryPlan> {
  const { scope, lineage, identity } = passed
  const datasets: PlannedDataset[] = []
  for (const access of datasetsRead(passed)) datasets.push(await planned(access, passed, options))
  const { columns } = describeResult(scope, lineage)
  const { role, policyVersion } = scope
  return {
    ...{ queryId, dryRun: true, role, policyVersion, datasets, columns },
    estimate: sum(datasets.map(({ estimate }) => estimate)),
  }

  async function planned(
    access: DatasetAccess,
    read: PassedQuery,
    { engine, database, signal }: DryRunOptions,
  ): Promise<PlannedDataset> {
    const { dataset } = access
    const columnsRead = columnsOf(access, read)
    const sql = estimateStatement(access, columnsRead, database)
    const statement = { sql, format: 'TSVRaw', database, signal, queryId: `${queryId}-${dataset.table}` }
    const text = await engine.text(identity, statement)
    return {
      ...{ name: dataset.name, version: dataset.contractVersion, columns: columnsRead },
      rows: rowsInWords(scope, access),
      masked: dataset.columns.flatMap((column) =>
        column.target !== null && columnsRead.includes(column.target) && column.pii
          ? [`${column.target} (${maskingText(column)})`]
          : [],
      ),
      estimate: estimateOf(text),
    }
  }
}

function datasetsRead({ scope, lineage }: PassedQuery): readonly DatasetAccess[] {
  const tables = new Set(lineage.tables.map(plainTable))
  return scope.datasets.filter(({ dataset }) => tables.has(dataset.table))
}

const plainTable = (table: string): string => table.slice(table.indexOf('.') + 1)

/** Columns that the query names, subcolumns as their column, in the order of the table. */
function columnsOf(access: DatasetAccess, { lineage }: PassedQuery): readonly string[] {
  const names = lineage.reads
    .filter(({ table }) => plainTable(table) === access.dataset.table)
    .map(({ column }) => (access.columns.includes(column) ? column : (column.split('.')[0] ?? '')))
  return access.columns.filter((column) => names.includes(column))
}

function rowsInWords(scope: AccessScope, { dataset }: DatasetAccess): string {
  return rowFilterText(dataset.roles.find(({ role }) => role === scope.role)?.rowFilter ?? [])
}

/** Two numbers: rows, one more than {@link MOST_COUNTED} at most; bytes of a row. */
function estimateStatement(access: DatasetAccess, columns: readonly string[], database: string): string {
  const table = `${quoteIdentifier(database)}.${quoteIdentifier(access.dataset.table)}`
  const [any = ''] = access.columns
  const names = columns.map(quoteIdentifier).join(', ')
  const width =
    columns.length === 0
      ? '0'
      : /*sql*/ `(SELECT ifNull(avg(byteSize(${names})), 0) FROM (SELECT ${names} FROM ${table} LIMIT ${SAMPLE}))`
  return /*sql*/ `SELECT (SELECT count() FROM (SELECT ${quoteIdentifier(any)} FROM ${table} LIMIT ${MOST_COUNTED + 1})), ${width}`
}

function estimateOf(text: string): ReadEstimate {
  const [counted = 0, width = 0] = text.split('\t').map(Number)
  const rows = Math.min(counted, MOST_COUNTED)
  return { rows, isExact: counted <= MOST_COUNTED, bytes: Math.round(rows * width) }
}

function sum(parts: readonly ReadEstimate[]): ReadEstimate {
  return {
    rows: parts.reduce((all, { rows }) => all + rows, 0),
    isExact: parts.every(({ isExact }) => isExact),
    bytes: parts.reduce((all, { bytes }) => all + bytes, 0),
  }
}
