/**
 * Where the time goes: each step of the transform alone, over the same records in memory, so that measuring one does not slow the
 * others. Tokenizing is the difference of making rows with and without PII plans.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createDecode } from '#transforms/decode.ts'
import { createEnforce } from '#transforms/enforce.ts'
import { jsonRow } from '#transforms/json-row.ts'
import type { Change, RawRecord, RawRow, StoredRow } from '#transforms/record.ts'
import { createToRow } from '#transforms/to-row.ts'
import { unchangedTest } from '#transforms/unchanged.ts'
import { versionOf } from '#transforms/version.ts'
import type { RowSink } from '../ports.ts'
import { withoutPlans } from './bench-dataset.ts'

/** Microseconds a row. */
export type StepTimes = Readonly<
  Record<'decode' | 'enforce' | 'convert' | 'tokenize' | 'encode' | 'insert', number>
>

const ROUNDS = 3

/** Measures. The insert is one block of all rows into the dataset's table. */
export async function measureSteps(
  dataset: CompiledDataset,
  records: readonly RawRecord[],
  secret: string,
  sink: Pick<RowSink, 'insert'>,
): Promise<StepTimes> {
  const isUnchanged = unchangedTest(secret)
  const ring = createKeyRing(secret)
  const decode = createDecode(dataset)
  const enforce = createEnforce(dataset, isUnchanged)
  const builder = createToRow(dataset, ring, isUnchanged)
  const plainBuilder = createToRow(withoutPlans(dataset), ring, isUnchanged)

  const changes: Change[] = records.flatMap((record) => {
    const decoded = decode(record)
    return decoded.kind === 'change' ? [decoded.change] : []
  })
  const images: RawRow[] = changes.map((change) => change.after ?? {})
  const rowsBy = (make: typeof builder): StoredRow[] =>
    images.flatMap((image, index) => {
      const lsn = changes[index]?.position ?? 0n
      const meta = {
        version: versionOf(1, lsn, BigInt(index)),
        committedAt: 1_760_000_000_000,
        deleted: false,
      }
      const made = make.live(image, meta, null)
      return 'row' in made ? [made.row] : []
    })
  const rows = rowsBy(builder)
  const encode = () => Buffer.from(rows.map(jsonRow).join(''), 'utf8')
  const lines = encode()

  const perRow = (millis: number) => Math.round((millis * 100_000) / records.length) / 100
  const timed = (work: () => void): number => {
    const times = Array.from({ length: ROUNDS }, () => {
      const started = performance.now()
      work()
      return performance.now() - started
    })
    return perRow(Math.min(...times))
  }
  const converting = timed(() => void rowsBy(plainBuilder))
  const building = timed(() => void rowsBy(builder))
  const started = performance.now()
  await sink.insert(dataset, lines, `bench:${started}`)
  const inserting = performance.now() - started
  return {
    decode: timed(() => {
      for (const record of records) decode(record)
    }),
    enforce: timed(() => {
      for (const image of images) enforce(image)
    }),
    convert: converting,
    tokenize: Math.max(0, Math.round((building - converting) * 100) / 100),
    encode: timed(() => void encode()),
    insert: perRow(inserting),
  }
}
