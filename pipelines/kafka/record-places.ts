/**
 * Finds the parts of records (message format v2) in a buffer: where key, value and headers of each begin and end. Pure, and the hottest loop of
 * the fetch path: no object is made per record.
 *
 *   record = length, attributes int8, timestamp delta, offset delta, key length, key, value length, value, headers
 *   headers = count, then for each: name length, name, value length, value
 *   Lengths, counts and deltas are zigzag varints; a length of -1 says null.
 */
import type { FetchedParts, Places } from './fetched-records.ts'

/** The offsets of a batch. */
export type BatchOffsets = {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly count: number
}

/** Bytes of a record without key, value and headers. */
const SMALLEST_RECORD = 7
/** Key, value and headers, start and end of each. */
const ARRAYS = 6

/** Places of the records of one or several batches in one buffer. */
export class RecordPlaces {
  readonly #capacity: number
  readonly #offsets: Float64Array
  readonly #places: Int32Array
  #count = 0

  /** Room for `capacity` records. */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#offsets = new Float64Array(capacity)
    this.#places = new Int32Array(capacity * ARRAYS)
  }

  /** Records that `bytes` bytes can hold at most. */
  static mostRecords(bytes: number): number {
    return Math.floor(bytes / SMALLEST_RECORD)
  }

  get count(): number {
    return this.#count
  }

  /**
   * Reads the records of a batch between `start` and `end`, and keeps those from the offset `from` on. Returns what is wrong with
   * them, or null; with a fault nothing of the batch is kept.
   */
  read(buffer: Buffer, start: number, end: number, batch: BatchOffsets, from: number): string | null {
    const reader = new VarintReader(buffer, start, end)
    const before = this.#count
    const fault = this.#readAll(reader, batch, from)
    if (fault !== null) this.#count = before
    return fault
  }

  #readAll(reader: VarintReader, batch: BatchOffsets, from: number): string | null {
    const { baseOffset, lastOffset } = batch
    const capacity = this.#capacity
    const places = this.#places
    let previous = baseOffset - 1
    for (let left = batch.count; left > 0; left--) {
      const recordEnd = reader.varint() + reader.at
      if (!(recordEnd <= reader.end)) return 'a record is longer than its batch'
      reader.at += 1
      reader.skipVarint()
      const offset = baseOffset + reader.varint()
      if (!(offset > previous && offset <= lastOffset)) return 'the offsets of its records are not in order'
      previous = offset
      const keyLength = reader.varint()
      const keyStart = reader.at
      if (keyLength > 0) reader.at += keyLength
      const valueLength = reader.varint()
      const valueStart = reader.at
      if (valueLength > 0) reader.at += valueLength
      const headersStart = reader.at
      if (keyLength < -1 || valueLength < -1 || !reader.skipHeaders(recordEnd) || reader.at !== recordEnd)
        return 'the parts of a record do not fit its length'
      if (offset < from) continue
      const index = this.#count++
      this.#offsets[index] = offset
      places[index] = keyLength < 0 ? -1 : keyStart
      places[index + capacity] = keyStart + Math.max(0, keyLength)
      places[index + 2 * capacity] = valueLength < 0 ? -1 : valueStart
      places[index + 3 * capacity] = valueStart + Math.max(0, valueLength)
      places[index + 4 * capacity] = headersStart
      places[index + 5 * capacity] = recordEnd
    }
    return reader.at === reader.end ? null : 'bytes are left over after its records'
  }

  /** What was found, in the form of {@link FetchedParts}. */
  parts(): Pick<FetchedParts, 'count' | 'offsets' | 'key' | 'value' | 'headers'> {
    const count = this.#count
    const array = (index: number): Int32Array =>
      this.#places.subarray(index * this.#capacity, index * this.#capacity + count)
    const pair = (index: number): Places => ({ start: array(index), end: array(index + 1) })
    return {
      count,
      offsets: this.#offsets.subarray(0, count),
      key: pair(0),
      value: pair(2),
      headers: pair(4),
    }
  }
}

/** Reads varints one after another. Beyond the end, or where one is too long, `at` becomes NaN, which fits no comparison any more. */
class VarintReader {
  readonly end: number
  at: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.at = at
    this.end = end
  }

  /** A zigzag varint of 32 bits. */
  varint(): number {
    const first = this.at < this.end ? (this.#bytes[this.at++] as number) : this.#fail()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.at < this.end ? (this.#bytes[this.at++] as number) : this.#fail()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    return this.#fail()
  }

  /** One of up to 64 bits. */
  skipVarint(): void {
    for (let left = 10; left > 0; left--) {
      const byte = this.at < this.end ? (this.#bytes[this.at++] as number) : this.#fail()
      if (byte < 0x80) return
    }
    this.#fail()
  }

  /** False if the headers do not end at `end`. */
  skipHeaders(end: number): boolean {
    let left = this.varint()
    // A name and a value take two bytes at least: a count that is too large is seen before it is counted down.
    if (!(left >= 0 && left * 2 <= end - this.at)) return false
    for (; left > 0; left--) {
      const nameLength = this.varint()
      if (!(nameLength >= 0)) return false
      this.at += nameLength
      const valueLength = this.varint()
      if (!(valueLength >= -1)) return false
      if (valueLength > 0) this.at += valueLength
    }
    return this.at === end
  }

  #fail(): number {
    this.at = Number.NaN
    return 0
  }
}
