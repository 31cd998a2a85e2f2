/**
 * The ClickHouse type of a column, where the contract asks for another than the usual one (custom property `targetType`).
 *
 * Only types that hold the values of the column without loss are allowed. One that is narrower than the source brings rules with
 * it, so that a value that it cannot hold is quarantined: ClickHouse itself would wrap or cut it without a word. NULL is the
 * contract's to say (`required`), so that the type is written without Nullable.
 */
import type { Rule, ValueKind } from './compiled-dataset.ts'
import { wireFormOf } from './wire-form.ts'

/** The type, without and with NULL, and the rules that it needs; or what is wrong. */
export type TargetType =
  | { readonly type: string; readonly nullableType: string; readonly rules: readonly Rule[] }
  | { readonly fault: string }

/** `interval` is no kind of its own: only such text is a number of microseconds. */
type Stored = ValueKind | 'interval'

const WHOLE: readonly Stored[] = ['integer', 'bigint', 'decimal']

/** Kinds whose values may be stored in a type. */
const TYPES: ReadonlyMap<string, readonly Stored[]> = new Map<string, readonly Stored[]>([
  ['Int8', WHOLE],
  ['Int16', WHOLE],
  ['Int32', WHOLE],
  ['Int64', [...WHOLE, 'interval']],
  ['Int128', WHOLE],
  ['Int256', WHOLE],
  ['UInt8', WHOLE],
  ['UInt16', WHOLE],
  ['UInt32', WHOLE],
  ['UInt64', WHOLE],
  ['UInt128', WHOLE],
  ['UInt256', WHOLE],
  ['Float64', ['float']],
  ['Date32', ['date']],
  ['Date', ['date']],
  ["DateTime('UTC')", ['timestamp']],
  ["DateTime64(0, 'UTC')", ['timestamp']],
  ["DateTime64(3, 'UTC')", ['timestamp']],
  ["DateTime64(6, 'UTC')", ['timestamp']],
  ["DateTime64(9, 'UTC')", ['timestamp']],
  ['String', ['text', 'json', 'decimal', 'bigint', 'integer', 'uuid', 'date', 'timestamp', 'array']],
  ['LowCardinality(String)', ['text', 'json']],
])

/** What is known of a column before its type is. */
export type TargetColumn = {
  readonly kind: ValueKind
  readonly sourceType: string
  /** The column is stored as a token, a range or the like, which is text. */
  readonly protectedText: boolean
}

/** Reads the type. */
export function readTargetType(written: unknown, column: TargetColumn): TargetType {
  if (typeof written !== 'string') return { fault: 'expected the name of a ClickHouse type' }
  const type = written.trim().replaceAll(/\s*,\s*/g, ', ')
  if (/^(?:LowCardinality\()?Nullable\(/.test(type))
    return { fault: 'write it without Nullable; whether a value may be missing is said by required' }
  const stored = column.protectedText ? 'text' : column.kind
  const decimal = /^Decimal\((\d{1,2}), (\d{1,2})\)$/.exec(type)
  if (decimal && stored === 'decimal') return decimalType(type, Number(decimal[1]), Number(decimal[2]))
  const kinds = TYPES.get(type)
  // The microseconds of an interval are reckoned when it is stored; its text has no place in the order of numbers.
  const rules = stored === 'text' ? [] : rangeRules(type)
  if (kinds && isHeld(kinds, column))
    return { type, nullableType: nullable(type), rules: wholeRules(type, stored, rules) }
  const fitting = targetTypes(column)
  return {
    fault: `${kinds ? 'does not hold the values of this column without loss' : 'not a type that can be chosen'}; ${
      fitting.length === 0 ? 'the usual one is the only one here' : `possible are ${fitting.join(', ')}`
    }`,
  }
}

/** A ClickHouse type without Nullable and LowCardinality around it. */
export function bareType(type: string): string {
  const inner = /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1]
  return inner === undefined ? type : bareType(inner)
}

/** The types that may be chosen for a column. */
export function targetTypes(column: TargetColumn): readonly string[] {
  const names = [...TYPES].filter(([, kinds]) => isHeld(kinds, column)).map(([name]) => name)
  const isDecimal = column.kind === 'decimal' && !column.protectedText
  return isDecimal ? [...names, 'Decimal(precision, scale)'] : names
}

function isHeld(kinds: readonly Stored[], column: TargetColumn): boolean {
  if (kinds.includes(column.protectedText ? 'text' : column.kind)) return true
  const isInterval = column.kind !== 'array' && wireFormOf(column) === 'interval'
  return isInterval && !column.protectedText && kinds.includes('interval')
}

function nullable(type: string): string {
  return type === 'LowCardinality(String)' ? 'LowCardinality(Nullable(String))' : `Nullable(${type})`
}

function decimalType(type: string, precision: number, scale: number): TargetType {
  if (precision < 1 || precision > 76 || scale > precision)
    return { fault: 'a decimal has 1 to 76 digits, and no more of them behind the point' }
  const limit = `1${'0'.repeat(precision - scale)}`
  return {
    type,
    nullableType: `Nullable(${type})`,
    rules: [
      { rule: 'multipleOf', bound: scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1` },
      { rule: 'exclusiveMinimum', bound: `-${limit}` },
      { rule: 'exclusiveMaximum', bound: limit },
    ],
  }
}

/** Numbers with a fraction are no whole numbers. */
function wholeRules(type: string, kind: ValueKind, rules: readonly Rule[]): readonly Rule[] {
  return kind === 'decimal' && type.includes('Int') ? [{ rule: 'multipleOf', bound: '1' }, ...rules] : rules
}

function rangeRules(type: string): readonly Rule[] {
  if (type === 'Date') return between('1970-01-01', '2149-06-06')
  const [, unsigned, bits] = /^(U?)Int(\d+)$/.exec(type) ?? []
  if (bits === undefined) return []
  const width = BigInt(bits)
  if (unsigned === 'U') return between('0', String(2n ** width - 1n))
  return between(String(-(2n ** (width - 1n))), String(2n ** (width - 1n) - 1n))
}

function between(minimum: string, maximum: string): readonly Rule[] {
  return [
    { rule: 'minimum', bound: minimum },
    { rule: 'maximum', bound: maximum },
  ]
}
