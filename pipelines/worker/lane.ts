/**
 * A lane at work: transforms records as they come, collects them into batches, loads one batch at a time while the next fills.
 *
 *   reading -> (open batch full, or old enough) -> loading -> reading …
 *   any -> stopped      a fault that nobody can wait out: nothing is committed past it, the other lanes go on
 *   any -> held         its table is paused (quarantine-breaker.ts), or waits for its contract (column-watch.ts); it goes on from where it is
 *   any -> abandoned    the lane went to another worker, or the process ends: what is not committed comes again
 *
 * Memory is bounded: while a batch loads and the next is full, the lane is paused at its source.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ColumnChange } from '#transforms/column-watch.ts'
import type { FetchedRecords } from '../kafka/fetched-records.ts'
import type { AssignedLane } from '../ports.ts'
import { type Batch, type Batcher, type BatchLimits, createBatcher, type HeldRecord } from './batcher.ts'
import { type LoadDeps, loadBatch } from './load-batch.ts'
import type { BatchCounts } from './pipeline-stats.ts'
import { batchParent } from './trace-links.ts'

/** What a lane needs. */
export type LaneDeps = {
  readonly load: LoadDeps
  readonly limits: BatchLimits
  readonly flushMillis: number
  readonly pause: () => void
  readonly resume: () => void
  readonly loaded: (counts: BatchCounts) => void
  /** Finds out what is unknown about a change, so that the record can come again. Everything before it is loaded. */
  readonly learn: (record: HeldRecord, signal: AbortSignal) => Promise<void>
  /** The lane waits for its contract: the columns of the source have changed. Everything before the change is loaded. */
  readonly held: (change: ColumnChange) => void
  /** The lane cannot go on. */
  readonly stopped: (error: unknown) => void
}

/** Records between two looks at the event loop. */
const SLICE = 500

/** What comes together is loaded together. */
const SETTLE_MILLIS = 5

/** From here on a lane is not just late but has to catch up: it then waits longer for a batch to fill. */
const CATCH_UP_RECORDS = 5000n
const CATCH_UP_PATIENCE = 10

/** From the begin of one load to that of the next: this many times as long as the load took, up to a limit. */
const REST_AFTER_LOAD = 2
const LONGEST_REST_MILLIS = 500

/** A fetch that is not worked off yet. */
type Fetched = { readonly records: FetchedRecords; readonly next: bigint; index: number }

/** See above. */
export class PartitionLane {
  readonly #deps: LaneDeps
  readonly #batcher: Batcher
  readonly #abort = new AbortController()
  readonly #committed: number
  readonly #backlog: Fetched[] = []
  #timer: NodeJS.Timeout | undefined
  /** Offset after everything that was handed over; null while some of it is not in a batch. */
  #next: bigint | null = null
  /** When the last load began: the next one begins `flushMillis` later, or at once if that is long ago. */
  #lastLoad = Number.NEGATIVE_INFINITY
  #loadMillis = 0
  #catchingUp = false
  #full = false
  #due = false
  #paused = false
  #stopped = false
  #held = false
  #draining = false
  #pumping: Promise<void> | null = null
  #loading: Promise<void> | null = null

  constructor(start: AssignedLane, deps: LaneDeps) {
    this.#deps = deps
    this.#committed = Number(start.committed ?? 0n)
    this.#batcher = createBatcher(deps.limits, start.pendingLast, deps.load.maker)
  }

