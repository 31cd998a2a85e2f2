/** Rows of the plain path in RowBinary; that the engine reads it so is tested on one (rowbinary.it.test.ts). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyCells } from '#pipelines/worker/resolve-unchanged.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createCellEncoder, createValueEncoder } from '#transforms/rowbinary/cell-encoder.ts'
import { HASH_START, hashBytes } from '#transforms/rowbinary/hash-bytes.ts'
import { createRowEncoder } from '#transforms/rowbinary/row-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { scaledInteger } from '#transforms/rowbinary/scaled-integer.ts'
import { datasetOf, KEY } from '../../contracts/contract-text.ts'
import { envelope, MASTER, rawRecord } from '../records.ts'

const DATASET = datasetOf({
  properties: [
    '{name: note, physicalType: text, required: true}',
    ...KEY,
    '{name: born, physicalType: date, required: true}',
  ],
})
const transform = createTransform(DATASET, {
  ...{ keyRing: createKeyRing(MASTER), unavailableValue: 'placeholder', epoch: 1 },
})
const rowsOf = (parts: Parameters<typeof envelope>[0]) => {
  const outcome = transform(rawRecord(envelope(parts)))
  return outcome.kind === 'rows' ? outcome.rows : []
}
const hexOf = (type: string, cell: string): string => {
  const writer = new RowWriter(1)
  createCellEncoder(type)(cell, writer)
  return writer.written().toString('hex')
}

describe('a row', () => {
  const row = { note: 'ok', tenant_id: 'acme', id: 7, born: '1970-01-02' }

  test('is its cells, one behind the other', () => {
    const [made] = rowsOf({ after: row, sequence: '["1","2"]', lsn: 2, millis: 1 })
    const writer = new RowWriter(1)
    createRowEncoder(DATASET, new RowWriter()).encode(made?.cells ?? [], writer)
    const parts = ['026f6b', '0461636d65', '0700000000000000', '01000000']
    const end = ['0300000000000100000000000000', '0100', '00', '0100000000000000']
    expect(writer.written().toString('hex')).toBe([...parts, ...end].join(''))
  })

  test('has the hash of its key, by which its key is found', () => {
    const encoder = createRowEncoder(DATASET, new RowWriter(1))
    const keys = fc.record({
      tenant_id: fc.string({ minLength: 1, unit: 'grapheme' }),
      id: fc.integer(),
      note: fc.string(),
    })
    const hashes = fc.property(keys, (key) => {
      for (const made of rowsOf({ after: { ...row, ...key } })) {
        const hash = encoder.encode(made.cells, new RowWriter(1))
        expect(encoder.hashOfKey(keyCells(made.key))).toBe(hash)
      }
    })
    fc.assert(hashes, { seed: 1 })
    const other = rowsOf({ after: { ...row, id: 8 } })[0]
    const same = rowsOf({ after: { ...row, note: 'another' } })[0]
    const [first, second, third] = [rowsOf({ after: row })[0], same, other].map((each) =>
      encoder.encode(each?.cells ?? [], new RowWriter(1)),
    )
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test('that is deleted has defaults in columns without NULL', () => {
    const [made] = rowsOf({ op: 'd', before: { tenant_id: 'acme', id: 7 } })
    const writer = new RowWriter(1)
    createRowEncoder(DATASET, new RowWriter()).encode(made?.cells ?? [], writer)
    expect(writer.written().toString('hex')).toMatch(/^000461636d65070000000000000000000000/)
  })
})

describe('a cell', () => {
  test.each([
    ['Int16', '-2', 'feff'],
    ['UInt64', '"18446744073709551615"', 'ffffffffffffffff'],
    ['Int128', '-1', 'ff'.repeat(16)],
    ['Decimal(9, 2)', '"-1.50"', '6affffff'],
    ['Decimal(19, 2)', '1', `64${'00'.repeat(15)}`],
    ['Float32', '-0', '00000080'],
    ['Float64', '"nan"', '000000000000f87f'],
    ['Bool', 'true', '01'],
    ['UUID', '"00112233-4455-6677-8899-aabbccddeeff"', '7766554433221100ffeeddccbbaa9988'],
    ['Date32', '"1900-01-01"', '219cffff'],
    ['Date', '"1970-01-02"', '0100'],
    ["DateTime64(6, 'UTC')", '"1969-12-31 23:59:59.999999"', 'ffffffffffffffff'],
    ["DateTime('UTC')", '"1970-01-01 00:01:00"', '3c000000'],
    ['String', '"é"', '02c3a9'],
    ['String', '"\\ud800"', '03efbfbd'],
    ['LowCardinality(Nullable(String))', 'null', '01'],
    ['Nullable(Int16)', '1', '000100'],
    ['Array(Nullable(Int16))', '[1,null]', '02000100' + '01'],
    ['Int16', 'null', '0000'],
    ['Array(Nullable(String))', 'null', '00'],
  ])('of %s: %s', (type, cell, hex) => {
    expect(hexOf(type, cell)).toBe(hex)
  })

  test('of another kind than its type is a fault of the code, which says no value', () => {
    for (const [type, cell] of [
      ['String', '5'],
      ['Int16', 'true'],
      ['Decimal(9, 2)', '"secret"'],
      ['Float64', '"secret"'],
      ['Float64', '[]'],
      ['UUID', '"secret"'],
      ['Date32', '"secret"'],
      ["DateTime64(6, 'UTC')", '"secret"'],
      ['Array(Int16)', '"secret"'],
      ['Array(Int16)', '[null]'],
    ] as const)
      expect(() => hexOf(type, cell), type).toThrow(
        expect.objectContaining({ code: 'MOGO_INTERNAL', message: expect.not.stringContaining('secret') }),
      )
    expect(() => createValueEncoder('Tuple(String)')).toThrow('Tuple(String)')
  })
})

test('a scaled number is exact, however it is written', () => {
  expect(scaledInteger('12.5', 2)).toBe(1250n)
  expect(scaledInteger('-0.05', 2)).toBe(-5n)
  expect(scaledInteger('1.5E+3', 0)).toBe(1500n)
  expect(scaledInteger('150e-2', 2)).toBe(150n)
  expect(scaledInteger('9'.repeat(76), 0)).toBe(10n ** 76n - 1n)
})

test('a writer grows as much as it needs, and keeps what is written', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 70_000 }), { maxLength: 8 })
  const property = fc.property(sizes, (lengths) => {
    const writer = new RowWriter(1)
    for (const length of lengths) writer.text('x'.repeat(length))
    let at = 0
    for (const length of lengths) {
      let read = 0
      for (let shift = 0; ; shift += 7) {
        const byte = writer.bytes[at++] ?? 0
        read += (byte & 0x7f) * 2 ** shift
        if (byte < 0x80) break
      }
      expect(read).toBe(length)
      expect(writer.bytes.toString('latin1', at, at + length)).toBe('x'.repeat(length))
      at += length
    }
    expect(writer.at).toBe(at)
  })
  fc.assert(property, { seed: 2 })
})

test('the hash is FNV-1a, and may be made in pieces', () => {
  const bytes = Buffer.from('foobar')
  expect(hashBytes(HASH_START, bytes, 0, 6) >>> 0).toBe(0xbf9cf968)
  expect(hashBytes(hashBytes(HASH_START, bytes, 0, 2), bytes, 2, 6) >>> 0).toBe(0xbf9cf968)
})
