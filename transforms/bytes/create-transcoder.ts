/**
 * The byte path of a dataset: a Debezium envelope, where it lies in the fetched buffer -> a row in RowBinary. One pass over the bytes reads,
 * checks against the contract, protects and writes; no object and hardly a text is made per record.
 *
 * It takes what nearly all records are: inserts, updates and snapshot reads without an old image, whose columns come in the order in which
 * they came before. Everything else it leaves to the plain path (compose.ts), which is the definition of what is right: deletes, truncates,
 * unchanged values, quarantine, and any record that surprises it. Tests compare the two on random rows and random damage.
 *
 * The order of the columns is that of the source table, which no contract knows: it is learnt from the records, and learnt anew when
 * they begin to look otherwise (a column was added).
 */
import { clampedColumns } from '#contracts/compile/clamped-column.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { ColumnWatch } from '../column-watch.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { MOST_FAST_BYTES } from '../limits.ts'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import { placeholderTexts, unchangedTest } from '../unchanged.ts'
import { MOST_SHORT_BYTES } from './cell-reader.ts'
import { EnvelopeTail } from './read-envelope.ts'
import { createRowReader, type ImageColumn, type RowReader, readImageColumns } from './row-reader.ts'
import { TenantState } from './tenant-state.ts'
import { placeholderTest } from './text-reader.ts'
import { Literal, viewOf } from './words.ts'

const TWO_32 = 2 ** 32
const MOST_PATIENCE = 10_000
/** Version, deleted, time of the commit. */
const VERSION_END_BYTES = 16 + 1 + 8
const BEFORE_AND_AFTER = new Literal(Buffer.from('{"before":null,"after":{', 'latin1'))

/** What a transcoder needs beside the contract. */
export type TranscoderDeps = {
  readonly keyRing: KeyRing
  readonly unavailableValue: string
  /** Of changed columns that are not simply accepted the plain path says what becomes of their records. */
  readonly columnWatch?: ColumnWatch
}

/** See the header. Fields tell of the row that was written last. */
export class Transcoder {
  /** Milliseconds. */
  committedAt = 0
  isSnapshotRead = false
  /** Of the bytes of tenant and key in the row: rows of one key have the same. */
  keyHash = 0
  readonly #tail = new EnvelopeTail()
  readonly #makeReader: (image: readonly ImageColumn[]) => RowReader | null
  readonly #clampedColumns: number
  readonly #constantTenant: string | undefined
  /** A row may go from one tenant to another without another key. */
  readonly #mayMove: boolean
  #reader: RowReader | null = null
  /** Records in a row that did not look as the one that the reader was made for. */
  #surprises = 0
  /** Records to let pass before the next one is learnt from. */
  #pause = 0
  /** Learning costs as much as some records: the more often it was needed, the longer it waits. */
  #patience = 1

  constructor(dataset: CompiledDataset, { keyRing, unavailableValue, columnWatch }: TranscoderDeps) {
    const isUnchanged = unchangedTest(unavailableValue)
    const constant = dataset.tenant.kind === 'constant' ? dataset.tenant.value : undefined
    this.#constantTenant = constant
    this.#mayMove = !dataset.tenantInKey
    this.#clampedColumns = clampedColumns(dataset.columns).length
    const isPlaceholder = placeholderTest(placeholderTexts(unavailableValue))
    this.#makeReader = (image) => {
      const change = columnWatch?.look(image.map(({ name }) => name))
      if (change && change.decision !== 'accept') return null
      // With each reader made anew: the slots of the one before are of no use.
      const tenant = new TenantState()
      if (constant !== undefined) tenant.set(constant)
      return createRowReader(image, { dataset, isUnchanged, ring: keyRing, tenant, isPlaceholder })
    }
  }

  /**
   * Appends the row of the record whose value stands from `start` to `end`; false if the plain path has to take it, and nothing was
   * appended. Where the writer notes open tokens, they are gaps in the row. `offset` is the record's place in its partition, below 2^48; `epoch` below 2^16.
   */
  tryRecord(
    bytes: Buffer,
    start: number,
    end: number,
    offset: number,
    epoch: number,
    writer: RowWriter,
  ): boolean {
    if (end - start > MOST_FAST_BYTES) return false
    const image = BEFORE_AND_AFTER.after(bytes, viewOf(bytes), start)
    if (image < 0) return false
    const reader = this.#reader ?? this.#learn(bytes, image, end)
    if (reader === null) return false
    const rowStart = writer.at
    const { openTokens } = writer
    const notesStart = openTokens === null ? 0 : openTokens.at
    const after = reader.read(bytes, image, end, writer)
    const isRead = after >= 0 && this.#tail.read(bytes, after, end)
    // Of an update without its old image the plain path says whose row it may have been.
    if (!isRead || (this.#tail.isUpdate && this.#mayMove)) {
      writer.at = rowStart
      openTokens?.takeBack(notesStart)
      if (reader.isOtherwise) this.#surprised()
      return false
    }
    this.#surprises = 0
    this.#writeEnd(writer, offset, epoch)
    this.committedAt = this.#tail.committedAt
    this.isSnapshotRead = this.#tail.isSnapshotRead
    this.keyHash = reader.keyHash
    return true
  }

  #surprised(): void {
    this.#surprises += 1
    if (this.#surprises < this.#patience) return
    this.#reader = null
    this.#waitLonger()
  }

  #learn(bytes: Buffer, image: number, end: number): RowReader | null {
    if (this.#pause > 0) {
      this.#pause -= 1
      return null
    }
    const columns = readImageColumns(bytes, image, end)
    this.#reader = columns === undefined ? null : this.#makeReader(columns)
    if (this.#reader === null) {
      this.#pause = this.#patience
      this.#waitLonger()
    }
    return this.#reader
  }

  #waitLonger(): void {
    this.#surprises = 0
    this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE)
  }

  /**
   * What follows the columns of the contract, in the order of `insertColumns`: which values are clamped (none: such records take the plain
   * path), [tenant,] version, deleted, time of the commit.
   */
  #writeEnd(writer: RowWriter, offset: number, epoch: number): void {
    for (let left = this.#clampedColumns; left > 0; left--) writer.byte(0)
    if (this.#constantTenant !== undefined) writer.text(this.#constantTenant)
    writer.reserve(MOST_SHORT_BYTES)
    const { position, committedAt } = this.#tail
    const { view, at } = writer
    // See version.ts: 48 bits of order, 64 of position, 16 of epoch, the lowest byte first.
    const order = this.#tail.order < 0 ? offset : this.#tail.order
    const orderHigh = Math.floor(order / TWO_32)
    view.setUint32(at, order - orderHigh * TWO_32, true)
    view.setUint16(at + 4, orderHigh, true)
    const positionHigh = Math.floor(position / TWO_32)
    view.setUint32(at + 6, position - positionHigh * TWO_32, true)
    view.setUint32(at + 10, positionHigh, true)
    view.setUint16(at + 14, epoch, true)
    view.setUint8(at + 16, 0)
    const timeHigh = Math.floor(committedAt / TWO_32)
    view.setUint32(at + 17, committedAt - timeHigh * TWO_32, true)
    view.setUint32(at + 21, timeHigh, true)
    writer.at = at + VERSION_END_BYTES
  }
}

/** Makes the byte path of a dataset. */
export function createTranscoder(dataset: CompiledDataset, deps: TranscoderDeps): Transcoder {
  return new Transcoder(dataset, deps)
}
