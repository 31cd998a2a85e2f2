/**
 * Access records to the governance topic, acknowledged by all replicas (acks = -1) before `record` resolves.
 *
 * One request is under way at a time; what comes meanwhile travels in the next one, and what nobody waits for with the next of the others: the busier the
 * process, the more records share the cost of a request. The producer connects in the background and again after every
 * fault; a record that cannot be written within the limit fails, and with it the answer it belongs to.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { context, propagation } from '@opentelemetry/api'
import { Partitioners, type Producer } from 'kafkajs'
import { MogoError } from '#contracts/errors.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { AccessRecorder } from '../ports.ts'
import { createKafkaClient } from './kafka-client.ts'

/** What the recorder needs. */
export type KafkaAccessRecorderOptions = {
  readonly connection: KafkaConnection
  readonly topic: string
  readonly replicationFactor: number
  readonly logger: Logger
  /** Longest wait for an acknowledgement, milliseconds. */
  readonly limitMillis?: number
}

type Waiting = {
  readonly message: { key: string; value: string; headers: Record<string, string> }
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** In one request. Brokers take a megabyte at least. */
const MOST_AT_ONCE = 500
const MOST_CHARACTERS = 256 * 1024

/** A record that nobody waits for goes with the next one that somebody waits for, or after so long. */
const LAZY_MILLIS = 50

/** Makes the recorder. */
export function createKafkaAccessRecorder(options: KafkaAccessRecorderOptions): AccessRecorder {
  const { connection, topic, logger, limitMillis = 5_000 } = options
  const kafka = createKafkaClient(connection, 'mogo-query-api')
  const producer: Producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  })
  const admin = kafka.admin()
  let connected: Promise<void> | undefined
  const waiting: Waiting[] = []
  /** What is under way. */
  let sending: Promise<void> | undefined
  /** There is something that should not wait. */
  let isAsked = false
  let lazy: NodeJS.Timeout | undefined
  producer.on(producer.events.DISCONNECT, () => {
    connected = undefined
  })

  return {
    async record(event, { isWaitedFor = true } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const entry: Waiting = { message: messageOf(event), resolve, reject }
      waiting.push(entry)
      if (isWaitedFor) send()
      else lazy ??= setTimeout(send, LAZY_MILLIS)
      let timer: NodeJS.Timeout | undefined
      try {
        const late = new Promise<never>((_resolve, fail) => {
          timer = setTimeout(() => fail(new Error('no acknowledgement in time')), limitMillis)
        })
        await Promise.race([promise, late])
      } catch (cause) {
        // It was refused: if it is not on its way already, it must not be written later as answered.
        const place = waiting.indexOf(entry)
        if (place >= 0) waiting.splice(place, 1)
        throw new MogoError('MOGO_ACCESS_NOT_RECORDED', {}, { cause })
      } finally {
        clearTimeout(timer)
      }
    },
    async check() {
      await connect()
      try {
        await admin.fetchTopicMetadata({ topics: [topic] })
      } catch (cause) {
        connected = undefined
        throw unreachable(cause)
      }
    },
    async close() {
      while (waiting.length > 0 || sending) {
        send()
        await sending
      }
      await producer.disconnect()
      await admin.disconnect()
    },
  }

  function send(): void {
    isAsked = true
    sending ??= sendAll()
  }

  /** Never rejects. */
  async function sendAll(): Promise<void> {
    // What comes in the same turn goes along.
    await turn()
    while (isAsked) {
      clearTimeout(lazy)
      lazy = undefined
      const batch = waiting.splice(0, sizeOfBatch())
      isAsked = waiting.length > 0
      if (batch.length > 0) await write(batch)
    }
    sending = undefined
  }

  function connect(): Promise<void> {
    connected ??= ready().catch((cause: unknown) => {
      connected = undefined
      throw unreachable(cause)
    })
    return connected
  }

  function unreachable(cause: unknown): MogoError {
    const brokers = connection.brokers.join(', ')
    return new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: 'no connection' }, { cause })
  }

  /** Whoever starts first makes the topic. */
  async function ready(): Promise<void> {
    await admin.connect()
    const topics = await admin.listTopics()
    if (!topics.includes(topic))
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: 1, replicationFactor: options.replicationFactor }],
      })
    await producer.connect()
  }

  /** So many of the first records, one at least. */
  function sizeOfBatch(): number {
    let characters = 0
    for (const [index, { message }] of waiting.slice(0, MOST_AT_ONCE).entries()) {
      characters += message.value.length
      if (characters > MOST_CHARACTERS) return Math.max(1, index)
    }
    return MOST_AT_ONCE
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      await connect()
      await producer.send({ topic, acks: -1, messages: batch.map(({ message }) => message) })
      for (const { resolve } of batch) resolve()
    } catch (error) {
      logger.warn({ err: error, records: batch.length }, 'access records could not be written')
      for (const { reject } of batch) reject(error)
    }
  }
}

function messageOf(event: AccessEvent): Waiting['message'] {
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  return { key: event.id, value: JSON.stringify(event), headers }
}
