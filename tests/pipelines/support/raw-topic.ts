/** The raw topic of a table, filled by the test itself where it matters at which offsets records lie; and the worker's position in it. */
import { Partitioners } from 'kafkajs'
import { rawTopic } from '#contracts/events/topics.ts'
import { EPOCH_HEADER } from '#pipelines/capture/connector-config.ts'
import { createTopics } from '#pipelines/capture/kafka-topics.ts'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { readMetadata, writeMetadata } from '#pipelines/kafka/offset-metadata.ts'
import { envelope } from '../../transforms/records.ts'
import type { Pipeline } from './pipeline.ts'

/** Where the worker's group stands in a partition. */
export type GroupPosition = {
  /** First offset that is not loaded; -1 if nothing was ever committed. */
  readonly next: number
  /** Last offset of the range that is being loaded, or null. */
  readonly pendingLast: number | null
}

/** Name of the topic of a table in the schema `public`. */
export function topicOf({ project }: Pipeline, table: string): string {
  return rawTopic(project.id, { schema: 'public', table })
}

/** Makes the topic, before capture does. */
export async function makeRawTopic(pipeline: Pipeline, table: string, partitions: number): Promise<void> {
  await createTopics(pipeline.project.settings.kafka('admin'), [
    { topic: topicOf(pipeline, table), partitions, replicationFactor: 1, settings: {} },
  ])
}

/** Writes rows as Debezium writes those of one transaction each, in one batch, to partition 0. */
export async function sendRows(
  pipeline: Pipeline,
  table: string,
  rows: readonly { readonly tenant: string; readonly id: number }[],
): Promise<void> {
  const producer = createKafka(pipeline.project.settings.kafka('admin'), 'test').producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({
    topic: topicOf(pipeline, table),
    messages: rows.map((row) => {
      const lsn = 1_000_000 + row.id * 100
      const value = envelope({ after: row, sequence: `["${lsn - 50}","${lsn}"]`, lsn })
      return {
        key: JSON.stringify({ tenant: row.tenant, id: row.id }),
        value: JSON.stringify(value),
        partition: 0,
        headers: { [EPOCH_HEADER]: '1' },
      }
    }),
  })
  await producer.disconnect()
}

/** How many offsets each partition of the topic has. */
export function partitionSizes(pipeline: Pipeline, table: string): Promise<readonly number[]> {
  return withAdmin(pipeline, async (admin) =>
    (await admin.fetchTopicOffsets(topicOf(pipeline, table))).map(({ high }) => Number(high)),
  )
}

/** Where the group stands in partition 0. */
export function groupPosition(pipeline: Pipeline, table: string): Promise<GroupPosition> {
  return withAdmin(pipeline, async (admin) => {
    const { groupId } = pipeline.workerOptions()
    const [found] = await admin.fetchOffsets({ groupId, topics: [topicOf(pipeline, table)] })
    const kept = found?.partitions.find(({ partition }) => partition === 0)
    const pending = readMetadata(kept?.metadata)
    return { next: Number(kept?.offset ?? -1), pendingLast: pending === null ? null : Number(pending) }
  })
}

/** Sets the group's position in partition 0, as a worker leaves it that dies before its last commit. No worker may run. */
export async function setGroupPosition(
  pipeline: Pipeline,
  table: string,
  { next, pendingLast }: GroupPosition,
): Promise<void> {
  const topic = topicOf(pipeline, table)
  const consumer = createKafka(pipeline.project.settings.kafka('worker'), 'test').consumer({
    groupId: pipeline.workerOptions().groupId,
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.run({ autoCommit: false, eachBatch: async () => {} })
  await joined
  const metadata = writeMetadata(pendingLast === null ? null : BigInt(pendingLast))
  await consumer.commitOffsets([{ topic, partition: 0, offset: String(next), metadata }])
  await consumer.disconnect()
}

async function withAdmin<T>(
  pipeline: Pipeline,
  work: (admin: ReturnType<ReturnType<typeof createKafka>['admin']>) => Promise<T>,
): Promise<T> {
  const admin = createKafka(pipeline.project.settings.kafka('admin'), 'test').admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
