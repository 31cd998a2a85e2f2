/**
 * How a table is named to Debezium in a signal that asks for its snapshot beside the stream (measured with 3.7.0.Final). Debezium takes the
 * name for a regular expression over `schema.table` first; where nothing matches, for a name whose parts may be quoted.
 *
 * - What matches is taken apart at dots, so that names with dots come quoted.
 * - An expression that is none stops its signals for good.
 * - While the snapshot runs it keeps the names in its position, and does not read those with blanks or backticks in them again: its task would fail at the
 *   next start. (A snapshot that blocks the stream would take them, and lose what is left of it at a restart.)
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { javaPattern, messageKey } from '#contracts/export/debezium.ts'
import { quoteTable, type TableName, tableText } from './postgres-names.ts'
import type { SourceTable } from './source-catalog.ts'

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

/**
 * A column of the key for which a table cannot be read beside the stream. It is read in portions by the key, and Debezium says the end of one as a number
 * where it is money: Postgres does not compare the two, and all after the first portion would be left out without a word.
 */
export function unreadableKey(dataset: CompiledDataset, { columns }: SourceTable): string | undefined {
  const key = messageKey(dataset)
  return columns.find(
    ({ name, type, baseType }) => key.includes(name) && typeName(baseType ?? type).name === 'money',
  )?.name
}
