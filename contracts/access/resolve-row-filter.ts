/**
 * Predicates as written -> predicates over stored columns, with the faults that only the columns can show: names that are none or two, a
 * comparison that the type does not have, a value that is none of the type, a comparison with what is only stored protected.
 */
import type { CompiledColumn, TenantSource } from '../compile/compiled-dataset.ts'
import { INTERNAL_COLUMNS } from '../compile/compiled-dataset.ts'
import { nearest } from '../nearest.ts'
import { PII_METHODS } from '../pii/pii-methods.ts'
import { comparedColumn } from './compared-column.ts'
import type { ColumnPredicate, RowOperator, RowPredicate } from './row-filter.ts'
import { comparability, typedLiteral } from './typed-literal.ts'

/** Says a fault of a predicate; the path is relative to the filter, and `near` what was probably meant. */
export type SayFilterFault = (
  path: readonly (string | number)[],
  message: string,
  severity?: 'warning',
  near?: string,
) => void

/** Columns by the name in Postgres and by the name as they are stored: a name may mean two. */
export type NamedColumns = ReadonlyMap<string, readonly CompiledColumn[]>

/** Most names that are searched for near misses: a contract may be hostile. */
const MAX_SUGGESTIONS = 5

const EQUAL: ReadonlySet<RowOperator> = new Set<RowOperator>(['=', '!=', 'in', 'notIn'])

/** Columns by either name. */
export function byEitherName(columns: readonly CompiledColumn[]): NamedColumns {
  const byName = new Map<string, CompiledColumn[]>()
  for (const column of columns)
    for (const name of new Set([column.source, column.target ?? column.source]))
      byName.set(name, [...(byName.get(name) ?? []), column])
  return byName
}

/** What to say of a name that means two columns. */
export function ambiguous(name: string): string {
  return `${name} is one column in Postgres and another one as stored; name it the other way`
}

/** Resolves the predicates of a role. */
export function resolveRowFilter(
  filter: readonly RowPredicate[],
  columns: NamedColumns,
  tenant: TenantSource,
  say: SayFilterFault,
): readonly RowPredicate[] {
  let suggestions = MAX_SUGGESTIONS
  return filter.map((predicate, index) => resolve(predicate, [index]))

  function resolve(predicate: RowPredicate, path: readonly (string | number)[]): RowPredicate {
    if ('not' in predicate) return { not: resolve(predicate.not, [...path, 'not']) }
    if ('any' in predicate)
      return { any: predicate.any.map((one, index) => resolve(one, [...path, 'any', index])) }
    if ('all' in predicate)
      return { all: predicate.all.map((one, index) => resolve(one, [...path, 'all', index])) }
    if (predicate.column === INTERNAL_COLUMNS.tenant && tenant.kind === 'constant') return predicate
    const meant = columns.get(predicate.column) ?? []
    const [column] = meant
    if (meant.length > 1) say([...path, 'column'], ambiguous(predicate.column))
    else if (!column) {
      const near = suggestions-- > 0 ? nearest(predicate.column, [...columns.keys()]) : undefined
      say([...path, 'column'], `there is no stored column ${predicate.column}`, undefined, near)
    } else if (column.target === null)
      say(
        [...path, 'column'],
        `${predicate.column} is not stored (its piiPlan drops it); filter by another column`,
      )
    else {
      const problem = comparisonFault(predicate, column)
      if (problem) say(path, problem)
      else if (column.pii && PII_METHODS[column.pii.method].token && 'principal' in predicate)
        say(
          path,
          `${column.target} holds tokens: the attribute ${predicate.principal} must hold tokens too`,
          'warning',
        )
      return { ...predicate, column: column.target }
    }
    return predicate
  }
}

function comparisonFault(predicate: ColumnPredicate, column: CompiledColumn): string | undefined {
  const { operator } = predicate
  if (operator === 'isNull' || operator === 'isNotNull') return undefined
  const hidden = protectedFault(predicate, column)
  if (hidden) return hidden
  const compared = comparedColumn(column)
  const fit = comparability(compared)
  if (fit === undefined)
    return `${column.source} is of a type that cannot be compared (${column.targetType}); only isNull and isNotNull are`
  // A number or a date of a type that is not known here is stored as its text: 10 would come before 9.
  const orderless = compared.kind === 'text' && !column.pii && !TEXT_TYPES.has(column.logicalType)
  if (!EQUAL.has(operator) && (fit === 'equal' || orderless))
    return `${column.source} has no order; use = != in notIn`
  if (!('value' in predicate)) return undefined
  const values = typeof predicate.value === 'string' ? [predicate.value] : predicate.value
  return values.every((value) => typedLiteral(value, compared) !== undefined)
    ? undefined
    : `what ${column.source} is compared with is no value of its type (${compared.type})`
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['string', 'time'])

/** What is stored protected can be compared with tokens, or with buckets, and with nothing else. */
function protectedFault(predicate: ColumnPredicate, column: CompiledColumn): string | undefined {
  if (!column.pii) return undefined
  const { method } = column.pii
  const { operator } = predicate
  if (PII_METHODS[method].token) {
    if ('principal' in predicate && (operator === '=' || operator === 'in')) return undefined
    return `${column.source} is stored as the token ${column.target}; only = and in with an attribute that holds tokens, isNull and isNotNull can be told of it: filter by a column without piiPlan`
  }
  if (method === 'bucket' && EQUAL.has(operator)) return undefined
  return method === 'bucket'
    ? `${column.source} is stored as ranges, which have no order; use = != in notIn with a range`
    : `${column.source} is stored protected (${method}); only isNull and isNotNull can be told of it: filter by a column without piiPlan`
}
