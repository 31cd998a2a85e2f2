/** How a connection to Kafka logs in, as kafkajs wants it said. */
import type { KafkaConnection } from '#ops/runtime/settings.ts'

/** kafkajs tells its mechanisms apart by a literal type. */
export function saslOf(sasl: NonNullable<KafkaConnection['sasl']>) {
  const { mechanism, username, password } = sasl
  if (mechanism === 'plain') return { mechanism, username, password } as const
  if (mechanism === 'scram-sha-256') return { mechanism, username, password } as const
  return { mechanism, username, password } as const
}
