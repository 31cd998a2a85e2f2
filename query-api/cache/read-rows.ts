/** Which rows an answer comes from, as far as the cache can tell rows apart: a table, and the tenant whose rows a scope sees of it. */
import type { RowPredicate } from '#contracts/access/row-filter.ts'
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'

/** Rows of a table: of one tenant, or, with undefined, of all. */
export type ReadRows = { readonly table: string; readonly tenant: string | undefined }

/** The rows that a query reads as a scope; undefined if it reads something that is no dataset of the scope. */
export function readRows(scope: AccessScope, tables: readonly string[]): readonly ReadRows[] | undefined {
  const rows: ReadRows[] = []
  for (const name of tables) {
    const table = name.slice(name.indexOf('.') + 1)
    const access = scope.datasets.find(({ dataset }) => dataset.table === table)
    if (!access) return undefined
    rows.push({ table, tenant: isBound(scope, access) ? scope.tenant : undefined })
  }
  return rows
}

/**
 * True if the row filter lets only rows of the scope's own tenant through. The column must hold plain text: of other types one value may be
 * written in several ways.
 */
function isBound(scope: AccessScope, { dataset }: DatasetAccess): boolean {
  const filter = dataset.roles.find(({ role }) => role === scope.role)?.rowFilter
  if (filter === undefined || filter === 'all') return false
  const type = dataset.columns.find(({ target }) => target === dataset.tenantColumn)?.targetType
  const isText = type === 'String' || type === 'LowCardinality(String)'
  return isText && filter.some((predicate) => isOwnTenant(predicate, dataset.tenantColumn))
}

function isOwnTenant(predicate: RowPredicate, column: string): boolean {
  return (
    'principal' in predicate &&
    predicate.column === column &&
    predicate.operator === '=' &&
    predicate.principal === 'tenant'
  )
}
