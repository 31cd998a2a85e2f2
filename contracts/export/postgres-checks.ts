/** Options and allowed values of a property -> checks of its column, where the type does not hold them already. */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import { sourceTypeOf } from '../compile/source-type.ts'
import { mapPostgresType } from '../compile/type-mapping.ts'
import { patternToPostgres } from '../import/postgres-pattern.ts'
import { type ContractProperty, customValue } from '../model/contract.ts'
import { quoteName, quoteText } from '../postgres-quotes.ts'
import { postgresType } from './postgres-type.ts'

const BOUNDS = [
  ['minimum', '>='],
  ['exclusiveMinimum', '>'],
  ['maximum', '<='],
  ['exclusiveMaximum', '<'],
] as const
const NUMBER_KINDS: ReadonlySet<ValueKind> = new Set(['integer', 'bigint', 'decimal', 'float'])

/** Lines of a `create table`. Those of rules that Postgres would read in another way are left out. */
export function checkLines(property: ContractProperty): readonly string[] {
  const { sql, creates } = postgresType(property)
  // The type is an enum of these values itself.
  const isEnum = creates.some(({ statement }) => statement.startsWith('create type'))
  return [
    ...boundChecks(property),
    ...textChecks(property, sql),
    ...vectorChecks(property, sql),
    ...(isEnum ? [] : valueChecks(property, sql)),
  ].map((check) => `check (${check})`)
}

function columnOf(property: ContractProperty): string {
  return quoteName(property.physicalName ?? property.name)
}

function boundChecks(property: ContractProperty): readonly string[] {
  const isNumber = isOfNumbers(property)
  const isMoment = property.logicalType === 'date' || property.logicalType === 'timestamp'
  return BOUNDS.flatMap(([option, operator]) => {
    const bound = property.logicalTypeOptions?.[option]
    const text = String(bound)
    const check = (written: string) => [`${columnOf(property)} ${operator} ${written}`]
    // A number that YAML would round stands as a text.
    if (isNumber && /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?$/.test(text)) return check(text)
    return isMoment && /^\d{4}-\d\d-\d\d/.test(text) ? check(quoteText(text)) : []
  })
}

function textChecks(property: ContractProperty, sql: string): readonly string[] {
  if (property.logicalType !== 'string') return []
  const length = `char_length(${columnOf(property)})`
  const { minLength, maxLength, pattern } = property.logicalTypeOptions ?? {}
  const isHeld = sql.includes(`(${maxLength})`)
  const own = pattern === undefined ? undefined : patternToPostgres(pattern)
  const isFixed = minLength !== undefined && minLength === maxLength && !isHeld
  return [
    ...(isFixed ? [`${length} = ${minLength}`] : []),
    ...(!isFixed && minLength !== undefined ? [`${length} >= ${minLength}`] : []),
    ...(!isFixed && maxLength !== undefined && !isHeld ? [`${length} <= ${maxLength}`] : []),
    ...(own === undefined ? [] : [`${columnOf(property)} ~ ${quoteText(own)}`]),
  ]
}

/** A vector that is an array has no size of its own. */
function vectorChecks(property: ContractProperty, sql: string): readonly string[] {
  const size = property.logicalType === 'vector' ? property.logicalTypeOptions?.dimensions : undefined
  return size !== undefined && sql.endsWith('[]') ? [`cardinality(${columnOf(property)}) = ${size}`] : []
}

/** The key `enum` of 3.2, and the custom property of the versions before it; of an array's items, too. */
function valueChecks(property: ContractProperty, sql: string): readonly string[] {
  const name = columnOf(property)
  const isArray = sql.endsWith('[]')
  // JSON has no text to compare.
  if (!isArray && mapPostgresType(sourceTypeOf(property)).kind === 'json') return []
  const own = [property.enum, customValue(property, 'validValues')].flatMap((values) => {
    const list = valueList(values, isOfNumbers(property))
    if (list === undefined) return []
    return [isArray ? `${name} <@ array[${list}]::${sql}` : `${name} in (${list})`]
  })
  const { items } = property
  if (!isArray || !items) return own
  const list = valueList(items.enum ?? customValue(items, 'validValues'), isOfNumbers(items))
  return list === undefined ? own : [...own, `array_remove(${name}, null) <@ array[${list}]::${sql}`]
}

/** Undefined if there are none, or one that is neither a text nor a number nor a boolean. */
function valueList(values: unknown, isNumber: boolean): string | undefined {
  if (!Array.isArray(values) || values.length === 0) return undefined
  const list = values.flatMap((value: unknown) => {
    if (typeof value === 'number' && isNumber) return [String(value)]
    // Postgres reads a text in quotes as a value of the column's type.
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return isScalar ? [quoteText(String(value))] : []
  })
  return list.length === values.length ? list.join(', ') : undefined
}

/** A type of the user's is made from the logical one. */
function isOfNumbers(property: ContractProperty): boolean {
  const { kind } = mapPostgresType(sourceTypeOf(property))
  return (
    NUMBER_KINDS.has(kind) ||
    (kind === 'text' && (property.logicalType === 'integer' || property.logicalType === 'number'))
  )
}
