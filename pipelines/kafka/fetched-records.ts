/**
 * Records of one partition as they lie in a fetched buffer: places only. Nothing is decoded or copied before it is needed, since most
 * records are read byte by byte where they lie, and never become objects.
 *
 * The buffer's memory may be used again for later records (answer-buffers.ts), but not before whoever holds these records has released them. Who
 * gets them holds them once; who keeps them, or anything that shares their memory, beyond that retains them. Never releasing is
 * allowed: the memory is then collected as garbage, which costs more.
 *
 * Places are byte positions in `buffer`: `start` is inclusive, `end` exclusive, and a start of -1 says null. Headers are in Kafka's form: a
 * count, then per header the length and bytes of its name and of its value (-1: null); all lengths are zigzag varints.
 */

import type { Lease } from '#ops/runtime/kafka/answer-buffers.ts'
import type { RawRecord } from '#transforms/record.ts'

/** Start and end of each record's part. */
export type Places = { readonly start: Int32Array; readonly end: Int32Array }

/** What {@link FetchedRecords} is made of. All arrays have `count` entries. */
export type FetchedParts = {
  readonly topic: string
  readonly partition: number
  readonly buffer: Buffer
  readonly count: number
  /** Kafka offsets, rising. Exact: they stay below 2^53. */
  readonly offsets: Float64Array
  readonly key: Places
  readonly value: Places
  readonly headers: Places
  /** Of the buffer's memory, held once already; none if it is not used again. */
  readonly lease?: Lease | undefined
}

const NO_HEADERS: RawRecord['headers'] = Object.freeze({})

/** See above. */
export class FetchedRecords {
  readonly topic: string
  readonly partition: number
  readonly buffer: Buffer
  readonly count: number
  readonly offsets: Float64Array
  readonly key: Places
  readonly value: Places
  readonly headers: Places
  readonly #lease: Lease | undefined

  constructor(parts: FetchedParts) {
    this.topic = parts.topic
    this.partition = parts.partition
    this.buffer = parts.buffer
    this.count = parts.count
    this.offsets = parts.offsets
    this.key = parts.key
    this.value = parts.value
    this.headers = parts.headers
    this.#lease = parts.lease
  }

  /** Holds the records once more. */
  retain(): void {
    this.#lease?.retain()
  }

  /** Lets go of them, once for having got them and once for every {@link retain}: their memory may change from now on. */
  release(): void {
    this.#lease?.release()
  }

  /** The record as an object. Key, value and header values share the memory of the buffer. */
  record(index: number): RawRecord {
    return {
      topic: this.topic,
      partition: this.partition,
      offset: BigInt(this.offsets[index] ?? 0),
      key: this.#slice(this.key, index),
      value: this.#slice(this.value, index),
      headers: this.headersOf(index),
    }
  }

  /** Bytes of a record's value. */
  valueLength(index: number): number {
    const start = this.value.start[index] ?? -1
    return start < 0 ? 0 : (this.value.end[index] ?? 0) - start
  }

  /** Where a name stands twice the last value counts. */
  headersOf(index: number): RawRecord['headers'] {
    const start = this.headers.start[index] ?? -1
    const end = this.headers.end[index] ?? 0
    return end - start <= 1 ? NO_HEADERS : readHeaders(this.buffer, start)
  }

  #slice({ start, end }: Places, index: number): Buffer | null {
    const from = start[index] ?? -1
    return from < 0 ? null : this.buffer.subarray(from, end[index])
  }
}

/** Puts records, which are of one partition and in order, into the form above. For records that come one by one. */
export function packRecords(
  lane: { readonly topic: string; readonly partition: number },
  records: readonly Omit<RawRecord, 'topic' | 'partition'>[],
): FetchedRecords {
  const count = records.length
  const places = (): Places => ({ start: new Int32Array(count), end: new Int32Array(count) })
  const parts = { offsets: new Float64Array(count), key: places(), value: places(), headers: places() }
  const chunks: Buffer[] = []
  let at = 0
  const put = (into: Places, index: number, bytes: Buffer | null): void => {
    into.start[index] = bytes === null ? -1 : at
    at += bytes?.length ?? 0
    into.end[index] = at
    if (bytes !== null) chunks.push(bytes)
  }
  for (const [index, record] of records.entries()) {
    parts.offsets[index] = Number(record.offset)
    put(parts.key, index, record.key)
    put(parts.value, index, record.value)
    put(parts.headers, index, writeHeaders(record.headers))
  }
  const { topic, partition } = lane
  return new FetchedRecords({ topic, partition, buffer: Buffer.concat(chunks), count, ...parts })
}

function readHeaders(buffer: Buffer, start: number): RawRecord['headers'] {
  const reader = { buffer, at: start }
  // Without a prototype: a header may have the name of one.
  const headers: Record<string, Buffer | undefined> = Object.create(null)
  for (let left = readVarint(reader); left > 0; left--) {
    const name = take(reader, readVarint(reader))?.toString('utf8') ?? ''
    headers[name] = take(reader, readVarint(reader))
  }
  return headers
}

function take(reader: { readonly buffer: Buffer; at: number }, length: number): Buffer | undefined {
  if (length < 0) return undefined
  const from = reader.at
  reader.at += length
  return reader.buffer.subarray(from, reader.at)
}

function readVarint(reader: { readonly buffer: Buffer; at: number }): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.buffer[reader.at++] ?? 0
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return (value >>> 1) ^ -(value & 1)
}

function writeHeaders(headers: RawRecord['headers']): Buffer {
  const entries = Object.entries(headers)
  const chunks = [varint(entries.length)]
  for (const [name, value] of entries) {
    const bytes = Buffer.from(name, 'utf8')
    chunks.push(varint(bytes.length), bytes, varint(value?.length ?? -1), value ?? Buffer.alloc(0))
  }
  return Buffer.concat(chunks)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
