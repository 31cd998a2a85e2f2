/**
 * Types of which Debezium does not tell that a large value (TOAST) has not changed, under REPLICA IDENTITY DEFAULT. Measured with
 * 3.7.0.Final and base64 binaries, an UPDATE that leaves the value alone:
 *
 *   text, varchar, char, citext, xml, json, jsonb, hstore, tsvector, ltree, ranges, numeric, domains over them;
 *   text[], varchar[], integer[], bigint[], uuid[], json[], jsonb[]        the placeholder comes: known
 *   bytea, and what Debezium does not know: multiranges, jsonpath, lquery, composite types …
 *                                                                          NULL comes: the value would be lost without a word
 *   bit(n), path, polygon; smallint[], boolean[], float8[], numeric[], date[], timestamptz[], inet[], bytea[], citext[], enum[], ranges[]
 *                                                                          the connector's task fails
 *
 * Under REPLICA IDENTITY FULL all of them come with their value. Arrays that were not measured are taken for the worst.
 */
import { arrayElement } from '#contracts/compile/type-mapping.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { sourceForm, type TypedSource } from './source-form.ts'

/** Element types of arrays whose placeholder comes. */
const KNOWN_ELEMENTS: ReadonlySet<string> = new Set([
  'text',
  'character varying',
  'integer',
  'bigint',
  'uuid',
  'json',
  'jsonb',
])
/** Types of any length that are no text for Debezium. Those of PostGIS were not measured. */
const BINARY: ReadonlySet<string> = new Set([
  'bytea',
  'bit varying',
  'path',
  'polygon',
  'geometry',
  'geography',
  'vector',
  'halfvec',
  'sparsevec',
])
/** A value of fewer bits is never kept apart from its row. */
const MOST_BITS_IN_ROW = 128

/** True if a table with such a column needs REPLICA IDENTITY FULL. */
export function losesUnchanged(column: TypedSource): boolean {
  const type = column.baseType ?? column.type
  const element = arrayElement(type)
  if (element !== undefined) return !KNOWN_ELEMENTS.has(typeName(element).name)
  const { name, modifiers } = typeName(type)
  if (name === 'bit') return (modifiers[0] ?? 1) > MOST_BITS_IN_ROW
  return BINARY.has(name) || sourceForm(column) === 'opaque'
}
