/**
 * Writes records to one topic: to the leaders of its partitions, acknowledged by all replicas in sync (acks = -1).
 *
 * For records that are written while somebody waits. A send of kafkajs costs three times as much of the thread's time, and has had no release
 * since 2023. Records are not numbered (no idempotence): after a fault some may be there twice, so they must be such that the later one of
 * equal keys counts. Records of a key go to one partition, in the order in which they are sent, if one send is waited for before the next.
 *
 * Protocol: Produce v7 (Kafka 2.1), https://kafka.apache.org/protocol#The_Messages_Produce
 */
import { createAPI, protocolErrorsCodesById, type Reader, Writer } from '@platformatic/kafka'
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import type { KafkaConnection } from '../settings.ts'
import { type BrokerConnection, type ConnectTo, connectTo } from './kafka-broker-connection.ts'
import { crc32c } from './kafka-crc32c.ts'
import { askLeaders, type Leader } from './kafka-leaders.ts'
import { WireFault } from './kafka-wire.ts'
import { type WrittenRecord, writeBatch } from './write-batch.ts'

/** See {@link createKafkaWriter}. */
export type KafkaWriter = {
  /** Resolves when all are there; rejects if they cannot be written after some tries: then some may be there. */
  send(records: readonly WrittenRecord[]): Promise<void>
  /** Connects to all leaders of the topic, so that a first send need not. Rejects if that is not possible now. */
  check(): Promise<void>
  close(): void
}

/** What a writer is made of. */
export type KafkaWriterOptions = {
  readonly connection: KafkaConnection
  /** How the client is called in the broker's log. */
  readonly clientId: string
  readonly topic: string
  readonly connect?: ConnectTo
  readonly now?: () => number
}

type Batch = { readonly partition: number; readonly bytes: Buffer }
type Link = { readonly opening: Promise<BrokerConnection>; open: BrokerConnection | null; close: () => void }

/** Callers wait: a broker that does not answer is given up soon. */
const LIMITS = { connectMillis: 3000, requestMillis: 5000 }
const TRIES = 4
const PRODUCE = 0
const ACKS_OF_ALL = -1

/** Makes the writer; nothing is connected yet. */
export function createKafkaWriter(options: KafkaWriterOptions): KafkaWriter {
  const { connection, clientId, topic, now = Date.now } = options
  const connect = options.connect ?? connectTo(connection, clientId, LIMITS)
  const again = retry(
    handleWhen((error) => !(error instanceof Refused) && !isClosed),
    { maxAttempts: TRIES - 1, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }) },
  )
  let leaders: Promise<ReadonlyMap<number, Leader>> | null = null
  const links = new Map<number, Link>()
  let isClosed = false

  return {
    send: (records) => again.execute(() => sendOnce(records)),
    async check() {
      const known = await ask()
      leaders = Promise.resolve(known)
      const nodes = new Set([...known.values()].map(({ nodeId }) => nodeId))
      await Promise.all([...nodes].map((node) => linkTo(known, node)))
    },
    close() {
      isClosed = true
      forget()
    },
  }

  async function sendOnce(records: readonly WrittenRecord[]): Promise<void> {
    try {
      leaders ??= ask()
      const known = await leaders
      const byNode = new Map<number, Batch[]>()
      for (const [partition, share] of shares(records, known.size)) {
        const leader = known.get(partition)
        if (!leader) throw new WireFault('LEADER_NOT_AVAILABLE')
        const batches = byNode.get(leader.nodeId) ?? []
        byNode.set(leader.nodeId, batches)
        batches.push({ partition, bytes: writeBatch(share, now()) })
      }
      await Promise.all([...byNode].map(([node, batches]) => produce(known, node, batches)))
    } catch (error) {
      // Whatever it was: the leaders may have moved, and a connection may hang.
      forget()
      throw error
    }
  }

  /** All partitions, with their leaders. One without a leader is left out. */
  async function ask(): Promise<ReadonlyMap<number, Leader>> {
    const found = await askLeaders(connect, connection.brokers, [topic], () => {})
    const known = found.get(topic)
    if (!known || known.leaders.size === 0) throw new WireFault('UNKNOWN_TOPIC_OR_PARTITION')
    return known.leaders
  }

  async function produce(
    known: ReadonlyMap<number, Leader>,
    node: number,
    batches: readonly Batch[],
  ): Promise<void> {
    const { calls } = await linkTo(known, node)
    const code = await PRODUCE_V7.async(calls, topic, batches)
    if (code === 0) return
    const name = protocolErrorsCodesById[code] ?? `error ${code}`
    throw FOR_GOOD.has(name) ? new Refused(name) : new WireFault(name)
  }

  async function linkTo(known: ReadonlyMap<number, Leader>, node: number): Promise<BrokerConnection> {
    const present = links.get(node)
    if (present && (present.open === null || present.open.isUsable())) return present.opening
    present?.close()
    const leader = [...known.values()].find(({ nodeId }) => nodeId === node)
    if (!leader || isClosed) throw new WireFault('NotConnected')
    let close = (): void => {}
    const opening = connect(leader, (closing) => {
      close = closing
    })
    const link: Link = { opening, open: null, close: () => close() }
    links.set(node, link)
    try {
      link.open = await opening
      return link.open
    } catch (error) {
      if (links.get(node) === link) links.delete(node)
      throw error
    }
  }

  function forget(): void {
    leaders = null
    for (const { close } of links.values()) close()
    links.clear()
  }
}

/** Records by partition, as few as there are. */
function shares(
  records: readonly WrittenRecord[],
  partitions: number,
): ReadonlyMap<number, readonly WrittenRecord[]> {
  if (partitions === 1) return new Map([[0, records]])
  const found = new Map<number, WrittenRecord[]>()
  for (const record of records) {
    const partition = crc32c(Buffer.from(record.key)) % partitions
    const share = found.get(partition) ?? []
    found.set(partition, share)
    share.push(record)
  }
  return found
}

/** Answers with the first error code, or 0. */
const PRODUCE_V7 = createAPI<[string, readonly Batch[]], number>(
  PRODUCE,
  7,
  (topic, batches) =>
    Writer.create()
      .appendString(null, false)
      .appendInt16(ACKS_OF_ALL)
      .appendInt32(LIMITS.requestMillis)
      .appendInt32(1)
      .appendString(topic, false)
      .appendArray(
        [...batches],
        (writer, { partition, bytes }) =>
          writer.appendInt32(partition).appendInt32(bytes.length).append(bytes),
        false,
        false,
      ),
  (_correlation, _key, _version, reader) => firstError(reader),
  false,
  false,
)

/** Of `[topic [partition int32, error int16, offset int64, time int64, first offset int64]] throttle int32`. */
function firstError(reader: Reader): number {
  let code = 0
  const topics = reader.readInt32()
  for (let topic = 0; topic < topics; topic++) {
    reader.readString(false)
    const partitions = reader.readInt32()
    for (let index = 0; index < partitions; index++) {
      reader.readInt32()
      code ||= reader.readInt16()
      for (let skipped = 0; skipped < 3; skipped++) reader.readInt64()
    }
  }
  return code
}

/** What no second try mends. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
])

class Refused extends WireFault {}
