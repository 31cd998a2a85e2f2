/**
 * A value as Debezium writes it -> the JSON text that ClickHouse reads (JSONCompactEachRow). Lossless, or a fault: a value
 * that its type cannot hold is never cut, clamped or turned into 0. ClickHouse itself would do so without a word: it wraps
 * integers, cuts the fraction of decimals and clamps dates.
 *
 * Debezium writes: numeric as text (decimal.handling.mode=string), dates and times as ISO text (time.precision.mode=isostring),
 * bytea as base64, everything that Postgres prints (intervals, inet, enums, json, …) as text.
 *
 * Faults: `type` (not a value of this type at all), `out_of_range` (the stored type cannot hold it; infinite dates too),
 * `not_finite` (NaN and infinities of numeric).
 */
import type { CompiledColumn, ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { arrayElement, mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { textOf } from '#contracts/validator/text-of.ts'
import { fitsDecimal } from './fits-decimal.ts'
import type { RawValue } from './record.ts'

/** JSON text of the value, or the code of what is wrong. */
export type Converted =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly code: string }

type Convert = (value: RawValue) => Converted

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/
/** Debezium prints Java's names of these. */
const NOT_FINITE = /^(nan|[+-]?inf(inity)?|(positive|negative)_infinity)$/i
const LONG = /^-?\d{1,19}$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)Z?$/
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)(?:Z|\+00(?::?00)?)?$/
/** Years before Christ or of more than four digits, and Postgres' infinities. */
const FAR_AWAY = /^(?:[+-]\d{4,}-\d\d-\d\d|\d{5,}-\d\d-\d\d|-?infinity$)/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Years that Date32 and DateTime64 hold. */
const FIRST_YEAR = 1900
const LAST_YEAR = 2299
const MIN_LONG = -(2n ** 63n)
const MAX_LONG = 2n ** 63n - 1n

const done = (json: string): Converted => ({ ok: true, json })
const wrong = (code: string): Converted => ({ ok: false, code })

/** Makes the converter of a column that is not personal. NULL is allowed here: `required` is a rule, checked before. */
export function createConvert(
  column: Pick<CompiledColumn, 'kind' | 'nullable' | 'sourceType'>,
): (value: RawValue | undefined) => Converted {
  const convert =
    column.kind === 'array'
      ? arrayConvert(column.sourceType, column.nullable)
      : isTimeOfDay(column.sourceType)
        ? timeOfDay
        : scalarConvert(column.kind, mapPostgresType(column.sourceType).type)
  return (value) => (value === null || value === undefined ? done('null') : convert(value))
}

/** The converter of a kind; `type` is the ClickHouse type, without Nullable, that bounds it. */
function scalarConvert(kind: Exclude<ValueKind, 'array'>, type: string): Convert {
  if (kind === 'integer') return integerConvert(type === 'Int16' ? 2 ** 15 : 2 ** 31)
  if (kind === 'decimal') return decimalConvert(type)
  if (kind === 'float') return floatConvert(type === 'Float32')
  return SCALARS[kind]
}

const textConvert: Convert = (value) => {
  const text = textOf(value)
  return text === undefined ? wrong('type') : done(JSON.stringify(text))
}

function isTimeOfDay(sourceType: string): boolean {
  return /^time ?(\(\d\))?( without time zone)?$/i.test(sourceType.trim())
}

/** Debezium ends a time of day without a zone in `Z`; Postgres does not. */
function timeOfDay(value: RawValue): Converted {
  return textConvert(typeof value === 'string' ? value.replace(/Z$/, '') : value)
}

const SCALARS: Readonly<Record<Exclude<ValueKind, 'array' | 'integer' | 'decimal' | 'float'>, Convert>> = {
  bigint: (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? done(`"${value}"`) : wrong('type')
    if (typeof value !== 'string' || !LONG.test(value)) return wrong('type')
    if (value.length >= 19 && !isLong(value)) return wrong('out_of_range')
    return done(`"${value}"`)
  },
  boolean: (value) => (typeof value === 'boolean' ? done(String(value)) : wrong('type')),
  text: textConvert,
  json: textConvert,
  uuid: (value) => (typeof value === 'string' && UUID.test(value) ? done(`"${value}"`) : wrong('type')),
  date: (value) => {
    if (typeof value !== 'string') return wrong('type')
    const [, year, month, day] = DATE.exec(value) ?? []
    return moment(value, year, month, day, `"${year}-${month}-${day}"`)
  },
  timestamp: (value) => {
    if (typeof value !== 'string') return wrong('type')
    const [, year, month, day, time = ''] = TIMESTAMP.exec(value) ?? []
    return moment(
      value,
      year,
      month,
      day,
      `"${year}-${month}-${day} ${time.length === 5 ? `${time}:00` : time}"`,
    )
  },
}

function integerConvert(limit: number): Convert {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrong('type')
    return value >= -limit && value < limit ? done(String(value)) : wrong('out_of_range')
  }
}

function decimalConvert(type: string): Convert {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
  const fits =
    precision === undefined || scale === undefined
      ? () => true
      : (text: string) => fitsDecimal(text, Number(precision), Number(scale))
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string') return wrong('type')
    if (!DECIMAL.test(text)) return wrong(NOT_FINITE.test(text) ? 'not_finite' : 'type')
    return fits(text) ? done(`"${text}"`) : wrong('out_of_range')
  }
}

const FLOATS: Readonly<Record<string, string>> = {
  nan: '"nan"',
  infinity: '"inf"',
  '-infinity': '"-inf"',
}

function floatConvert(single: boolean): Convert {
  return (value) => {
    // Whole numbers of 16 digits and more come as text, see decode.ts.
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number') {
      if (!Number.isFinite(number)) return done(FLOATS[String(number).toLowerCase()] ?? '"nan"')
      if (single && !Number.isFinite(Math.fround(number))) return wrong('out_of_range')
      return done(Object.is(number, -0) ? '-0' : String(number))
    }
    const special = typeof number === 'string' ? number.toLowerCase() : ''
    return Object.hasOwn(FLOATS, special) ? done(FLOATS[special] ?? '') : wrong('type')
  }
}

function isLong(text: string): boolean {
  const value = BigInt(text)
  return value >= MIN_LONG && value <= MAX_LONG
}

/** The JSON text of a date that there is and that the stored type holds; `value` is what was sent. */
function moment(
  value: string,
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  json: string,
): Converted {
  if (year === undefined) return wrong(FAR_AWAY.test(value) ? 'out_of_range' : 'type')
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  // Day 0 of the next month is the last of this one.
  if (m < 1 || m > 12 || d < 1 || (d > 28 && d > new Date(Date.UTC(2000 + (y % 400), m, 0)).getUTCDate()))
    return wrong('type')
  return y >= FIRST_YEAR && y <= LAST_YEAR ? done(json) : wrong('out_of_range')
}

/** A required array is a ClickHouse array; a nullable one is its JSON text, so that NULL and [] stay apart. */
function arrayConvert(sourceType: string, nullable: boolean): Convert {
  const { kind, type } = mapPostgresType(arrayElement(sourceType) ?? 'text')
  const element = kind === 'array' ? () => wrong('type') : scalarConvert(kind, type)
  return (value) => {
    if (!Array.isArray(value)) return wrong('type')
    const parts: string[] = []
    for (const item of value as readonly RawValue[]) {
      const converted = item === null ? done('null') : element(item)
      if (!converted.ok) return converted
      parts.push(converted.json)
    }
    const text = `[${parts.join(',')}]`
    return done(nullable ? JSON.stringify(text) : text)
  }
}
