/**
 * Partitions that come and go while their table is captured. Postgres tells the changes of a new one as changes of its root, but nothing of the rows that it
 * brings along (ALTER TABLE … ATTACH PARTITION): they are read beside the stream. Of one that leaves (DETACH, DROP) it tells nothing at all.
 *
 * What is known is kept in the source, in `mogo.partitions`. A root stands there itself, too, so that its first partition is a new one.
 */
import { tableText } from './postgres-names.ts'
import type { SourceCatalog, SourcePartition, SourceTable } from './source-catalog.ts'

/** What has changed in one table. */
export type PartitionChanges = {
  readonly table: SourceTable
  readonly come: readonly SourcePartition[]
  /** `schema.table` of those that are no partition of it any more. */
  readonly gone: readonly string[]
}

/** What has changed in tables that are captured; `anew` are `schema.table` of those that are read as a whole in any case. */
export function partitionChanges(
  catalog: SourceCatalog,
  anew: readonly string[],
): readonly PartitionChanges[] {
  return catalog.tables.flatMap((table) => {
    const root = tableText(table)
    const known = catalog.partitions?.get(root)
    if (table.kind !== 'partitioned' || !known || anew.includes(root)) return []
    const now = new Set(table.partitions.map(tableText))
    const come = table.partitions.filter((partition) => !known.includes(tableText(partition)))
    const gone = known.filter((name) => !now.has(name))
    return come.length + gone.length === 0 ? [] : [{ table, come, gone }]
  })
}

/** What has to be noted when all rows of these tables are, or are being, read: all partitions that they have. */
export function knownPartitions(tables: readonly SourceTable[]): readonly KnownPartitions[] {
  return tables
    .filter(({ kind }) => kind === 'partitioned')
    .map((table) => ({ root: tableText(table), partitions: table.partitions.map(tableText) }))
}

/** A root and its partitions, `schema.table`. */
export type KnownPartitions = { readonly root: string; readonly partitions: readonly string[] }

/** Longest condition that fits into a signal (a column of 32 KiB) with all else. */
const LONGEST_CONDITION = 20_000

/** What is asked of Debezium: the table, of which just the rows of the partition are read, unless that would take too long to say. */
export function snapshotOfPartition(pattern: string, { condition }: SourcePartition): object {
  const all = { 'data-collections': [pattern], type: 'INCREMENTAL' }
  if (condition === '' || condition.length > LONGEST_CONDITION) return all
  return { ...all, 'additional-conditions': [{ 'data-collection': pattern, filter: condition }] }
}
