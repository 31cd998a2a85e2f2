/**
 * Topics of the pipeline, made before anyone writes: an empty table has no topic of its own yet, and its consumer would
 * have nothing to wait for.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { kafkaFault } from '../kafka/kafka-errors.ts'

/** A topic that is wanted. */
export type WantedTopic = {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly settings: Readonly<Record<string, string>>
}

/** What there is of the wanted topics. */
export type FoundTopics = {
  readonly missing: readonly WantedTopic[]
  /** Topic -> partitions, of those that exist. */
  readonly partitions: ReadonlyMap<string, number>
}

/**
 * Looks which of the wanted topics exist.
 *
 * @throws MogoError MOGO_TOPIC_TAKEN if Kafka would refuse one because of another that exists
 */
export async function findTopics(
  connection: KafkaConnection,
  wanted: readonly WantedTopic[],
): Promise<FoundTopics> {
  return withAdmin(connection, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !existing.has(topic))
    // Names of metrics have no dots, so that Kafka lets no topic be made whose metrics would be those of another.
    const names = new Map([...existing].map((topic) => [topic.replaceAll('.', '_'), topic]))
    for (const { topic } of missing) {
      const other = names.get(topic.replaceAll('.', '_'))
      if (other !== undefined) throw new MogoError('MOGO_TOPIC_TAKEN', { topic, other })
    }
    const found = wanted.flatMap(({ topic }) => (existing.has(topic) ? [topic] : []))
    const { topics } = found.length > 0 ? await admin.fetchTopicMetadata({ topics: found }) : { topics: [] }
    return { missing, partitions: new Map(topics.map((each) => [each.name, each.partitions.length])) }
  })
}

/** Makes topics, and resolves when they can be written; one that another process made meanwhile is fine. */
export async function createTopics(
  connection: KafkaConnection,
  topics: readonly WantedTopic[],
): Promise<void> {
  if (topics.length === 0) return
  await withAdmin(connection, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: topics.map(({ topic, partitions, replicationFactor, settings }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      })),
    })
    await awaitLeaders(
      admin,
      topics.map(({ topic }) => topic),
    )
  })
}

const LEADER_WAIT_MILLIS = 20_000

/** A new topic is known to its controller before every broker knows it, which kafkajs' own waiting takes for a fault. */
async function awaitLeaders(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADER_WAIT_MILLIS
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics })
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await delay(100)
  }
}

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(connection, 'mogo-capture').admin({ retry: { retries: 5 } })
  try {
    await admin.connect()
    return await work(admin)
  } catch (cause) {
    if (isMogoError(cause)) throw cause
    throw kafkaFault(cause, connection)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
