/** A batch that is written is what a reader of record batches finds: every key, value and header, in order, with a right checksum. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { writeBatch } from '#ops/runtime/kafka/write-batch.ts'
import { RecordBatches } from '#pipelines/kafka/record-batch.ts'

const text = (maxLength: number) =>
  fc.oneof(fc.string({ maxLength }), fc.string({ unit: 'binary', maxLength }), fc.constant('ä€🙂'))
const records = fc.array(
  fc.record({
    key: text(200),
    value: fc.oneof(
      text(300),
      fc.integer({ min: 0, max: 70_000 }).map((size) => 'x'.repeat(size)),
    ),
    headers: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__'),
      text(80),
      { maxKeys: 4 },
    ),
  }),
  { minLength: 1, maxLength: 150 },
)

it('says what was written, record by record', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 0, max: 4_000_000_000_000 }), async (written, time) => {
      const bytes = writeBatch(written, time)
      const batches = new RecordBatches({ topic: 't', partition: 0, from: 0, bytes, aborted: [] })
      const taken = await batches.take()
      const found = Array.from({ length: taken?.records.count ?? 0 }, (_, index) => {
        const record = taken?.records.record(index)
        const headers = Object.entries(record?.headers ?? {})
        return {
          offset: record?.offset,
          key: record?.key?.toString(),
          value: record?.value?.toString(),
          headers: Object.fromEntries(headers.map(([name, value]) => [name, value?.toString()])),
        }
      })
      const whole = (each: string) => Buffer.from(each).toString()
      expect(found).toEqual(
        written.map(({ key, value, headers }, index) => ({
          offset: BigInt(index),
          ...{ key: whole(key), value: whole(value) },
          headers: Object.fromEntries(Object.entries(headers).map((pair) => pair.map(whole))),
        })),
      )
      expect(Number(bytes.readBigInt64BE(27))).toBe(time)
    }),
    { numRuns: 60, seed: 11 },
  )
})
