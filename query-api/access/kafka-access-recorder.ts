/**
 * Access records to the governance topic, acknowledged by all replicas (acks = -1) before `record` resolves.
 *
 * One request is under way at a time; what comes meanwhile travels in the next one, and what nobody waits for with the next of the others: the busier the
 * process, the more records share the cost of a request. A record that cannot be written within the limit fails, and with it the answer
 * it belongs to.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { context, propagation } from '@opentelemetry/api'
import { MogoError } from '#contracts/errors.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import { createKafkaWriter } from '#ops/runtime/kafka/kafka-writer.ts'
import type { WrittenRecord } from '#ops/runtime/kafka/write-batch.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { AccessRecorder } from '../ports.ts'
import { createKafkaClient, ensureTopic } from './kafka-client.ts'

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
  readonly event: AccessEvent
  /** The trace that it belongs to. */
  readonly headers: Readonly<Record<string, string>>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

type Batch = { readonly entries: Waiting[]; readonly records: WrittenRecord[] }

const CLIENT_ID = 'mogo-query-api'

/** In one request. Brokers take a megabyte at least. */
const MOST_AT_ONCE = 500
const MOST_CHARACTERS = 256 * 1024

/** A record that nobody waits for goes with the next one that somebody waits for, or after so long. */
const LAZY_MILLIS = 50

/** Makes the recorder. */
export function createKafkaAccessRecorder(options: KafkaAccessRecorderOptions): AccessRecorder {
  const { connection, topic, logger, limitMillis = 5_000 } = options
  const writer = createKafkaWriter({ connection, clientId: CLIENT_ID, topic, limitMillis })
  /** There is a topic. */
  let made: Promise<void> | undefined
  const waiting: Waiting[] = []
  /** What is under way. */
  let sending: Promise<void> | undefined
  /** There is something that should not wait. */
  let isAsked = false
  let lazy: NodeJS.Timeout | undefined

  return {
    async record(event, { isWaitedFor = true } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const entry: Waiting = { event, headers: traceHeaders(), resolve, reject }
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
      try {
        await makeTopic()
        await writer.check()
      } catch (cause) {
        forgetTopic(cause)
        const brokers = connection.brokers.join(', ')
        throw new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers, detail: 'no connection' }, { cause })
      }
    },
    async close() {
      // What cannot be written by then is refused.
      const late = setTimeout(() => writer.close(), limitMillis)
      while (waiting.length > 0 || sending) {
        send()
        await sending
      }
      clearTimeout(late)
      writer.close()
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
      const batch = takeBatch()
      isAsked = waiting.length > 0
      if (batch.entries.length > 0) await write(batch)
    }
    sending = undefined
  }

  /** It may have been removed; that a broker does not answer says nothing of that. */
  function forgetTopic(error: unknown): void {
    if (error instanceof Error && error.name === 'UNKNOWN_TOPIC_OR_PARTITION') made = undefined
  }

  /** Whoever starts first makes the topic. */
  function makeTopic(): Promise<void> {
    made ??= ensureTopic(createKafkaClient(connection, CLIENT_ID), {
      ...{ topic, replicationFactor: options.replicationFactor },
    }).catch((cause: unknown) => {
      made = undefined
      throw cause
    })
    return made
  }

  /**
   * As many of the first as go in one request, one at least. Records are written out here and not before: the engine works meanwhile. (Events are made of
   * texts, numbers and lists: that cannot fail.)
   */
  function takeBatch(): Batch {
    const batch: Batch = { entries: [], records: [] }
    let characters = 0
    for (const entry of waiting.slice(0, MOST_AT_ONCE)) {
      const record = { key: entry.event.id, value: JSON.stringify(entry.event), headers: entry.headers }
      characters += record.value.length
      if (batch.entries.length > 0 && characters > MOST_CHARACTERS) break
      batch.entries.push(entry)
      batch.records.push(record)
    }
    waiting.splice(0, batch.entries.length)
    return batch
  }

  async function write({ entries, records }: Batch): Promise<void> {
    try {
      await makeTopic()
      await writer.send(records)
      for (const { resolve } of entries) resolve()
    } catch (error) {
      forgetTopic(error)
      logger.warn({ err: error, records: records.length }, 'access records could not be written')
      for (const { reject } of entries) reject(error)
    }
  }
}

function traceHeaders(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  propagation.inject(context.active(), headers)
  return headers
}
