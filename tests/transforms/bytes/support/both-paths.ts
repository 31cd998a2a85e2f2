/** One record by both paths: what the byte path takes, it must make just as the plain path does, with tokens made at once or later. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createTranscoder } from '#transforms/bytes/create-transcoder.ts'
import { fillTokens, OpenTokens, placeTokens } from '#transforms/bytes/open-tokens.ts'
import { createColumnWatch } from '#transforms/column-watch.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createRowEncoder } from '#transforms/rowbinary/row-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { MASTER, rawRecord } from '../../records.ts'
import { PLACEHOLDER } from './column-values.ts'

const EPOCH = 3

/** What stands around the record in the fetched buffer: one that is read too far must not look right. */
const BEFORE = Buffer.from('{"before":null,"after":{')
const BEHIND = Buffer.from('"}},"op":"c","ts_ms":1}0000000000000000000000000000000000')

/** Both paths of a dataset. */
export class BothPaths {
  readonly #dataset: CompiledDataset
  readonly #transcoder: ReturnType<typeof createTranscoder>
  /** The same once more, which leaves tokens open. */
  readonly #openTranscoder: ReturnType<typeof createTranscoder>
  readonly #openWriter = new RowWriter(16)
  readonly #openTokens = new OpenTokens(new ArrayBuffer(8))
  readonly #transform: ReturnType<typeof createTransform>
  readonly #encoder: ReturnType<typeof createRowEncoder>
  readonly #expected = new RowWriter(16)
  readonly #writer = new RowWriter(16)

  constructor(dataset: CompiledDataset) {
    const deps = {
      ...{ keyRing: createKeyRing(MASTER), unavailableValue: PLACEHOLDER },
      columnWatch: createColumnWatch(dataset),
    }
    this.#dataset = dataset
    this.#transcoder = createTranscoder(dataset, deps)
    this.#openTranscoder = createTranscoder(dataset, deps)
    this.#openWriter.openTokens = this.#openTokens
    this.#transform = createTransform(dataset, { ...deps, epoch: EPOCH })
    this.#encoder = createRowEncoder(dataset, new RowWriter(16))
  }

  /** Makes the row by both paths and compares. True if the byte path took the record. @throws Error that says where they differ */
  take(value: Buffer, offset: number): boolean {
    const outcome = this.#transform(rawRecord(value, { offset: BigInt(offset) }))
    const buffer = Buffer.concat([BEFORE, value, BEHIND])
    const [start, end] = [BEFORE.length, BEFORE.length + value.length]
    const writer = this.#writer
    const rowStart = writer.at
    const taken = this.#transcoder.tryRecord(buffer, start, end, offset, EPOCH, writer)
    const later = this.#later(buffer, start, end, offset)
    if (later !== (taken ? writer.bytes.toString('hex', rowStart, writer.at) : null))
      throw this.#difference(value, `another row with tokens made later: ${later}`)
    if (!taken) {
      if (writer.at !== rowStart)
        throw this.#difference(value, 'bytes were left of a record that was not taken')
      return false
    }
    if (outcome.kind !== 'rows')
      throw this.#difference(value, `the plain path makes no row: ${reasonOf(outcome)}`)
    const [row] = outcome.rows
    if (!row || outcome.rows.length !== 1 || row.deleted || row.unresolved.length > 0)
      throw this.#difference(value, 'the plain path does not make one whole live row')
    this.#expected.at = 0
    const hash = this.#encoder.encode(row.cells, this.#expected)
    const [made, wanted] = [
      writer.bytes.toString('hex', rowStart, writer.at),
      this.#expected.written().toString('hex'),
    ]
    if (made !== wanted) throw this.#difference(value, `other bytes:\n${made}\n${wanted}`)
    const { keyHash, committedAt, isSnapshotRead } = this.#transcoder
    if (keyHash !== hash) throw this.#difference(value, 'another hash of the key')
    if (committedAt !== row.committedAt) throw this.#difference(value, 'another time of the commit')
    if (isSnapshotRead !== (JSON.parse(value.toString('utf8')).op === 'r'))
      throw this.#difference(value, 'not the same about the snapshot')
    return true
  }

  /** The row with tokens that are made later, as hex; null if it is not taken. */
  #later(buffer: Buffer, start: number, end: number, offset: number): string | null {
    const writer = this.#openWriter
    const rowStart = writer.at
    if (!this.#openTranscoder.tryRecord(buffer, start, end, offset, EPOCH, writer)) return null
    const { at, bytes } = this.#openTokens
    // Taken now and then only, so that notes of several rows lie in one memory, and use keys of earlier ones.
    const notes =
      offset % 3 === 2
        ? this.#openTokens.take(new ArrayBuffer(8))
        : { memory: Uint8Array.from(bytes).buffer, end: at }
    fillTokens(notes)
    placeTokens(notes, writer.bytes)
    return writer.bytes.toString('hex', rowStart, writer.at)
  }

  #difference(value: Buffer, what: string): Error {
    const columns = this.#dataset.columns.map(
      ({ source, sourceType, targetType, rules, pii, nullable }) =>
        `${source} ${sourceType} ${targetType} ${nullable} ${JSON.stringify(rules)} ${JSON.stringify(pii)}`,
    )
    return new Error(
      [what, ...columns, JSON.stringify(this.#dataset.tenant), value.toString('latin1')].join('\n'),
    )
  }
}

function reasonOf(outcome: ReturnType<ReturnType<typeof createTransform>>): string {
  return outcome.kind === 'quarantine' ? JSON.stringify(outcome.faults) : outcome.kind
}
