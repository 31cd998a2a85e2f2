/**
 * The rows of a batch: their bytes in RowBinary, one behind the other, and per row where it begins, which record it came from, and what is
 * asked of it later. Filled again and again, so that loading makes no garbage.
 */
import { OpenTokens, placeTokens } from '#transforms/bytes/open-tokens.ts'
import type { RawRecord } from '#transforms/record.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { type FetchedRecords, packRecords } from '../kafka/fetched-records.ts'
import { NOTES_BYTES, type TokenThread } from './token-thread.ts'

/** Bytes from the version of a row to its end: UInt128, UInt8, DateTime64. */
const VERSION_END = 16 + 1 + 8

const FIRST_ROWS = 1024
/** A buffer that a burst of large rows has blown up is not kept. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024
/** Nor is one that was needed to catch up, and has been hardly used for so many batches since: its memory would be kept for nothing. */
const IDLE_BATCHES = 50
const HARDLY = 1 / 8
/** Not worth the trouble. */
const SMALL_BYTES = 512 * 1024

/** A row that was completed after the others: its record, and what writes it and returns the hash of its key. */
export type LaterRow = { readonly record: RawRecord; readonly write: (writer: RowWriter) => number }

/** Notes are sent before their memory has to grow, as a rule. */
const SEND_BYTES = NOTES_BYTES - 16 * 1024

const EMPTY = packRecords({ topic: '', partition: 0 }, [])

/** See above. */
export class RowBlock {
  writer = new RowWriter()
  count = 0
  #starts = new Float64Array(FIRST_ROWS)
  #committedAt = new Float64Array(FIRST_ROWS)
  #keyHashes = new Int32Array(FIRST_ROWS)
  #sources = new Uint32Array(FIRST_ROWS)
  #indexes = new Uint32Array(FIRST_ROWS)
  #places: FetchedRecords[] = []
  #loose = new Map<number, RawRecord>()
  /** Batches in a row that hardly used the memory. */
  #idle = 0
  #thread: TokenThread | null = null
  /** Of tokens that another thread makes. */
  #filling: Promise<void>[] = []

  /** From here on tokens are made by that thread, until the block is cleared. Before its rows are used, await {@link whole}. */
  makeTokensIn(thread: TokenThread): void {
    this.#thread = thread
    this.writer.openTokens = new OpenTokens(thread.memory())
  }

