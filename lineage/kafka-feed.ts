/**
 * The governance topic as an event feed (kafkajs).
 *
 * The broker collects a batch: a fetch is answered after 512 KiB or 400 ms, whichever is first, so few events do not become many small
 * inserts and no timer of our own is needed. Offsets are committed after the batch is stored; what is not committed comes again, which
 * the store bears. A record that is no event is counted, said in the log with its place and the paths that do not fit, and skipped.
 *
 * While the store is away, the batch waits inside `store`; heartbeats go on, so that the group does not take the partition away.
 */
import { type Consumer, Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs'
import { MogoError } from '#contracts/errors.ts'
import type { GovernanceEvent } from '#contracts/events/governance-event.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { decodeEvent } from './decode-event.ts'
import type { EventFeed } from './ports.ts'

/** Where and how to read. */
export type KafkaFeedOptions = {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly group: string
  readonly replicationFactor: number
  readonly logger: Logger
  /** Called with the distance to the end of the partition after each batch. */
  readonly onLag?: (partition: number, records: number) => void
}

/** Each batch is two inserts at the engine that answers queries: few and large ones leave it more time. */
const FETCH_BYTES = 512 * 1024
const FETCH_MILLIS = 400
const HEARTBEAT_MILLIS = 3000

/** Opens the feed. Nothing is sent before `start`. */
export function createKafkaFeed(options: KafkaFeedOptions): EventFeed {
  const { connection, topic, group, logger } = options
  const kafka = new Kafka(clientConfig(connection, logger))
  const consumer = kafka.consumer({
    groupId: group,
    minBytes: FETCH_BYTES,
    maxWaitTimeInMs: FETCH_MILLIS,
    allowAutoTopicCreation: false,
    heartbeatInterval: HEARTBEAT_MILLIS,
    sessionTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 8, restartOnFailure: async () => true },
  })
  const admin = kafka.admin()
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  // Whoever waits for it hears of it; nobody has to.
  failed.catch(() => undefined)

  return {
    failed,
    async start(store) {
      try {
        await admin.connect()
        await ensureTopic()
        await consumer.connect()
        await consumer.subscribe({ topics: [topic], fromBeginning: true })
      } catch (error) {
        throw kafkaFault(error, connection)
      }
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) fail(kafkaFault(payload.error, connection))
      })
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, heartbeat, resolveOffset, isStale }) => {
          const last = batch.lastOffset()
          const events: GovernanceEvent[] = []
          let skipped = 0
          for (const { offset, value } of batch.messages) {
            const decoded = decodeEvent(value)
            if (decoded.ok) events.push(decoded.event)
            else {
              skipped++
              logger.error(
                { topic: batch.topic, partition: batch.partition, offset, fault: decoded.fault },
                'a record on the governance topic is no event; skipped',
              )
            }
          }
          const stopBeating = beatWhile(heartbeat)
          try {
            await store({ events, skipped })
          } catch (error) {
            fail(error)
            throw error
          } finally {
            stopBeating()
          }
          if (isStale()) return
          resolveOffset(last)
          await commit(consumer, batch.topic, batch.partition, BigInt(last) + 1n)
          options.onLag?.(batch.partition, Number(batch.offsetLagLow()))
        },
      })
    },
    async check() {
      try {
        await admin.fetchTopicOffsets(topic)
      } catch (error) {
        throw kafkaFault(error, connection)
      }
    },
    async stop() {
      await consumer.disconnect()
      await admin.disconnect()
    },
  }

  /** The topic is made by whoever comes first; here it must be there before it can be read. */
  async function ensureTopic(): Promise<void> {
    if ((await admin.listTopics()).includes(topic)) return
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: 1, replicationFactor: options.replicationFactor }],
    })
  }

  function beatWhile(heartbeat: () => Promise<void>): () => void {
    const timer = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MILLIS)
    return () => clearInterval(timer)
  }
}

async function commit(consumer: Consumer, topic: string, partition: number, next: bigint): Promise<void> {
  await consumer.commitOffsets([{ topic, partition, offset: String(next) }])
}

/** The catalogue's fault of an error of the client. */
function kafkaFault(error: unknown, connection: KafkaConnection): MogoError {
  if (error instanceof MogoError) return error
  const brokers = connection.brokers.join(',')
  const name = error instanceof Error ? error.name : ''
  if (name === 'KafkaJSSASLAuthenticationError')
    return new MogoError('MOGO_KAFKA_AUTH', { brokers, user: connection.sasl?.username ?? '' })
  return new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: name || 'no answer' }, { cause: error })
}

function clientConfig(connection: KafkaConnection, logger: Logger): KafkaConfig {
  const { sasl } = connection
  return {
    clientId: 'mogo-lineage',
    brokers: [...connection.brokers],
    ssl: connection.tls,
    ...(sasl ? { sasl: { ...sasl, mechanism: sasl.mechanism as 'plain' } } : {}),
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 8 },
    logLevel: logLevel.WARN,
    // Only the sentence is kept: further fields of its entries may hold whole responses. It tries again by itself; the recorder says
    // once what is away, and readiness tells for how long.
    logCreator: () => (entry: LogEntry) =>
      logger[entry.namespace === 'Consumer' ? 'info' : 'debug'](
        { client: entry.namespace },
        entry.log.message,
      ),
  }
}
