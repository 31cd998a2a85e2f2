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
import { askLeaders, type Leader, type Leaders, leadersOf, type TopicLeaders } from './kafka-leaders.ts'
import { WireFault } from './kafka-wire.ts'
import { type WrittenRecord, writeBatch } from './write-batch.ts'

/** See {@link createKafkaWriter}. */
export type KafkaWriter = {
  /**
   * Resolves when all are there; rejects if they cannot be written after some tries within the limit of time: then some may be there. The fault's name is
   * Kafka's, such as UNKNOWN_TOPIC_OR_PARTITION.
   */
  send(records: readonly WrittenRecord[]): Promise<void>
  /** Finds the leaders of the topic and connects to them, so that a first send need not. Rejects if that is not possible now. One runs at a time. */
  check(): Promise<void>
  /** Cuts what is under way. */
  close(): void
}

/** What a writer is made of. */
export type KafkaWriterOptions = {
  readonly connection: KafkaConnection
  /** How the client is called in the broker's log. */
  readonly clientId: string
  readonly topic: string
  /** No try is begun later than so many milliseconds after a send began. */
  readonly limitMillis: number
  readonly connect?: ConnectTo
  readonly now?: () => number
}

type Batch = { readonly partition: number; readonly bytes: Buffer }
type Link = { readonly opening: Promise<BrokerConnection>; open: BrokerConnection | null; close: () => void }

/** Callers wait: a broker that falls silent is given up soon enough for another try. */
const LIMITS = { connectMillis: 1500, requestMillis: 1500 }
/** How long the leader waits for its replicas. */
const REPLICAS_MILLIS = 1000
const PRODUCE = 0
const ACKS_OF_ALL = -1

/** Makes the writer; nothing is connected yet. */
export function createKafkaWriter(options: KafkaWriterOptions): KafkaWriter {
  const { connection, clientId, topic, limitMillis, now = Date.now } = options
  const connect = options.connect ?? connectTo(connection, clientId, LIMITS)
  const again = retry(
    handleWhen((error) => !(error instanceof Refused)),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }),
    },
  )
  const closing = new AbortController()
  let leaders: Promise<TopicLeaders> | null = null
  /** Brokers that have led, and may be asked when those of the configuration are away. */
  let known: readonly string[] = []
  let checking: Promise<void> | null = null
  const links = new Map<number, Link>()
  /** Connections for a question. */
  const asking = new Set<() => void>()

  return {
    send(records) {
      const until = performance.now() + limitMillis
      return again.execute(() => sendOnce(records, until))
    },
    check() {
      checking ??= checkOnce().finally(() => {
        checking = null
      })
      return checking
    },
    close() {
      closing.abort()
      forget()
      for (const close of asking) close()
    },
  }

  async function checkOnce(): Promise<void> {
    const found = await ask()
    leaders = Promise.resolve(found)
    const nodes = new Map([...found.leaders.values()].map((leader) => [leader.nodeId, leader]))
    await Promise.all([...nodes.values()].map(linkTo))
  }

  async function sendOnce(records: readonly WrittenRecord[], until: number): Promise<void> {
    try {
      leaders ??= ask()
      const found = await leaders
      const byNode = new Map<number, { readonly leader: Leader; readonly batches: Batch[] }>()
      for (const [partition, share] of shares(records, found.partitions)) {
        const leader = found.leaders.get(partition)
        if (!leader) throw new WireFault('LEADER_NOT_AVAILABLE')
        const node = byNode.get(leader.nodeId) ?? { leader, batches: [] }
        byNode.set(leader.nodeId, node)
        node.batches.push({ partition, bytes: writeBatch(share, now()) })
      }
      await Promise.all([...byNode.values()].map(({ leader, batches }) => produce(leader, batches)))
    } catch (error) {
      // Whatever it was: the leaders may have moved, and a connection may hang.
      forget()
      const isOver = closing.signal.aborted || performance.now() > until
      throw isOver && error instanceof Error ? new Refused(error.name, { cause: error }) : error
    }
  }

  /** The leaders of the topic: asked of a broker that we talk to already, else of the others in turn. */
  async function ask(): Promise<TopicLeaders> {
    const all = (await askOpen()) ?? (await askOthers())
    const found = all.get(topic)
    if (!found || found.partitions === 0) throw new WireFault('UNKNOWN_TOPIC_OR_PARTITION')
    known = [...new Set([...found.leaders.values()].map(({ host, port }) => addressOf(host, port)))]
    return found
  }

  async function askOpen(): Promise<Leaders | undefined> {
    for (const { open } of links.values())
      if (open?.isUsable()) return leadersOf(open, [topic]).catch(() => undefined)
    return undefined
  }

  async function askOthers(): Promise<Leaders> {
    const mine = new Set<() => void>()
    const opened = (close: () => void): void => {
      mine.add(close)
      asking.add(close)
    }
    try {
      closing.signal.throwIfAborted()
      return await askLeaders(connect, [...new Set([...connection.brokers, ...known])], [topic], opened)
    } finally {
      for (const close of mine) asking.delete(close)
    }
  }

  async function produce(leader: Leader, batches: readonly Batch[]): Promise<void> {
    const { calls } = await linkTo(leader)
    const code = await PRODUCE_V7.async(calls, topic, batches)
    if (code === 0) return
    const name = protocolErrorsCodesById[code] ?? `error ${code}`
    throw FOR_GOOD.has(name) ? new Refused(name) : new WireFault(name)
  }

  async function linkTo(leader: Leader): Promise<BrokerConnection> {
    const present = links.get(leader.nodeId)
    if (present && (present.open === null || present.open.isUsable())) return present.opening
    present?.close()
    closing.signal.throwIfAborted()
    let close = (): void => {}
    const opening = connect(leader, (closeIt) => {
      close = closeIt
    })
    const link: Link = { opening, open: null, close: () => close() }
    links.set(leader.nodeId, link)
    try {
      link.open = await opening
      return link.open
    } catch (error) {
      if (links.get(leader.nodeId) === link) links.delete(leader.nodeId)
      throw error
    }
  }

  function forget(): void {
    leaders = null
    for (const { close } of links.values()) close()
    links.clear()
  }
}

/** As brokers are configured. */
function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
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
      .appendInt32(REPLICAS_MILLIS)
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

/** Not to be tried again. */
class Refused extends WireFault {}
