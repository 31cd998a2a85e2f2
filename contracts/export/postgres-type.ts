/**
 * The type of a property -> a type of Postgres, and the types of the user's that have to be made for it: enums, domains, composite types.
 *
 * Contracts are untrusted, so nothing of a type's text goes into a statement as it is: built-in types are rebuilt from their parts, and any
 * other name is quoted. Writings of other tools are understood (`varchar[50]`). A name without more is made a domain over the built-in type
 * that fits its logical type, or over text.
 */
import { sourceTypeOf } from '../compile/source-type.ts'
import { type ContractProperty, customValue } from '../model/contract.ts'
import { quoteName, quoteText } from '../postgres-quotes.ts'
import { isPgvector, pgvectorType, typeOfVector } from './pgvector-type.ts'

/** A type in SQL, and the statements that make it. */
export type PostgresType = {
  readonly sql: string
  readonly creates: readonly CreateType[]
  /** Does it, or a type that it is made of, belong to pgvector? */
  readonly usesPgvector: boolean
}

/** A type that has to be there first. `name` is quoted. */
export type CreateType = {
  readonly name: string
  readonly schema: string | undefined
  readonly statement: string
}

/** Built-in types by all their names -> the name to write, and how many sizes it may have. */
const BUILT_IN: ReadonlyMap<string, readonly [name: string, sizes: number]> = new Map<
  string,
  readonly [string, number]
>([
  ...[
    'smallint',
    'integer',
    'bigint',
    'real',
    'double precision',
    'boolean',
    'text',
    'date',
    'uuid',
    'json',
    'jsonb',
  ].map((name) => [name, [name, 0]] as const),
  ...[
    'bytea',
    'xml',
    'money',
    'inet',
    'cidr',
    'macaddr',
    'macaddr8',
    'point',
    'line',
    'lseg',
    'box',
    'path',
  ].map((name) => [name, [name, 0]] as const),
  ...[
    'polygon',
    'circle',
    'tsvector',
    'tsquery',
    'oid',
    'name',
    'int4range',
    'int8range',
    'numrange',
    'tsrange',
  ].map((name) => [name, [name, 0]] as const),
  ...[
    'tstzrange',
    'daterange',
    'int4multirange',
    'int8multirange',
    'nummultirange',
    'datemultirange',
    'pg_lsn',
  ].map((name) => [name, [name, 0]] as const),
  ...['interval', 'bit', 'bit varying', 'character', 'character varying'].map(
    (name) => [name, [name, 1]] as const,
  ),
  ['numeric', ['numeric', 2]],
  ['int2', ['smallint', 0]],
  ['int4', ['integer', 0]],
  ['int8', ['bigint', 0]],
  ['int', ['integer', 0]],
  ['serial', ['serial', 0]],
  ['bigserial', ['bigserial', 0]],
  ['smallserial', ['smallserial', 0]],
  ['float4', ['real', 0]],
  ['float8', ['double precision', 0]],
  ['bool', ['boolean', 0]],
  ['decimal', ['numeric', 2]],
  ['varchar', ['character varying', 1]],
  ['char', ['character', 1]],
  ['bpchar', ['bpchar', 1]],
  ['varbit', ['bit varying', 1]],
  ['string', ['text', 0]],
  ['number', ['numeric', 2]],
  ['object', ['jsonb', 0]],
  ['map', ['jsonb', 0]],
  ['array', ['jsonb', 0]],
])
/** Longest text with a length. */
const MAX_LENGTH = 10_485_760
/** By logical type, for names that are not built in. */
const BASES: Readonly<Record<string, string>> = {
  integer: 'integer',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  time: 'time',
}
const MAX_DEPTH = 5

/** Made of nothing else. */
const PLAIN = { creates: [], usesPgvector: false } as const

/** The type of a column. */
export function postgresType(property: ContractProperty): PostgresType {
  const domain = customValue(property, 'domain')
  const base = typeOf(property, sourceTypeOf(property), 0)
  if (typeof domain !== 'string' || domain === '') return base
  return named(domain, (name) => `create domain ${name} as ${base.sql}`, base)
}

