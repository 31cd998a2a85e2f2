/**
 * A row filter and a principal -> a ClickHouse expression, or undefined: then the dataset is invisible.
 *
 * Closed, never open: an attribute that the principal lacks, that is empty, has two values where one is asked for, or is no value of the
 * column's type, hides the dataset, wherever in the filter it stands. `not` is carried down to the comparisons (De Morgan), so that no NOT
 * stands over an unknown; what is unknown then stays unknown up to the top, and the engine shows only what is true.
 */
import { quoteIdentifier } from '../compile/clickhouse-ddl.ts'
import type { ColumnPredicate, RowFilter, RowOperator, RowPredicate } from './row-filter.ts'
import { type ComparedColumn, typedLiteral } from './typed-literal.ts'

/** What filters ask of a principal. */
export type FilterPrincipal = {
  readonly tenant: string
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
}

/** A stored column, by its name; undefined if there is none. */
export type FindColumn = (stored: string) => (ComparedColumn & { readonly nullable: boolean }) | undefined

const NEGATED: Readonly<Record<RowOperator, RowOperator>> = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  in: 'notIn',
  notIn: 'in',
  isNull: 'isNotNull',
  isNotNull: 'isNull',
}

/** The expression; `1` for every row. */
export function filterExpression(
  filter: RowFilter,
  principal: FilterPrincipal,
  columnOf: FindColumn,
): string | undefined {
  if (filter === 'all') return '1'
  if (filter.length === 0) return undefined
  return joined(filter, false, ' AND ', (one) => predicate(one, false))

  function predicate(one: RowPredicate, negated: boolean): string | undefined {
    if ('not' in one) return predicate(one.not, !negated)
    if ('any' in one) return group(one.any, negated, negated ? ' AND ' : ' OR ')
    if ('all' in one) return group(one.all, negated, negated ? ' OR ' : ' AND ')
    return comparison(one, negated)
  }

  function group(parts: readonly RowPredicate[], negated: boolean, join: string): string | undefined {
    if (parts.length === 0) return undefined
    return joined(parts, parts.length > 1, join, (one) => predicate(one, negated))
  }

  function comparison(one: ColumnPredicate, negated: boolean): string | undefined {
    const column = columnOf(one.column)
    if (!column) return undefined
    const name = quoteIdentifier(one.column)
    const operator = negated ? NEGATED[one.operator] : one.operator
    if (operator === 'isNull') return `${name} IS NULL`
    if (operator === 'isNotNull') return `${name} IS NOT NULL`
    const values = valuesOf(one, principal)
    if (values === undefined) return undefined
    const literals = values.map((value) => typedLiteral(value, column))
    if (literals.some((literal) => literal === undefined)) return undefined
    if (operator === 'in') return `${name} IN (${literals.join(', ')})`
    // Whether NULL is not in a list depends on a setting of the engine; it must not.
    if (operator === 'notIn') {
      const test = `${name} NOT IN (${literals.join(', ')})`
      return column.nullable ? `(${name} IS NOT NULL AND ${test})` : test
    }
    return `${name} ${operator} ${literals[0]}`
  }
}

function joined<T>(
  parts: readonly T[],
  grouped: boolean,
  join: string,
  render: (part: T) => string | undefined,
): string | undefined {
  const texts: string[] = []
  for (const part of parts) {
    const text = render(part)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return grouped ? `(${texts.join(join)})` : texts.join(join)
}

/** What the column is compared with: one value, or the list. */
function valuesOf(one: ColumnPredicate, principal: FilterPrincipal): readonly string[] | undefined {
  const many = one.operator === 'in' || one.operator === 'notIn'
  if ('value' in one) return typeof one.value === 'string' ? [one.value] : one.value
  if (!('principal' in one)) return undefined
  const value = one.principal === 'tenant' ? principal.tenant : attribute(principal, one.principal)
  if (value === undefined) return undefined
  const values = typeof value === 'string' ? [value] : value
  // The empty text is what a missing claim tends to become, and half a surrogate pair would be stored as another character.
  if (values.some((text) => text === '' || !text.isWellFormed())) return undefined
  return values.length === 0 || (!many && values.length !== 1) ? undefined : values
}

/** Own attributes only: `constructor` is on every object, and no claim. */
function attribute(principal: FilterPrincipal, name: string): string | readonly string[] | undefined {
  return Object.hasOwn(principal.attributes, name) ? principal.attributes[name] : undefined
}
