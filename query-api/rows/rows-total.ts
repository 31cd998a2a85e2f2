/** How many rows, or groups, all pages of a request have together: the statement that counts, and what is made of its answer. */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { columnType } from './column-type.ts'
import { conditionColumns, conditionSql } from './condition.ts'
import type { RowsPlan } from './rows-plan.ts'
import type { RowsRequest } from './rows-request.ts'
import { aliasesOf, sourceOf, tableSql, whereSql } from './rows-source.ts'
import type { RowsStatement } from './rows-sql.ts'
import { createSqlParameters } from './sql-parameters.ts'

/** Most rows that an estimate looks at. */
const SAMPLE_ROWS = 100_000

const LIMIT = columnType('UInt64')

/** The number, and what it is worth. */
export type RowsTotal = { readonly rows: number; readonly kind: 'exact' | 'estimate' | 'atLeast' }

/** The statement that counts. */
export function totalStatement(plan: RowsPlan, kind: RowsRequest['total'], database: string): RowsStatement {
  return isCounted(plan, kind) ? countStatement(plan, database) : estimateStatement(plan, database)
}

/**
 * Reads what it gave. An estimate of rows is exact if all were looked at; else the share of those that pass, of all rows that the caller
 * sees, or, if that number is not known, a lower bound.
 */
export function totalOf(
  plan: RowsPlan,
  kind: RowsRequest['total'],
  [counted, seen]: readonly unknown[],
  visibleRows: number | undefined,
): RowsTotal {
  const rows = Number(counted)
  if (isCounted(plan, kind)) return { rows, kind: 'exact' }
  if (plan.what.kind === 'groups') return { rows, kind: 'estimate' }
  const looked = Number(seen)
  if (looked < SAMPLE_ROWS) return { rows, kind: 'exact' }
  if (visibleRows === undefined) return { rows, kind: 'atLeast' }
  return { rows: Math.round((rows / looked) * visibleRows), kind: 'estimate' }
}

/** One group of all rows needs no estimate. */
function isCounted({ what }: RowsPlan, kind: RowsRequest['total']): boolean {
  return kind === 'exact' || (what.kind === 'groups' && what.group.length === 0)
}

/** The number of rows, or groups, of a plan. */
function countStatement(plan: RowsPlan, database: string): RowsStatement {
  const parameters = createSqlParameters()
  const names = aliasesOf(plan)
  const { from, where } = sourceOf(plan, names, parameters, database)
  return { sql: `SELECT count() AS total FROM ${from}${whereSql(where)}`, parameters: parameters.all() }
}

/**
 * What an estimate is made from. Of rows: how many of a few were looked at, and how many of these pass the filters. Of groups: how many
 * there are, by the engine's own estimate.
 */
function estimateStatement(plan: RowsPlan, database: string): RowsStatement {
  const parameters = createSqlParameters()
  const { source } = aliasesOf(plan)
  const { access, what, order } = plan
  const sqlOf = (column: string) => `${source}.${quoteIdentifier(column)}`
  const table = `${tableSql(access, database)} AS ${source}`
  const filters = plan.conditions.map((condition) => conditionSql(condition, sqlOf, parameters))
  if (what.kind === 'groups') {
    const keys = what.group.map(({ name }) => sqlOf(name)).join(', ')
    const sql = `SELECT uniqCombined(tuple(${keys})) AS matching, 0 AS seen FROM ${table}${whereSql(filters)}`
    return { sql, parameters: parameters.all() }
  }
  const used = new Set([
    ...plan.conditions.flatMap(conditionColumns),
    ...order.slice(-1).map(({ name }) => name),
  ])
  const columns = [...used].map((column) => `${sqlOf(column)} AS ${quoteIdentifier(column)}`)
  const few = `SELECT ${columns.join(', ') || '1'} FROM ${table} LIMIT ${parameters.add(String(SAMPLE_ROWS), LIMIT)}`
  const matching = filters.length === 0 ? 'count()' : `countIf(${filters.join(' AND ')})`
  return {
    sql: `SELECT ${matching} AS matching, count() AS seen FROM (${few}) AS ${source}`,
    parameters: parameters.all(),
  }
}
