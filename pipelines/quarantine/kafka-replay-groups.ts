/** What a replay asks of Kafka: how far topics reach, and groups that begin where it says. */
import type { Admin } from 'kafkajs'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { kafkaFault } from '../kafka/kafka-errors.ts'

/** Offsets of a partition: from the first to before the end. */
type Range = { readonly partition: number; readonly first: bigint; readonly end: bigint }

/** See above. Offsets are by partition. */
export type ReplayGroups = {
  /** Everything that a topic still has, by rising partitions. */
  whole(topic: string): Promise<readonly Range[]>
  /** The first offset at or after a time, milliseconds; partitions without such a record are not in it. */
  since(topic: string, millis: number): Promise<ReadonlyMap<number, bigint>>
  /** Makes a group that begins at the first offsets of the ranges. */
  begin(groupId: string, topic: string, ranges: readonly Range[]): Promise<void>
  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, bigint>>
  /** Removes the group; one that has members still goes away by itself. */
  remove(groupId: string): Promise<void>
}

/** Connects, works, and disconnects. @throws MogoError MOGO_KAFKA_UNREACHABLE, MOGO_KAFKA_AUTH, or what `work` throws */
export async function withReplayGroups<T>(
  connection: KafkaConnection,
  work: (groups: ReplayGroups) => Promise<T>,
): Promise<T> {
  const admin = createKafka(connection, 'mogo-replay').admin({ retry: { retries: 5 } })
  try {
    await admin.connect()
    return await work(groupsOf(admin))
  } catch (error) {
    // Whoever called it off knows why.
    if (error instanceof Error && error.name === 'AbortError') throw error
    throw kafkaFault(error, connection)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

function groupsOf(admin: Admin): ReplayGroups {
  return {
    async whole(topic) {
      const ends = await admin.fetchTopicOffsets(topic)
      return ends
        .map(({ partition, low, high }) => ({ partition, first: BigInt(low), end: BigInt(high) }))
        .sort((a, b) => a.partition - b.partition)
    },
    async since(topic, millis) {
      return known(await admin.fetchTopicOffsetsByTimestamp(topic, millis))
    },
    async begin(groupId, topic, ranges) {
      const partitions = ranges.map(({ partition, first }) => ({ partition, offset: String(first) }))
      await admin.setOffsets({ groupId, topic, partitions })
    },
    async committed(groupId, topic) {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return known(found?.partitions ?? [])
    },
    async remove(groupId) {
      await admin.deleteGroups([groupId]).catch(() => undefined)
    },
  }
}

/** Kafka says -1 where there is none. */
function known(
  offsets: readonly { readonly partition: number; readonly offset: string }[],
): ReadonlyMap<number, bigint> {
  return new Map(
    offsets.flatMap(({ partition, offset }) =>
      offset === '-1' ? [] : [[partition, BigInt(offset)] as const],
    ),
  )
}
