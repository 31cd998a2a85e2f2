/**
 * Fetches the records of lanes from the brokers that lead them, on connections of its own, and hands them over as they lie in the answer.
 *
 *   lanes that are hungry --one request per broker--> answer --per lane--> handed over batch by batch
 *   (kafka-fetch-broker.ts)                                                (kafka-fetch-lane.ts)
 *
 * Faults: whatever happens to a broker or a partition, its leader is looked up anew and it is asked again from where records were
 * handed over, after a jittered pause that grows. Said once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { MogoError } from '#contracts/errors.ts'
import type { Lease } from '#ops/runtime/kafka/answer-buffers.ts'
import type { ConnectTo } from '#ops/runtime/kafka/kafka-broker-connection.ts'
import { askLeaders, type Leader, type Leaders } from '#ops/runtime/kafka/kafka-leaders.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { Lane } from '../ports.ts'
import { backoffMillis } from './backoff.ts'
import { kafkaFault, protocolErrorName } from './kafka-errors.ts'
import type { FetchedPartition } from './kafka-fetch-api.ts'
import { FetchBroker, type FetchBrokerEvents } from './kafka-fetch-broker.ts'
import { connectForFetch, type FetchConnection } from './kafka-fetch-connection.ts'
import { FetchLane, type FetchLaneEvents, type FetchStart } from './kafka-fetch-lane.ts'

/** What the fetcher needs. */
export type KafkaFetcherOptions = {
  readonly connection: KafkaConnection
  readonly logger: Logger
  /** Takes records, in order per lane, one call at a time. */
  readonly records: FetchLaneEvents['records']
  /** A lane cannot be read on: the log does not have its offset, or its topic was made anew. It has ended; assign again. */
  readonly lost: (lane: Lane, why: 'offset' | 'topic') => void
  /** Connections to brokers; those of `connection` if not given. */
  readonly connect?: ConnectTo<FetchConnection>
  /** Milliseconds to wait after so many faults in a row before this one. */
  readonly pauseAfter?: (faults: number) => number
}

/** By Kafka's numbers. */
const OFFSET_OUT_OF_RANGE = 1

/** See above. */
export class KafkaFetcher {
  readonly #options: KafkaFetcherOptions
  readonly #connect: ConnectTo<FetchConnection>
  readonly #pauseAfter: (faults: number) => number
  readonly #stopping = new AbortController()
  readonly #brokers = new Map<string, FetchBroker>()
  readonly #topicIds = new Map<string, string>()
  #lanes = new Map<string, FetchLane>()
  #ledBy = new Map<FetchLane, FetchBroker>()
  /** What is wrong with a lane, as it was said. */
  #troubles = new Map<FetchLane, MogoError>()
  #looking: Promise<void> | null = null
  #lookAgain = false
  #closeLook = (): void => {}
  #served = 0
  #turning = false
  /** Who does not answer: a broker, or (this) whoever is asked for leaders. */
  readonly #away = new Set<object>()

  constructor(options: KafkaFetcherOptions) {
    this.#options = options
    this.#connect = options.connect ?? connectForFetch(options.connection)
    this.#pauseAfter = options.pauseAfter ?? ((faults) => backoffMillis(faults, Math.random()))
  }

  /** Of the lanes of before nothing is handed over any more. */
  release(): void {
    for (const lane of this.#lanes.values()) lane.end()
    this.#lanes = new Map()
    this.#ledBy = new Map()
    this.#troubles = new Map()
  }

  /** These are the lanes from now on. */
  assign(starts: readonly FetchStart[]): void {
    this.release()
    this.#lanes = new Map(starts.map((start) => [laneKey(start), new FetchLane(start, this.#laneEvents)]))
    // What becomes of other topics is not seen, so they must not count as made anew later.
    const topics = new Set(starts.map(({ topic }) => topic))
    for (const topic of this.#topicIds.keys()) if (!topics.has(topic)) this.#topicIds.delete(topic)
    if (starts.length > 0) this.#look()
  }

  pause(lane: Lane): void {
    this.#lanes.get(laneKey(lane))?.pause()
  }

  resume(lane: Lane): void {
    this.#lanes.get(laneKey(lane))?.resume()
  }

  /** @throws MogoError if a lane cannot be read: MOGO_KAFKA_RECORDS_DAMAGED, or MOGO_KAFKA_UNREACHABLE with the broker's reason */
  check(): void {
    for (const trouble of this.#troubles.values()) throw trouble
  }

  /** Closes everything at once. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.release()
    this.#closeLook()
    for (const broker of this.#brokers.values()) broker.close()
    await this.#looking
  }

  readonly #laneEvents: FetchLaneEvents = {
    records: (lane, records, next, behind) => this.#options.records(lane, records, next, behind),
    hungry: () => this.#turn(),
    damaged: (lane, error) => this.#trouble(lane, error),
    sound: (lane) => {
      if (this.#troubles.delete(lane)) this.#options.logger.info(placeOf(lane), 'the lane is read again')
    },
    pauseAfter: (faults) => this.#pauseAfter(faults),
  }

  readonly #brokerEvents: FetchBrokerEvents = {
    hungry: (broker) =>
      [...this.#lanes.values()]
        .filter((lane) => lane.hungry && this.#ledBy.get(lane) === broker)
        .sort((a, b) => a.served - b.served),
    busy: (broker) =>
      [...this.#lanes.values()].filter((lane) => lane.isBusy && this.#ledBy.get(lane) === broker).length,
    topicId: (topic) => this.#topicIds.get(topic) ?? '',
    answered: (lane, answer, lease) => this.#answered(lane, answer, lease),
    free: () => this.#turn(),
    failed: (broker, error) => {
      this.#sayAway(broker, error)
      this.#look()
    },
    answers: (broker) => this.#sayBack(broker),
    pauseAfter: (faults) => this.#pauseAfter(faults),
  }

  /** Lets every broker ask for what is hungry, once for all that happens in this turn of the event loop. */
  #turn(): void {
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => {
      this.#turning = false
      for (const broker of this.#brokers.values()) broker.turn()
    })
  }

  #answered(lane: FetchLane, answer: FetchedPartition, lease: Lease | undefined): void {
    const { errorCode, bytes } = answer
    if (errorCode === 0) {
      if (bytes.length > 0) lane.served = ++this.#served
      lane.answered(answer, lease)
      return
    }
    lane.unanswered()
    if (lane.ended) return
    if (errorCode === OFFSET_OUT_OF_RANGE) {
      // With records in hand it is not known yet where the lane stands: they may turn out to be damaged.
      if (!lane.holdsRecords) this.#lose(lane, 'offset')
      return
    }
    const detail = protocolErrorName(errorCode)
    if (ROUTINE.has(detail))
      this.#options.logger.debug({ ...placeOf(lane), detail }, 'the leader is looked for')
    else this.#trouble(lane, kafkaFault(new BrokerRefusal(detail), this.#options.connection))
    this.#ledBy.delete(lane)
    this.#look()
  }

  #trouble(lane: FetchLane, error: unknown): void {
    const fault = kafkaFault(error, this.#options.connection)
    const before = this.#troubles.get(lane)
    this.#troubles.set(lane, fault)
    const level = before?.message === fault.message ? 'debug' : 'error'
    this.#options.logger[level]({ ...placeOf(lane), err: fault }, 'the lane cannot be read; trying on')
  }

  #lose(lane: FetchLane, why: 'offset' | 'topic'): void {
    lane.end()
    this.#options.lost(placeOf(lane), why)
  }

