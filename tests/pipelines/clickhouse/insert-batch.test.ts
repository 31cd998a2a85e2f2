/** Inserting a batch: once, and where the engine refuses it, all of it but the bad rows. */
import { describe, expect, it } from 'vitest'
import { holdClaim } from '#pipelines/clickhouse/claim-holder.ts'
import { insertBatch } from '#pipelines/clickhouse/insert-batch.ts'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'
import type { InsertResult, RowSink } from '#pipelines/ports.ts'
import { createBatcher } from '#pipelines/worker/batcher.ts'
import { createRowMaker } from '#pipelines/worker/make-rows.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { envelope, MASTER } from '../../transforms/records.ts'
import { compiled } from '../support/catalog.ts'
import { record } from '../support/records.ts'

const LANE = { topic: 't', partition: 0 }
const DATASET = compiled({
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'note', type: 'text' },
  ],
})
const deps = { keyRing: createKeyRing(MASTER), unavailableValue: 'placeholder-of-tests' }
const row = (id: number, note = 'ok') => ({ tenant: 'acme', id, note })
const insertOf = (id: number, note?: string): string =>
  JSON.stringify(envelope({ after: row(id, note), sequence: '["5","6"]' }))

/** A batch of records with these values, by both paths. */
function batchOf(values: readonly string[], pendingLast: bigint | null = null) {
  const maker = createRowMaker(DATASET, createTransform(DATASET, { ...deps, epoch: 1 }), deps)
  const packed = packRecords(
    LANE,
    values.map((value, offset) => record(offset, value)),
  )
  const batcher = createBatcher({ rows: 1e6, bytes: 1e9 }, pendingLast, maker)
  for (let index = 0; index < values.length; index++) batcher.add(packed, index)
  return { batch: batcher.take(null) ?? expect.fail('no batch'), maker }
}

/** A table in memory that refuses every insert with one of the notes in it. */
function setUp(
  refused: readonly string[] = [],
  holds: RowSink['holds'] = async () => false,
  /** Tokens that it takes for known, though it has no rows of them. */
  lost: readonly RegExp[] = [],
  removedBelow: bigint | null = null,
) {
  const stored: { readonly token: string; readonly rows: Buffer }[] = []
  const sink: Pick<RowSink, 'insert' | 'holds' | 'isStored' | 'removedBelow'> = {
    async insert(_dataset, rows, token): Promise<InsertResult> {
      if (refused.some((note) => rows.includes(note))) return { kind: 'refused', engineCode: '321' }
      if (!lost.some((pattern) => pattern.test(token))) stored.push({ token, rows: Buffer.from(rows) })
      return { kind: 'stored' }
    },
    isStored: async () => stored.length > 0,
    removedBelow: async () => removedBelow,
    holds,
  }
  const claim = holdClaim(async () => ({ lane: 't:0', owner: 'me' }))
  const run = ({ batch, maker }: ReturnType<typeof batchOf>, filled = batch.loose) =>
    insertBatch(
      batch,
      filled,
      { dataset: DATASET, lane: LANE, sink, maker, claim },
      (work) => work(),
      async () => true,
    )
  return { stored, run }
}
const bytesOf = (stored: readonly { readonly rows: Buffer }[]): number =>
  stored.reduce((sum, { rows }) => sum + rows.length, 0)

describe('a batch', () => {
  it('is one insert of all its bytes', async () => {
    const made = batchOf([insertOf(0), insertOf(1), insertOf(2)])
    const { stored, run } = setUp()
    expect(await run(made)).toEqual([])
    expect(stored.map(({ rows }) => rows.equals(made.batch.block.writer.written()))).toEqual([true])
    expect(stored[0]?.token).toMatch(/^t:0:0-2:\d+$/)
  })

  it('without rows is no insert', async () => {
    const { stored, run } = setUp()
    expect(await run(batchOf(['bad', 'bad']))).toEqual([])
    expect(stored).toEqual([])
  })

  it('has the rows that were filled later in the order of their records, so that its halves are halves in time', async () => {
    const lacking = JSON.stringify(envelope({ after: row(1, 'placeholder-of-tests') }))
    const made = batchOf([insertOf(0), lacking, insertOf(2)])
    const filled = made.batch.loose.map(({ row: each, record: source }) => ({
      row: { ...each, cells: each.cells.map((cell) => (cell === '' ? '"filled"' : cell)), unresolved: [] },
      record: source,
    }))
    const { stored, run } = setUp()
    expect(await run(made, filled)).toEqual([])
    expect(stored[0]?.rows.toString('latin1')).toMatch(/ok.*filled.*ok/s)
    // What was complete stands as it was: the batch may be inserted once more.
    expect(made.batch.block.count).toBe(2)
  })
})

