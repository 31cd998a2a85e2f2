/**
 * Reads Kafka's record batches (message format v2) as they lie in a fetch response, and says where each record's parts are. Pure; what it
 * hands out is {@link FetchedRecords}.
 *
 *   fetched bytes = batch, batch, …, perhaps the beginning of one more (it is left out: it comes again)
 *   batch         = head (61 bytes), records, which may be compressed as a whole
 *
 * Left out are control batches (the ends of transactions), batches of transactions that were aborted, and records before the offset that
 * was asked for, with which a batch may begin. What lies in a row uncompressed is handed out together, up to a limit: a batch may
 * hold a single record. Every batch's CRC-32C is checked. Bytes that are not what they should be are a fault, never a guess.
 *
 * Format: https://kafka.apache.org/documentation/#recordbatch; aborted transactions as in the Java consumer's `CompletedFetch`.
 */
import { MogoError } from '#contracts/errors.ts'
import type { Lease } from '#ops/runtime/kafka/answer-buffers.ts'
import { crc32c } from '#ops/runtime/kafka/kafka-crc32c.ts'
import { FetchedRecords } from './fetched-records.ts'
import { codecOf } from './kafka-codecs.ts'
import {
  type BatchExtent,
  type BatchHead,
  batchExtent,
  CRC_END,
  HEAD_BYTES,
  readBatchHead,
} from './record-batch-head.ts'
import { RecordPlaces } from './record-places.ts'

/** A transaction that was aborted: its records from `firstOffset` on are to be dropped, up to its abort marker. */
export type AbortedTransaction = { readonly producerId: number; readonly firstOffset: number }

/** What a fetch has brought of one partition. */
export type FetchedBytes = {
  readonly topic: string
  readonly partition: number
  /** First offset that is wanted. */
  readonly from: number
  readonly bytes: Buffer
  readonly aborted: readonly AbortedTransaction[]
  /** Of the bytes' memory. It is held until the end is reached, and by all that is handed out. */
  readonly lease?: Lease | undefined
}

/** Records, and the offset to go on from after them. */
export type DecodedRecords = { readonly records: FetchedRecords; readonly next: number }

/** Uncompressed batches are handed out together until they have so many bytes: about a millisecond's work. */
const RUN_BYTES = 256 * 1024

/** See above. */
export class RecordBatches {
  readonly #fetched: FetchedBytes
  readonly #extent: BatchExtent
  /** Aborted transactions that begin further on, the first one last. */
  readonly #ahead: AbortedTransaction[]
  /** Producers whose transaction is an aborted one here. */
  readonly #aborted = new Set<number>()
  #at = 0
  #ended = false
  #next: number

  constructor(fetched: FetchedBytes) {
    this.#fetched = fetched
    this.#ahead = fetched.aborted.toSorted((a, b) => b.firstOffset - a.firstOffset)
    this.#next = fetched.from
    fetched.lease?.retain()
    this.#extent = batchExtent(fetched.bytes)
  }

