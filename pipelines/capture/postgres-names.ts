/** Names and texts as Postgres and Debezium want them, so that blanks, quotes and capital letters in names do no harm. */

/** A table of the source. */
export type TableName = { readonly schema: string; readonly table: string }

/** Quotes an identifier for Postgres. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a table for Postgres. */
export function quoteTable(name: TableName): string {
  return `${quoteName(name.schema)}.${quoteName(name.table)}`
}

/** Quotes a text for Postgres, whatever standard_conforming_strings is set to. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}

/** `schema.table`, for people and as Debezium names a table. */
export function tableText(name: TableName): string {
  return `${name.schema}.${name.table}`
}
