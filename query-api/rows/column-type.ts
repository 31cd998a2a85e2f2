/**
 * ClickHouse types as filters and cursors see them: which values there are, and how they come before each other.
 *
 * Nullable and LowCardinality are taken off: they change no value. Types that datasets do not have, and moments in another zone than
 * UTC, are `other`: they can be selected and asked for NULL.
 */
import { bareType } from '#contracts/compile/target-type.ts'

/** A type without Nullable and LowCardinality; `name` is what a parameter of it is declared as. */
export type ColumnType =
  | { readonly kind: 'integer'; readonly name: string; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'decimal'; readonly name: string; readonly precision: number; readonly scale: number }
  | { readonly kind: 'float'; readonly name: string; readonly bits: 32 | 64 }
  /** Days from `from` to `to`. */
  | { readonly kind: 'date'; readonly name: string; readonly from: string; readonly to: string }
  /** Seconds from `from` to `to`, and digits behind them. */
  | {
      readonly kind: 'moment'
      readonly name: string
      readonly scale: number
      readonly from: string
      readonly to: string
    }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'array'; readonly name: string; readonly items: ColumnType }
  | { readonly kind: 'uuid' | 'boolean' | 'text' | 'other'; readonly name: string }

/** Types of values that can be compared for being equal, sorted and put into a cursor. */
export function isScalar(type: ColumnType): boolean {
  return type.kind !== 'array' && type.kind !== 'other'
}

/** Reads the type of a column. Never throws. */
export function columnType(text: string): ColumnType {
  const name = bareType(text)
  const array = /^Array\((.*)\)$/s.exec(name)?.[1]
  if (array !== undefined) return { kind: 'array', name, items: columnType(array) }
  const [, unsigned, bits] = /^(U?)Int(8|16|32|64|128|256)$/.exec(name) ?? []
  if (bits !== undefined) return { kind: 'integer', name, bits: Number(bits), signed: unsigned === '' }
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(name) ?? []
  if (precision !== undefined)
    return { kind: 'decimal', name, precision: Number(precision), scale: Number(scale) }
  const digits = /^DateTime64\((\d), 'UTC'\)$/.exec(name)?.[1]
  if (digits !== undefined) return { kind: 'moment', name, scale: Number(digits), ...moments(Number(digits)) }
  if (/^Enum(?:8|16)\(/.test(name)) return { kind: 'enum', name, values: enumValues(name) }
  return PLAIN.get(name) ?? { kind: 'other', name }
}

const PLAIN: ReadonlyMap<string, ColumnType> = new Map(
  [
    { kind: 'float', name: 'Float32', bits: 32 } as const,
    { kind: 'float', name: 'Float64', bits: 64 } as const,
    { kind: 'date', name: 'Date', from: '1970-01-01', to: '2149-06-06' } as const,
    { kind: 'date', name: 'Date32', from: '1900-01-01', to: '2299-12-31' } as const,
    {
      kind: 'moment',
      name: "DateTime('UTC')",
      scale: 0,
      from: '1970-01-01 00:00:00',
      to: '2106-02-07 06:28:15',
    } as const,
    { kind: 'uuid', name: 'UUID' } as const,
    { kind: 'boolean', name: 'Bool' } as const,
    { kind: 'text', name: 'String' } as const,
  ].map((type) => [type.name, type]),
)

/** Nanoseconds end earlier, since they are kept in 64 bits. */
function moments(scale: number) {
  return { from: '1900-01-01 00:00:00', to: scale > 8 ? '2262-04-11 23:47:14' : '2299-12-31 23:59:59' }
}

function enumValues(name: string): readonly string[] {
  return [...name.matchAll(/'((?:[^'\\]|\\.)*)' = -?\d+/gs)].map(([, value = '']) =>
    value.replaceAll(/\\(.)/gs, '$1'),
  )
}
