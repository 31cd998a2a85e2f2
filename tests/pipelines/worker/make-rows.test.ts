/** Which records the byte path may take: what Kafka's headers say decides it, and the epoch in them. */
import { describe, expect, it } from 'vitest'
import { EPOCH_HEADER } from '#pipelines/capture/connector-config.ts'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'
import { createBatcher } from '#pipelines/worker/batcher.ts'
import { createRowMaker } from '#pipelines/worker/make-rows.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import type { RawRecord } from '#transforms/record.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
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
const transform = createTransform(DATASET, { ...deps, epoch: 1 })
const makerOf = () => createRowMaker(DATASET, transform, deps)
const row = (id: number, more: object = {}) => ({ tenant: 'acme', id, note: 'ok', ...more })
const insert = (id: number): string => JSON.stringify(envelope({ after: row(id), sequence: '["5","6"]' }))

type Headers = Readonly<Record<string, string>>
const withHeaders = (offset: number, headers: Headers, value = insert(offset)): RawRecord =>
  record(
    offset,
    value,
    Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  )

/** The epochs in the versions of the rows that the byte path makes; null where it leaves the record to the plain path. */
function epochsOf(records: readonly RawRecord[]): readonly (bigint | null)[] {
  const packed = packRecords(LANE, records)
  const { fast } = makerOf()
  const writer = new RowWriter(16)
  return records.map((_, index) => {
    const start = writer.at
    if (!fast?.tryRecord(packed, index, writer)) {
      expect(writer.at).toBe(start)
      return null
    }
    // Version, mark of deletion, time of the commit.
    return BigInt(writer.bytes.readUInt16LE(writer.at - 8 - 1 - 2))
  })
}

describe('headers', () => {
  it('that are ordinary leave a record to the byte path, with the epoch that they say', () => {
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const records = [
      withHeaders(1, {}),
      withHeaders(2, { [EPOCH_HEADER]: '3' }),
      withHeaders(3, { [EPOCH_HEADER]: '3' }),
      withHeaders(4, { [EPOCH_HEADER]: '4' }),
      withHeaders(5, { [EPOCH_HEADER]: '4', traceparent: trace, tracestate: 'x=1' }),
      withHeaders(6, { [EPOCH_HEADER]: '65535' }),
      withHeaders(7, { [EPOCH_HEADER]: 'none' }),
      withHeaders(8, {}),
    ]
    expect(epochsOf(records)).toEqual([1n, 3n, 3n, 4n, 4n, 65_535n, 1n, 1n])
  })

  it('of any other name leave it to the plain path, and the next record is looked at anew', () => {
    const records = ['__debezium.oldkey', '__debezium.newkey', 'mogo.replay', 'x'].flatMap((name, index) => [
      withHeaders(index * 2, { [name]: '{}', [EPOCH_HEADER]: '2' }),
      withHeaders(index * 2 + 1, { [EPOCH_HEADER]: '2' }),
    ])
    expect(epochsOf(records)).toEqual([null, 2n, null, 2n, null, 2n, null, 2n])
    // The same headers again.
    const again = [
      withHeaders(1, { x: '' }),
      withHeaders(2, { x: '' }),
      withHeaders(3, {}),
      withHeaders(4, { x: '' }),
    ]
    expect(epochsOf(again)).toEqual([null, null, 1n, null])
  })

  it('that do not exist at all are those of no epoch; a record without a value is for the plain path', () => {
    const packed = packRecords(LANE, [withHeaders(1, {}), { ...record(2), value: null }])
    const bare = packRecords(LANE, [withHeaders(1, {})])
    bare.headers.start[0] = -1
    bare.headers.end[0] = 0
    const { fast } = makerOf()
    const writer = new RowWriter(16)
    expect(
      [packed, packed, bare].map((records, index) => fast?.tryRecord(records, index % 2, writer)),
    ).toEqual([true, false, true])
  })
})

describe('a batch of both paths', () => {
  it('has each row where its record is, in order', () => {
    const moved = { op: 'u', before: row(3), after: row(4), sequence: '["7","8"]' }
    const values = [
      insert(0),
      insert(1),
      JSON.stringify(envelope({ op: 'd', before: row(1) })),
      JSON.stringify(envelope(moved)),
      'no record',
      JSON.stringify(envelope({ after: row(9, { note: 'placeholder-of-tests' }) })),
      insert(6),
    ]
    const packed = packRecords(
      LANE,
      values.map((value, offset) => record(offset, value)),
    )
    const batcher = createBatcher({ rows: 100, bytes: 1e9 }, null, makerOf())
    for (let index = 0; index < values.length; index++) batcher.add(packed, index)
    const batch = batcher.take(null)
    const { block } = batch ?? expect.fail('no batch')
    // The move of a row is its tombstone and the new row.
    expect(Array.from({ length: block.count }, (_, number) => block.record(number)?.offset)).toEqual([
      0n,
      1n,
      2n,
      3n,
      3n,
      6n,
    ])
    expect(batch).toMatchObject({ records: 7, stored: 6 })
    expect(batch?.quarantined.map(({ faults }) => faults[0]?.code)).toEqual(['not_json'])
    expect(batch?.loose.map(({ record: { offset } }) => offset)).toEqual([5n])
    expect(block.freshness(2_000_000_000_000, 10)).toHaveLength(6)
  })

  it('finds rows of both paths by one and the same hash of their key', () => {
    const maker = makerOf()
    const again = JSON.stringify(envelope({ op: 'u', before: row(1), after: row(1), sequence: '["7","8"]' }))
    const packed = packRecords(LANE, [record(0, insert(1)), record(1, insert(2)), record(2, again)])
    const batcher = createBatcher({ rows: 100, bytes: 1e9 }, null, maker)
    for (let index = 0; index < 3; index++) batcher.add(packed, index)
    const block = batcher.take(null)?.block
    expect(block?.rowsOf(new Set([maker.encoder.hashOfKey(['"acme"', '"1"'])]))).toEqual([0, 2])
  })
})
