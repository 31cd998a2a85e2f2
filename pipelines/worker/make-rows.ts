/**
 * Records -> rows, by the fast way or the plain one. The byte path takes a record where it lies and writes its row; what it does not take becomes
 * an object, passes the transform, and is encoded to the same form.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import {
  createTranscoder,
  type Transcoder,
  type TranscoderDeps,
} from '#transforms/bytes/create-transcoder.ts'
import type { Outcome, RawRecord, StoredRow } from '#transforms/record.ts'
import { createRowEncoder, type RowEncoder } from '#transforms/rowbinary/row-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { EPOCH_HEADER } from '../capture/connector-config.ts'
import type { FetchedRecords } from '../kafka/fetched-records.ts'
import { epochOf } from './epoch-transform.ts'
import type { TokenThread } from './token-thread.ts'

/** How the records of a dataset become rows. */
export type RowMaker = {
  /** The plain path: right for every record. */
  readonly transform: (record: RawRecord) => Outcome
  /** The same for what is only looked at once more: no change of columns holds it up. `transform`, if it is not given. */
  readonly reread?: (record: RawRecord) => Outcome
  /** Its rows in RowBinary. */
  readonly encoder: RowEncoder
  /** The byte path. */
  readonly fast: FastRows | null
  /** Makes the tokens of the byte path while there is much to read; they are made in this thread if there is none. */
  readonly tokens?: TokenThread | null
}

/** Rows that the byte path has made. Fields tell of the last one. */
export type FastRows = {
  /** Appends the row of a record; false if the plain path has to take it, and nothing was appended. */
  tryRecord(records: FetchedRecords, index: number, writer: RowWriter): boolean
  readonly committedAt: number
  readonly isSnapshotRead: boolean
  readonly keyHash: number
}

/** The rows of a record, by the plain path; none if it becomes none. */
export function plainRows(maker: RowMaker, record: RawRecord): readonly StoredRow[] {
  const outcome = maker.transform(record)
  return outcome.kind === 'rows' ? outcome.rows : []
}

/** Headers that leave a record an ordinary one. All others (keys that changed, replays, ends of snapshots) are for the plain path. */
const ORDINARY: ReadonlySet<string> = new Set([EPOCH_HEADER, 'traceparent', 'tracestate'])

/** Makes both paths of a dataset. */
export function createRowMaker(
  dataset: CompiledDataset,
  transform: RowMaker['transform'],
  deps: TranscoderDeps,
): RowMaker {
  return {
    transform,
    encoder: createRowEncoder(dataset, new RowWriter(1024)),
    fast: new ByteRows(createTranscoder(dataset, deps)),
  }
}

/** The byte path with the headers of Kafka: neighbouring records nearly always have the same bytes there. */
class ByteRows implements FastRows {
  readonly #transcoder: Transcoder
  #known: Buffer = Buffer.alloc(0)
  /** Epoch that the known headers say; -1 if they are for the plain path. */
  #epoch = -1

  constructor(transcoder: Transcoder) {
    this.#transcoder = transcoder
  }

  get committedAt(): number {
    return this.#transcoder.committedAt
  }
  get isSnapshotRead(): boolean {
    return this.#transcoder.isSnapshotRead
  }
  get keyHash(): number {
    return this.#transcoder.keyHash
  }

  tryRecord(records: FetchedRecords, index: number, writer: RowWriter): boolean {
    const start = records.value.start[index] as number
    if (start < 0) return false
    const epoch = this.#epochOf(records, index)
    if (epoch < 0) return false
    const end = records.value.end[index] as number
    return this.#transcoder.tryRecord(
      records.buffer,
      start,
      end,
      records.offsets[index] as number,
      epoch,
      writer,
    )
  }

  #epochOf(records: FetchedRecords, index: number): number {
    const start = records.headers.start[index] as number
    const end = records.headers.end[index] as number
    if (!isSame(this.#known, records.buffer, start, end)) {
      const headers = records.headersOf(index)
      this.#known = Buffer.from(records.buffer.subarray(Math.max(0, start), end))
      this.#epoch = Object.keys(headers).every((name) => ORDINARY.has(name)) ? epochOf({ headers }) : -1
    }
    return this.#epoch
  }
}

/** The empty bytes that no headers have been looked at yet are those of no record: a count is at least one byte. */
function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = known
  if (length === 0 || length !== end - start) return false
  for (let at = 0; at < length; at++) if (known[at] !== bytes[start + at]) return false
  return true
}
