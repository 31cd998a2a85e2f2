/**
 * Which types Debezium brings as they are. It was measured with 3.7.0.Final, type by type, in snapshots and in the stream (`TYPES.md`): some it
 * changes or leaves out without a word, at others it stops.
 *
 * A column of such a type cannot be under contract; one that is not under contract is left out of capture, so that it does no harm.
 */
import { arrayElement } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { OPAQUE_TYPES } from '#contracts/compile/wire-form.ts'
import type { TypedSource } from './source-form.ts'

/** Why, of those that are no arrays. */
const NOT_CARRIED: ReadonlyMap<string, string> = new Map([
  ['bit varying', 'Debezium drops the zeros at its beginning'],
  ['int2vector', 'Debezium sends it empty'],
  ['oidvector', 'Debezium sends it empty'],
  ['refcursor', 'a snapshot would open the cursor that a value names'],
])

/** Types whose arrays come as they are, with NULL elements. */
const CARRIED_ELEMENTS: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'oid',
  'real',
  'double precision',
  'numeric',
  'boolean',
  'text',
  'character varying',
  'character',
  '"char"',
  'citext',
  'bytea',
  'uuid',
  'date',
  'time with time zone',
  'timestamp without time zone',
  'timestamp with time zone',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'json',
  'jsonb',
  'hstore',
  'int4range',
  'int8range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
])

/** Types whose arrays come as they are while no element is NULL, at which Debezium stops. */
const CARRIED_WITHOUT_NULL: ReadonlySet<string> = new Set(['ltree', 'tsvector', ...OPAQUE_TYPES])

/** Types with arrays that Debezium leaves out of its messages. */
const LEFT_OUT: ReadonlySet<string> = new Set(['money', 'name', 'bit varying', 'xml', 'point'])

/** Digits of a second that arrays of times keep. */
const ARRAY_TIME_DIGITS = 3

/** Why a column of this type cannot be under contract; undefined if it can. */
export function notCarried(column: TypedSource): string | undefined {
  const type = column.baseType ?? column.type
  const element = arrayElement(type)
  if (element === undefined) return NOT_CARRIED.get(typeName(type).name)
  const { name, modifiers } = typeName(element)
  if (CARRIED_ELEMENTS.has(name) || CARRIED_WITHOUT_NULL.has(name)) return undefined
  if (column.elementKind === 'enum') return undefined
  if (name === 'time without time zone')
    return (modifiers[0] ?? 6) <= ARRAY_TIME_DIGITS
      ? undefined
      : 'Debezium cuts microseconds in arrays of times'
  if (LEFT_OUT.has(name) || /^interval( |$)/.test(name)) return 'Debezium leaves such arrays out'
  return 'Debezium cannot send such arrays'
}

/** Does Debezium stop at some values of this type, although it brings the others as they are? See bent-values.ts. */
export function mayStop(column: TypedSource): boolean {
  const type = column.baseType ?? column.type
  const element = arrayElement(type)
  const { name } = typeName(element ?? type)
  if (name === 'time with time zone' || (element !== undefined && name === 'numeric')) return true
  return stopsAtNullElement(column)
}

/** Does Debezium stop at an array of this type if one of its elements is NULL? */
export function stopsAtNullElement(column: TypedSource): boolean {
  const element = arrayElement(column.baseType ?? column.type)
  if (element === undefined) return false
  return column.elementKind === 'enum' || CARRIED_WITHOUT_NULL.has(typeName(element).name)
}
