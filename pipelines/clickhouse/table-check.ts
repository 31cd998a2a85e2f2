/**
 * A dataset's table as it is against as the contract wants it. Pure.
 *
 * What only expands is fine: added columns, and types that hold all that was stored so far. Whatever would change the meaning of stored rows is not: any other
 * type, any other type of a column of the sort key, another sort key, another engine. Columns that the contract does not know any more stay (contract
 * comes later, by a person).
 */
import { sortKey, type TableColumn, tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isWidening } from './type-widening.ts'

/** What the engine says of the table. */
export type ExistingTable = {
  readonly engine: string
  readonly sortingKey: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** Result: columns to add and columns to widen, or what does not fit. */
export type TableCheck =
  | {
      readonly fits: true
      readonly missing: readonly TableColumn[]
      readonly widened: readonly TableColumn[]
    }
  | { readonly fits: false; readonly detail: string }

/** Compares. */
export function checkTable(dataset: CompiledDataset, existing: ExistingTable): TableCheck {
  if (!existing.engine.endsWith('ReplacingMergeTree'))
    return { fits: false, detail: `its engine is ${existing.engine}, expected ReplacingMergeTree` }
  const key = sortKey(dataset)
  const wantedKey = key.join(', ')
  // The engine writes the key of one column in brackets.
  const actualKey = existing.sortingKey.replaceAll('`', '').replace(/^\((.*)\)$/, '$1')
  if (actualKey !== wantedKey)
    return { fits: false, detail: `it is sorted by (${actualKey}), the contract says (${wantedKey})` }
  const missing: TableColumn[] = []
  const widened: TableColumn[] = []
  for (const column of tableColumns(dataset)) {
    const actual = existing.columns.find(({ name }) => name === column.name)
    if (!actual) missing.push(column)
    else if (typeText(actual.type) !== typeText(column.type)) {
      const isKey = key.includes(column.name)
      if (!isKey && isWidening(actual.type, column.type)) widened.push(column)
      else {
        const why = isKey ? '; the engine cannot change the type of a column that it sorts by' : ''
        return {
          fits: false,
          detail: `column ${column.name} is ${actual.type}, the contract says ${typeText(column.type)}${why}`,
        }
      }
    }
  }
  return { fits: true, missing, widened }
}

/** Without a default expression, and with one way to write blanks. */
function typeText(type: string): string {
  return type
    .replace(/ DEFAULT .*$/, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/, /g, ',')
    .trim()
}
