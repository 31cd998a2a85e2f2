/**
 * A value as Debezium writes it, made Postgres' text where it is none (`postgres-text.ts`) -> the JSON text of its cell, as ClickHouse reads
 * it in JSONCompactEachRow. Lossless, or a fault: a value that its type cannot hold is never cut, clamped or turned into 0, unless the
 * contract says so. ClickHouse itself would do so without a word: it wraps integers, cuts the fraction of decimals and clamps dates.
 *
 * Debezium writes: numeric as text (decimal.handling.mode=string), dates and times as ISO text (time.precision.mode=isostring),
 * bytea as base64, everything that Postgres prints (inet, enums, json, …) as text.
 *
 * Faults: `type` (not a value of this type at all), `out_of_range` (the stored type cannot hold it; infinite dates too), `too_precise` (it
 * lies between two values of the stored type), `not_finite` (NaN and infinities of numeric), `multi_dimensional` (an array of several
 * dimensions, or one of nothing but NULL, which may have been one), `half_character` (half a surrogate pair, which would become another character).
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { bareType } from '#contracts/compile/target-type.ts'
import { arrayElement, elementType, mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { wireFormOf } from '#contracts/compile/wire-form.ts'
import { textOf } from '#contracts/validator/text-of.ts'
import { createClampTest, momentConvert } from './convert-moment.ts'
import { bigintConvert, decimalConvert, floatConvert, integerConvert } from './convert-number.ts'
import { type Convert, type Converted, done, NULL_CELL, wrong } from './converted.ts'
import { intervalMicros } from './interval-micros.ts'
import type { RawValue } from './record.ts'

/** What a conversion depends on; where no type is given it is the usual one. */
export type ConvertColumn = Pick<CompiledColumn, 'kind' | 'nullable' | 'sourceType'> &
  Partial<
    Pick<
      CompiledColumn,
      'targetType' | 'logicalType' | 'outOfRange' | 'notFinite' | 'bytesAs' | 'oneDimensional'
    >
  >

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Makes the converter of a column that is not personal. NULL is allowed here: `required` is a rule, checked before. */
export function createConvert(column: ConvertColumn): (value: RawValue | undefined) => Converted {
  const convert = column.kind === 'array' ? arrayConvert(column) : scalarConvert(column)
  return (value) => (value === null || value === undefined ? done(NULL_CELL) : convert(value))
}

/** Makes the test of a column whose values are clamped: is this one? Undefined for any other column. */
export function createIsClamped(
  column: ConvertColumn,
): ((value: RawValue | undefined) => boolean) | undefined {
  const { kind } = column
  if (kind !== 'date' && kind !== 'timestamp') return undefined
  const isClamped = createClampTest({ ...column, kind, type: storedType(column) })
  return isClamped && ((value) => value !== null && value !== undefined && isClamped(value))
}

/** True for a column whose texts are stored just as they come. */
export function copiesText(
  column: Pick<ConvertColumn, 'kind' | 'sourceType' | 'logicalType' | 'bytesAs'>,
): boolean {
  const isText = column.kind === 'text' || column.kind === 'json'
  return isText && wireFormOf(column) === 'plain' && column.bytesAs === undefined
}

function storedType({ targetType, sourceType, nullable }: ConvertColumn): string {
  const usual = mapPostgresType(sourceType)
  return bareType(targetType ?? (nullable ? usual.nullableType : usual.type))
}

function scalarConvert(column: ConvertColumn): Convert {
  const { kind, sourceType } = column
  const type = storedType(column)
  switch (kind) {
    case 'integer':
      return integerConvert(type, sourceType)
    case 'bigint':
      return bigintConvert(type)
    case 'decimal':
      return decimalConvert(type, column)
    case 'float':
      return floatConvert(type, sourceType)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? done(String(value)) : wrong('type'))
    case 'uuid':
      return (value) => (typeof value === 'string' && UUID.test(value) ? done(`"${value}"`) : wrong('type'))
    case 'date':
    case 'timestamp':
      return momentConvert({ ...column, kind, type })
    case 'array':
      return arrayConvert(column)
    default:
      if (type === 'Int64') return intervalConvert
      return column.bytesAs === 'hex' ? hexConvert : textConvert
  }
}

const textConvert: Convert = (value) => {
  const text = textOf(value)
  if (text === undefined) return wrong('type')
  return text.isWellFormed() ? done(JSON.stringify(text)) : wrong('half_character')
}

const hexConvert: Convert = (value) =>
  typeof value === 'string' ? done(`"${Buffer.from(value, 'base64').toString('hex')}"`) : wrong('type')

const intervalConvert: Convert = (value) => {
  const micros = typeof value === 'string' ? intervalMicros(value) : undefined
  if (micros === undefined) return wrong('type')
  return micros === 'no fixed length' ? wrong('out_of_range') : done(`"${micros}"`)
}

/** What Debezium writes for the inner arrays of an array of texts: the name of their class, and a number. */
const JAVA_ARRAY = /^\[+(?:L[\w.$]+;|[BCDFIJSZ])@[0-9a-f]+$/

/** Types of whose inner arrays Debezium writes that name; it writes NULL for those of all others. */
const NAMED_ARRAYS: ReadonlySet<string> = new Set([
  'text',
  'character varying',
  'character',
  '"char"',
  'json',
  'jsonb',
  'uuid',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'int4range',
  'int8range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
])

/** A required array is a ClickHouse array; a nullable one is its JSON text, so that NULL and [] stay apart. */
function arrayConvert(column: ConvertColumn): Convert {
  const isText = storedType(column) === 'String'
  const sourceType = elementType(column.sourceType)
  const mapped = mapPostgresType(sourceType)
  const element: Convert =
    mapped.kind === 'array'
      ? () => wrong('type')
      : scalarConvert({ kind: mapped.kind, sourceType, nullable: true })
  const isVector = mapPostgresType(column.sourceType).type === 'Array(Float32)'
  const isList = arrayElement(column.sourceType) !== undefined
  const hidesDimensions =
    isList && column.oneDimensional !== true && !NAMED_ARRAYS.has(typeName(sourceType).name)
  return (value) => {
    if (!Array.isArray(value)) return wrong('type')
    const items = value as readonly RawValue[]
    if (hidesDimensions && items.length > 0 && items.every((item) => item === null))
      return wrong('multi_dimensional')
    const parts: string[] = []
    for (const item of items) {
      if (Array.isArray(item) || (typeof item === 'string' && JAVA_ARRAY.test(item)))
        return wrong('multi_dimensional')
      // A vector has no NULL in it.
      const converted = item === null && !isVector ? done(NULL_CELL) : element(item)
      if (!converted.ok) return converted
      parts.push(converted.json)
    }
    const text = `[${parts.join(',')}]`
    return done(isText ? JSON.stringify(text) : text)
  }
}
