/**
 * One text per row, the same on both sides if the row is the same: what the comparison of source and destination hashes.
 *
 * Every column that is stored as it is takes part with its value, by expressions that print it alike in Postgres (under the settings
 * of {@link SESSION_STATEMENT}) and ClickHouse. Of a protected column, and of a type that the two print differently (hstore,
 * polygons), only whether it is NULL can be compared. NULL, the empty text and 0 are three different things here. What the contract makes of values that the
 * stored type cannot hold (`outOfRange`, `notFinite`) is made of those of the source, too.
 *
 * Arrays are compared element by element, each as the hexadecimal digits of its text, because the two sides write JSON with
 * different escapes; of elements that the two print differently only their number and their NULLs are compared.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { bareType } from '#contracts/compile/target-type.ts'
import { arrayElement, elementType, mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { momentPair, type Pair, type Side } from './moment-expressions.ts'

/** Separates columns: a control character that takes no part in believable data. */
const SEPARATOR = 31

/** How Postgres has to print what is compared. */
export const SESSION_STATEMENT = /*sql*/ `
  select set_config('intervalstyle', 'iso_8601', false), set_config('datestyle', 'ISO', false),
    set_config('timezone', 'UTC', false), set_config('extra_float_digits', '1', false)`

const plainText: Pair = {
  source: (c) => `format('%s', ${c})`,
  target: (c) => `toString(assumeNotNull(${c}))`,
}

/** Types that the two sides print differently: hstore is stored as JSON, a polygon may come without its last point. */
const PRINTED_DIFFERENTLY: ReadonlySet<string> = new Set([
  'hstore',
  'polygon',
  'geometry',
  'geography',
  '"char"',
  'sparsevec',
])

