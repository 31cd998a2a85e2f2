/** Names of tables as Postgres and Debezium want them, so that blanks, quotes and capital letters in them do no harm. */
import { quoteName } from '#contracts/postgres-quotes.ts'

/** A table of the source. */
export type TableName = { readonly schema: string; readonly table: string }

/** Quotes a table for Postgres. */
export function quoteTable(name: TableName): string {
  return `${quoteName(name.schema)}.${quoteName(name.table)}`
}

/** `schema.table`, for people and as Debezium names a table. */
export function tableText(name: TableName): string {
  return `${name.schema}.${name.table}`
}
