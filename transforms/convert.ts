/**
 * A value as Debezium writes it -> the JSON text that ClickHouse reads (JSONCompactEachRow). Lossless, or a fault: a value
 * that its type cannot hold is never cut, clamped or turned into 0.
 *
 * Debezium writes: numeric as text (decimal.handling.mode=string), dates and times as ISO text (time.precision.mode=isostring),
 * bytea as base64, everything that Postgres prints (intervals, inet, enums, json, …) as text.
 */
import type { CompiledColumn, ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import type { RawValue } from './record.ts'

/** JSON text of the value, or the code of what is wrong. */
export type Converted =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly code: string }

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})Z?$/
const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?:Z|\+00:00)?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Years that Date32 and DateTime64 hold. */
const FIRST_YEAR = 1900
const LAST_YEAR = 2299

const done = (json: string): Converted => ({ ok: true, json })
const wrong = (code: string): Converted => ({ ok: false, code })

/** Makes the converter of a column that is not personal. NULL is allowed here: `required` is a rule, checked before. */
export function createConvert(
  column: Pick<CompiledColumn, 'kind' | 'nullable' | 'sourceType'>,
): (value: RawValue | undefined) => Converted {
  const convert =
    column.kind === 'array' ? arrayConvert(column.sourceType, column.nullable) : SCALARS[column.kind]
  return (value) => (value === null || value === undefined ? done('null') : convert(value))
}

const SCALARS: Readonly<Record<Exclude<ValueKind, 'array'>, (value: RawValue) => Converted>> = {
  integer: (value) =>
    typeof value === 'number' && Number.isInteger(value) ? done(String(value)) : wrong('type'),
  bigint: (value) =>
    (typeof value === 'number' && Number.isSafeInteger(value)) ||
    (typeof value === 'string' && /^-?\d{1,19}$/.test(value))
      ? done(`"${value}"`)
      : wrong('type'),
  decimal: (value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return done(`"${value}"`)
    if (typeof value !== 'string') return wrong('type')
    return DECIMAL.test(value) ? done(`"${value}"`) : wrong('not_finite')
  },
  float: (value) => {
    if (typeof value === 'number') return done(String(value))
    const special = typeof value === 'string' ? FLOATS[value.toLowerCase()] : undefined
    return special === undefined ? wrong('type') : done(special)
  },
  boolean: (value) => (typeof value === 'boolean' ? done(String(value)) : wrong('type')),
  text: (value) => done(JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))),
  json: (value) => done(JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))),
  uuid: (value) => (typeof value === 'string' && UUID.test(value) ? done(`"${value}"`) : wrong('type')),
  date: (value) => {
    const match = typeof value === 'string' ? DATE.exec(value) : null
    if (!match) return wrong('out_of_range')
    return inRange(match[1]) ? done(`"${match[1]}-${match[2]}-${match[3]}"`) : wrong('out_of_range')
  },
  timestamp: (value) => {
    const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null
    if (!match) return wrong('out_of_range')
    const time = (match[4] ?? '').length === 5 ? `${match[4]}:00` : match[4]
    return inRange(match[1]) ? done(`"${match[1]}-${match[2]}-${match[3]} ${time}"`) : wrong('out_of_range')
  },
}

const FLOATS: Readonly<Record<string, string>> = {
  nan: '"nan"',
  infinity: '"inf"',
  '-infinity': '"-inf"',
}

function inRange(year: string | undefined): boolean {
  const number = Number(year)
  return number >= FIRST_YEAR && number <= LAST_YEAR
}

/** A required array is a ClickHouse array; a nullable one is its JSON text, so that NULL and [] stay apart. */
function arrayConvert(sourceType: string, nullable: boolean): (value: RawValue) => Converted {
  const { kind } = mapPostgresType(sourceType.trim().slice(0, -2))
  const element = kind === 'array' ? () => wrong('type') : SCALARS[kind]
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
