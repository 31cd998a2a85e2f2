/**
 * Topics of the pipeline, made before anyone writes: an empty table has no topic of its own yet, and its consumer would
 * have nothing to wait for.
 */
import type { Admin } from 'kafkajs'
import { MogoError } from '#contracts/errors.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka-client.ts'

/** A topic that is wanted. */
export type WantedTopic = {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly settings: Readonly<Record<string, string>>
}

/** Those of the wanted topics that do not exist. */
export async function missingTopics(
  connection: KafkaConnection,
  wanted: readonly WantedTopic[],
): Promise<readonly WantedTopic[]> {
  return withAdmin(connection, async (admin) => {
    const existing = new Set(await admin.listTopics())
    return wanted.filter(({ topic }) => !existing.has(topic))
  })
}

/** Makes topics; one that another process made meanwhile is fine. */
export async function createTopics(
  connection: KafkaConnection,
  topics: readonly WantedTopic[],
): Promise<void> {
  if (topics.length === 0) return
  await withAdmin(connection, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ topic, partitions, replicationFactor, settings }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      })),
    }),
  )
}

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(connection, 'mogo-capture').admin({ retry: { retries: 5 } })
  try {
    await admin.connect()
    return await work(admin)
  } catch (cause) {
    throw kafkaFault(cause, connection)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

function kafkaFault(cause: unknown, connection: KafkaConnection): MogoError {
  const brokers = connection.brokers.join(', ')
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'KafkaJSSASLAuthenticationError')
    return new MogoError('MOGO_KAFKA_AUTH', { brokers, user: connection.sasl?.username ?? '' }, { cause })
  return new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: name || 'no answer' }, { cause })
}
