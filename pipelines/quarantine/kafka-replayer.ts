/**
 * Writes records to raw topics again, each to the partition that it came from. It logs in as `replay`, an identity that may do only this, and
 * only for as long as something is replayed: the worker's own identity reads raw topics and cannot write them.
 */
import { Partitioners, type Producer } from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { kafkaFault } from '../kafka/kafka-errors.ts'
import { messagePortions } from '../kafka/message-portions.ts'
import type { Replayer } from './quarantine-ports.ts'
import type { ReplayMessage } from './replayed-record.ts'

/** Makes it; nothing is connected before something is sent. */
export function createKafkaReplayer(connection: KafkaConnection, logger: Logger): Replayer {
  const kafka = createKafka(connection, 'mogo-replay', logger)
  const connected = new Set<Producer>()
  return {
    async send(messages) {
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 3 },
      })
      connected.add(producer)
      try {
        await producer.connect()
        for (const portion of messagePortions(messages, sizeOf)) {
          const topicMessages = [...Map.groupBy(portion, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
            topic,
            messages: ofTopic.map(({ partition, key, value, headers }) => ({
              ...{ partition, key, value },
              headers: { ...headers },
            })),
          }))
          await producer.sendBatch({ acks: -1, topicMessages })
        }
      } catch (cause) {
        throw kafkaFault(cause, connection)
      } finally {
        connected.delete(producer)
        await producer.disconnect().catch(() => {})
      }
    },
    async stop() {
      await Promise.all([...connected].map((producer) => producer.disconnect().catch(() => {})))
    },
  }
}

function sizeOf({ key, value, headers }: ReplayMessage): number {
  const rest = Object.entries(headers).reduce((sum, [name, each]) => sum + name.length + each.length + 10, 0)
  return (key?.length ?? 0) + (value?.length ?? 0) + rest
}
