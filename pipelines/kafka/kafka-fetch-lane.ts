/**
 * A lane as the fetcher sees it: what is to be asked for next, and what was fetched but is not handed over yet.
 *
 *   asked -> waiting (one fetch at most) -> current (batch after batch is handed over) -> asked for again as soon as `waiting` is empty
 *
 * So the next fetch is under way while one is worked off, and there is never more than two in memory. A paused lane is not asked for, and what it
 * has is kept and handed over when it is resumed. An ended lane hands over nothing any more, whatever is still under way.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Lease } from '#ops/runtime/kafka/answer-buffers.ts'
import type { Lane } from '../ports.ts'
import type { FetchedRecords } from './fetched-records.ts'
import type { FetchAsk, FetchedPartition } from './kafka-fetch-api.ts'
import { type DecodedRecords, RecordBatches } from './record-batch.ts'

/** A lane and the offset to begin with. */
export type FetchStart = Lane & { readonly from: number }

/** What a lane calls. */
export type FetchLaneEvents = {
  /** Takes records, in order, one call at a time. `behind` records are stable beyond `next`. */
  records(lane: Lane, records: FetchedRecords, next: number, behind: number): Promise<void>
  /** The lane may be asked for again. */
  hungry(): void
  /** What was fetched cannot be read; it is fetched again after a pause. */
  damaged(lane: FetchLane, error: unknown): void
  /** After a trouble: records came, or there were none. */
  sound(lane: FetchLane): void
  /** Milliseconds to wait after so many troubles in a row before this one. */
  pauseAfter(troubles: number): number
}

type Fetched = { readonly batches: RecordBatches; readonly lastStable: number }

/** Between two looks at the event loop. */
const SLICE_MILLIS = 8

/** See above. */
export class FetchLane {
  readonly topic: string
  readonly partition: number
  /** True if the last answer had nothing. */
  idle = false
  /** True if the last answer did not hold all that the broker had. */
  hasMore = false
  /** When it last got records, by the fetcher's count. */
  served = 0
  readonly #events: FetchLaneEvents
  /** Where to ask for from; and up to where records were handed over. */
  #from: number
  #askedFrom = -1
  #handedOver: number
  /** Bytes of a batch that was too large to come. */
  #missing = 0
  #current: Fetched | null = null
  #waiting: Fetched | null = null
  #decoded: DecodedRecords | null = null
  #handingOver = false
  #asked = false
  #troubles = 0
  #paused = false
  #ended = false
  #hold: NodeJS.Timeout | undefined

  constructor(start: FetchStart, events: FetchLaneEvents) {
    this.topic = start.topic
    this.partition = start.partition
    this.#from = start.from
    this.#handedOver = start.from
    this.#events = events
  }

  /** True if it is to be asked for. */
  get hungry(): boolean {
    return !this.#ended && !this.#paused && !this.#asked && this.#waiting === null && this.#hold === undefined
  }

  get ended(): boolean {
    return this.#ended
  }

  /** True if memory is needed for it: it has records, or will have them soon. */
  get isBusy(): boolean {
    return !this.#ended && (this.hasMore || this.holdsRecords)
  }

  /** True if it has records that are not handed over yet. */
  get holdsRecords(): boolean {
    return this.#current !== null || this.#waiting !== null
  }

  /** What to ask for; it counts as asked until {@link answered} or {@link unanswered}. */
  ask(topicId: string, maxBytes: number): FetchAsk {
    this.#asked = true
    this.#askedFrom = this.#from
    const { topic, partition } = this
    return { topic, topicId, partition, from: this.#from, maxBytes: Math.max(maxBytes, this.#missing) }
  }

  /** What the broker has sent. */
  answered({ bytes, aborted, lastStable }: FetchedPartition, lease?: Lease): void {
    this.#asked = false
    this.idle = bytes.length === 0
    // Asked before what lies in front of it turned out to be damaged: it comes again behind that.
    if (this.#ended || this.#askedFrom !== this.#from) return
    if (this.idle) {
      this.hasMore = false
      this.#sound()
      return
    }
    const { topic, partition } = this
    const batches = new RecordBatches({ topic, partition, from: this.#from, bytes, aborted, lease })
    this.#missing = batches.missing
    this.hasMore = lastStable > batches.end
    if (this.#missing > 0) return
    this.#from = batches.end
    this.#waiting = { batches, lastStable }
    void this.#handOver()
  }

  /** There was no answer, and it was not the lane's fault. */
  released(): void {
    this.#asked = false
  }

  /** The broker has refused: not asked for again before a pause, which grows, is over. */
  unanswered(): void {
    this.#asked = false
    this.#rest()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused || this.#ended) return
    this.#paused = false
    void this.#handOver()
    this.#events.hungry()
  }

  end(): void {
    this.#ended = true
    clearTimeout(this.#hold)
    this.#current = null
    this.#waiting = null
    this.#decoded = null
  }

  #rest(): void {
    if (this.#ended) return
    clearTimeout(this.#hold)
    this.#hold = setTimeout(
      () => {
        this.#hold = undefined
        this.#events.hungry()
      },
      this.#events.pauseAfter(this.#troubles++),
    )
  }

  #sound(): void {
    if (this.#troubles === 0) return
    this.#troubles = 0
    this.#events.sound(this)
  }

  get #held(): boolean {
    return this.#paused || this.#ended
  }

  /** Hands over what there is, until it is paused or has ended. */
  async #handOver(): Promise<void> {
    if (this.#handingOver) return
    this.#handingOver = true
    try {
      let since = performance.now()
      while (!this.#held && (await this.#next())) {
        const [decoded, current] = [this.#decoded, this.#current]
        if (this.#held || !decoded || !current) break
        this.#decoded = null
        this.#handedOver = decoded.next
        const behind = Math.max(0, current.lastStable - decoded.next)
        await this.#events.records(this, decoded.records, decoded.next, behind)
        this.#sound()
        if (performance.now() - since < SLICE_MILLIS) continue
        await yieldToLoop()
        since = performance.now()
      }
    } catch (error) {
      if (!this.#ended) this.#startOver(error)
    } finally {
      this.#handingOver = false
    }
    // What came, or was resumed, while the loop above was ending.
    if (!this.#held && (this.#current ?? this.#waiting)) void this.#handOver()
  }

  /** Sees to it that there are decoded records; false if there are none. */
  async #next(): Promise<boolean> {
    while (this.#decoded === null) {
      if (this.#current === null) {
        this.#current = this.#waiting
        this.#waiting = null
        if (this.#current === null) return false
        this.#events.hungry()
      }
      const current = this.#current
      const decoded = await current.batches.take()
      // It has ended meanwhile.
      if (this.#current !== current) return false
      if (decoded === null) {
        this.#handedOver = current.batches.end
        this.#current = null
      } else if (decoded.records.count > 0) this.#decoded = decoded
    }
    return true
  }

  #startOver(error: unknown): void {
    this.#current = null
    this.#waiting = null
    this.#from = this.#handedOver
    this.#rest()
    this.#events.damaged(this, error)
  }
}
