/**
 * Postgres type -> how the value is decoded, and the ClickHouse type it is stored in.
 *
 * Lossless or not at all: a type without a safe counterpart is stored as its text. Arrays are Array(Nullable(T)) where the
 * column is required, else JSON text, because a ClickHouse array cannot be NULL and NULL is not the empty array.
 * Times of day, intervals, ranges, networks, bit strings, geometry and money keep Postgres' own text.
 *
 * Contracts also name types of other systems, and logical types of the standard where there is no physical one; those that are no
 * Postgres names stand in a table of their own (an unknown name is taken for a type of the user's, and stored as text).
 */
import type { ValueKind } from './compiled-dataset.ts'

/** Result of the mapping. `type` is without Nullable. */
export type MappedType = { readonly kind: ValueKind; readonly type: string; readonly nullableType: string }

/** A Map: a type of the user's may be named `constructor`. */
const SCALARS: ReadonlyMap<string, readonly [ValueKind, string]> = new Map(
  Object.entries<readonly [ValueKind, string]>({
    smallint: ['integer', 'Int16'],
    int2: ['integer', 'Int16'],
    smallserial: ['integer', 'Int16'],
    integer: ['integer', 'Int32'],
    int: ['integer', 'Int32'],
    int4: ['integer', 'Int32'],
    serial: ['integer', 'Int32'],
    bigint: ['bigint', 'Int64'],
    int8: ['bigint', 'Int64'],
    bigserial: ['bigint', 'Int64'],
    oid: ['bigint', 'Int64'],
    real: ['float', 'Float32'],
    float4: ['float', 'Float32'],
    'double precision': ['float', 'Float64'],
    float8: ['float', 'Float64'],
    boolean: ['boolean', 'Bool'],
    bool: ['boolean', 'Bool'],
    uuid: ['uuid', 'UUID'],
    date: ['date', 'Date32'],
    timestamp: ['timestamp', "DateTime64(6, 'UTC')"],
    'timestamp without time zone': ['timestamp', "DateTime64(6, 'UTC')"],
    timestamptz: ['timestamp', "DateTime64(6, 'UTC')"],
    'timestamp with time zone': ['timestamp', "DateTime64(6, 'UTC')"],
    json: ['json', 'String'],
    jsonb: ['json', 'String'],
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
    datetime: ['timestamp', "DateTime64(6, 'UTC')"],
    timestamp_tz: ['timestamp', "DateTime64(6, 'UTC')"],
    timestamp_ltz: ['timestamp', "DateTime64(6, 'UTC')"],
    timestamp_ntz: ['timestamp', "DateTime64(6, 'UTC')"],
    object: ['json', 'String'],
    map: ['json', 'String'],
  }),
)

/** Maps a Postgres type as it stands in a contract (`numeric(12,2)`, `text[]`, an enum's name, …). */
export function mapPostgresType(postgresType: string): MappedType {
  const text = postgresType.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  const elementType = arrayElement(text)
  if (elementType !== undefined) {
    const element = mapPostgresType(elementType)
    return { kind: 'array', type: `Array(${element.nullableType})`, nullableType: 'Nullable(String)' }
  }
  if (text === 'array' || text === 'list')
    return { kind: 'array', type: 'Array(Nullable(String))', nullableType: 'Nullable(String)' }
  const [, base = text, first, second] =
    /^([a-z_ ."0-9]+?)(?: ?\((\d+)(?: ?, ?(-?\d+))?\))?((?: with(?:out)? time zone)?)$/.exec(text) ?? []
  if (base === 'numeric' || base === 'decimal' || base === 'number') return decimal(first, second)
  const timed = /^timestamp/.test(text) ? text.replace(/ ?\(\d+\)/, '') : base
  const [kind, type] = SCALARS.get(timed) ?? FOREIGN.get(timed) ?? (['text', 'String'] as const)
  return { kind, type, nullableType: `Nullable(${type})` }
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

function decimal(precisionText: string | undefined, scaleText: string | undefined): MappedType {
  const precision = Number(precisionText ?? 0)
  const scale = Number(scaleText ?? 0)
  // Without a precision, past 76 digits, or with a scale that Decimal does not know, only text keeps every digit.
  const fits = precision >= 1 && precision <= 76 && scale >= 0 && scale <= precision
  const type = fits ? `Decimal(${precision}, ${scale})` : 'String'
  return { kind: 'decimal', type, nullableType: `Nullable(${type})` }
}
