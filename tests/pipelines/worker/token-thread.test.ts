/** Tokens made in a second thread: the rows of a batch are the same, and a batch that is gone gets nothing any more. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { benchDataset } from '#pipelines/bench/bench-dataset.ts'
import { benchRecord } from '#pipelines/bench/bench-records.ts'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'
import { type Batch, createBatcher } from '#pipelines/worker/batcher.ts'
import { createRowMaker, type RowMaker } from '#pipelines/worker/make-rows.ts'
import { createTokenThread, type TokenThread } from '#pipelines/worker/token-thread.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'

const LANE = { topic: 't', partition: 0 }
const RECORDS = 9000
const LIMITS = { rows: 1_000_000, bytes: Number.MAX_SAFE_INTEGER }
const dataset = benchDataset()
const deps = { keyRing: createKeyRing('k'.repeat(43)), unavailableValue: 'the-value-is-not-here-at-all-no' }
const maker: RowMaker = createRowMaker(dataset, createTransform(dataset, { ...deps, epoch: 0 }), deps)
const records = packRecords(
  LANE,
  Array.from({ length: RECORDS }, (_, index) => {
    const { key, value } = benchRecord(index)
    return {
      ...{ topic: LANE.topic, partition: LANE.partition, offset: BigInt(index), timestamp: 0n, headers: {} },
      ...{ key: Buffer.from(key ?? ''), value: Buffer.from(value) },
    }
  }),
)
let thread: TokenThread

beforeEach(() => {
  const made = createTokenThread(2)
  if (!made) throw new Error('no thread for two cores')
  thread = made
})
afterEach(() => thread.close())

/** A batcher that has taken all records into its open batch. */
function filled(tokens: TokenThread | null, hurries: boolean) {
  const batcher = createBatcher(LIMITS, null, { ...maker, tokens })
  batcher.hurry(hurries)
  for (let index = 0; index < RECORDS; index++) batcher.add(records, index)
  const batch = batcher.take(null) as Batch
  return { batcher, batch, bytes: () => Buffer.from(batch.block.bytes(0, batch.block.count)) }
}

describe('a batch whose tokens are made in another thread', () => {
  it('has the rows that this thread makes', async () => {
    const expected = filled(null, false)
    const { batch, bytes } = filled(thread, true)
    expect(expected.batch.block.count).toBe(RECORDS)
    // Gaps, so far.
    expect(bytes().equals(expected.bytes())).toBe(false)
    await batch.block.whole()
    expect(bytes().equals(expected.bytes())).toBe(true)
  })

  it('is whole at once while there is little to read', () => {
    const spy = vi.spyOn(thread, 'fill')
    expect(filled(thread, false).bytes().equals(filled(null, false).bytes())).toBe(true)
    expect(spy).not.toHaveBeenCalled()
  })

  it('leaves the next batch in the same memory alone when it is let go before its tokens come', async () => {
    const expected = filled(null, false).bytes()
    const { batcher, batch } = filled(thread, true)
    const late = batch.block.whole()
    batcher.release(batch)
    batcher.hurry(false)
    for (let index = 0; index < RECORDS; index++) batcher.add(records, index)
    const { block } = batcher.take(null) as Batch
    expect(block).toBe(batch.block)
    await late
    expect(Buffer.from(block.bytes(0, block.count)).equals(expected)).toBe(true)
  })

  it('is refused, now and later, when the thread ends', async () => {
    const { batch } = filled(thread, true)
    const refused = expect(batch.block.whole()).rejects.toMatchObject({ code: 'MOGO_INTERNAL' })
    await thread.close()
    await refused
    await expect(filled(thread, true).batch.block.whole()).rejects.toMatchObject({ code: 'MOGO_INTERNAL' })
  })
})

it('a fault in the thread is told, and the end of one that is closed is none', async () => {
  const closed = vi.fn()
  thread.failed.catch(closed)
  await filled(thread, true).batch.block.whole()
  await thread.close()
  expect(closed).not.toHaveBeenCalled()
  const faulty = createTokenThread(2)
  // Notes whose key is nowhere.
  await expect(faulty?.fill({ memory: new ArrayBuffer(64), end: 36 })).rejects.toMatchObject({
    code: 'MOGO_INTERNAL',
  })
  await expect(faulty?.failed).rejects.toMatchObject({ code: 'MOGO_INTERNAL', cause: expect.any(Error) })
  await faulty?.close()
})

it('the thread ends when there is nothing to do, and another one goes on', async () => {
  const brief = createTokenThread(2, 50)
  if (!brief) throw new Error('no thread for two cores')
  const expected = filled(null, false).bytes()
  for (let round = 0; round < 2; round++) {
    const { batch, bytes } = filled(brief, true)
    await batch.block.whole()
    expect(bytes().equals(expected)).toBe(true)
    await expect.poll(() => brief.isRunning()).toBe(false)
  }
  await brief.close()
})

it('there is none on a machine of one core', () => {
  expect(createTokenThread(1)).toBeNull()
})
