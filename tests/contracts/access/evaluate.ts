/**
 * What a row filter means, said plainly: three-valued logic (Kleene) over one row. The compiled expression is compared with it.
 *
 * Undefined as a whole: the filter cannot be filled for this principal, so that the dataset is invisible.
 */
import type { FilterPrincipal } from '#contracts/access/filter-expression.ts'
import type { ColumnPredicate, RowFilter, RowPredicate } from '#contracts/access/row-filter.ts'

/** A value of a row: text, or a whole number; NULL. */
export type Cell = string | bigint | null
/** A row by stored column. */
export type Row = Readonly<Record<string, Cell>>
type Truth = boolean | 'unknown'

/** Does the row pass? */
export function evaluate(filter: RowFilter, row: Row, principal: FilterPrincipal): boolean | undefined {
  if (filter === 'all') return true
  if (filter.length === 0 || !filter.every((one) => fillable(one, row, principal))) return undefined
  return all(filter.map((one) => truth(one, row, principal))) === true
}

function truth(one: RowPredicate, row: Row, principal: FilterPrincipal): Truth {
  if ('not' in one) return not(truth(one.not, row, principal))
  if ('all' in one) return all(one.all.map((each) => truth(each, row, principal)))
  if ('any' in one) return not(all(one.any.map((each) => not(truth(each, row, principal)))))
  const cell = row[one.column] ?? null
  if (one.operator === 'isNull') return cell === null
  if (one.operator === 'isNotNull') return cell !== null
  if (cell === null) return 'unknown'
  const values = valuesOf(one, principal).map((text) => (typeof cell === 'bigint' ? BigInt(text) : text))
  const [value = ''] = values
  switch (one.operator) {
    case '=':
      return cell === value
    case '!=':
      return cell !== value
    case '<':
      return below(cell, value)
    case '<=':
      return !below(value, cell)
    case '>':
      return below(value, cell)
    case '>=':
      return !below(cell, value)
    case 'in':
      return values.includes(cell)
    case 'notIn':
      return !values.includes(cell)
  }
}

function not(value: Truth): Truth {
  return value === 'unknown' ? value : !value
}

function all(values: readonly Truth[]): Truth {
  if (values.includes(false)) return false
  return values.includes('unknown') ? 'unknown' : true
}

/** Text is ordered by its bytes. */
function below(a: string | bigint, b: string | bigint): boolean {
  if (typeof a === 'bigint' || typeof b === 'bigint') return a < b
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}

function valuesOf(one: ColumnPredicate, principal: FilterPrincipal): readonly string[] {
  if ('value' in one) return typeof one.value === 'string' ? [one.value] : one.value
  if (!('principal' in one)) return []
  const value = one.principal === 'tenant' ? principal.tenant : principal.attributes[one.principal]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/** Every attribute that is named anywhere must be there, not empty, of the right number and of the column's type. */
function fillable(one: RowPredicate, row: Row, principal: FilterPrincipal): boolean {
  if ('not' in one) return fillable(one.not, row, principal)
  if ('all' in one) return one.all.every((each) => fillable(each, row, principal))
  if ('any' in one) return one.any.every((each) => fillable(each, row, principal))
  if (!('principal' in one)) return true
  const values = valuesOf(one, principal)
  const many = one.operator === 'in' || one.operator === 'notIn'
  if (values.length === 0 || (!many && values.length > 1)) return false
  const whole = one.column.startsWith('n')
  return values.every((text) => text !== '' && (!whole || /^-?\d+$/.test(text)))
}
