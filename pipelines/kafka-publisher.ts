/** Sends our own messages (quarantine, governance) to Kafka; resolves when every replica in sync has them. */
import { context, propagation } from '@opentelemetry/api'
import { Partitioners, type Producer } from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from './kafka-client.ts'
import { kafkaFault } from './kafka-errors.ts'

/** A message with its key. */
export type Message = { readonly key: string; readonly value: string }

/** See {@link createKafkaPublisher}. */
export type KafkaPublisher = {
  /** @throws MogoError MOGO_KAFKA_UNREACHABLE */
  send(topic: string, messages: readonly Message[]): Promise<void>
  stop(): Promise<void>
}

/** Makes a publisher; it connects with the first message. */
export function createKafkaPublisher(connection: KafkaConnection, logger: Logger): KafkaPublisher {
  const producer: Producer = createKafka(connection, 'mogo-worker', logger).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 3 },
  })
  let connected: Promise<void> | null = null

  return {
    async send(topic, messages) {
      try {
        connected ??= producer.connect()
        await connected
        const headers: Record<string, string> = {}
        propagation.inject(context.active(), headers)
        await producer.send({
          topic,
          acks: -1,
          messages: messages.map(({ key, value }) => ({ key, value, headers })),
        })
      } catch (cause) {
        connected = null
        throw kafkaFault(cause, connection)
      }
    },
    async stop() {
      await producer.disconnect().catch(() => {})
    },
  }
}