describe('rows that the engine refuses', () => {
  const values = Array.from({ length: 1000 }, (_, id) => insertOf(id, id === 617 ? 'bad one' : 'ok'))

  it('are quarantined alone; all others are stored, each once', async () => {
    const made = batchOf(values)
    const { stored, run } = setUp(['bad one'])
    const refused = await run(made)
    expect(refused).toHaveLength(1)
    expect(refused?.[0]).toMatchObject({
      record: { offset: 617n },
      faults: [{ code: 'engine_refused_321', column: '' }],
      row: { key: '"acme","617"' },
    })
    // Nothing of what it holds counts as known later.
    expect(new Set(refused?.[0]?.row?.cells)).toEqual(new Set([null]))
    const { block } = made.batch
    expect(bytesOf(stored)).toBe(block.writer.at - block.bytes(617, 618).length)
    expect(new Set(stored.map(({ token }) => token)).size).toBe(stored.length)
    expect(stored.length).toBeLessThanOrEqual(10)
  })

  it('are found under the same tokens again', async () => {
    const [first, second] = [setUp(['bad one']), setUp(['bad one'])]
    await first.run(batchOf(values))
    await second.run(batchOf(values))
    expect(second.stored.map(({ token }) => token)).toEqual(first.stored.map(({ token }) => token))
  })

  it('may be the second row of a record, or one that was filled later', async () => {
    const moved = JSON.stringify(
      envelope({ op: 'u', before: row(1, 'old'), after: row(2, 'bad one'), sequence: '["7","8"]' }),
    )
    const lacking = JSON.stringify(envelope({ after: row(5, 'placeholder-of-tests') }))
    const made = batchOf([insertOf(0), moved, lacking, insertOf(3)])
    const filled = made.batch.loose.map(({ row: each, record: source }) => ({
      row: { ...each, cells: each.cells.map((cell) => (cell === '' ? '"bad two"' : cell)), unresolved: [] },
      record: source,
    }))
    const { run } = setUp(['bad one', 'bad two'])
    const refused = await run(made, filled)
    expect(refused?.map(({ record: { offset }, row: each }) => [offset, each?.key])).toEqual([
      [1n, '"acme","2"'],
      [2n, '"acme","5"'],
    ])
  })
})

describe('a batch that is repeated', () => {
  it('asks for its last row, and is not inserted if that is there', async () => {
    const asked: (readonly string[])[] = []
    const { stored, run } = setUp([], async (_dataset, { key }) => {
      asked.push(key)
      return true
    })
    expect(await run(batchOf([insertOf(0), insertOf(1)], 1n))).toEqual([])
    expect(asked).toEqual([['"acme"', '"1"']])
    expect(stored).toEqual([])
  })

  it('is asked for by the last of its rows that were filled, too', async () => {
    const lacking = JSON.stringify(envelope({ after: row(1, 'placeholder-of-tests'), sequence: '["5","6"]' }))
    const asked: (readonly string[])[] = []
    const { run } = setUp([], async (_dataset, { key }) => {
      asked.push(key)
      return true
    })
    for (const values of [[insertOf(0), lacking], [lacking, insertOf(1)], [lacking]]) {
      const made = batchOf(values, BigInt(values.length - 1))
      const filled = made.batch.loose.map(({ row: each, record: source }) => ({
        row: { ...each, cells: each.cells.map((cell) => (cell === '' ? '"x"' : cell)), unresolved: [] },
        record: source,
      }))
      await run(made, filled)
    }
    expect(asked).toEqual([
      ['"acme"', '"1"'],
      ['"acme"', '"1"'],
      ['"acme"', '"1"'],
    ])
  })

  it('is inserted under another token, if the engine knows its token and has not its rows', async () => {
    const made = batchOf([insertOf(0), insertOf(1)], 1n)
    const { stored, run } = setUp([], undefined, [/^t:0:0-1:\d+$/])
    expect(await run(made)).toEqual([])
    expect(stored.map(({ token }) => token)).toEqual([expect.stringMatching(/^t:0:0-1:\d+\.dropped$/)])
    const { stored: there, run: again } = setUp()
    expect(await again(made)).toEqual([])
    expect(there.map(({ token }) => token)).toEqual([expect.stringMatching(/^t:0:0-1:\d+$/)])
  })

  it('is not inserted under another token, if a TRUNCATE in another lane has removed its rows since', async () => {
    const made = batchOf([insertOf(0), insertOf(1)], 1n)
    const version = BigInt(made.batch.block.version(1))
    const { stored, run } = setUp([], undefined, [/^t:0:0-1:\d+$/], version + 1n)
    expect(await run(made)).toEqual([])
    expect(stored).toEqual([])
    const { stored: older, run: again } = setUp([], undefined, [/^t:0:0-1:\d+$/], version)
    expect(await again(made)).toEqual([])
    expect(older).toHaveLength(1)
  })
})
