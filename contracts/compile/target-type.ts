/**
 * The ClickHouse type of a column, where the contract asks for another than the usual one (custom property `targetType`).
 *
 * Only types that hold the values of the column without loss are allowed. One that is narrower than the source brings rules with
 * it, so that a value that it cannot hold is quarantined: ClickHouse itself would wrap or cut it without a word. NULL is the
 * contract's to say (`required`), so that the type is written without Nullable.
 */
import type { Rule, ValueKind } from './compiled-dataset.ts'

/** The type, without and with NULL, and the rules that it needs; or what is wrong. */
export type TargetType =
  | { readonly type: string; readonly nullableType: string; readonly rules: readonly Rule[] }
  | { readonly fault: string }

/** Kinds whose values may be stored in a type. */
const TYPES: ReadonlyMap<string, readonly ValueKind[]> = new Map([
  ['Int8', ['integer', 'bigint']],
  ['Int16', ['integer', 'bigint']],
  ['Int32', ['integer', 'bigint']],
  ['Int64', ['integer', 'bigint']],
  ['Int128', ['integer', 'bigint']],
  ['Int256', ['integer', 'bigint']],
  ['UInt8', ['integer', 'bigint']],
  ['UInt16', ['integer', 'bigint']],
  ['UInt32', ['integer', 'bigint']],
  ['UInt64', ['integer', 'bigint']],
  ['UInt128', ['integer', 'bigint']],
  ['Float64', ['float']],
  ['Date32', ['date']],
  ['Date', ['date']],
  ['String', ['text', 'json', 'decimal', 'bigint', 'integer', 'uuid']],
  ['LowCardinality(String)', ['text', 'json']],
])

/** Reads the type. `protectedText`: the column is stored as a token, a range or the like, which is text. */
export function readTargetType(written: unknown, kind: ValueKind, protectedText: boolean): TargetType {
  if (typeof written !== 'string') return { fault: 'expected the name of a ClickHouse type' }
  const type = written.trim().replaceAll(/\s*,\s*/g, ', ')
  if (/^(?:LowCardinality\()?Nullable\(/.test(type))
    return { fault: 'write it without Nullable; whether a value may be missing is said by required' }
  const stored = protectedText ? 'text' : kind
  const decimal = /^Decimal\((\d{1,2}), (\d{1,2})\)$/.exec(type)
  if (decimal && stored === 'decimal') return decimalType(type, Number(decimal[1]), Number(decimal[2]))
  const kinds = TYPES.get(type)
  if (kinds?.includes(stored)) return { type, nullableType: nullable(type), rules: rangeRules(type) }
  const fitting = [...TYPES].filter(([, allowed]) => allowed.includes(stored)).map(([name]) => name)
  if (stored === 'decimal') fitting.push('Decimal(precision, scale)')
  return {
    fault: `${kinds ? 'does not hold the values of this column without loss' : 'not a type that can be chosen'}; ${
      fitting.length === 0 ? 'the usual one is the only one here' : `possible are ${fitting.join(', ')}`
    }`,
  }
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
