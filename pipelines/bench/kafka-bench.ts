/** The topic of the benchmark: made, filled, read without doing anything else, and removed. */
import { type Admin, Partitioners } from 'kafkajs'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { RawRecord } from '#transforms/record.ts'
import { EPOCH_HEADER } from '../capture/connector-config.ts'
import { createTopics } from '../capture/kafka-topics.ts'
import { createKafka } from '../kafka-client.ts'
import { benchRecord } from './bench-records.ts'

const PARTITIONS = 4
const SEND = 2000

/** Fills a topic of four partitions; returns the bytes of the values. */
export async function preload(connection: KafkaConnection, topic: string, rows: number): Promise<number> {
  const kafka = createKafka(connection, 'mogo-bench')
  await createTopics(connection, [{ topic, partitions: PARTITIONS, replicationFactor: 1, settings: {} }])
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 20 },
  })
  await producer.connect()
  let bytes = 0
  try {
    for (let first = 0; first < rows; first += SEND) {
      const messages = Array.from({ length: Math.min(SEND, rows - first) }, (_, offset) => {
        const index = first + offset
        const { key, value } = benchRecord(index)
        bytes += value.length
        return { key, value, partition: index % PARTITIONS, headers: { [EPOCH_HEADER]: '1' } }
      })
      await producer.send({ topic, messages })
    }
  } finally {
    await producer.disconnect()
  }
  return bytes
}

/** Reads the whole topic and keeps the first `keep` records; seconds from the first record to the last. */
export async function readOnly(
  connection: KafkaConnection,
  topic: string,
  rows: number,
  keep: number,
): Promise<{ readonly seconds: number; readonly records: readonly RawRecord[] }> {
  const groupId = `mogo-bench-read-${process.pid}`
  const consumer = createKafka(connection, 'mogo-bench').consumer({
    groupId,
    maxWaitTimeInMs: 20,
    maxBytesPerPartition: 2 * 1024 * 1024,
  })
  const records: RawRecord[] = []
  const done = Promise.withResolvers<number>()
  let seen = 0
  let started = 0
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      started ||= performance.now()
      for (const message of batch.messages)
        if (records.length < keep)
          records.push({
            topic,
            partition: batch.partition,
            offset: BigInt(message.offset),
            key: message.key,
            value: message.value,
            headers: {},
          })
      seen += batch.messages.length
      if (seen >= rows) done.resolve(performance.now())
    },
  })
  const ended = await done.promise
  await consumer.disconnect()
  await removeGroups(connection, [groupId])
  return { seconds: (ended - started) / 1000, records }
}

/** Removes topic and groups. */
export async function removeTopic(connection: KafkaConnection, topic: string): Promise<void> {
  await withAdmin(connection, (admin) => admin.deleteTopics({ topics: [topic] }))
}

/** Removes consumer groups that have no members any more. */
export async function removeGroups(connection: KafkaConnection, groups: readonly string[]): Promise<void> {
  await withAdmin(connection, (admin) => admin.deleteGroups([...groups])).catch(() => undefined)
}

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(connection, 'mogo-bench').admin({ retry: { retries: 10 } })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
