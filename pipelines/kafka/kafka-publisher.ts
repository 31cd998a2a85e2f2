/** Sends our own messages (quarantine, governance) to Kafka; resolves when every replica in sync has them. */
import { context, propagation } from '@opentelemetry/api'
import { Partitioners, type Producer } from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from './kafka-client.ts'
import { kafkaFault, refusalOf } from './kafka-errors.ts'
import { messagePortions } from './message-portions.ts'

/** A message with its key. */
export type Message = {
  readonly key: string
  readonly value: string
  /** What is sent in its place if the broker takes no message as large as it. */
  readonly short?: string
}

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

  async function sendPortion(topic: string, portion: readonly Message[]): Promise<void> {
    const headers: Record<string, string> = {}
    propagation.inject(context.active(), headers)
    try {
      await producer.send({
        topic,
        acks: -1,
        messages: portion.map(({ key, value }) => ({ key, value, headers })),
      })
    } catch (error) {
      const [first, ...others] = portion
      if (refusalOf(error) !== TOO_LARGE || !first || (others.length === 0 && first.short === undefined))
        throw error
      if (others.length === 0) return sendPortion(topic, [{ key: first.key, value: first.short ?? '' }])
      // Its limit is below what a portion has: one by one.
      for (const message of portion) await sendPortion(topic, [message])
    }
  }

  return {
    async send(topic, messages) {
      try {
        connected ??= producer.connect()
        await connected
        for (const portion of messagePortions(messages, sizeOf)) await sendPortion(topic, portion)
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

const TOO_LARGE = 'MESSAGE_TOO_LARGE'

/** About: texts of ours are nearly all ASCII. */
function sizeOf({ key, value }: Message): number {
  return key.length + value.length + MESSAGE_BYTES
}

/** Lengths, time and trace context of a message. */
const MESSAGE_BYTES = 150
