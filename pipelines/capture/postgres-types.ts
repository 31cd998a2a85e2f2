/** Compares a Postgres type as a contract writes it with what the catalog says. */
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import type { SourceColumn } from './source-catalog.ts'

const ALIASES: Readonly<Record<string, string>> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  smallserial: 'smallint',
  serial: 'integer',
  serial4: 'integer',
  bigserial: 'bigint',
  serial8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  decimal: 'numeric',
  varchar: 'character varying',
  char: 'character',
  bpchar: 'character',
  varbit: 'bit varying',
  timetz: 'time with time zone',
  timestamptz: 'timestamp with time zone',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
}

/** Logical types of ODCS that are no Postgres types: a contract without physicalType has them. */
const LOGICAL_ONLY = new Set(['string', 'number', 'object', 'array'])

type TypeParts = { readonly base: string; readonly modifier: string; readonly array: boolean }

function parts(type: string): TypeParts {
  let text = type.trim().replaceAll(/\s+/g, ' ')
  const array = text.endsWith('[]')
  while (text.endsWith('[]')) text = text.slice(0, -2)
  const match = /^(.*?) ?\(([\d ,-]+)\)(.*)$/.exec(text)
  const modifier = (match?.[2] ?? '').replaceAll(' ', '')
  const written = match ? `${match[1]}${match[3]}` : text
  const base = written.includes('"') ? written : written.toLowerCase()
  return { base: ALIASES[base] ?? base, modifier, array }
}

/** Schema (empty if it is not written) and name of a type, without quotes and in lower case. */
function qualified(base: string): readonly [string, string] {
  const names = [...base.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').toLowerCase(),
  )
  return names.length > 1 ? [names[0] ?? '', names.slice(1).join('.')] : ['', names[0] ?? '']
}

function sameType(declared: TypeParts, actual: TypeParts): boolean {
  if (declared.array !== actual.array) return false
  const [schema, name] = qualified(declared.base)
  const [actualSchema, actualName] = qualified(actual.base)
  if (name !== actualName) return false
  if (schema !== '' && actualSchema !== '' && schema !== actualSchema) return false
  // A type without a modifier is wider than one with it, and what is wider holds the values without loss.
  return declared.modifier === '' || normalized(declared) === normalized(actual)
}

/** numeric(12) is numeric(12,0). */
function normalized({ base, modifier }: TypeParts): string {
  return base === 'numeric' && modifier !== '' && !modifier.includes(',') ? `${modifier},0` : modifier
}

/**
 * Why the contract's type does not fit the source column, or undefined if it does.
 *
 * A domain may be named itself or by its base type, as long as both are stored the same way.
 */
export function typeFault(declared: string, column: SourceColumn): string | undefined {
  const wanted = parts(declared)
  const actual = column.baseType ?? column.type
  const shown = column.baseType === null ? column.type : `${column.type} (a domain over ${column.baseType})`
  if (LOGICAL_ONLY.has(wanted.base)) {
    if (mapPostgresType(declared).kind === mapPostgresType(actual).kind) return undefined
    return `the source is ${shown}; write physicalType: ${actual}`
  }
  if (sameType(wanted, parts(actual))) return undefined
  if (column.baseType !== null && sameType(wanted, parts(column.type))) {
    if (mapPostgresType(declared).kind === mapPostgresType(actual).kind) return undefined
    return `${column.type} is a domain; write its base type, physicalType: ${column.baseType}`
  }
  return `the contract says ${declared}, the source is ${shown}`
}
