/** Rows of a Parquet file, by its footer: whatever stands before their number there. */
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createParquetCounter, rowsOfFooter } from '#query-api/formats/parquet-rows.ts'
import { writePieces } from '#query-api/queries/write-answer.ts'

/** A value in Thrift's compact protocol, with its type. */
type Value = { readonly type: number; readonly bytes: Buffer }

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(left)])
}
const zigzag = (value: bigint): Buffer => varint((value << 1n) ^ (value >> 63n))
const struct = (fields: readonly (readonly [step: number, value: Value])[]): Value => ({
  type: 12,
  bytes: Buffer.concat([
    ...fields.map(([step, { type, bytes }]) => Buffer.concat([Buffer.from([(step << 4) | type]), bytes])),
    Buffer.from([0]),
  ]),
})
const list = (type: number, items: readonly Buffer[]): Value => ({
  type: 9,
  bytes: Buffer.concat([
    items.length < 15
      ? Buffer.from([(items.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(BigInt(items.length))]),
    ...items,
  ]),
})
const map = (entries: readonly (readonly [Buffer, Buffer])[]): Value => ({
  type: 11,
  bytes:
    entries.length === 0
      ? Buffer.from([0])
      : Buffer.concat([varint(BigInt(entries.length)), Buffer.from([0x88]), ...entries.flat()]),
})
const binary = (bytes: Uint8Array): Buffer => Buffer.concat([varint(BigInt(bytes.length)), bytes])

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Value>({ type: 1, bytes: Buffer.alloc(0) }, { type: 2, bytes: Buffer.alloc(0) }),
    fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map((value) => ({ type: 6, bytes: zigzag(value) })),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => ({ type: 7, bytes: Buffer.from(bytes) })),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ type: 8, bytes: binary(bytes) })),
    fc.array(fc.boolean(), { maxLength: 20 }).map((items) =>
      list(
        1,
        items.map((item) => Buffer.from([item ? 1 : 2])),
      ),
    ),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 })), { maxLength: 3 })
      .map((entries) => map(entries.map(([key, value]) => [binary(key), binary(value)]))),
    fc
      .array(fc.tuple(fc.integer({ min: 1, max: 15 }), tie('value')), { maxLength: 4 })
      .map((fields) => struct(fields)),
    fc
      .array(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), tie('value')), { maxLength: 3 }).map(struct),
        { maxLength: 20 },
      )
      .map((items) =>
        list(
          12,
          items.map(({ bytes }) => bytes),
        ),
      ),
  ),
}))

const file = (rows: bigint, schema: Value): Buffer => {
  const footer = struct([
    [1, { type: 5, bytes: zigzag(2n) }],
    [1, schema],
    [1, { type: 6, bytes: zigzag(rows) }],
    [1, list(12, [])],
  ]).bytes
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([Buffer.from('PAR1 pages '), footer, length, Buffer.from('PAR1')])
}

test('are found behind any schema', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }), anyValue, (rows, schema) => {
      expect(rowsOfFooter(file(rows, schema))).toBe(Number(rows))
    }),
    { numRuns: 500 },
  )
})

test('are counted on the way, however the file is cut; it passes as it is', async () => {
  const bytes = file(123_456n, list(12, [struct([[4, { type: 8, bytes: binary(Buffer.from('id')) }]]).bytes]))
  for (const size of [1, 3, 7, bytes.length]) {
    const counter = createParquetCounter()
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    const out: Buffer[] = []
    for await (const part of writePieces(Readable.from(parts), counter, undefined)) out.push(part)
    expect(Buffer.concat(out).equals(bytes)).toBe(true)
    expect(counter.rows()).toBe(123_456)
  }
})

test('are not known of a file that was cut, or is none', () => {
  const bytes = file(5n, list(12, []))
  for (let length = 0; length < bytes.length; length++)
    expect(rowsOfFooter(bytes.subarray(0, length))).toBe(-1)
  expect(rowsOfFooter(bytes.subarray(-9))).toBe(-1)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(noise.length)
      const rows = rowsOfFooter(Buffer.concat([noise, length, Buffer.from('PAR1')]))
      expect(Number.isInteger(rows)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
