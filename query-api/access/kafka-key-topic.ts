/**
 * The topic of API keys in Kafka: compacted, one partition, read from its beginning to its end and then followed by every replica.
 *
 * It is read without a consumer group: each replica wants all of it, and a group of one's own is a second of joining and something to clean up. A
 * fetch waits at the broker until there is a record, so a revocation is here as soon as it is written.
 *
 * What is known is as fresh as the last fetch that ended at the end of the partition was when it was sent. If that is longer ago than
 * {@link STALE_MILLIS}, nothing is known of what was revoked meanwhile: `ready` waits for a moment and then fails.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Consumer, type KafkaRecord } from '@platformatic/kafka'
import { Partitioners } from 'kafkajs'
import { MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { KeyTopic, OpenKeyTopic } from './access-keys.ts'
import { createKafkaClient, ensureTopic } from './kafka-client.ts'

/** What is needed. */
export type KafkaKeyTopicOptions = {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly replicationFactor: number
  readonly logger: Logger
  /** Longest age of what is known, milliseconds. */
  readonly staleMillis?: number
  /** How long `ready` waits for it to be known anew, milliseconds. */
  readonly patienceMillis?: number
}

const STALE_MILLIS = 1_500
const PATIENCE_MILLIS = 2_000
/** A fetch without records is answered after this time. */
const WAIT_MILLIS = 250
const MOST_BYTES = 1024 * 1024
/** Longest time for closing. */
const CLOSE_MILLIS = 2_000
const PAUSES = [50, 100, 250, 500, 1000] as const
const PARTITION = 0
const CLIENT_ID = 'mogo-query-api-keys'

/** How the topic is opened: see the header. */
export function openKafkaKeyTopic(options: KafkaKeyTopicOptions): OpenKeyTopic {
  return (read, restart) => followTopic(options, read, restart)
}

type Place = { readonly topicId: string; readonly next: bigint }

function followTopic(options: KafkaKeyTopicOptions, ...[read, restart]: Parameters<OpenKeyTopic>): KeyTopic {
  const { connection, topic, logger } = options
  const { staleMillis = STALE_MILLIS, patienceMillis = PATIENCE_MILLIS } = options
  const kafka = createKafkaClient(connection, CLIENT_ID)
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  })
  let connected: Promise<void> | undefined
  producer.on(producer.events.DISCONNECT, () => {
    connected = undefined
  })

  const closing = new AbortController()
  let freshUntil = Number.NEGATIVE_INFINITY
  let whenFresh = Promise.withResolvers<void>()
  let isWarned = false
  const following = follow()

  return {
    async write(records) {
      connected ??= producer.connect()
      try {
        await connected
        await producer.send({
          topic,
          acks: -1,
          messages: records.map((record) => ({ ...record, partition: PARTITION })),
        })
      } catch (cause) {
        connected = undefined
        throw new MogoError('MOGO_KEYS_UNAVAILABLE', {}, { cause })
      }
    },
    async ready() {
      if (performance.now() < freshUntil) return
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_resolve, fail) => {
        timer = setTimeout(() => fail(new MogoError('MOGO_KEYS_UNAVAILABLE')), patienceMillis)
      })
      try {
        await Promise.race([whenFresh.promise, late])
      } finally {
        clearTimeout(timer)
      }
    },
    async close() {
      closing.abort()
      // What waits for a broker that is away is not waited for.
      await Promise.race([Promise.all([following, producer.disconnect()]), delay(CLOSE_MILLIS)])
    },
  }

  /** Until it is closed: connects, reads, and begins again after a pause when that fails. */
  async function follow(): Promise<void> {
    let place: Place | undefined
    for (let failures = 0; !closing.signal.aborted; failures++) {
      try {
        await ensureTopic(kafka, {
          ...{ topic, replicationFactor: options.replicationFactor },
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        })
        await readOn((at) => {
          place = at
          failures = 0
        }, place)
      } catch (error) {
        if (closing.signal.aborted) return
        if (!isWarned)
          logger.warn({ err: error, topic }, 'the topic of API keys cannot be read: no key is taken')
        isWarned = true
        await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 0)
      }
    }
  }

  /** Reads from `from` on until something fails; says after each fetch where it is. */
  async function readOn(reached: (at: Place) => void, from: Place | undefined): Promise<void> {
    const consumer = newConsumer(connection)
    const close = (): void => void consumer.close(true).catch(() => {})
    closing.signal.addEventListener('abort', close)
    try {
      const { topicId, node } = await placeOf(consumer)
      let next = from?.topicId === topicId ? from.next : await beginAnew(consumer)
      while (!closing.signal.aborted) {
        const sentAt = performance.now()
        const fetched = await fetchRecords(consumer, node, topicId, next)
        for (const record of fetched.records) read(record)
        next = fetched.next
        reached({ topicId, next })
        if (fetched.isEnd) known(sentAt)
      }
    } finally {
      closing.signal.removeEventListener('abort', close)
      close()
    }
  }

  /** Forgets what is known; the first offset that there is. */
  async function beginAnew(consumer: Consumer): Promise<bigint> {
    freshUntil = Number.NEGATIVE_INFINITY
    restart()
    const offsets = await consumer.listOffsets({ topics: [topic], timestamp: -2n })
    return offsets.get(topic)?.[PARTITION] ?? 0n
  }

  /** All is known that was there at this time. */
  function known(at: number): void {
    freshUntil = at + staleMillis
    whenFresh.resolve()
    whenFresh = Promise.withResolvers<void>()
    if (isWarned) logger.info({ topic }, 'the topic of API keys is read again')
    isWarned = false
  }

  async function placeOf(consumer: Consumer): Promise<{ topicId: string; node: number }> {
    const { topics } = await consumer.metadata({
      topics: [topic],
      forceUpdate: true,
      autocreateTopics: false,
    })
    const found = topics.get(topic)
    const node = found?.partitions[PARTITION]?.leader
    if (!found || node === undefined) throw new Error('the topic has no leader')
    return { topicId: found.id, node }
  }

  /** Whoever starts first makes the topic. */
  function pause(millis: number): Promise<void> {
    return delay(millis, undefined, { signal: closing.signal }).catch(() => {})
  }
}

