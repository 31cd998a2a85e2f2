/**
 * One text per row, the same on both sides if the row is the same: what the comparison of source and destination hashes.
 *
 * Every column that is stored as it is takes part with its value, by expressions that print it alike in Postgres and
 * ClickHouse. Of a protected column, and of a type that the two print differently (times of day, intervals), only whether
 * it is NULL can be compared. NULL, the empty text and 0 are three different things here.
 *
 * Arrays are compared element by element, each as the hexadecimal digits of its text, because the two sides write JSON with
 * different escapes; of elements that the two print differently only their number and their NULLs are compared.
 */
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { arrayElement, mapPostgresType } from '#contracts/compile/type-mapping.ts'

/** Separates columns: a control character that takes no part in believable data. */
const SEPARATOR = 31

type Side = (column: string) => string
type Pair = { readonly source: Side; readonly target: Side }

const plainText: Pair = {
  source: (c) => `format('%s', ${c})`,
  target: (c) => `toString(assumeNotNull(${c}))`,
}
const timestampText = "'YYYY-MM-DD HH24:MI:SS.US'"

/** `to_char` of an infinite date is NULL, and NULL would swallow the text of the whole row. */
const finite = (c: string, text: string): string =>
  `case when isfinite(${c}) then ${text} else ${c}::text end`

/** Types that both sides print alike, beside the base types of text. */
const PRINTED_DIFFERENTLY =
  /^(timetz|time|interval|bytea|bit|varbit|money|hstore|real|float4|point|geometry|geography)\b|^"?char"?$/i

/** Quotes an identifier for Postgres. */
export function quotePostgres(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** What {@link pairOf} needs of a column. */
type Typed = Pick<CompiledColumn, 'kind' | 'sourceType' | 'targetType' | 'nullable' | 'pii'>

function pairOf(column: Typed): Pair | undefined {
  if (column.pii || PRINTED_DIFFERENTLY.test(column.sourceType)) return undefined
  switch (column.kind) {
    case 'decimal': {
      const scale = /^(?:Nullable\()?Decimal\(\d+, (\d+)\)/.exec(column.targetType)?.[1]
      return scale === undefined
        ? plainText
        : { source: plainText.source, target: (c) => `toDecimalString(assumeNotNull(${c}), ${scale})` }
    }
    case 'timestamp':
      return {
        source: /tz|with time zone/i.test(column.sourceType)
          ? (c) => finite(c, `to_char(${c} at time zone 'UTC', ${timestampText})`)
          : (c) => finite(c, `to_char(${c}, ${timestampText})`),
        target: plainText.target,
      }
    case 'boolean':
      return { source: (c) => `${c}::text`, target: plainText.target }
    case 'date':
      return { source: (c) => finite(c, `to_char(${c}, 'YYYY-MM-DD')`), target: plainText.target }
    case 'float':
      return {
        source: (c) => `encode(float8send(${c}), 'hex')`,
        target: (c) => `lower(hex(reverse(unhex(hex(assumeNotNull(${c}))))))`,
      }
    case 'array':
      return arrayPair(column)
    default:
      return plainText
  }
}

/** Elements of an array, joined by commas; NULL is `-`, which is no hexadecimal digit. */
function arrayPair(column: Typed): Pair {
  const sourceType = arrayElement(column.sourceType) ?? 'text'
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

/** The text of a row as an SQL expression for Postgres. */
export function sourceRowText(dataset: CompiledDataset): string {
  const parts = dataset.columns
    .filter((column) => column.target !== null)
    .map((column) => {
      const name = quotePostgres(column.source)
      const value = pairOf(column)?.source(name)
      return `case when ${name} is null then 'N' else ${value === undefined ? "'V'" : `'V' || ${value}`} end`
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
