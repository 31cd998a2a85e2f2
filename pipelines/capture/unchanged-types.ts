/**
 * Types of which Debezium does not tell that a large value (TOAST) has not changed, under REPLICA IDENTITY DEFAULT. Measured with
 * 3.7.0.Final and base64 binaries, an UPDATE that leaves the value alone:
 *
 *   text, varchar, json, jsonb, numeric; text[], varchar[], integer[], bigint[], uuid[], jsonb[]   the placeholder comes: known
 *   bytea                                                                  NULL comes: the value would be lost without a word
 *   smallint[], boolean[], float8[], numeric[], date[], timestamptz[], inet[], bytea[]   the connector's task fails
 *
 * Under REPLICA IDENTITY FULL all of them come with their value. Types that were not measured are taken for the worst.
 */

/** Element types of arrays whose placeholder comes. */
const KNOWN_ELEMENTS = /^(text|character varying(\(\d+\))?|integer|bigint|uuid|jsonb)$/
/** Types of any length that are no text for Debezium. */
const BINARY = /^("?\w+"?\.)?(bytea|bit varying|hstore|geometry|geography|path|polygon|tsvector)\b/

/** True if a table with a column of this type (as `format_type` prints it) needs REPLICA IDENTITY FULL. */
export function losesUnchanged(type: string): boolean {
  const text = type.trim().toLowerCase()
  const element = text.replace(/(\[\])+$/, '')
  return element === text ? BINARY.test(text) : !KNOWN_ELEMENTS.test(element)
}
