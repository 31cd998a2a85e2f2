/**
 * How far the workers are behind: what their groups have committed, against what Kafka has. It is asked of Kafka and not of a worker, so it
 * is known too when no worker runs, and whichever of several reads a partition.
 */
import type { Admin } from 'kafkajs'
import { rawTopic } from '#contracts/events/topics.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { kafkaFault } from '../kafka/kafka-errors.ts'
import type { ReadingGroup } from '../kafka/reading-groups.ts'
import { readUnread, type UnreadPlace, unreadKey } from './read-unread.ts'
import type { UnreadLook } from './unread-records.ts'

/** How far one dataset is behind. */
export type DatasetLag = {
  /** Records that are not loaded. Of many it is an estimate: marks of transactions that lie among them are counted, one for thousands. */
  readonly events: number
  /** When the oldest of them was written, milliseconds; null if there is none, or it could not be read. */
  readonly oldestAt: number | null
  /** Records that Kafka removed before they were loaded. */
  readonly expired: number
}

/** What Kafka knows. */
export type KafkaLag = {
  /** Members of the workers' groups. */
  readonly workers: number
  /** By name of the dataset; one whose topic does not exist is left out. */
  readonly datasets: ReadonlyMap<string, DatasetLag>
}

type Partition = UnreadPlace & {
  readonly dataset: string
  readonly low: number
  readonly end: number
  readonly committed: number | null
}

/** Asks. @throws MogoError MOGO_KAFKA_UNREACHABLE and others of Kafka */
export async function readKafkaLag(
  connection: KafkaConnection,
  groups: readonly ReadingGroup[],
  topicPrefix: string,
): Promise<KafkaLag> {
  const admin = createKafka(connection, 'mogo-health').admin({ retry: { retries: 2 } })
  try {
    await admin.connect()
    const existing = new Set(await admin.listTopics())
    const partitions: Partition[] = []
    let workers = 0
    for (const group of groups) {
      const { groups: found } = await admin.describeGroups([group.groupId])
      workers = Math.max(workers, ...found.map(({ members }) => members.length))
      partitions.push(...(await partitionsOf(admin, group, topicPrefix, existing)))
    }
    const behind = partitions.filter(({ from, end }) => from < end)
    const unread = await readUnread(connection, behind)
    const datasets = new Map(
      [...Map.groupBy(partitions, ({ dataset }) => dataset)].map(([dataset, ofDataset]) => [
        dataset,
        lagOf(ofDataset, unread),
      ]),
    )
    return { workers, datasets }
  } catch (error) {
    throw kafkaFault(error, connection)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

async function partitionsOf(
  admin: Admin,
  { groupId, datasets }: ReadingGroup,
  topicPrefix: string,
  existing: ReadonlySet<string>,
): Promise<readonly Partition[]> {
  const byTopic = new Map(
    datasets
      .map(({ name, source }) => [rawTopic(topicPrefix, source), name] as const)
      .filter(([topic]) => existing.has(topic)),
  )
  if (byTopic.size === 0) return []
  const committed = await admin.fetchOffsets({ groupId, topics: [...byTopic.keys()] })
  const made: Partition[] = []
  for (const [topic, dataset] of byTopic) {
    const ofTopic = committed.find((each) => each.topic === topic)?.partitions ?? []
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const offset = Number(ofTopic.find((each) => each.partition === partition)?.offset ?? -1)
      made.push({
        ...{ topic, partition, dataset, low: Number(low), end: Number(high) },
        committed: offset < 0 ? null : offset,
        // What Kafka has removed cannot be read; a group that never committed begins with the oldest.
        from: Math.max(offset, Number(low)),
      })
    }
  }
  return made
}

/** Of a partition that could not be read. */
const UNSEEN = { records: 0, writtenAt: null }

/** The lag of a dataset out of that of its partitions. Pure; for tests. */
export function lagOf(
  partitions: readonly Omit<Partition, 'dataset'>[],
  unread: ReadonlyMap<string, UnreadLook>,
): DatasetLag {
  let [events, expired] = [0, 0]
  let oldestAt: number | null = null
  for (const partition of partitions) {
    const { low, end, from, committed } = partition
    if (committed !== null && committed < low) expired += low - committed
    if (from >= end) continue
    const { records, writtenAt, next } = unread.get(unreadKey(partition)) ?? { ...UNSEEN, next: from }
    events += records + Math.max(0, end - next)
    if (writtenAt !== null && (oldestAt === null || writtenAt < oldestAt)) oldestAt = writtenAt
  }
  return { events, oldestAt, expired }
}
