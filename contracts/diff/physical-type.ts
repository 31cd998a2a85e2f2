/**
 * Types of data stores, as far as it must be known which one holds all values of another.
 *
 * Names of Postgres first, then those of ClickHouse and the common ones of SQL. `int8` is 8 bytes to Postgres and `Int8` is 8 bits to
 * ClickHouse: the case tells them apart. What is not known holds only itself. A moment holds no date: midnight is not a day.
 */

import type { LogicalType } from '../model/contract.ts'

/** A type, taken apart. */
type PhysicalType =
  | { readonly family: 'integer'; readonly signed: boolean; readonly bits: number }
  | { readonly family: 'float'; readonly bits: number }
  /** `whole` and `scale` are digits before and after the point; Infinity where nothing is said. */
  | { readonly family: 'decimal'; readonly whole: number; readonly scale: number }
  | { readonly family: 'text' | 'bytes'; readonly padded: boolean; readonly length: number }
  | { readonly family: 'timestamp' | 'time'; readonly zone: string; readonly precision: number }
  | { readonly family: 'date'; readonly bits: number }
  | { readonly family: 'array' | 'nullable'; readonly element: PhysicalType }
  | { readonly family: 'other'; readonly text: string }

/** How the newer type stands to the older one. */
export type TypeRelation = 'same' | 'widened' | 'narrowed' | 'changed'

/** Longest type that is taken apart. */
const MAX_TEXT = 200

const INTEGER_BITS: ReadonlyMap<string, number> = new Map([
  ['tinyint', 8],
  ['smallint', 16],
  ['int2', 16],
  ['smallserial', 16],
  ['int16', 16],
  ['mediumint', 24],
  ['integer', 32],
  ['int', 32],
  ['int4', 32],
  ['serial', 32],
  ['int32', 32],
  ['bigint', 64],
  ['int8', 64],
  ['bigserial', 64],
  ['int64', 64],
  ['long', 64],
])
const FLOAT_BITS: ReadonlyMap<string, number> = new Map([
  ['real', 32],
  ['float4', 32],
  ['float32', 32],
  ['float', 64],
  ['float8', 64],
  ['float64', 64],
  ['double', 64],
  ['double precision', 64],
])
const VARYING = /^(?:n?varchar2?|character varying|string|text|n?text|clob)$/
const PADDED = /^(?:n?char|character|bpchar)$/
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['bool', 'boolean'],
  ['jsonb', 'json'],
])

/** How a physical type changed. */
export function relateTypes(older: string, newer: string): TypeRelation {
  const [from, to] = [takeApart(older), takeApart(newer)]
  const [keeps, was] = [holds(to, from), holds(from, to)]
  if (keeps) return was ? 'same' : 'widened'
  return was ? 'narrowed' : 'changed'
}

/** One text for all spellings of a type. */
export function canonicalType(text: string): string {
  return JSON.stringify(takeApart(text))
}

/** Most characters of a type of texts; undefined where it has no bound, or is none. */
export function textLength(text: string): number | undefined {
  const type = takeApart(text)
  return type.family === 'text' && type.length < Number.MAX_VALUE ? type.length : undefined
}

/** Logical types that values of a physical type are of, the usual one first; none where the type is not known. */
export function impliedTypes(text: string): readonly LogicalType[] {
  const type = takeApart(text)
  const bare = type.family === 'nullable' ? type.element : type
  switch (bare.family) {
    case 'integer':
      return ['integer', 'number']
    case 'decimal':
      return bare.scale === 0 ? ['integer', 'number'] : ['number']
    case 'float':
      return ['number']
    case 'text':
    case 'bytes':
      return ['string']
    case 'timestamp':
    case 'time':
    case 'date':
    case 'array':
      return [bare.family]
    case 'other':
      return bare.text === 'boolean' ? ['boolean'] : bare.text === 'uuid' ? ['string'] : []
    default:
      return []
  }
}

function takeApart(written: string): PhysicalType {
  const text = written.trim().replaceAll(/\s+/g, ' ')
  const other = { family: 'other', text: text.toLowerCase() } as const
  if (text.length > MAX_TEXT) return other
  const wrapped = /^(LowCardinality|Nullable|Array|ARRAY)[(<] ?(.+?) ?[)>]$/.exec(text)
  if (wrapped?.[2] !== undefined) {
    const element = takeApart(wrapped[2])
    if (wrapped[1] === 'LowCardinality') return element
    return { family: wrapped[1] === 'Nullable' ? 'nullable' : 'array', element }
  }
  const array = /^(.+?) ?\[\d*\]$/.exec(text)
  if (array?.[1] !== undefined) return { family: 'array', element: takeApart(array[1]) }
  // Postgres calls the type of arrays of int4 _int4.
  const element = /^_(\w+)$/.exec(other.text)?.[1]
  const known = element === undefined ? undefined : scalar(element)
  if (known) return { family: 'array', element: known }
  const inBits = /^(U?)Int(8|16|32|64|128|256)$/.exec(text) ?? /^(u)int(16|32|64)$/i.exec(text)
  if (inBits) return { family: 'integer', signed: inBits[1] === '', bits: Number(inBits[2]) }
  return scalar(other.text) ?? other
}

