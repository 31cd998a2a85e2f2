/** Records in a buffer: what is packed is what comes out, whatever the bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'

const bytes = fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 40 }).map(Buffer.from))
const headers = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.oneof(fc.constant(undefined), fc.uint8Array({ maxLength: 200 }).map(Buffer.from)),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  )
  .filter((each) => !Object.hasOwn(each, '__proto__'))

describe('fetched records', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ key: bytes, value: bytes, headers }), { maxLength: 20 }), (all) => {
        const records = all.map((each, index) => ({ ...each, offset: BigInt(index * 3) }))
        const packed = packRecords({ topic: 't', partition: 7 }, records)
        expect(packed.count).toBe(records.length)
        for (const [index, record] of records.entries()) {
          expect(packed.record(index)).toEqual({ topic: 't', partition: 7, ...record })
          expect(packed.valueLength(index)).toBe(record.value?.length ?? 0)
        }
      }),
    )
  })
})