  /**
   * Takes records in order, `behind` of which lie beyond them; resolves when they are in a batch, or the lane is paused because it is full. It does not wait for a load:
   * the source would hold up every other lane meanwhile. Never rejects.
   */
  async add(records: FetchedRecords, next: bigint, behind: bigint): Promise<void> {
    // It was on its way when the drain began, and comes again.
    if (this.#draining) return records.release()
    this.#backlog.push({ records, next, index: 0 })
    const catchingUp = behind > CATCH_UP_RECORDS
    if (this.#catchingUp && !catchingUp) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      if (this.#batcher.size() > 0) this.#startClock()
    }
    this.#catchingUp = catchingUp
    this.#batcher.hurry(catchingUp)
    await this.#pump()
  }

  /** Reads and loads no more until it is released; what is being loaded ends. Other lanes do not notice. */
  hold(): void {
    this.#held = true
  }

  /** Goes on after a hold. */
  release(): void {
    this.#held = false
    if (this.#ended) return
    if (this.#batcher.size() > 0) this.#startClock()
    void this.#pump()
  }

  /**
   * Loads what is buffered, and takes nothing more: under a steady load it would never end. Resolves when it is committed, or the lane has
   * ended.
   */
  async drain(): Promise<void> {
    this.#draining = true
    this.#pause()
    while (
      !this.#ended &&
      !this.#held &&
      (this.#loading || this.#pumping || this.#backlog.length > 0 || this.#batcher.size() > 0)
    ) {
      // A pending range that is not complete cannot be loaded now: it comes again.
      if (!this.#loading && !this.#pumping && this.#batcher.replaying()) return
      this.#due = true
      await this.#pump()
      this.#kick()
      await this.#loading
    }
    // A hold lets the load before it end.
    if (!this.#ended) await this.#loading
  }

  /** Lets go: the load under way ends, with or without its commit. */
  async abandon(): Promise<void> {
    clearTimeout(this.#timer)
    this.#abort.abort()
    await this.#pumping
    await this.#loading
    this.#batcher.drop()
  }

  get #ended(): boolean {
    return this.#stopped || this.#abort.signal.aborted
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#work()
      .catch((error) => this.#stop(error))
      .finally(() => {
        this.#pumping = null
      })
    return this.#pumping
  }

  /** Moves records from the backlog into batches until it is empty, or a batch is full while another loads. */
  async #work(): Promise<void> {
    for (let head = this.#backlog[0]; head; head = this.#backlog[0]) {
      while (head.index < head.records.count) {
        if (this.#ended) return
        if (this.#held || !this.#makeRoom()) return this.#pause()
        if (this.#batcher.mustCloseBefore(head.records.offsets[head.index] as number)) {
          this.#full = true
          continue
        }
        const held = this.#place(head.records, head.index)
        if (held === 'apart' || (held !== null && this.#hasWhole)) {
          this.#full = true
          continue
        }
        if (held?.held.unknown !== undefined) {
          await this.#loading
          await this.#deps.learn(held, this.#abort.signal)
          continue
        }
        if (held !== null) {
          this.hold()
          this.#deps.held(held.held)
          return this.#pause()
        }
        head.index += 1
        if (head.index % SLICE === 0) await yieldToLoop()
      }
      this.#backlog.shift()
      head.records.release()
      if (this.#backlog.length === 0) this.#next = head.next
    }
    if (this.#held) return this.#pause()
    this.#makeRoom()
    this.#resume()
    this.#kick()
  }

  /** Adds a record; returns why it cannot be added now, or null. `apart`: when the open batch is on its way. */
  #place(records: FetchedRecords, index: number): HeldRecord | 'apart' | null {
    // The source may start a little before the committed offset after a rebalance.
    if ((records.offsets[index] as number) < this.#committed) return null
    const added = this.#batcher.add(records, index)
    if (typeof added === 'object' || added === 'apart') return added
    this.#full = added === 'full'
    this.#startClock()
    return null
  }

  /** Is there an open batch that may be loaded as it is? */
  get #hasWhole(): boolean {
    return this.#batcher.size() > 0 && !this.#batcher.replaying()
  }

  /** Sends a full batch on its way; false if another one still loads. */
  #makeRoom(): boolean {
    if (!this.#full) return true
    if (this.#loading) return false
    this.#load()
    return true
  }

  #startClock(): void {
    if (this.#timer !== undefined || this.#batcher.replaying()) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#due = true
      this.#kick()
    }, this.#untilDue())
  }

  #untilDue(): number {
    const { load } = this.#deps
    // Far behind, large loads catch up sooner than frequent ones.
    const wanted = this.#deps.flushMillis * (this.#catchingUp ? CATCH_UP_PATIENCE : 1)
    // An engine that is busy gets fewer, larger loads: more of them would only make each slower.
    const flushMillis = Math.min(
      Math.max(wanted, REST_AFTER_LOAD * this.#loadMillis),
      Math.max(wanted, LONGEST_REST_MILLIS),
    )
    const rest = this.#lastLoad + flushMillis - load.now()
    return Math.min(flushMillis, Math.max(SETTLE_MILLIS, rest))
  }

  /** Loads the open batch if it is due and nothing loads. */
  #kick(): void {
    if (this.#due && !this.#loading && !this.#ended && !this.#held && !this.#batcher.replaying()) this.#load()
  }

  #load(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = false
    this.#full = false
    const batch = this.#batcher.take(this.#backlog.length === 0 ? this.#next : null)
    if (!batch) return
    this.#next = null
    this.#lastLoad = this.#deps.load.now()
    this.#loading = this.#loadTraced(batch)
      .catch((error) => this.#stop(error))
      .finally(() => {
        this.#loading = null
        if (this.#ended) return
        this.#loadMillis = this.#deps.load.now() - this.#lastLoad
        if (this.#batcher.size() > 0) this.#startClock()
        this.#kick()
        void this.#pump()
      })
  }

  async #loadTraced(batch: Batch): Promise<void> {
    const { load, loaded } = this.#deps
    const { parent, links } = batchParent(batch.traces)
    const attributes = {
      'messaging.destination.name': load.lane.topic,
      'messaging.destination.partition.id': String(load.lane.partition),
      'messaging.batch.message_count': batch.records,
      'mogo.dataset': load.dataset.name,
    }
    await trace
      .getTracer('worker')
      .startActiveSpan(
        `load ${load.dataset.name}`,
        { kind: SpanKind.CONSUMER, attributes, links },
        parent,
        async (span) => {
          try {
            const counts = await loadBatch(batch, load, this.#abort.signal)
            if (counts) loaded(counts)
            // Lost: whoever has the lane now begins at the committed offset. Going on would commit past what was not loaded.
            else this.#abort.abort()
          } catch (error) {
            span.setStatus({ code: SpanStatusCode.ERROR })
            throw error
          } finally {
            this.#batcher.release(batch)
            span.end()
          }
        },
      )
  }

  #stop(error: unknown): void {
    if (this.#ended) return
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#pause()
    this.#batcher.drop()
    this.#deps.stopped(error)
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#deps.pause()
  }

  #resume(): void {
    if (!this.#paused || this.#ended || this.#draining) return
    this.#paused = false
    this.#deps.resume()
  }
}
