/**
 * In which form capture sends the values of a Postgres type. Most come as what is stored: text, numbers, ISO moments. Of others Debezium
 * makes something else, and they are made Postgres' text again before anything looks at them (`transforms/postgres-text.ts`).
 *
 * What Debezium makes of each type was measured with 3.7.0.Final, in snapshots and in the stream; see `pipelines/TYPES.md`.
 */
import type { CompiledColumn } from './compiled-dataset.ts'
import { arrayElement, mapPostgresType } from './type-mapping.ts'
import { typeName } from './type-name.ts'

/**
 * - `plain`: as it is stored
 * - `time`: with a `Z` at its end
 * - `interval`: ISO 8601 with every part, zeros too
 * - `bit`: a boolean, of bit(1)
 * - `bits`: base64 of the bits, the last one first
 * - `opaque`: base64 of Postgres' text, of types that Debezium does not know
 * - `sparse`: an object with dimensions and values, of pgvector's sparsevec
 * - the others: an object with numbers, or with well-known binary
 */
export type WireForm =
  | 'plain'
  | 'time'
  | 'interval'
  | 'bit'
  | 'bits'
  | 'opaque'
  | 'sparse'
  | 'point'
  | 'line'
  | 'lseg'
  | 'box'
  | 'path'
  | 'polygon'
  | 'circle'

const FORMS: ReadonlyMap<string, WireForm> = new Map([
  ['time without time zone', 'time'],
  ['sparsevec', 'sparse'],
  ['point', 'point'],
  ['line', 'line'],
  ['lseg', 'lseg'],
  ['box', 'box'],
  ['path', 'path'],
  ['polygon', 'polygon'],
  ['circle', 'circle'],
])

/** Types of Postgres and its extensions that Debezium does not know. */
export const OPAQUE_TYPES: ReadonlySet<string> = new Set([
  'int4multirange',
  'int8multirange',
  'nummultirange',
  'tsmultirange',
  'tstzmultirange',
  'datemultirange',
  'tsquery',
  'jsonpath',
  'pg_lsn',
  'pg_snapshot',
  'txid_snapshot',
  'xid',
  'xid8',
  'cid',
  'tid',
  'regclass',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'regrole',
  'regtype',
  'aclitem',
  'cube',
  'seg',
  'lquery',
  'ltxtquery',
  'query_int',
  'ean13',
  'isbn13',
  'ismn',
  'ismn13',
  'issn',
  'issn13',
  'upc',
])

/** Names that only contracts without a physical type have. */
const LOGICAL_ONLY = new Set(['string', 'number', 'integer', 'object', 'array', 'map', 'list'])

/**
 * The form of a column; of an array, that of its elements. A type of the user's is taken for an enum, whose text is sent, unless the
 * contract says `logicalType: object`: then it is a composite type (or another that Debezium does not know), which is opaque.
 */
export function wireFormOf(
  column: Pick<CompiledColumn, 'sourceType'> & Partial<Pick<CompiledColumn, 'logicalType'>>,
): WireForm {
  const { name, modifiers } = typeName(arrayElement(column.sourceType) ?? column.sourceType)
  if (name.startsWith('interval') && /^interval( |$)/.test(name)) return 'interval'
  if (name === 'bit') return (modifiers[0] ?? 1) === 1 ? 'bit' : 'bits'
  if (OPAQUE_TYPES.has(name)) return 'opaque'
  const form = FORMS.get(name)
  if (form !== undefined) return form
  return column.logicalType === 'object' && isUsers(column.sourceType, name) ? 'opaque' : 'plain'
}

/** A name that nobody else knows. */
function isUsers(sourceType: string, name: string): boolean {
  return mapPostgresType(sourceType).kind === 'text' && !PLAIN_TEXT_TYPES.has(name) && !LOGICAL_ONLY.has(name)
}

/** Types of Postgres and its extensions that are stored as text, and sent as it. */
export const PLAIN_TEXT_TYPES: ReadonlySet<string> = new Set([
  'text',
  'character varying',
  'character',
  '"char"',
  'name',
  'citext',
  'bytea',
  'time with time zone',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'xml',
  'tsvector',
  'ltree',
  'isbn',
  'int4range',
  'int8range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
  'bit varying',
  'geometry',
  'geography',
])