/** Quotes an identifier for Postgres. */
export function quotePostgres(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What {@link pairOf} needs of a column. */
type Typed = Pick<
  CompiledColumn,
  'kind' | 'sourceType' | 'targetType' | 'nullable' | 'pii' | 'outOfRange' | 'notFinite' | 'bytesAs'
>

function pairOf(column: Typed): Pair | undefined {
  const { name } = typeName(column.sourceType)
  if (column.pii || PRINTED_DIFFERENTLY.has(name)) return undefined
  const type = bareType(column.targetType)
  switch (column.kind) {
    case 'decimal':
      return decimalPair(type, column.notFinite === 'null')
    case 'date':
    case 'timestamp':
      return momentPair(column, type)
    case 'boolean':
      return { source: (c) => `${c}::text`, target: plainText.target }
    case 'float': {
      const send = type === 'Float32' ? 'float4send' : 'float8send'
      return {
        source: (c) => `encode(${send}(${c}), 'hex')`,
        target: (c) => `lower(hex(reverse(unhex(hex(assumeNotNull(${c}))))))`,
      }
    }
    case 'array':
      return arrayPair(column)
    case 'text':
      return textPair(name, type, column.bytesAs)
    default:
      return plainText
  }
}

function textPair(name: string, type: string, bytesAs: CompiledColumn['bytesAs']): Pair {
  const { target } = plainText
  if (name === 'bytea')
    return bytesAs === 'hex'
      ? { source: (c) => `encode(${c}, 'hex')`, target }
      : { source: (c) => `translate(encode(${c}, 'base64'), E'\\n', '')`, target }
  // Capture sends the moment in UTC.
  if (name === 'time with time zone')
    return { source: (c) => `replace((${c} at time zone 'UTC')::text, '+00', 'Z')`, target }
  if (type === 'Int64') return { source: (c) => `(extract(epoch from ${c}) * 1000000)::bigint::text`, target }
  return plainText
}

function decimalPair(type: string, withoutNan: boolean): Pair {
  const scale = /^Decimal\(\d+, (\d+)\)$/.exec(type)?.[1]
  const target: Side =
    scale === undefined ? plainText.target : (c) => `toDecimalString(assumeNotNull(${c}), ${scale})`
  const fixed = (c: string): string => {
    if (scale !== undefined) return `round(${c}::numeric, ${scale})::text`
    return type.includes('Int') ? `trunc(${c}::numeric)::text` : `${c}::numeric::text`
  }
  return {
    // A fraction that the type does not hold is refused: what is rounded here is not stored.
    source: fixed,
    target,
    ...(withoutNan ? { isNull: (c) => `${c}::numeric::text in ('NaN', 'Infinity', '-Infinity')` } : {}),
  }
}

/** Elements of an array, joined by commas; NULL is `-`, which is no hexadecimal digit. */
function arrayPair(column: Typed): Pair | undefined {
  // A vector is not unnested.
  if (arrayElement(column.sourceType) === undefined && elementType(column.sourceType) === 'real')
    return undefined
  const sourceType = elementType(column.sourceType)
  const { kind, type } = mapPostgresType(sourceType)
  const element = pairOf({ kind, sourceType, targetType: type, nullable: false, pii: null })
  // A nullable array is kept as the JSON text of what Debezium sent, in which moments have as many digits as they need.
  const pair = kind === 'float' || (kind === 'timestamp' && column.nullable) ? undefined : element
  const source: Side = (c) => {
    const text = pair === undefined ? "'V'" : `encode(convert_to(${pair.source('e')}, 'UTF8'), 'hex')`
    return `(select coalesce(string_agg(case when e is null then '-' else ${text} end, ',' order by n), '') from unnest(${c}) with ordinality as u (e, n))`
  }
  if (!column.nullable) {
    const text = pair === undefined ? "'V'" : `lower(hex(${pair.target('e')}))`
    return { source, target: (c) => joined(`if(isNull(e), '-', ${text})`, c) }
  }
  const raw = `if(startsWith(e, '"'), JSONExtractString(e), e)`
  const text = pair === undefined ? "'V'" : `lower(hex(${raw}))`
  return {
    source,
    target: (c) => joined(`if(e = 'null', '-', ${text})`, `JSONExtractArrayRaw(assumeNotNull(${c}))`),
  }
}

function joined(element: string, array: string): string {
  return `arrayStringConcat(arrayMap(e -> ${element}, ${array}), ',')`
}

/** The text of a row as an SQL expression for Postgres. (A row of a composite type that has nothing but NULL in it `is null`, and is no NULL.) */
export function sourceRowText(dataset: CompiledDataset): string {
  const parts = dataset.columns
    .filter((column) => column.target !== null)
    .map((column) => {
      const name = quotePostgres(column.source)
      const pair = pairOf(column)
      const value = pair?.source(name)
      const isNull = pair?.isNull ? ` or ${pair.isNull(name)}` : ''
      return `case when ${name} is not distinct from null${isNull} then 'N' else ${value === undefined ? "'V'" : `'V' || ${value}`} end`
    })
  return parts.join(` || chr(${SEPARATOR}) || `)
}

/** The text of a row as an SQL expression for ClickHouse. */
export function targetRowText(dataset: CompiledDataset): string {
  const parts = dataset.columns.flatMap((column) => {
    if (column.target === null) return []
    const name = quoteIdentifier(column.target)
    const value = pairOf(column)?.target(name)
    const present = value === undefined ? "'V'" : `concat('V', ${value})`
    return [column.nullable ? `if(isNull(${name}), 'N', ${present})` : present]
  })
  return parts.length === 1 ? (parts[0] ?? "''") : `concat(${parts.join(`, char(${SEPARATOR}), `)})`
}

/** The key of a row as JSON text, alike on both sides; protected key columns cannot be compared and are left out. */
export function keyText(dataset: CompiledDataset): {
  readonly source: string
  readonly target: string
  readonly complete: boolean
} {
  const columns = dataset.columns.filter((column) => dataset.key.includes(column.source))
  const open = columns.filter((column) => pairOf(column) !== undefined && column.target !== null)
  const join = (texts: readonly string[], separator: string) => texts.join(separator)
  return {
    source:
      open.length === 0
        ? "''"
        : join(
            open.map((column) => pairOf(column)?.source(quotePostgres(column.source)) ?? "''"),
            ` || chr(${SEPARATOR}) || `,
          ),
    target:
      open.length === 0
        ? "''"
        : `concat('', ${join(
            open.map((column) => pairOf(column)?.target(quoteIdentifier(column.target ?? '')) ?? "''"),
            `, char(${SEPARATOR}), `,
          )})`,
    complete: open.length === columns.length,
  }
}