/** A type without parts: a name, perhaps lengths in brackets, perhaps words behind. */
function scalar(text: string): PhysicalType | undefined {
  const match = /^([a-z][a-z0-9 _]*?) ?(?:\( ?([^)]*?) ?\))?((?: with(?:out)? time zone| unsigned)?)$/.exec(
    text,
  )
  const [, name = '', list, suffix = ''] = match ?? []
  const known = moment(name, list, suffix)
  if (known) return known
  const numbers =
    list === undefined || list === 'max' ? [] : list.split(',').map((part) => Number(part.trim()))
  if (numbers.some((number) => !Number.isInteger(number))) return undefined
  const [first, second] = numbers
  const integer = INTEGER_BITS.get(name)
  if (integer !== undefined) return { family: 'integer', signed: suffix !== ' unsigned', bits: integer }
  const float = FLOAT_BITS.get(name)
  if (float !== undefined) return { family: 'float', bits: first !== undefined && first <= 24 ? 32 : float }
  if (/^(?:numeric|decimal|dec|number|bignumeric)$/.test(name)) {
    if (first === undefined) return { family: 'decimal', whole: Number.MAX_VALUE, scale: Number.MAX_VALUE }
    return { family: 'decimal', whole: first - (second ?? 0), scale: second ?? 0 }
  }
  if (VARYING.test(name)) return { family: 'text', padded: false, length: first ?? Number.MAX_VALUE }
  if (PADDED.test(name)) return { family: 'text', padded: true, length: first ?? 1 }
  if (/^(?:bytea|blob|bytes|varbinary)$/.test(name))
    return { family: 'bytes', padded: false, length: first ?? Number.MAX_VALUE }
  if (/^(?:binary|fixedstring)$/.test(name)) return { family: 'bytes', padded: true, length: first ?? 1 }
  if (name === 'date') return { family: 'date', bits: 16 }
  if (name === 'date32') return { family: 'date', bits: 32 }
  return alias(name, list)
}

function moment(name: string, list: string | undefined, suffix: string): PhysicalType | undefined {
  const match = /^(timestamp|time|datetime|datetime64)(tz)?$/.exec(name)
  if (!match) return undefined
  const zoned = match[2] === 'tz' || suffix === ' with time zone'
  const [, named] = /'([^']*)'/.exec(list ?? '') ?? []
  const [, digits] = /^(\d{1,2})\b/.exec(list ?? '') ?? []
  return {
    family: match[1] === 'time' ? 'time' : 'timestamp',
    zone: named ?? (zoned ? 'with' : 'without'),
    precision: match[1] === 'datetime' ? 0 : Number(digits ?? 6),
  }
}

function alias(name: string, list: string | undefined): PhysicalType | undefined {
  const known = ALIASES.get(name)
  return known !== undefined && list === undefined ? { family: 'other', text: known } : undefined
}

/** Does `wide` hold every value of `narrow`, as it is? */
function holds(wide: PhysicalType, narrow: PhysicalType): boolean {
  if (wide.family === 'nullable')
    return holds(wide.element, narrow.family === 'nullable' ? narrow.element : narrow)
  if (wide.family === 'array' && narrow.family === 'array') return holds(wide.element, narrow.element)
  if (narrow.family === 'integer') return holdsInteger(wide, narrow)
  if (wide.family === 'float' && narrow.family === 'float') return wide.bits >= narrow.bits
  if (wide.family === 'decimal' && narrow.family === 'decimal')
    return wide.whole >= narrow.whole && wide.scale >= narrow.scale
  if (wide.family === 'text' || wide.family === 'bytes')
    return narrow.family === wide.family && (!wide.padded || narrow.padded) && wide.length >= narrow.length
  if (wide.family === 'timestamp' || wide.family === 'time')
    return narrow.family === wide.family && wide.zone === narrow.zone && wide.precision >= narrow.precision
  if (wide.family === 'date') return narrow.family === 'date' && wide.bits >= narrow.bits
  return wide.family === 'other' && narrow.family === 'other' && wide.text === narrow.text
}

function holdsInteger(
  wide: PhysicalType,
  narrow: { readonly signed: boolean; readonly bits: number },
): boolean {
  const bits = narrow.signed ? narrow.bits - 1 : narrow.bits
  if (wide.family === 'integer')
    return (wide.signed || !narrow.signed) && (wide.signed ? wide.bits - 1 : wide.bits) >= bits
  // A double holds whole numbers exactly up to 2^53, a single up to 2^24.
  if (wide.family === 'float') return (wide.bits === 64 ? 53 : 24) >= bits
  return wide.family === 'decimal' && wide.whole >= Math.ceil(bits * Math.log10(2))
}
