/**
 * Tells the worker, in the raw topics themselves, that what a table holds from older epochs is stale. Debezium marks the last row of a
 * table in a snapshot, and the worker acts on that; a table that is empty at the source has no last row, so its former rows
 * would stay for good.
 */
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { createKafka } from '../kafka/kafka-client.ts'
import { kafkaFault } from '../kafka/kafka-errors.ts'
import { EPOCH_HEADER } from './connector-config.ts'

/** Header of such a record; its value is null, so that any other reader passes it by. */
export const SUPERSEDED_HEADER = 'mogo.superseded'

/** Sends one record to every partition of the topics. */
export async function sendSuperseded(
  connection: KafkaConnection,
  topics: readonly string[],
  epoch: number,
): Promise<void> {
  if (topics.length === 0) return
  const kafka = createKafka(connection, 'mogo-capture')
  const retry = { retries: 5 }
  const admin = kafka.admin({ retry })
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry })
  try {
    await Promise.all([admin.connect(), producer.connect()])
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] })
    const headers = { [EPOCH_HEADER]: String(epoch), [SUPERSEDED_HEADER]: '1' }
    await producer.sendBatch({
      acks: -1,
      topicMessages: metadata.topics.map(({ name, partitions }) => ({
        topic: name,
        messages: partitions.map(({ partitionId }) => ({ partition: partitionId, value: null, headers })),
      })),
    })
  } catch (cause) {
    throw kafkaFault(cause, connection)
  } finally {
    await Promise.all([admin.disconnect().catch(() => {}), producer.disconnect().catch(() => {})])
  }
}