type Fetched = {
  readonly records: readonly { readonly key: string; readonly value: string | null }[]
  readonly next: bigint
  /** Nothing more was there. */
  readonly isEnd: boolean
}

async function fetchRecords(
  consumer: Consumer,
  node: number,
  topicId: string,
  from: bigint,
): Promise<Fetched> {
  const { responses } = await consumer.fetch({
    node,
    ...{ minBytes: 1, maxBytes: MOST_BYTES, maxWaitTime: WAIT_MILLIS, isolationLevel: 0 },
    topics: [
      {
        topicId,
        partitions: [
          {
            ...{ partition: PARTITION, fetchOffset: from, partitionMaxBytes: MOST_BYTES },
            ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
          },
        ],
      },
    ],
  })
  const partition = responses
    .flatMap(({ partitions }) => partitions)
    .find((each) => each.partitionIndex === PARTITION)
  // A partition that is not spoken of has nothing new.
  if (!partition) return { records: [], next: from, isEnd: true }
  if (partition.errorCode !== 0) throw new Error(`the broker answers ${partition.errorCode}`)
  const records: Fetched['records'][number][] = []
  let next = from
  for (const batch of partition.records ?? []) {
    const isControl = (batch.attributes & CONTROL) !== 0
    for (const record of isControl ? [] : batch.records)
      if (batch.firstOffset + BigInt(record.offsetDelta) >= from) records.push(textOf(record))
    // Compaction leaves gaps: the batch says where it ends.
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    if (end > next) next = end
  }
  return { records, next, isEnd: next >= partition.highWatermark }
}

/** Bit of a batch that holds no records of anybody. */
const CONTROL = 0x20

function textOf({ key, value }: KafkaRecord): Fetched['records'][number] {
  return { key: key?.toString('utf8') ?? '', value: value?.toString('utf8') ?? null }
}

function newConsumer({ brokers, tls, sasl }: KafkaConnection): Consumer {
  return new Consumer({
    clientId: CLIENT_ID,
    // Of no use without a group, and asked for all the same.
    groupId: CLIENT_ID,
    bootstrapBrokers: [...brokers],
    autocreateTopics: false,
    retries: false,
    connectTimeout: 3_000,
    timeout: 5_000,
    ...(tls ? { tls: {} } : {}),
    ...(sasl ? { sasl: { ...sasl, mechanism: MECHANISMS[sasl.mechanism] } } : {}),
  })
}

const MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const
