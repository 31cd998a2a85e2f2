/**
 * A broker that lanes are fetched from, and its two connections: at most one request is under way on each.
 *
 *   patient   waits long for records, so that idling costs next to nothing
 *   quick     while the patient one is out: waits shortly, for lanes that have become hungry meanwhile
 *
 * Of lanes that have more than came last time a request asks for as many as fill an answer, so that far behind both connections are busy: the next answer
 * comes in while one is worked off.
 *
 * When the patient one is back and all that it could ask for is idle, it waits until the quick one is back, too: the next request is for all.
 */

import type { Lease } from '#ops/runtime/kafka/answer-buffers.ts'
import type { ConnectTo } from '#ops/runtime/kafka/kafka-broker-connection.ts'
import type { Leader } from '#ops/runtime/kafka/kafka-leaders.ts'
import type { FetchAsk, FetchedPartition } from './kafka-fetch-api.ts'
import type { FetchConnection } from './kafka-fetch-connection.ts'
import type { FetchLane } from './kafka-fetch-lane.ts'

/** What a broker calls. */
export type FetchBrokerEvents = {
  /** Its lanes that are to be asked for, the one that was served longest ago first. */
  hungry(broker: FetchBroker): readonly FetchLane[]
  /** How many of its lanes need memory for records. */
  busy(broker: FetchBroker): number
  topicId(topic: string): string
  /** An answer of the broker for a lane. */
  answered(lane: FetchLane, answer: FetchedPartition, lease: Lease | undefined): void
  /** A request has ended: lanes may be hungry again. */
  free(): void
  /** The broker cannot be reached, or does not answer; it is left alone for a while. */
  failed(broker: FetchBroker, error: unknown): void
  /** It has answered after that. */
  answers(broker: FetchBroker): void
  /** Milliseconds to wait after so many failures in a row before this one. */
  pauseAfter(failures: number): number
}

type Link = { busy: boolean; open: FetchConnection | null; close: () => void }

const PATIENT_MILLIS = 500
const QUICK_MILLIS = 20

/** What all lanes of a broker may hold twice over; each gets its share, within limits. */
const BROKER_BYTES = 32 * 1024 * 1024
/** Several batches of a producer: of the last one only a part comes, which is thrown away. */
const LANE_BYTES = 4 * 1024 * 1024
const SMALLEST_LANE_BYTES = 256 * 1024
/** Records of all lanes of an answer lie in one buffer, which stays until the last of them is done with. */
const ANSWER_BYTES = 4 * 1024 * 1024

/** See above. */
export class FetchBroker {
  readonly leader: Leader
  readonly #connect: ConnectTo<FetchConnection>
  readonly #events: FetchBrokerEvents
  readonly #patient: Link = { busy: false, open: null, close() {} }
  readonly #quick: Link = { busy: false, open: null, close() {} }
  #failures = 0
  #rest: NodeJS.Timeout | undefined
  #closed = false

  constructor(connect: ConnectTo<FetchConnection>, leader: Leader, events: FetchBrokerEvents) {
    this.#connect = connect
    this.leader = leader
    this.#events = events
  }

  /** Asks for what is hungry, if a connection is free. */
  turn(): void {
    if (this.#closed || this.#rest !== undefined) return
    const hungry = this.#events.hungry(this)
    if (hungry.length === 0) return
    const link = this.#choose(hungry)
    if (!link) return
    const share = shareOf(Math.max(hungry.length, this.#events.busy(this)))
    const asked = oneAnswer(hungry, share)
    void this.#fetch(link, asked, share)
    // The rest is on its way meanwhile: one answer at a time leaves the thread idle while it comes in.
    if (asked.length < hungry.length) this.turn()
  }

  /** Closes both connections at once. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#rest)
    this.#patient.close()
    this.#quick.close()
  }

  #choose(hungry: readonly FetchLane[]): Link | null {
    const [patient, quick] = [this.#patient, this.#quick]
    if (patient.busy) return quick.busy ? null : quick
    return quick.busy && hungry.every((lane) => lane.idle) ? null : patient
  }

  async #fetch(link: Link, lanes: readonly FetchLane[], share: number): Promise<void> {
    link.busy = true
    const asks = lanes.map((lane) => lane.ask(this.#events.topicId(lane.topic), share))
    const limits = {
      waitMillis: link === this.#patient ? PATIENT_MILLIS : QUICK_MILLIS,
      maxBytes: Math.max(ANSWER_BYTES, ...asks.map(({ maxBytes }) => maxBytes)),
    }
    try {
      // One that was idle for long may have been closed by the broker.
      if (!link.open?.isUsable()) {
        link.close()
        link.open = await this.#open(link)
      }
      const answer = await link.open.fetch(link.open.calls, asks, limits)
      if (answer.errorCode !== 0) throw new FetchRefused(answer.errorCode)
      if (this.#failures > 0) this.#events.answers(this)
      this.#failures = 0
      this.#handOut(lanes, asks, answer.partitions, link.open)
    } catch (error) {
      link.close()
      link.open = null
      for (const lane of lanes) lane.released()
      this.#failed(error)
    } finally {
      link.busy = false
      this.#events.free()
    }
  }

  #open(link: Link): Promise<FetchConnection> {
    return this.#connect(this.leader, (close) => {
      link.close = close
      if (this.#closed) close()
    })
  }

  #handOut(
    lanes: readonly FetchLane[],
    asks: readonly FetchAsk[],
    answers: readonly FetchedPartition[],
    { leaseOf }: FetchConnection,
  ): void {
    // A broker that knows ids of topics answers with those.
    const byPlace = new Map<string, FetchedPartition>(
      answers.map((each) => [place(each.topic, each.partition), each]),
    )
    // All partitions lie in one memory: it stays until each of their lanes has its own hold of it.
    const some = answers.find(({ bytes }) => bytes.length > 0)
    const lease = some && leaseOf(some.bytes)
    lease?.retain()
    for (const [index, lane] of lanes.entries()) {
      const { topic, partition } = lane
      const answer =
        byPlace.get(place(asks[index]?.topicId ?? '', partition)) ?? byPlace.get(place(topic, partition))
      if (answer) this.#events.answered(lane, answer, lease)
      else lane.unanswered()
    }
    lease?.release()
  }

  #failed(error: unknown): void {
    if (this.#closed) return
    clearTimeout(this.#rest)
    this.#rest = setTimeout(
      () => {
        this.#rest = undefined
        this.#events.free()
      },
      this.#events.pauseAfter(this.#failures++),
    )
    this.#events.failed(this, error)
  }
}

/** Bytes that each of so many lanes may ask for. */
function shareOf(lanes: number): number {
  return Math.floor(Math.max(SMALLEST_LANE_BYTES, Math.min(LANE_BYTES, BROKER_BYTES / lanes)))
}

/** As many of the lanes with more records as fill an answer, and all the others, which may have something new. */
function oneAnswer(hungry: readonly FetchLane[], share: number): readonly FetchLane[] {
  let room = Math.max(1, Math.floor(ANSWER_BYTES / share))
  return hungry.filter((lane) => !lane.hasMore || room-- > 0)
}

function place(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

/** The broker refuses a request as a whole. */
class FetchRefused extends Error {
  override readonly name = 'FetchRefused'
  readonly code: number

  constructor(code: number) {
    super()
    this.code = code
  }
}
