/** The query API at Kafka: it gives up soon, since callers wait. */
import { type ITopicConfig, Kafka, logLevel } from 'kafkajs'
import type { KafkaConnection } from '#ops/runtime/settings.ts'

/** Makes a client, which has this name in the broker's log; nothing is connected yet. */
export function createKafkaClient({ brokers, tls, sasl }: KafkaConnection, clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: tls,
    ...(sasl ? { sasl: saslOf(sasl) } : {}),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 },
  })
}

/** Makes a topic of one partition where there is none; whoever starts first does. */
export async function ensureTopic(
  kafka: Kafka,
  topic: Pick<ITopicConfig, 'topic' | 'replicationFactor' | 'configEntries'>,
): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    if ((await admin.listTopics()).includes(topic.topic)) return
    await admin.createTopics({ waitForLeaders: true, topics: [{ ...topic, numPartitions: 1 }] })
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** kafkajs tells its mechanisms apart by a literal type. */
export function saslOf(sasl: NonNullable<KafkaConnection['sasl']>) {
  const { mechanism, username, password } = sasl
  if (mechanism === 'plain') return { mechanism, username, password } as const
  if (mechanism === 'scram-sha-256') return { mechanism, username, password } as const
  return { mechanism, username, password } as const
}
