/**
 * (tenant, role, attributes) -> access scope: what an identity in ClickHouse may read, as grants per column and literal row
 * filters. Row filters are built from typed predicates: an attribute reaches the engine only as a quoted literal.
 *
 * One role per scope: a union of roles would show the columns of one role on the rows of another.
 */
import { createHash } from 'node:crypto'
import { findColumn } from '../access/compared-column.ts'
import { filterExpression } from '../access/filter-expression.ts'
import { quoteIdentifier } from './clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from './compiled-dataset.ts'

/** Who asks: from a verified token, or from an API key. */
export type Principal = {
  readonly subject: string
  readonly tenant: string
  readonly roles: readonly string[]
  /** Further attributes that row filters may name. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
  /** Id of the API key that was shown; left out if it was a token. */
  readonly keyId?: string
}

/** What a scope may read of one dataset. */
export type DatasetAccess = {
  readonly dataset: CompiledDataset
  readonly columns: readonly string[]
  /** ClickHouse expression; `1` for every row. */
  readonly filter: string
}

/** An access scope. Its name is also its user name in the engine. */
export type AccessScope = {
  readonly name: string
  readonly tenant: string
  readonly role: string
  /** Hash over the contracts that it was made from. */
  readonly policyVersion: string
  readonly datasets: readonly DatasetAccess[]
}

/** A scope as the engine needs it: no contract knowledge is left. */
export type EngineScope = {
  readonly name: string
  readonly grants: readonly string[]
  readonly rowFilters: readonly {
    readonly database: string
    readonly table: string
    readonly filter: string
  }[]
}

/** Names of scopes and of their companions, as the engine knows them. */
export const SCOPE_NAME = /^(?:scope|fresh)_/

/**
 * The scope of a principal in one of its roles. A dataset whose filter needs an attribute that the principal lacks is left
 * out: no rule means no rows.
 */
export function accessScope(
  datasets: readonly CompiledDataset[],
  principal: Principal,
  role: string,
): AccessScope {
  const readable = datasets.flatMap((dataset): DatasetAccess[] => {
    const compiled = dataset.roles.find((candidate) => candidate.role === role)
    if (!compiled || compiled.columns.length === 0) return []
    const filter = filterExpression(compiled.rowFilter, principal, findColumn(dataset))
    return filter === undefined ? [] : [{ dataset, columns: compiled.columns, filter }]
  })
  const policyVersion = createHash('sha256')
    .update(datasets.map((dataset) => dataset.hash).join())
    .digest('hex')
    .slice(0, 16)
  // Two principals with the same rights share the scope; attributes that no filter uses do not matter.
  const identity = JSON.stringify([
    principal.tenant,
    role,
    policyVersion,
    readable.map(({ dataset, filter }) => [dataset.name, filter]),
  ])
  const name = `scope_${createHash('sha256').update(identity).digest('hex').slice(0, 24)}`
  return { name, tenant: principal.tenant, role, policyVersion, datasets: readable }
}

/** Renders a scope as grants and row filters for a database. */
export function engineScope(scope: AccessScope, database: string): EngineScope {
  return {
    name: scope.name,
    grants: scope.datasets.map(
      ({ dataset, columns }) =>
        `GRANT SELECT(${columns.map(quoteIdentifier).join(', ')}) ON ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`,
    ),
    rowFilters: scope.datasets.map(({ dataset, filter }) => ({ database, table: dataset.table, filter })),
  }
}

/**
 * The companion of a scope: the same rows, but only the two times of each. It answers how fresh a dataset is for a caller, and
 * never runs a caller's SQL.
 */
export function freshnessScope(scope: AccessScope, database: string): EngineScope {
  const { rowFilters } = engineScope(scope, database)
  const columns = [INTERNAL_COLUMNS.committedAt, INTERNAL_COLUMNS.loadedAt].map(quoteIdentifier).join(', ')
  return {
    name: scope.name.replace(/^scope_/, 'fresh_'),
    grants: rowFilters.map(
      ({ table }) => `GRANT SELECT(${columns}) ON ${quoteIdentifier(database)}.${quoteIdentifier(table)}`,
    ),
    rowFilters,
  }
}
