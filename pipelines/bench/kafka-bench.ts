/** The topic of the benchmark: made, filled, read without doing anything else, and removed. */
import { type Admin, Partitioners } from 'kafkajs'
import { pino } from 'pino'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { EPOCH_HEADER } from '../capture/connector-config.ts'
import { createTopics } from '../capture/kafka-topics.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { KafkaFetcher } from '../kafka/kafka-fetcher.ts'
import { type BenchRecord, benchRecord } from './bench-records.ts'

export const PARTITIONS = 4
const SEND = 2000

/** Fills a topic of four partitions, record after record in turn; `sent` sees each with its offset. Returns the bytes of the values. */
export async function preload(
  connection: KafkaConnection,
  topic: string,
  rows: number,
  sent: (record: BenchRecord, offset: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const kafka = createKafka(connection, 'mogo-bench')
  await createTopics(connection, [{ topic, partitions: PARTITIONS, replicationFactor: 1, settings: {} }])
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 20 },
  })
  await producer.connect()
  let bytes = 0
  let sending: Promise<unknown> = Promise.resolve()
  try {
    for (let first = 0; first < rows; first += SEND) {
      const messages = Array.from({ length: Math.min(SEND, rows - first) }, (_, place) => {
        const index = first + place
        const partition = index % PARTITIONS
        const record = benchRecord(index)
        sent(record, (index - partition) / PARTITIONS)
        bytes += Buffer.byteLength(record.value)
        return { key: record.key, value: record.value, partition, headers: { [EPOCH_HEADER]: '1' } }
      })
      // The next records are made while these are on their way.
      signal.throwIfAborted()
      await sending
      sending = producer.send({ topic, messages })
    }
    await sending
  } finally {
    await producer.disconnect()
  }
  return bytes
}

/** Fetches the whole topic as the worker does, and does nothing with it; microseconds of CPU time a record, from the first to the last. */
export async function fetchOnly(connection: KafkaConnection, topic: string, rows: number): Promise<number> {
  const done = Promise.withResolvers<NodeJS.CpuUsage>()
  let started: NodeJS.CpuUsage | undefined
  let seen = 0
  const fetcher = new KafkaFetcher({
    connection,
    logger: pino({ level: 'silent' }),
    async records(_lane, records) {
      started ??= process.cpuUsage()
      seen += records.count
      if (seen >= rows) done.resolve(process.cpuUsage(started))
    },
    lost: (lane) => done.reject(new Error(`the log of ${lane.topic} has a gap`)),
  })
  fetcher.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, from: 0 })))
  try {
    const used = await done.promise
    return (used.user + used.system) / rows
  } finally {
    await fetcher.stop()
  }
}

/** Removes a topic. */
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
