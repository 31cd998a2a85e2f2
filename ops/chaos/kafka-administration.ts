/** What a chaos run asks of Kafka as its administrator. */
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { TABLES, topicOf, USUAL_PARTITIONS } from './chaos-tables.ts'

/** A client that is patient with a broker that is just being killed. */
export function chaosClient({ brokers, sasl }: KafkaConnection): Kafka {
  return new Kafka({
    clientId: 'mogo-chaos',
    brokers: [...brokers],
    ...(sasl?.mechanism === 'plain'
      ? { sasl: { mechanism: 'plain', username: sasl.username, password: sasl.password } }
      : {}),
    ssl: false,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 30 },
  })
}

/** Makes the topics whose number of partitions is not the usual one. */
export function createOddTopics(connection: KafkaConnection, prefix: string): Promise<void> {
  const odd = TABLES.filter(({ partitions }) => partitions !== USUAL_PARTITIONS)
  return withAdmin(connection, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: odd.map(({ name, partitions }) => ({
        topic: topicOf(prefix, name),
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: [{ name: 'max.message.bytes', value: String(32 * 1024 * 1024) }],
      })),
    })
  })
}

/** How many members the group of the workers has. Who has joined has looked after its tables. */
export function membersOf(connection: KafkaConnection, groupId: string): Promise<number> {
  return withAdmin(connection, async (admin) => {
    const { groups } = await admin.describeGroups([groupId])
    return groups[0]?.members.length ?? 0
  })
}

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = chaosClient(connection).admin()
  try {
    await admin.connect()
    return await work(admin)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
