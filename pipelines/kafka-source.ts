/**
 * The record source on Kafka (kafkajs): one consumer group, positions committed by hand after the load.
 *
 * kafkajs hands a fetch over only when all of the one before is done with, so records are buffered by the handler and a lane that is
 * full is paused; the group's heartbeats go on meanwhile. After every rebalance kafkajs reads from the committed offsets again,
 * so `assigned` comes first and forgets what was buffered.
 *
 * Topics that do not exist yet are waited for: their tables may be empty, or capture may not have run.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  IHeaders,
  Kafka,
  TopicPartitionOffsetAndMetadata,
} from 'kafkajs'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { RawRecord } from '#transforms/record.ts'
import { packRecords } from './fetched-records.ts'
import { gatherCommits } from './gather-commits.ts'
import { createKafka } from './kafka-client.ts'
import { kafkaFault } from './kafka-errors.ts'
import { readMetadata, writeMetadata } from './offset-metadata.ts'
import type { AssignedLane, Lane, RecordSource, SourceHandler } from './ports.ts'

/** Options of {@link createKafkaSource}. */
export type KafkaSourceOptions = {
  readonly connection: KafkaConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly logger: Logger
  /** How often missing topics are looked for. */
  readonly topicPollMillis?: number
}

/** Short, so that the lanes of a killed worker are taken over soon. */
const SESSION_MILLIS = 8000
/**
 * The broker answers one request of a connection after the other, and kafkajs fetches and commits on the same one: a commit waits
 * for the fetch before it. So fetches wait a little only; a commit stands before every insert.
 */
const FETCH_WAIT_MILLIS = 40
const FETCH_BYTES_PER_PARTITION = 2 * 1024 * 1024

