/**
 * How a table is named to Debezium in a signal that asks for its snapshot beside the stream (measured with 3.7.0.Final). Debezium takes the
 * name for a regular expression over `schema.table` first; where nothing matches, for a name whose parts may be quoted.
 *
 * - What matches is taken apart at dots, so that names with dots come quoted.
 * - An expression that is none stops its signals for good.
 * - While the snapshot runs it keeps the names in its position, and does not read those with blanks or backticks in them again: its task would fail at the
 *   next start. (A snapshot that blocks the stream would take them, and lose what is left of it at a restart.)
 */
import { javaPattern } from '#contracts/export/debezium.ts'
import { quoteTable, type TableName, tableText } from './postgres-names.ts'

const NOT_KEPT = /[\s`]/
const TAKEN_APART = /[.']/
/** What may make an expression that is none. */
const OF_EXPRESSIONS = /[*+?{}()[\]\\]/

/** The name; undefined for one that cannot be said, which only a snapshot of all tables reads. */
export function snapshotId(name: TableName): string | undefined {
  const parts = [name.schema, name.table]
  if (parts.some((part) => NOT_KEPT.test(part))) return undefined
  if (!parts.some((part) => TAKEN_APART.test(part))) return javaPattern(tableText(name))
  const quoted = quoteTable(name)
  return OF_EXPRESSIONS.test(quoted) ? undefined : quoted
}
