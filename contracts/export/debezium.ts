/**
 * Datasets -> the part of a Debezium connector's configuration that says which tables and columns are captured: `table.include.list`,
 * `column.exclude.list` (columns that are dropped need not leave the source at all), `message.key.columns`.
 *
 * Debezium reads these lists as Java regular expressions, splits them at commas, colons and semicolons first, and matches without regard to case
 * unless told so: every character but letters, digits and `_` is written as its code, and every name is matched as it is.
 */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { piiDescription } from '../pii/pii-words.ts'

/** A table of the source. */
type SourceTable = { readonly schema: string; readonly table: string }

/** A Java regular expression that matches exactly this text. */
export function javaPattern(text: string): string {
  return [...text]
    .map((character) =>
      /[A-Za-z0-9_]/.test(character)
        ? character
        : `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
    )
    .join('')
}

/** A Java regular expression that matches exactly this table, `schema.table`. */
export function tablePattern(name: SourceTable): string {
  return `(?-i)${javaPattern(name.schema)}\\.${javaPattern(name.table)}`
}

/** `table.include.list` of the datasets, each table once, and of tables beside them. */
export function tableIncludeList(
  datasets: readonly CompiledDataset[],
  beside: readonly SourceTable[] = [],
): string {
  return [...new Set([...datasets.map(({ source }) => source), ...beside].map(tablePattern))].join(',')
}

/** `message.key.columns` of one dataset: its key, and the tenant. */
export function messageKey(dataset: CompiledDataset): readonly string[] {
  const tenant = dataset.tenant.kind === 'column' ? [dataset.tenant.source] : []
  return [...new Set([...dataset.key, ...tenant])]
}

/** One entry of `message.key.columns`. */
export function messageKeyPattern(dataset: CompiledDataset): string {
  return `${tablePattern(dataset.source)}:${messageKey(dataset).map(javaPattern).join(',')}`
}

/** `column.exclude.list`: what is not stored. Empty if everything is. */
export function columnExcludeList(datasets: readonly CompiledDataset[]): string {
  const columns = datasets.flatMap((dataset) =>
    dataset.columns
      .filter(({ target }) => target === null)
      .map(({ source }) => `${tablePattern(dataset.source)}\\.${javaPattern(source)}`),
  )
  return [...new Set(columns)].join(',')
}

/** The lists as JSON, with what becomes of each column beside them. */
export function debeziumLists(datasets: readonly CompiledDataset[]): string {
  const excluded = columnExcludeList(datasets)
  const keys = datasets.filter((dataset) => messageKey(dataset).length > 0).map(messageKeyPattern)
  const lists = {
    config: {
      'table.include.list': tableIncludeList(datasets),
      ...(excluded === '' ? {} : { 'column.exclude.list': excluded }),
      ...(keys.length === 0 ? {} : { 'message.key.columns': keys.join(';') }),
    },
    tables: datasets.map((dataset) => ({
      table: `${dataset.source.schema}.${dataset.source.table}`,
      contract: dataset.contractId,
      version: dataset.contractVersion,
      columns: dataset.columns.map((column) => ({
        name: column.source,
        captured: column.target !== null,
        ...(column.pii ? { protection: piiDescription(column.pii) } : {}),
        storedAs: column.target,
      })),
    })),
  }
  return `${JSON.stringify(lists, undefined, 2)}\n`
}