/** Makes a source. */
export function createKafkaSource(options: KafkaSourceOptions): RecordSource {
  const { connection, groupId, topics, logger, topicPollMillis = 1000 } = options
  const kafka: Kafka = createKafka(connection, 'mogo-worker', logger)
  const admin: Admin = kafka.admin({ retry: { retries: 8 } })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const stopping = new AbortController()
  let consumer: Consumer | null = null
  /** Positions are read once per generation of the group; records wait for that. */
  let assignment: Promise<void> = Promise.resolve()
  let following: Promise<void> = Promise.resolve()

  const commitTogether = gatherCommits<TopicPartitionOffsetAndMetadata>(async (entries) => {
    // Of a lane that stands twice the last entry counts; the broker would take them in order, too.
    const last = new Map(entries.map((entry) => [`${entry.topic}/${entry.partition}`, entry]))
    await consumer?.commitOffsets([...last.values()])
  })

  const fault = (cause: unknown) => kafkaFault(cause, connection)

  async function existingTopics(): Promise<readonly string[]> {
    const existing = new Set(await admin.listTopics())
    return topics.filter((topic) => existing.has(topic))
  }

  async function consume(subscribed: readonly string[], handler: SourceHandler): Promise<Consumer> {
    const made = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_MILLIS,
      rebalanceTimeout: SESSION_MILLIS + 4000,
      heartbeatInterval: 1500,
      maxWaitTimeInMs: FETCH_WAIT_MILLIS,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      maxBytes: 8 * FETCH_BYTES_PER_PARTITION,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 3000,
        retries: Number.MAX_SAFE_INTEGER,
        restartOnFailure: async () => true,
      },
    })
    made.on(made.events.GROUP_JOIN, ({ payload }) => {
      assignment = assign(payload.memberAssignment, handler)
      assignment.catch((error) => failure.reject(error))
    })
    made.on(made.events.CRASH, ({ payload }) => {
      logger.warn({ restart: payload.restart, err: fault(payload.error) }, 'reading was interrupted')
      if (!payload.restart) failure.reject(fault(payload.error))
    })
    await made.connect()
    await made.subscribe({ topics: [...subscribed], fromBeginning: true })
    await made.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: Math.max(1, subscribed.length),
      eachBatch: async (payload) => {
        await assignment
        await deliver(payload, handler)
      },
    })
    return made
  }

  async function assign(
    assigned: Readonly<Record<string, readonly number[]>>,
    handler: SourceHandler,
  ): Promise<void> {
    // The handler first lets go of the old lanes: what they still commit must be in what is read below.
    await handler.assigned([])
    const names = Object.keys(assigned)
    const lanes: AssignedLane[] = []
    const positions =
      names.length === 0 ? [] : await untilAnswered(() => admin.fetchOffsets({ groupId, topics: names }))
    for (const topic of names) {
      const ends = await untilAnswered(() => admin.fetchTopicOffsets(topic))
      for (const partition of assigned[topic] ?? []) {
        const kept = positions
          .find((entry) => entry.topic === topic)
          ?.partitions.find((entry) => entry.partition === partition)
        const range = ends.find((entry) => entry.partition === partition)
        const position = positionOf(kept, BigInt(range?.high ?? '0'), { topic, partition })
        if ((position.committed ?? 0n) < BigInt(range?.low ?? '0'))
          logger.error(
            { topic, partition, committed: String(position.committed), low: range?.low },
            'records expired before they were read: the copy has a gap; take a new one with `mogo capture apply --resnapshot`',
          )
        lanes.push({ topic, partition, ...position })
      }
    }
    await handler.assigned(lanes)
  }

  function positionOf(
    kept: { readonly offset: string; readonly metadata: string | null } | undefined,
    end: bigint,
    lane: Lane,
  ): Pick<AssignedLane, 'committed' | 'pendingLast'> {
    const committed = kept === undefined || kept.offset === '-1' ? null : BigInt(kept.offset)
    if (committed !== null && committed > end) {
      logger.warn({ ...lane }, 'the topic was made anew: reading it from its beginning')
      return { committed: null, pendingLast: null }
    }
    return { committed, pendingLast: readMetadata(kept?.metadata) }
  }

  /** A refused login is waited out too, but said: its password may just be being changed. */
  async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        if (stopping.signal.aborted) throw error
        logger[tries === 0 ? 'warn' : 'debug']({ err: fault(error) }, 'Kafka does not answer; trying on')
        await delay(500, undefined, { signal: stopping.signal })
      }
    }
  }

  /** Reads the topics that exist, and starts anew when further ones come to be. */
  async function follow(handler: SourceHandler): Promise<void> {
    let subscribed: readonly string[] = []
    let told = false
    while (!stopping.signal.aborted) {
      try {
        const existing = await existingTopics()
        if (existing.length > subscribed.length) {
          if (consumer) await consumer.disconnect()
          subscribed = existing
          consumer = await consume(existing, handler)
        }
        const missing = topics.filter((topic) => !subscribed.includes(topic))
        if (missing.length === 0) return
        if (!told) logger.info({ missing }, 'waiting for topics; `mogo capture apply` makes them')
        told = true
      } catch (error) {
        if (!told) logger.warn({ err: fault(error) }, 'Kafka cannot be reached; trying on')
        told = true
      }
      await delay(topicPollMillis, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    failed: failure.promise,
    async start(handler) {
      following = (async () => {
        await untilAnswered(() => admin.connect())
        await follow(handler)
      })()
      following.catch((error) => {
        if (!stopping.signal.aborted) failure.reject(fault(error))
      })
    },
    pause({ topic, partition }) {
      consumer?.pause([{ topic, partitions: [partition] }])
    },
    resume({ topic, partition }) {
      consumer?.resume([{ topic, partitions: [partition] }])
    },
    async commit({ topic, partition }, { next, pendingLast }) {
      if (!consumer) return false
      try {
        await commitTogether({ topic, partition, offset: String(next), metadata: writeMetadata(pendingLast) })
        return true
      } catch (error) {
        if (LANE_LOST.has(errorType(error))) return false
        throw fault(error)
      }
    },
    async check() {
      await admin.describeCluster()
    },
    async stop() {
      stopping.abort()
      await following.catch(() => {})
      await consumer?.disconnect().catch(() => {})
      await admin.disconnect().catch(() => {})
    },
  }
}

/** The group has gone on without us: whoever has the lane now starts from the committed offset. */
const LANE_LOST = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
])

function errorType(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : ''
}

async function deliver(payload: EachBatchPayload, handler: SourceHandler): Promise<void> {
  const { batch, resolveOffset, isRunning, isStale } = payload
  if (!isRunning() || isStale() || batch.messages.length === 0) return
  const { topic, partition } = batch
  const records = packRecords(
    { topic, partition },
    batch.messages.map(({ offset, key, value, headers }) => ({
      ...{ offset: BigInt(offset), key, value, headers: headersOf(headers) },
    })),
  )
  const last = batch.lastOffset()
  await handler.records({ topic, partition }, records, BigInt(last) + 1n, BigInt(batch.offsetLag()))
  resolveOffset(last)
}

const NO_HEADERS: RawRecord['headers'] = {}

/** kafkajs gives a list where a header stands twice: the last one counts. */
function headersOf(headers: IHeaders | undefined): RawRecord['headers'] {
  if (!headers) return NO_HEADERS
  for (const value of Object.values(headers))
    if (value !== undefined && !Buffer.isBuffer(value)) return normalized(headers)
  return headers as RawRecord['headers']
}

function normalized(headers: IHeaders): RawRecord['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const one = Array.isArray(value) ? value.at(-1) : value
      return [name, typeof one === 'string' ? Buffer.from(one) : one]
    }),
  )
}
