/**
 * Contracts against the source: every fault that would make capture wrong, at once.
 *
 * A contract may be stricter than its table (required where the table allows NULL): that is what quarantine is for. It may
 * also leave columns out. What it may not do is name what is not there, or tell rows apart by what is not unique.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { messageKey } from '#contracts/export/debezium.ts'
import { nearest } from '#contracts/nearest.ts'
import { notCarried } from './carried-types.ts'
import { nameFaults } from './check-names.ts'
import { HEARTBEAT_TABLE, SIGNAL_TABLE } from './plan-source.ts'
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
    const messages = found ? checkTable(dataset, found) : [absent(datasets, catalog)]
    return [...nameFaults(dataset, datasets), ...messages].map((message) => ({ table, message }))
  })
}

/**
 * A table that was renamed stays in the publication, under its new name, of which the connector knows nothing: its changes are in no topic. No
 * contract names it, nor is it one of our own, so it is told.
 */
function absent(datasets: readonly CompiledDataset[], catalog: SourceCatalog): string {
  const known = new Set(
    [...datasets.map(({ source }) => source), HEARTBEAT_TABLE, SIGNAL_TABLE].map(tableText),
  )
  const unknown = (catalog.publication?.tables ?? []).map(tableText).filter((table) => !known.has(table))
  const fault = 'there is no such table in the source'
  if (unknown.length === 0) return fault
  return `${fault}; was it renamed? The publication has ${unknown.join(', ')}, which no contract names. Changes since then were not captured: rename it back, or give the contract the new physicalName; then read everything again with \`mogo capture apply --resnapshot\``
}

function checkTable(dataset: CompiledDataset, table: SourceTable): readonly string[] {
  if (table.kind === 'other') return ['it is not a table (views and foreign tables cannot be captured)']
  if (table.hasChildren)
    return [
      'other tables inherit from it (INHERITS): their rows would be read once, and their changes never come. Capture the tables one by one, or make it a partitioned table',
    ]
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
    // What is not stored need not be captured; see connector-config.ts.
    if (column.target === null && notCarried(actual) !== undefined) continue
    const fault = typeFault(column, actual)
    if (fault !== undefined) faults.push(`column ${column.source}: ${fault}`)
  }
  const keyFault = checkKey(dataset, table)
  return keyFault === undefined ? faults : [...faults, keyFault]
}

/** Does the source keep rows apart by the key of the contract? */
function hasUniqueKey(dataset: CompiledDataset, table: SourceTable): boolean {
  const key = new Set(dataset.key)
  return table.uniqueKeys.some((unique) => unique.every((column) => key.has(column)))
}

function checkKey(dataset: CompiledDataset, table: SourceTable): string | undefined {
  if (hasUniqueKey(dataset, table)) return undefined
  if (table.primaryKey.length === 0) {
    if (table.identity === 'full') return undefined
    return 'it has no primary key: add one, or tell its rows apart by all columns with ALTER TABLE … REPLICA IDENTITY FULL'
  }
  return `the key of the contract (${dataset.key.join(', ')}) is not unique in the source; the primary key is (${table.primaryKey.join(', ')})`
}

/** What tells rows apart here although nothing in the source says that it does: undefined where something does. */
export function uncheckedKey(dataset: CompiledDataset, table: SourceTable): readonly string[] | undefined {
  return hasUniqueKey(dataset, table) ? undefined : messageKey(dataset)
}