function typeOf(property: ContractProperty, text: string, depth: number): PostgresType {
  const { element, dimensions } = withoutBrackets(text.trim().replaceAll(/\s+/g, ' '))
  const array = '[]'.repeat(dimensions)
  const plain = builtIn(element)
  if (plain !== undefined) return { ...PLAIN, sql: `${plain}${array}` }
  const isUntyped = property.logicalType === 'vector' && (property.physicalType ?? '').trim() === ''
  const vector = isUntyped ? typeOfVector(property) : pgvectorType(element, property)
  if (vector !== undefined)
    return {
      sql: `${vector}${vector.endsWith('[]') ? '' : array}`,
      creates: [],
      usesPgvector: isPgvector(vector),
    }
  const inner = dimensions > 0 && property.items ? property.items : property
  const values = customValue(inner, 'validValues') ?? inner.enum
  const made = ((): PostgresType => {
    if (Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string'))
      return named(
        element,
        (name) => `create type ${name} as enum (${values.map(quoteText).join(', ')})`,
        PLAIN,
      )
    if (inner.logicalType === 'object' && inner.properties.length > 0 && depth < MAX_DEPTH) {
      const fields = inner.properties.map((field) => ({
        name: quoteName(field.physicalName ?? field.name),
        type: typeOf(field, sourceTypeOf(field), depth + 1),
      }))
      const list = fields.map(({ name, type }) => `${name} ${type.sql}`).join(', ')
      const parts = {
        creates: fields.flatMap(({ type }) => type.creates),
        usesPgvector: fields.some(({ type }) => type.usesPgvector),
      }
      return named(element, (name) => `create type ${name} as (${list})`, parts)
    }
    const base = inner.logicalType === 'vector' ? typeOfVector(inner) : BASES[inner.logicalType ?? '']
    const parts = { creates: [], usesPgvector: base !== undefined && isPgvector(base) }
    return named(element, (name) => `create domain ${name} as ${base ?? 'text'}`, parts)
  })()
  return { ...made, sql: `${made.sql}${array}` }
}

function named(
  text: string,
  statement: (name: string) => string,
  madeOf: Omit<PostgresType, 'sql'>,
): PostgresType {
  const parts = nameParts(text)
  const name = parts.map(quoteName).join('.')
  const schema = parts.length > 1 ? parts[0] : undefined
  return { ...madeOf, sql: name, creates: [...madeOf.creates, { name, schema, statement: statement(name) }] }
}

/** `schema.name`, parts quoted or not. At most two. */
export function nameParts(text: string): readonly string[] {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replaceAll('""', '"'),
  )
  const [first = 'unnamed', ...rest] = parts.filter((part) => part !== '')
  return rest.length === 0 ? [first] : [first, rest.join('.')]
}

/** `int[][]`, `int[3]` and `integer array`; `varchar[50]` is a length. */
function withoutBrackets(text: string): { element: string; dimensions: number } {
  const sized = /^(varchar|char|bpchar|character|character varying|varbit|bit)\s*\[(\d+)\]$/i.exec(text)
  if (sized) return { element: `${sized[1]}(${sized[2]})`, dimensions: 0 }
  let element = text
  let dimensions = 0
  for (
    let end = /^(.*?)\s*\[\d*\]$/s.exec(element);
    end && dimensions < 6;
    end = /^(.*?)\s*\[\d*\]$/s.exec(element)
  ) {
    element = end[1] ?? ''
    dimensions++
  }
  // Arrays of any number of dimensions are one type.
  return { element, dimensions: Math.min(dimensions, 1) }
}

function builtIn(text: string): string | undefined {
  // A name in quotes or with a capital inside is the user's: "Name" is not `name`.
  if (/["A-Z]/.test(text) && text !== text.toUpperCase()) return undefined
  const lower = text.toLowerCase()
  const timed = /^(timestamp|time)(tz)?\s?(?:\((\d)\))?( with time zone| without time zone)?$/.exec(lower)
  if (timed) {
    const zone = timed[2] !== undefined || timed[4] === ' with time zone' ? ' with time zone' : ''
    return `${timed[1]}${timed[3] === undefined ? '' : `(${timed[3]})`}${zone}`
  }
  const [, base = '', first, second] =
    /^([a-z][a-z0-9_ ]*?)\s?(?:\((\d{1,10})(?:\s?,\s?(-?\d{1,4}))?\))?$/.exec(lower) ?? []
  const known = BUILT_IN.get(base)
  if (!known) return undefined
  const [name, sizes] = known
  if (sizes === 0 || first === undefined) return name
  if (Number(first) > MAX_LENGTH) return name === 'character' ? 'text' : name
  return second === undefined || sizes < 2 ? `${name}(${first})` : `${name}(${first},${second})`
}