  /** The offset to go on from once all is handed out. */
  get end(): number {
    return Math.max(this.#fetched.from, this.#extent.nextOffset)
  }

  /** The offset to go on from after what was handed out last. */
  get next(): number {
    return this.#next
  }

  /** Bytes of the first batch if not even that is whole; else 0. */
  get missing(): number {
    return this.#extent.missing
  }

  /**
   * The next records; null at the end.
   *
   * @throws MogoError MOGO_KAFKA_RECORDS_DAMAGED, at the first batch that cannot be read; what lies before it was handed out.
   */
  async take(): Promise<DecodedRecords | null> {
    const run: BatchHead[] = []
    let runBytes = 0
    while (this.#at < this.#extent.whole && runBytes < RUN_BYTES) {
      const head = readBatchHead(this.#fetched.bytes, this.#at)
      const fault = this.#faultOf(head)
      // The good ones first.
      if (fault !== null && run.length > 0) break
      if (fault !== null) throw this.#damaged(head.baseOffset, fault)
      if (!this.#wanted(head)) {
        this.#goPast(head)
        continue
      }
      if (head.codec > 0 && run.length > 0) break
      this.#goPast(head)
      if (head.codec > 0) return this.#decoded([head], await this.#decompressed(head))
      run.push(head)
      runBytes += head.end - head.at
    }
    if (run.length > 0) return this.#decoded(run, this.#fetched.bytes)
    if (!this.#ended) this.#fetched.lease?.release()
    this.#ended = true
    return null
  }

  /** What is wrong with a batch, or null. */
  #faultOf(head: BatchHead): string | null {
    const { bytes } = this.#fetched
    if (head.magic !== 2)
      return `message format v${head.magic}; only v2 is read (Kafka 0.11 and later write it)`
    if (head.end - head.at < HEAD_BYTES) return 'a batch is shorter than its head'
    if (crc32c(bytes.subarray(head.at + CRC_END, head.end)) !== head.crc) return 'the checksum is wrong'
    if (!Number.isSafeInteger(head.lastOffset) || head.baseOffset < 0 || head.lastOffset < head.baseOffset)
      return 'its offsets make no sense'
    // Compaction leaves the head alone of a batch whose records are all gone.
    if (head.count < 0 || (head.count === 0 && head.end - head.at > HEAD_BYTES))
      return 'its number of records makes no sense'
    return null
  }

  /** False if a batch is to be left out. Looks at each batch once, in order. */
  #wanted(head: BatchHead): boolean {
    for (
      let first = this.#ahead.at(-1);
      first && first.firstOffset <= head.lastOffset;
      first = this.#ahead.at(-1)
    ) {
      this.#aborted.add(first.producerId)
      this.#ahead.pop()
    }
    if (head.control) {
      if (isAbortMarker(this.#fetched.bytes, head)) this.#aborted.delete(head.producerId)
      return false
    }
    if (head.transactional && this.#aborted.has(head.producerId)) return false
    return head.count > 0 && head.lastOffset >= this.#fetched.from
  }

  #goPast(head: BatchHead): void {
    this.#at = head.end
    this.#next = Math.max(this.#next, head.lastOffset + 1)
  }

  async #decompressed(head: BatchHead): Promise<Buffer> {
    const decompress = codecOf(head.codec)
    if (!decompress) throw this.#damaged(head.baseOffset, `unknown compression ${head.codec}`)
    try {
      return await decompress(this.#fetched.bytes.subarray(head.at + HEAD_BYTES, head.end))
    } catch {
      // The text of a codec's error may quote what it stumbled over.
      throw this.#damaged(head.baseOffset, 'decompression fails')
    }
  }

  #decoded(run: readonly BatchHead[], buffer: Buffer): DecodedRecords {
    const { topic, partition, from } = this.#fetched
    const count = run.reduce((sum, head) => sum + head.count, 0)
    const [first] = run
    if (count > RecordPlaces.mostRecords(buffer.length))
      throw this.#damaged(first?.baseOffset ?? from, 'more records than bytes')
    const places = new RecordPlaces(count)
    for (const head of run) {
      const [start, end] = head.codec > 0 ? [0, buffer.length] : [head.at + HEAD_BYTES, head.end]
      const fault = places.read(buffer, start, end, head, from)
      if (fault === null) continue
      if (places.count === 0) throw this.#damaged(head.baseOffset, fault)
      this.#goBack(head)
      break
    }
    // What was decompressed has memory of its own.
    const lease = buffer === this.#fetched.bytes ? this.#fetched.lease : undefined
    lease?.retain()
    const records = new FetchedRecords({ topic, partition, buffer, lease, ...places.parts() })
    return { records, next: this.#next }
  }

  /** The good ones first: this one is looked at again by the next call. */
  #goBack(head: BatchHead): void {
    this.#at = head.at
    this.#next = head.baseOffset
  }

  #damaged(offset: number, detail: string): MogoError {
    const { topic, partition } = this.#fetched
    return new MogoError('MOGO_KAFKA_RECORDS_DAMAGED', { topic, partition, offset, detail })
  }
}

/** An abort marker's key is a version and a type, int16 each; type 0 is abort, 1 commit. */
function isAbortMarker(bytes: Buffer, head: BatchHead): boolean {
  const places = new RecordPlaces(1)
  if (head.count !== 1 || places.read(bytes, head.at + HEAD_BYTES, head.end, head, 0) !== null) return false
  const { key } = places.parts()
  const [start, end] = [key.start[0] ?? -1, key.end[0] ?? 0]
  return start >= 0 && end - start >= 4 && bytes.readInt16BE(start + 2) === 0
}
