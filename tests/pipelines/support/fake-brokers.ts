/**
 * Brokers for tests of the fetcher: logs in memory, leaders that move, nodes that go away. They answer as Kafka does, without a network: at once if
 * there is anything, else when something is appended or the wait is over.
 */
import type { ConnectTo } from '#ops/runtime/kafka/kafka-broker-connection.ts'
import type {
  FetchAnswer,
  FetchAsk,
  FetchedPartition,
  FetchLimits,
} from '#pipelines/kafka/kafka-fetch-api.ts'
import type { FetchConnection } from '#pipelines/kafka/kafka-fetch-connection.ts'
import { encodeBatch } from './record-batches.ts'

type Log = {
  topicId: string
  leader: number
  start: number
  batches: { last: number; bytes: Buffer }[]
  refuse: number
}

/** A request that a node has got, for looking at. */
export type SeenFetch = {
  readonly node: number
  readonly connection: number
  readonly waitMillis: number
  readonly asks: readonly FetchAsk[]
}

/** Kafka's numbers. */
const [OFFSET_OUT_OF_RANGE, NOT_LEADER, UNKNOWN_TOPIC_ID] = [1, 6, 100]
const FIRST_PORT = 9000

/** See above. */
export class FakeBrokers {
  readonly #logs = new Map<string, Log>()
  readonly #away = new Set<number>()
  readonly #open = new Map<number, { node: number; fail: (error: Error) => void }>()
  /** Requests that wait for records. */
  readonly #waiting = new Set<() => void>()
  readonly seen: SeenFetch[] = []
  connects = 0
  /** Milliseconds that a wait of one second lasts. */
  pace = 1000

  /** Addresses of `nodes` brokers, for the configuration. */
  static addresses(nodes: number): readonly string[] {
    return Array.from({ length: nodes }, (_, index) => `node:${FIRST_PORT + index + 1}`)
  }

  /** Makes a topic with one partition, led by a node; again under the same name makes it anew. */
  make(topic: string, leader: number): void {
    const id = `00000000-0000-0000-0000-${String(this.#logs.size + this.seen.length + 1).padStart(12, '0')}`
    this.#logs.set(topic, { topicId: id, leader, start: 0, batches: [], refuse: 0 })
    this.#wake()
  }

  /** Appends a batch of so many records; the value of each is its offset. */
  async append(topic: string, count: number, bytes = 20): Promise<void> {
    const log = this.#log(topic)
    const first = this.end(topic)
    const records = Array.from({ length: count }, (_, index) => ({
      ...{ offset: first + index, key: null },
      value: Buffer.from(String(first + index).padEnd(bytes)),
    }))
    log.batches.push({ last: first + count - 1, bytes: await encodeBatch(records) })
    this.#wake()
  }

  end(topic: string): number {
    const log = this.#log(topic)
    return (log.batches.at(-1)?.last ?? log.start - 1) + 1
  }

  /** Drops everything before an offset. */
  expire(topic: string, start: number): void {
    const log = this.#log(topic)
    log.start = start
    log.batches = log.batches.filter(({ last }) => last >= start)
  }

  lead(topic: string, node: number): void {
    this.#log(topic).leader = node
    this.#wake()
  }

  /** Answers with an error number until it is 0 again. */
  refuse(topic: string, errorCode: number): void {
    this.#log(topic).refuse = errorCode
    this.#wake()
  }

  /** A node is gone: its connections break, and none is opened until it is back. */
  away(node: number, away: boolean): void {
    if (away) this.#away.add(node)
    else this.#away.delete(node)
    if (away) for (const each of this.#open.values()) if (each.node === node) each.fail(new Error('away'))
  }

  readonly connect: ConnectTo<FetchConnection> = async ({ port }, opened) => {
    const node = port - FIRST_PORT
    const connection = ++this.connects
    const broken = Promise.withResolvers<never>()
    broken.promise.catch(() => {})
    let usable = true
    const fail = (error: Error): void => {
      usable = false
      this.#open.delete(connection)
      broken.reject(error)
    }
    opened(() => fail(new Error('closed')))
    // A connection is never there at once.
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#away.has(node)) throw new Error('refused')
    this.#open.set(connection, { node, fail })
    return {
      calls: { send: (...args: unknown[]) => this.#metadata(args) } as unknown as FetchConnection['calls'],
      topicIds: true,
      offered: () => ({ minVersion: 0, maxVersion: 13 }),
      leaseOf: () => undefined,
      isUsable: () => usable,
      close: () => fail(new Error('closed')),
      fetch: (_calls, asks, limits) => {
        this.seen.push({ node, connection, asks, waitMillis: limits.waitMillis })
        return Promise.race([this.#fetch(node, asks, limits), broken.promise])
      },
    }
  }

  #log(topic: string): Log {
    const log = this.#logs.get(topic)
    if (!log) throw new Error(`no topic ${topic}`)
    return log
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  async #fetch(node: number, asks: readonly FetchAsk[], limits: FetchLimits): Promise<FetchAnswer> {
    const until = performance.now() + (limits.waitMillis * this.pace) / 1000
    for (;;) {
      let empty = true
      const partitions = asks.map((ask) => {
        const answer = this.#read(node, ask, empty)
        if (answer.errorCode !== 0 || answer.bytes.length > 0) empty = false
        return answer
      })
      const left = until - performance.now()
      if (!empty || left <= 0) return { errorCode: 0, partitions }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  #read(node: number, ask: FetchAsk, first: boolean): FetchedPartition {
    const log = [...this.#logs.values()].find(({ topicId }) => topicId === ask.topicId)
    const answer = (errorCode: number, bytes = Buffer.alloc(0)): FetchedPartition => {
      const lastStable = log ? (log.batches.at(-1)?.last ?? -1) + 1 : -1
      return { topic: ask.topicId, partition: ask.partition, errorCode, lastStable, aborted: [], bytes }
    }
    if (!log) return answer(UNKNOWN_TOPIC_ID)
    if (log.refuse !== 0) return answer(log.refuse)
    if (log.leader !== node) return answer(NOT_LEADER)
    const end = (log.batches.at(-1)?.last ?? log.start - 1) + 1
    if (ask.from < log.start || ask.from > end) return answer(OFFSET_OUT_OF_RANGE)
    const wanted = log.batches.filter(({ last }) => last >= ask.from).map(({ bytes }) => bytes)
    const [head] = wanted
    if (!head || (head.length > ask.maxBytes && !first)) return answer(0)
    // Cut where the limit is, in the middle of a batch if need be; the first one comes whole.
    const most = Math.max(ask.maxBytes, head.length)
    return answer(0, Buffer.concat(wanted).subarray(0, most))
  }

  /** The one call beside fetching: who leads what. Its last argument is the callback. */
  #metadata(args: readonly unknown[]): void {
    const callback = args.at(-1) as (error: Error | null, answer: unknown) => void
    const nodes = [...new Set([...this.#logs.values()].map(({ leader }) => leader))]
    callback(null, {
      brokers: nodes.map((nodeId) => ({ nodeId, host: 'node', port: FIRST_PORT + nodeId })),
      topics: [...this.#logs].map(([name, { topicId, leader }]) => ({
        ...{ errorCode: 0, name, topicId },
        partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: this.#away.has(leader) ? -1 : leader }],
      })),
    })
  }
}