  /** Looks up the leaders of all lanes; one look at a time. */
  #look(): void {
    this.#lookAgain = true
    this.#looking ??= this.#lookUntilFound().finally(() => {
      this.#looking = null
      // It was asked for while the last look was ending.
      if (this.#lookAgain && !this.#stopping.signal.aborted) this.#look()
    })
  }

  async #lookUntilFound(): Promise<void> {
    const { signal } = this.#stopping
    for (let tries = 0; !signal.aborted && (this.#lookAgain || this.#leaderless().length > 0); tries++) {
      // At once, then after pauses.
      if (tries > 0) await delay(this.#pauseAfter(tries - 1), undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      this.#lookAgain = false
      try {
        const topics = [...new Set([...this.#lanes.values()].map(({ topic }) => topic))]
        const opened = (close: () => void): void => {
          this.#closeLook = close
          if (signal.aborted) close()
        }
        this.#apply(await askLeaders(this.#connect, this.#options.connection.brokers, topics, opened))
        this.#sayBack(this)
      } catch (error) {
        this.#sayAway(this, error)
        this.#lookAgain = true
      }
      const missing = this.#leaderless()
      if (tries === TRIES_BEFORE_WARNING && missing.length > 0 && this.#away.size === 0)
        this.#options.logger.warn({ lanes: missing.map(laneKey) }, 'lanes have no leader; looking on')
    }
  }

  #leaderless(): readonly FetchLane[] {
    return [...this.#lanes.values()].filter((lane) => !lane.ended && !this.#ledBy.has(lane))
  }

  #apply(found: Leaders): void {
    for (const [topic, { topicId }] of found) {
      const known = this.#topicIds.get(topic) ?? ''
      this.#topicIds.set(topic, topicId)
      if (known === '' || known === topicId) continue
      for (const lane of this.#lanes.values())
        if (lane.topic === topic && !lane.ended) this.#lose(lane, 'topic')
    }
    const ledBy = new Map<FetchLane, FetchBroker>()
    for (const lane of this.#lanes.values()) {
      const leader = found.get(lane.topic)?.leaders.get(lane.partition)
      if (leader && !lane.ended) ledBy.set(lane, this.#broker(leader))
    }
    this.#ledBy = ledBy
    const used = new Set(ledBy.values())
    for (const [key, broker] of this.#brokers) {
      if (used.has(broker)) continue
      broker.close()
      this.#sayBack(broker)
      this.#brokers.delete(key)
    }
    this.#turn()
  }

  #broker(leader: Leader): FetchBroker {
    const key = `${leader.nodeId}@${leader.host}:${leader.port}`
    const known = this.#brokers.get(key)
    if (known) return known
    const broker = new FetchBroker(this.#connect, leader, this.#brokerEvents)
    this.#brokers.set(key, broker)
    return broker
  }

  #sayAway(who: object, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const fault = kafkaFault(error, this.#options.connection)
    this.#options.logger[this.#away.has(who) ? 'debug' : 'warn'](
      { err: fault },
      'fetching was interrupted; trying on',
    )
    this.#away.add(who)
  }

  #sayBack(who: object): void {
    if (this.#away.delete(who) && this.#away.size === 0) this.#options.logger.info('Kafka answers again')
  }
}

const TRIES_BEFORE_WARNING = 3

/** These come with every restart and every move of a leader. */
const ROUTINE: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
])

/** The broker refuses a lane. */
class BrokerRefusal extends Error {
  constructor(name: string) {
    super()
    this.name = name
  }
}

function placeOf({ topic, partition }: Lane): Lane {
  return { topic, partition }
}

function laneKey({ topic, partition }: Lane): string {
  return `${topic}/${partition}`
}
