/** Does a filter keep every caller to the rows of the own tenant, whatever else it says? */
import type { RowFilter, RowPredicate } from './row-filter.ts'

/** True if a row passes only where the tenant column is the caller's tenant. `all` does not bind. */
export function bindsTenant(filter: RowFilter, tenantColumn: string): boolean {
  return filter !== 'all' && filter.some(binds)

  function binds(predicate: RowPredicate): boolean {
    if ('all' in predicate) return predicate.all.some(binds)
    if ('any' in predicate) return predicate.any.length > 0 && predicate.any.every(binds)
    if ('not' in predicate || !('principal' in predicate)) return false
    const { column, operator, principal } = predicate
    return column === tenantColumn && principal === 'tenant' && (operator === '=' || operator === 'in')
  }
}
