/** A kafkajs client from a connection. Its log lines go to the given logger, reduced to what holds no data. */
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { mendKafkajs } from './kafka-client-mends.ts'

mendKafkajs()

/** Makes a client. */
export function createKafka(connection: KafkaConnection, clientId: string, logger?: Logger): Kafka {
  const config: KafkaConfig = {
    clientId,
    brokers: [...connection.brokers],
    ssl: connection.tls,
    connectionTimeout: 5000,
    requestTimeout: 30_000,
    // The worker outlives its broker: who needs an end of the retries says so at producer or admin.
    retry: { initialRetryTime: 100, maxRetryTime: 5000, multiplier: 2, retries: Number.MAX_SAFE_INTEGER },
    logLevel: logger ? logLevel.WARN : logLevel.NOTHING,
    logCreator: () => (entry) => {
      // It says every failed try, which its caller says once. Fields beside the message may hold whole responses.
      logger?.debug({ client: entry.namespace }, entry.log.message)
    },
  }
  const { sasl } = connection
  if (!sasl) return new Kafka(config)
  const { mechanism, username, password } = sasl
  // One branch per mechanism, because the type of the options depends on it.
  if (mechanism === 'plain') return new Kafka({ ...config, sasl: { mechanism, username, password } })
  if (mechanism === 'scram-sha-256') return new Kafka({ ...config, sasl: { mechanism, username, password } })
  return new Kafka({ ...config, sasl: { mechanism, username, password } })
}
