/** Takes partitions of captured tables in: gives them their identity, has their rows read, and forgets those that have gone; see follow-partitions.ts. */
import { randomUUID } from 'node:crypto'
import { isMogoError } from '#contracts/errors.ts'
import {
  conditionOf,
  knownPartitions,
  type PartitionChanges,
  snapshotOfPartition,
} from './follow-partitions.ts'
import type { CaptureChange, SourceChange } from './plan-source.ts'
import type { PostgresCapture } from './postgres-capture.ts'
import { tableText } from './postgres-names.ts'
import type { SourceCatalog, SourcePartition, SourceTable } from './source-catalog.ts'

/** Of a plan, what this is about. */
export type PartitionPlan = {
  readonly catalog: SourceCatalog
  readonly source: readonly SourceChange[]
  /** `schema.table` of tables that are read as a whole. */
  readonly snapshots: readonly string[]
  readonly partitions: readonly PartitionChanges[]
}

/** Nobody waits for a partition: one that is locked for longer is tried again later. */
const LOCK_MILLIS = 2000

/** What is changed in Postgres in one go. Identities of partitions that are followed already are not: each is a change by itself. */
export function changesAtOnce({ source, catalog, snapshots }: PartitionPlan): readonly SourceChange[] {
  const anew = catalog.tables.filter((table) => snapshots.includes(tableText(table)))
  const leaves = new Set(anew.flatMap(({ partitions }) => partitions.map(tableText)))
  return source.filter(({ kind, object }) => kind !== 'partition' || leaves.has(object))
}

/** The changes in words. */
export function partitionWords({ table, come, gone }: PartitionChanges): readonly CaptureChange[] {
  return [
    ...come.map((partition) => comeWords(table, partition)),
    ...gone.map((object) => ({
      ...{ kind: 'partition' as const, object },
      change: `forget it: it has left ${tableText(table)}, of which Postgres tells nothing; its rows stay in the copy until \`mogo capture apply --resnapshot\``,
    })),
  ]
}

function comeWords(table: SourceTable, partition: SourcePartition): CaptureChange {
  return {
    ...{ kind: 'partition', object: tableText(partition) },
    change: `read the rows that it brings along to ${tableText(table)}`,
  }
}

/**
 * Takes them in, each by itself: what cannot be done is said, stays to be done, and holds up nothing else. `patternOf` names a root to Debezium, or throws
 * a MogoError if that cannot be done.
 */
export async function takeInPartitions(
  postgres: PostgresCapture,
  plan: PartitionPlan,
  patternOf: (root: string) => string,
): Promise<readonly CaptureChange[]> {
  const said: CaptureChange[] = []
  const attempt = async (change: CaptureChange, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      said.push(change)
      return true
    } catch (error) {
      if (!isMogoError(error) || error.class === 'retriable') throw error
      said.push({ ...change, change: `not done (${error.message}): ${change.change}` })
      return false
    }
  }
  const without = new Set<string>()
  const done = new Set(changesAtOnce(plan))
  for (const each of plan.source.filter((change) => !done.has(change))) {
    const { statements: _, ...change } = each
    if (!(await attempt(change, () => postgres.apply([each], LOCK_MILLIS)))) without.add(change.object)
  }
  for (const { table, come, gone } of plan.partitions) {
    const open = new Set<SourcePartition>()
    for (const partition of come) {
      // Without its identity its changes go on telling too little: it is read once it has that.
      const isRead =
        !without.has(tableText(partition)) &&
        (await attempt(comeWords(table, partition), () => read(postgres, table, partition, patternOf)))
      if (!isRead) open.add(partition)
    }
    said.push(...partitionWords({ table, come: [], gone }))
    const partitions = table.partitions.filter((partition) => !open.has(partition))
    await postgres.notePartitions(knownPartitions([{ ...table, partitions }]))
  }
  return said
}

async function read(
  postgres: PostgresCapture,
  table: SourceTable,
  partition: SourcePartition,
  patternOf: (root: string) => string,
): Promise<void> {
  const root = tableText(table)
  const condition = conditionOf(partition)
  if (condition !== '' && !(await postgres.hasRows(table, condition))) return
  await postgres.requestPartition(`mogo-${randomUUID()}`, {
    ...{ root, data: snapshotOfPartition(patternOf(root), partition) },
    partition: { attached: partition.attached, partition: tableText(partition) },
  })
}
