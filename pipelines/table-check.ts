/**
 * A dataset's table as it is against as the contract wants it. Pure.
 *
 * Added columns are fine (expand); whatever would change the meaning of stored rows is not: another type, another sort key, another engine. Columns that the
 * contract does not know any more stay (contract comes later, by a person).
 */
import { sortKey, type TableColumn, tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'

/** What the engine says of the table. */
export type ExistingTable = {
  readonly engine: string
  readonly sortingKey: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** Result: columns to add, or what does not fit. */
export type TableCheck =
  | { readonly fits: true; readonly missing: readonly TableColumn[] }
  | { readonly fits: false; readonly detail: string }

/** Compares. */
export function checkTable(dataset: CompiledDataset, existing: ExistingTable): TableCheck {
  if (!existing.engine.endsWith('ReplacingMergeTree'))
    return { fits: false, detail: `its engine is ${existing.engine}, expected ReplacingMergeTree` }
  const wantedKey = sortKey(dataset).join(', ')
  // The engine writes the key of one column in brackets.
  const actualKey = existing.sortingKey.replaceAll('`', '').replace(/^\((.*)\)$/, '$1')
  if (actualKey !== wantedKey)
    return { fits: false, detail: `it is sorted by (${actualKey}), the contract says (${wantedKey})` }
  const missing: TableColumn[] = []
  for (const column of tableColumns(dataset)) {
    const actual = existing.columns.find(({ name }) => name === column.name)
    if (!actual) missing.push(column)
    else if (typeText(actual.type) !== typeText(column.type))
      return {
        fits: false,
        detail: `column ${column.name} is ${actual.type}, the contract says ${typeText(column.type)}`,
      }
  }
  return { fits: true, missing }
}

/** Without a default expression, and with one way to write blanks. */
function typeText(type: string): string {
  return type
    .replace(/ DEFAULT .*$/, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/, /g, ',')
    .trim()
}
