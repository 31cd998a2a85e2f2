/**
 * Contracts against the source: every fault that would make capture wrong, at once.
 *
 * A contract may be stricter than its table (required where the table allows NULL): that is what quarantine is for. It may
 * also leave columns out. What it may not do is name what is not there, or tell rows apart by what is not unique.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { nearest } from '#contracts/nearest.ts'
import { tableText } from './postgres-names.ts'
import { typeFault } from './postgres-types.ts'
import type { SourceCatalog, SourceTable } from './source-catalog.ts'

/** One fault of one table. Names only. */
export type SourceFault = { readonly table: string; readonly message: string }

/** Checks every dataset; empty if all is well. */
export function checkSource(
  datasets: readonly CompiledDataset[],
  catalog: SourceCatalog,
): readonly SourceFault[] {
  return datasets.flatMap((dataset) => {
    const table = tableText(dataset.source)
    const found = catalog.tables.find((candidate) => tableText(candidate) === table)
    const messages = found ? checkTable(dataset, found) : ['there is no such table in the source']
    return messages.map((message) => ({ table, message }))
  })
}

function checkTable(dataset: CompiledDataset, table: SourceTable): readonly string[] {
  if (table.kind === 'other') return ['it is not a table (views and foreign tables cannot be captured)']
  const faults: string[] = []
  const names = table.columns.map((column) => column.name)
  for (const column of dataset.columns) {
    const actual = table.columns.find((candidate) => candidate.name === column.source)
    if (!actual) {
      const near = nearest(column.source, names)
      faults.push(`column ${column.source}: not in the source${near ? `; did you mean ${near}?` : ''}`)
      continue
    }
    if (actual.generated) faults.push(`column ${column.source}: generated columns are not replicated`)
    const fault = typeFault(column.sourceType, actual)
    if (fault !== undefined) faults.push(`column ${column.source}: ${fault}`)
  }
  const keyFault = checkKey(dataset, table)
  return keyFault === undefined ? faults : [...faults, keyFault]
}

function checkKey(dataset: CompiledDataset, table: SourceTable): string | undefined {
  const key = new Set(dataset.key)
  if (table.uniqueKeys.some((unique) => unique.every((column) => key.has(column)))) return undefined
  if (table.primaryKey.length === 0) {
    if (table.identity === 'full') return undefined
    return 'it has no primary key: add one, or tell its rows apart by all columns with ALTER TABLE … REPLICA IDENTITY FULL'
  }
  return `the key of the contract (${dataset.key.join(', ')}) is not unique in the source; the primary key is (${table.primaryKey.join(', ')})`
}