  /** Sends the thread what is noted for it: all of it, or only if it is much. */
  sendTokens(all: boolean): void {
    const { openTokens } = this.writer
    const thread = this.#thread
    if (openTokens === null || thread === null || openTokens.at < (all ? 1 : SEND_BYTES)) return
    const filling = this.#filling
    const placed = thread.fill(openTokens.take(thread.memory())).then((notes) => {
      // Cleared meanwhile: these are gaps of rows that are gone.
      if (filling === this.#filling) placeTokens(notes, this.writer.bytes)
      thread.release(notes.memory)
    })
    placed.catch(() => {})
    filling.push(placed)
  }

  /** Resolves when no token is missing. Rejects if that will not be. */
  async whole(): Promise<void> {
    this.sendTokens(true)
    await Promise.all(this.#filling)
  }

  /**
   * Notes that a row was written from `start` on, of the record at `index`. `committedAt`: milliseconds; NaN if its freshness says
   * nothing. `keyHash`: of tenant and key.
   */
  add(start: number, records: FetchedRecords, index: number, committedAt: number, keyHash: number): void {
    const row = this.count++
    if (row >= this.#starts.length) this.#grow()
    if (this.#places[this.#places.length - 1] !== records) this.#places.push(records)
    this.#starts[row] = start
    this.#committedAt[row] = committedAt
    this.#keyHashes[row] = keyHash
    this.#sources[row] = this.#places.length - 1
    this.#indexes[row] = index
  }

  /** Notes a row that was completed later; its record is known. Its freshness is noted elsewhere. */
  addLoose(start: number, record: RawRecord, keyHash: number): void {
    this.#loose.set(this.count, record)
    const records = this.#places.at(-1) ?? EMPTY
    this.add(start, records, 0, Number.NaN, keyHash)
  }

  /** A block of these rows and of those that were completed later, in the order of their records. */
  with(later: readonly LaterRow[]): RowBlock {
    const all = new RowBlock()
    let next = 0
    for (const { record, write } of later) {
      next = this.#copyBefore(record.offset, next, all)
      const start = all.writer.at
      all.addLoose(start, record, write(all.writer))
    }
    this.#copyBefore(null, next, all)
    return all
  }

  /** Copies rows from `first` on, up to those of the record at `offset`; returns the first that was left. */
  #copyBefore(offset: bigint | null, first: number, into: RowBlock): number {
    let row = first
    for (; row < this.count; row++) {
      const records = this.#places[this.#sources[row] as number] as FetchedRecords
      const index = this.#indexes[row] as number
      if (offset !== null && (records.offsets[index] as number) > offset) break
      const start = into.writer.at
      into.writer.raw(this.bytes(row, row + 1))
      into.add(start, records, index, this.#committedAt[row] as number, this.#keyHashes[row] as number)
    }
    return row
  }

  /** Bytes of the rows from `first` up to `last`, exclusive; they share the memory of the block. */
  bytes(first: number, last: number): Buffer {
    const from = this.#starts[first] ?? 0
    const to = last < this.count ? (this.#starts[last] ?? 0) : this.writer.at
    return this.writer.bytes.subarray(from, to)
  }

  /** The version of a row, decimal: as it is written, before the mark of deletion and the time of the commit, which end every row. */
  version(row: number): string {
    const bytes = this.bytes(row, row + 1)
    const at = bytes.length - VERSION_END
    if (at < 0) return ''
    return String((bytes.readBigUInt64LE(at + 8) << 64n) | bytes.readBigUInt64LE(at))
  }

  /** Is there a row with a lower version? */
  hasBelow(version: bigint): boolean {
    const [high, low] = [version >> 64n, BigInt.asUintN(64, version)]
    for (let row = 0; row < this.count; row++) {
      const bytes = this.bytes(row, row + 1)
      const at = bytes.length - VERSION_END
      const ofRow = bytes.readBigUInt64LE(at + 8)
      if (ofRow < high || (ofRow === high && bytes.readBigUInt64LE(at) < low)) return true
    }
    return false
  }

  /** The record that a row came from; undefined if there is no such row. */
  record(row: number): RawRecord | undefined {
    if (row < 0 || row >= this.count) return undefined
    return this.#loose.get(row) ?? this.#places[this.#sources[row] ?? 0]?.record(this.#indexes[row] ?? 0)
  }

  /** Rows whose key has one of the hashes; a few others may be among them. */
  rowsOf(hashes: ReadonlySet<number>): readonly number[] {
    const found: number[] = []
    for (let row = 0; row < this.count; row++) if (hashes.has(this.#keyHashes[row] as number)) found.push(row)
    return found
  }

  /** Milliseconds from commit to `at` of at most that many rows, spread evenly, the oldest among them. */
  freshness(at: number, most: number): readonly number[] {
    const samples: number[] = []
    const step = Math.max(1, Math.ceil(this.count / most))
    let oldest = Number.POSITIVE_INFINITY
    for (let row = 0; row < this.count; row++) {
      const committed = this.#committedAt[row] as number
      if (Number.isNaN(committed)) continue
      if (committed < oldest) oldest = committed
      if (row % step === 0) samples.push(Math.max(0, at - committed))
    }
    if (step > 1 && oldest < Number.POSITIVE_INFINITY) samples.push(Math.max(0, at - oldest))
    return samples
  }

  /** Empties it, to be filled again. */
  clear(): void {
    this.#thread?.release(this.writer.openTokens?.bytes.buffer as ArrayBuffer)
    this.#thread = null
    this.writer.openTokens = null
    this.#filling = []
    this.count = 0
    this.#places = []
    this.#loose.clear()
    const { at: used, bytes } = this.writer
    const isHardlyUsed = bytes.length > SMALL_BYTES && used < bytes.length * HARDLY
    this.#idle = isHardlyUsed ? this.#idle + 1 : 0
    if (bytes.length > MOST_KEPT_BYTES) this.#beginAnew(0)
    else if (this.#idle >= IDLE_BATCHES) this.#beginAnew(2 * used)
    this.writer.at = 0
  }

  #beginAnew(bytes: number): void {
    this.#idle = 0
    this.writer = new RowWriter(bytes === 0 ? undefined : bytes)
    this.#starts = new Float64Array(FIRST_ROWS)
    this.#committedAt = new Float64Array(FIRST_ROWS)
    this.#keyHashes = new Int32Array(FIRST_ROWS)
    this.#sources = new Uint32Array(FIRST_ROWS)
    this.#indexes = new Uint32Array(FIRST_ROWS)
  }

  #grow(): void {
    const length = this.#starts.length * 2
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from)
      return to
    }
    this.#starts = grown(new Float64Array(length), this.#starts)
    this.#committedAt = grown(new Float64Array(length), this.#committedAt)
    this.#keyHashes = grown(new Int32Array(length), this.#keyHashes)
    this.#sources = grown(new Uint32Array(length), this.#sources)
    this.#indexes = grown(new Uint32Array(length), this.#indexes)
  }
}
