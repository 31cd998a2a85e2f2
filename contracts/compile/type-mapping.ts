/**
 * Postgres type -> how the value is decoded, and the ClickHouse type it is stored in.
 *
 * Lossless or not at all: a type without a safe counterpart is stored as its text. Arrays are Array(Nullable(T)) where the
 * column is required, else JSON text, because a ClickHouse array cannot be NULL and NULL is not the empty array.
 * Times of day, intervals, ranges, networks, bit strings and geometry keep Postgres' own text.
 *
 * Contracts also name types of other systems, and logical types of the standard where there is no physical one; those that are no
 * Postgres names stand in a table of their own (an unknown name is taken for a type of the user's, and stored as text).
 */
import type { ValueKind } from './compiled-dataset.ts'
import { typeName } from './type-name.ts'

/** Result of the mapping. `type` is without Nullable. */
export type MappedType = { readonly kind: ValueKind; readonly type: string; readonly nullableType: string }

/** The type of moments: microseconds, as in Postgres. */
const MOMENT = "DateTime64(6, 'UTC')"

/** A Map: a type of the user's may be named `constructor`. */
const SCALARS: ReadonlyMap<string, readonly [ValueKind, string]> = new Map(
  Object.entries<readonly [ValueKind, string]>({
    smallint: ['integer', 'Int16'],
    integer: ['integer', 'Int32'],
    bigint: ['bigint', 'Int64'],
    oid: ['bigint', 'Int64'],
    real: ['float', 'Float32'],
    'double precision': ['float', 'Float64'],
    // 64 bits, of which the last two digits are the fraction.
    money: ['decimal', 'Decimal(19, 2)'],
    boolean: ['boolean', 'Bool'],
    uuid: ['uuid', 'UUID'],
    date: ['date', 'Date32'],
    'timestamp without time zone': ['timestamp', MOMENT],
    'timestamp with time zone': ['timestamp', MOMENT],
    json: ['json', 'String'],
    jsonb: ['json', 'String'],
    hstore: ['json', 'String'],
  }),
)

/** Names that Postgres does not have. */
const FOREIGN: ReadonlyMap<string, readonly [ValueKind, string]> = new Map(
  Object.entries<readonly [ValueKind, string]>({
    tinyint: ['integer', 'Int16'],
    byte: ['integer', 'Int16'],
    short: ['integer', 'Int16'],
    int16: ['integer', 'Int16'],
    mediumint: ['integer', 'Int32'],
    int32: ['integer', 'Int32'],
    int64: ['bigint', 'Int64'],
    long: ['bigint', 'Int64'],
    float32: ['float', 'Float32'],
    float: ['float', 'Float64'],
    float64: ['float', 'Float64'],
    double: ['float', 'Float64'],
    datetime: ['timestamp', MOMENT],
    timestamp_tz: ['timestamp', MOMENT],
    timestamp_ltz: ['timestamp', MOMENT],
    timestamp_ntz: ['timestamp', MOMENT],
    object: ['json', 'String'],
    map: ['json', 'String'],
  }),
)

const DECIMALS = new Set(['numeric', 'number'])
const VECTORS = new Set(['vector', 'halfvec'])
const LISTS = new Set(['array', 'list'])
/** Digits that Decimal has room for. */
const MOST_DIGITS = 76

/** Maps a Postgres type as it stands in a contract (`numeric(12,2)`, `text[]`, an enum's name, …). */
export function mapPostgresType(postgresType: string): MappedType {
  const text = postgresType.trim()
  const elementType = arrayElement(text)
  if (elementType !== undefined) return array(mapPostgresType(elementType).nullableType)
  const { name, modifiers } = typeName(text)
  if (LISTS.has(name)) return array('Nullable(String)')
  // pgvector: as many numbers as the vector has dimensions, none of them NULL.
  if (VECTORS.has(name)) return array('Float32')
  if (DECIMALS.has(name)) return decimal(modifiers)
  const [kind, type] = SCALARS.get(name) ?? FOREIGN.get(name) ?? (['text', 'String'] as const)
  return { kind, type, nullableType: `Nullable(${type})` }
}

function array(element: string): MappedType {
  return { kind: 'array', type: `Array(${element})`, nullableType: 'Nullable(String)' }
}

/**
 * Type of the elements of an array type; undefined for another. `int[][]` and `int[3]` are `int[]` to Postgres; other systems write
 * `array<int>`.
 */
export function arrayElement(postgresType: string): string | undefined {
  let text = postgresType.trim()
  const inner = /^(?:array|list)<([^<>]{1,100})>$/i.exec(text)?.[1]
  if (inner !== undefined) return inner
  const whole = text
  for (
    let open = text.lastIndexOf('[');
    open > 0 && /^\[\d*\]$/.test(text.slice(open));
    open = text.lastIndexOf('[')
  )
    text = text.slice(0, open).trimEnd()
  return text === whole ? undefined : text
}

/** Type of the elements of what is stored as an array: of an array type, and of a vector. Text where it is not known. */
export function elementType(postgresType: string): string {
  return arrayElement(postgresType) ?? (VECTORS.has(typeName(postgresType).name) ? 'real' : 'text')
}

/** Postgres allows a scale below zero (whole hundreds) and one above the precision (thousandths below one). */
function decimal([precision = 0, scale = 0]: readonly number[]): MappedType {
  const digits = Math.max(precision - Math.min(scale, 0), scale)
  // Without a precision, or past 76 digits, only text keeps every digit.
  const type =
    precision >= 1 && digits <= MOST_DIGITS ? `Decimal(${digits}, ${Math.max(scale, 0)})` : 'String'
  return { kind: 'decimal', type, nullableType: `Nullable(${type})` }
}
