/** The work of one record with a step left out, over records in memory: what differs is what the step costs. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { EPOCH_HEADER } from '../capture/connector-config.ts'
import { type FetchedRecords, packRecords } from '../kafka/fetched-records.ts'
import { createBatcher } from '../worker/batcher.ts'
import { createRowMaker, type RowMaker } from '../worker/make-rows.ts'
import { benchDataset, withoutPlans, withoutRules } from './bench-dataset.ts'
import { benchRecord } from './bench-records.ts'

/**
 * - `transcode`: bytes to row, neither rules nor tokens
 * - `rules`, `tokens`: the same with just these
 * - `row`: all of it
 * - `batch`: all of it, collected in batches as the worker does
 */
export const STEP_VARIANTS = ['transcode', 'rules', 'tokens', 'row', 'batch'] as const
/** See {@link STEP_VARIANTS}. */
export type StepVariant = (typeof STEP_VARIANTS)[number]

const ROWS_IN_BATCH = 20_000
const FETCHED = 500

/** Records as a worker gets them. */
export function recordsInMemory(count: number): readonly FetchedRecords[] {
  const headers = { [EPOCH_HEADER]: Buffer.from('1') }
  return Array.from({ length: Math.ceil(count / FETCHED) }, (_, chunk) => {
    const first = chunk * FETCHED
    const records = Array.from({ length: Math.min(FETCHED, count - first) }, (_each, place) => {
      const { key, value } = benchRecord(first + place)
      return { offset: BigInt(first + place), key: Buffer.from(key), value: Buffer.from(value), headers }
    })
    return packRecords({ topic: 'bench', partition: 0 }, records)
  })
}

/** Both paths of the dataset, as the worker has them. */
export function benchMaker(dataset: CompiledDataset, secret: string): RowMaker {
  const deps = { keyRing: createKeyRing(secret), unavailableValue: secret }
  return createRowMaker(dataset, createTransform(dataset, { ...deps, epoch: 1 }), deps)
}

/** Makes the work of a variant; a call does it once over all records and returns how many the byte path left to the plain one. */
export function stepVariant(
  variant: StepVariant,
  secret: string,
  fetched: readonly FetchedRecords[],
): () => number {
  const whole = benchDataset()
  const datasets: Readonly<Record<StepVariant, CompiledDataset>> = {
    transcode: withoutRules(withoutPlans(whole)),
    rules: withoutPlans(whole),
    tokens: withoutRules(whole),
    row: whole,
    batch: whole,
  }
  const maker = benchMaker(datasets[variant], secret)
  return variant === 'batch' ? batchWork(maker, fetched) : rowWork(maker, fetched)
}

function rowWork(maker: RowMaker, fetched: readonly FetchedRecords[]): () => number {
  const writer = new RowWriter()
  return () => {
    let left = 0
    writer.at = 0
    for (const records of fetched)
      for (let index = 0; index < records.count; index++)
        if (!maker.fast?.tryRecord(records, index, writer)) left += 1
    return left
  }
}

function batchWork(maker: RowMaker, fetched: readonly FetchedRecords[]): () => number {
  const batcher = createBatcher({ rows: ROWS_IN_BATCH, bytes: Number.MAX_SAFE_INTEGER }, null, maker)
  const finish = (): number => {
    const batch = batcher.take(null)
    if (!batch) return 0
    const left = batch.records - batch.block.count
    batcher.release(batch)
    return left
  }
  return () => {
    let left = 0
    for (const records of fetched)
      for (let index = 0; index < records.count; index++)
        if (batcher.add(records, index) === 'full') left += finish()
    return left + finish()
  }
}
