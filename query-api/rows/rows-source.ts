/**
 * Where the rows of a plan come from, as SQL: the table, or the groups of it, with its filters; and the names that are used for it. Page and
 * total are built on this.
 */
import type { DatasetAccess } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { conditionSql } from './condition.ts'
import type { ReadableColumn } from './readable-columns.ts'
import { datasetsOf, type RowsPlan } from './rows-plan.ts'
import type { SqlParameters } from './sql-parameters.ts'

/** See {@link sourceOf}. */
export type Source = {
  readonly from: string
  readonly where: readonly string[]
  /** How a column, or a result of groups, is written. */
  readonly sqlOf: (name: string) => string
}

/** The source of a plan. */
export function sourceOf(
  plan: RowsPlan,
  names: Aliases,
  parameters: SqlParameters,
  database: string,
): Source {
  const { access, what, conditions } = plan
  const columnSql = (column: string) => `${names.source}.${quoteIdentifier(column)}`
  const where = conditions.map((condition) => conditionSql(condition, columnSql, parameters))
  const table = `${tableSql(access, database)} AS ${names.source}`
  if (what.kind === 'rows') return { from: table, where, sqlOf: columnSql }
  const keys = what.group.map((column) => groupSql(column, columnSql(column.name)))
  const results = [...keys, ...what.aggregates.map(({ sql }) => sql(columnSql))]
  const aliases = new Map([...what.group, ...what.aggregates].map(({ name }, index) => [name, `g${index}`]))
  const groups = keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`
  const selected = results.map((sql, index) => `${sql} AS g${index}`)
  return {
    from: `(SELECT ${selected.join(', ')} FROM ${table}${whereSql(where)}${groups}) AS ${names.groups}`,
    where: [],
    sqlOf: (name) => `${names.groups}.${aliases.get(name) ?? ''}`,
  }
}

/** To the engine 0 and -0, and any two NaN, are different groups; in the order they are the same. */
function groupSql({ type, nullable }: ReadableColumn, plain: string): string {
  if (type.kind !== 'float') return plain
  const normal = `if(isNaN(${plain}), CAST('nan' AS Float64), ${plain} + 0)`
  return `CAST(${normal} AS ${nullable ? `Nullable(${type.name})` : type.name})`
}

/** `WHERE` of conditions that must all hold; empty without any. */
export function whereSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

/** The table of a dataset. */
export function tableSql({ dataset }: DatasetAccess, database: string): string {
  return `${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`
}

/** Names in a statement that are ours. */
export type Aliases = {
  readonly source: string
  readonly groups: string
  readonly page: string
  readonly position: string
  readonly related: (place: number) => string
}

const ALIASES = ['source', 'groups', 'page', 'position', 'related']

/** Makes the names: `page.c0` must not be a part of a column called `page`. */
export function aliasesOf(plan: RowsPlan): Aliases {
  const { what } = plan
  const results = what.kind === 'rows' ? what.columns : [...what.group, ...what.aggregates]
  const taken = [...results.map(({ name }) => name), ...datasetsOf(plan).flatMap(({ columns }) => columns)]
  const all = taken.map((name) => name.toLowerCase())
  let suffix = ''
  while (all.some((name) => ALIASES.some((alias) => isOf(name, alias + suffix)))) suffix += 'x'
  return {
    source: `source${suffix}`,
    groups: `groups${suffix}`,
    page: `page${suffix}`,
    position: `position${suffix}`,
    related: (place) => `related${suffix}${place}`,
  }
}

/** The alias, a part of it, or a numbered one. */
function isOf(name: string, alias: string): boolean {
  return name.startsWith(alias) && /^\d*(?:\.|$)/.test(name.slice(alias.length))
}
