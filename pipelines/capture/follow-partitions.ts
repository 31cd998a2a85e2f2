/**
 * Partitions that come and go while their table is captured. Postgres tells the changes of a new one as changes of its root, but nothing of the rows that it
 * brings along (ALTER TABLE … ATTACH PARTITION): they are read beside the stream. Of one that leaves (DETACH, DROP) it tells nothing at all.
 *
 * What is known is kept in the source, in `mogo.partitions`: which partition was attached when, so that one that takes another's name, or has left and come
 * back, is a new one, and one that is renamed is none. A root stands there itself, too, so that its first partition is a new one.
 */
import { tableText } from './postgres-names.ts'
import type { KnownPartition, SourceCatalog, SourcePartition, SourceTable } from './source-catalog.ts'

/** What has changed in one table. */
export type PartitionChanges = {
  readonly table: SourceTable
  readonly come: readonly SourcePartition[]
  /** `schema.table` of those that are no partition of it any more. */
  readonly gone: readonly string[]
}

/** A root, `schema.table`, and all partitions that it has. */
export type KnownPartitions = { readonly root: string; readonly partitions: readonly KnownPartition[] }

/**
 * What has changed in tables that are captured; `anew` are `schema.table` of those that are read as a whole in any case, `altered` of partitions whose changes have
 * not told enough until now: what has changed in them meanwhile is read, too.
 */
export function partitionChanges(
  catalog: SourceCatalog,
  anew: readonly string[],
  altered: ReadonlySet<string>,
): readonly PartitionChanges[] {
  return catalog.tables.flatMap((table) => {
    const root = tableText(table)
    if (table.kind !== 'partitioned' || anew.includes(root) || !catalog.captured.includes(root)) return []
    const known = catalog.partitions?.get(root)
    const attached = new Set(known?.map((each) => each.attached))
    const come = table.partitions.filter(
      (partition) =>
        (known !== undefined && !attached.has(partition.attached)) || altered.has(tableText(partition)),
    )
    const names = new Set(table.partitions.map(tableText))
    const now = new Set(table.partitions.map((partition) => partition.attached))
    const gone = (known ?? []).filter((each) => !now.has(each.attached) && !names.has(each.partition))
    return come.length + gone.length === 0
      ? []
      : [{ table, come, gone: gone.map(({ partition }) => partition) }]
  })
}

/** What has to be noted when all rows of these tables are, or are being, read: all partitions that they have. */
export function knownPartitions(tables: readonly SourceTable[]): readonly KnownPartitions[] {
  return tables
    .filter(({ kind }) => kind === 'partitioned')
    .map((table) => ({
      root: tableText(table),
      partitions: table.partitions.map((partition) => ({
        ...{ attached: partition.attached, partition: tableText(partition) },
      })),
    }))
}

/** Longest condition that fits into a signal (a column of 32 KiB) with all else. */
const LONGEST_CONDITION = 20_000

/**
 * Which rows are the partition's, as Debezium's role may ask it; empty if it may not, and all of the table is to be read. The catalog was read without a
 * search path, so whatever is not Postgres' own (a type, a function) has its schema before it, and that role may have no right to use it.
 */
export function conditionOf({ condition }: SourcePartition): string {
  if (condition.length > LONGEST_CONDITION) return ''
  const plain = condition.replaceAll(/'(?:[^']|'')*'/g, '').replaceAll(/\d\.\d/g, '')
  return plain.includes('.') ? '' : condition
}

/** What is asked of Debezium: the table, of which just the rows of the partition are read, where that can be said. */
export function snapshotOfPartition(pattern: string, partition: SourcePartition): object {
  const all = { 'data-collections': [pattern], type: 'INCREMENTAL' }
  const condition = conditionOf(partition)
  if (condition === '') return all
  return { ...all, 'additional-conditions': [{ 'data-collection': pattern, filter: condition }] }
}
