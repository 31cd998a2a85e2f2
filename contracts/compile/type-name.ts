/**
 * A Postgres type as a contract or the catalog writes it, taken apart: `numeric(12, -2)`, `timestamp(3) with time zone`,
 * `public.hstore`, `"Order Status"`.
 */

/** Type names as they are in the catalog, for the other names that they have. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['int', 'integer'],
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['smallserial', 'smallint'],
  ['serial2', 'smallint'],
  ['serial', 'integer'],
  ['serial4', 'integer'],
  ['bigserial', 'bigint'],
  ['serial8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bool', 'boolean'],
  ['decimal', 'numeric'],
  ['varchar', 'character varying'],
  ['char', 'character'],
  ['bpchar', 'character'],
  ['varbit', 'bit varying'],
  ['timetz', 'time with time zone'],
  ['timestamptz', 'timestamp with time zone'],
  ['time', 'time without time zone'],
  ['timestamp', 'timestamp without time zone'],
])

/** Types of extensions: they may lie in any schema. */
const OF_EXTENSIONS: ReadonlySet<string> = new Set([
  'citext',
  'hstore',
  'ltree',
  'lquery',
  'ltxtquery',
  'cube',
  'seg',
  'query_int',
  'ean13',
  'isbn',
  'isbn13',
  'ismn',
  'ismn13',
  'issn',
  'issn13',
  'upc',
  'vector',
  'halfvec',
  'sparsevec',
  'geometry',
  'geography',
])

/** See above. */
export type TypeName = {
  /** Name as `format_type` writes it, in lower case unless it is quoted; without a schema for what Postgres and known extensions bring. */
  readonly name: string
  /** What stands in brackets, as numbers. */
  readonly modifiers: readonly number[]
}

/** Takes a type apart that is no array. Any text has a name; what is not understood is a name of the user's. */
export function typeName(postgresType: string): TypeName {
  const text = postgresType.trim().replaceAll(/\s+/g, ' ')
  const [, before = text, list, after = ''] =
    /^([^()]{1,200}?) ?\(([\d ,-]{1,30})\)([a-zA-Z ]*)$/.exec(text) ?? []
  const written = `${before}${after}`
  const name = written.includes('"') ? written : written.toLowerCase()
  const modifiers = list === undefined ? [] : list.split(',').map(Number)
  return { name: known(name), modifiers }
}

function known(name: string): string {
  const bare = name.startsWith('pg_catalog.') ? name.slice('pg_catalog.'.length) : name
  const last = bare.slice(bare.lastIndexOf('.') + 1)
  if (OF_EXTENSIONS.has(last)) return last
  return ALIASES.get(bare) ?? bare
}
