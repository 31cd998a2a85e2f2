/** Answers that a limit ends: whole rows, as many as fit, however the bytes are cut into pieces. */
import { RecordBatchStreamWriter, Table, tableFromArrays, tableFromIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createArrowCut } from '#query-api/formats/arrow-cut.ts'
import { createCsvCut, createLineCut, type RowCut } from '#query-api/formats/row-cut.ts'

const ANY = Number.MAX_SAFE_INTEGER

const pieces = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  const edges = [0, ...at, bytes.length]
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}

/** As `writePieces` does it. */
function through(cut: RowCut, parts: readonly Buffer[]): { readonly out: Buffer; readonly full: boolean } {
  const out: Buffer[] = []
  for (const part of parts) {
    out.push(cut.take(part))
    if (cut.isFull()) return { out: Buffer.concat(out), full: true }
  }
  out.push(cut.end())
  return { out: Buffer.concat(out), full: false }
}
const places = fc.array(fc.nat(), { maxLength: 12 })

/** How many of the first lengths fit. */
function fitting(lengths: readonly number[], rows: number, bytes: number): number {
  let sum = 0
  const index = lengths.slice(0, rows).findIndex((length) => {
    sum += length
    return sum > bytes
  })
  return index < 0 ? Math.min(rows, lengths.length) : index
}

const limits = fc.record({ rows: fc.integer({ min: 1, max: 12 }), bytes: fc.integer({ min: 1, max: 400 }) })

test('lines: as many rows as fit, behind the head', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => `${JSON.stringify([text])}\n`)
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.nat(2),
      limits,
      places,
      (rows, headLines, limit, at) => {
        const head = '["a long name of a column that is longer than the limit of bytes"]\n'.repeat(headLines)
        const { out, full } = through(
          createLineCut(limit, headLines),
          pieces(Buffer.from(head + rows.join('')), at),
        )
        const count = fitting(
          rows.map((row) => Buffer.byteLength(row)),
          limit.rows,
          limit.bytes,
        )
        expect(out.toString()).toBe(head + rows.slice(0, count).join(''))
        expect(full).toBe(count < rows.length)
      },
    ),
    { numRuns: 500 },
  )
})

test('CSV: a line break in quotes ends no row', () => {
  const row = fc
    .array(fc.string({ unit: fc.constantFrom('a', '"', '\n', ',', 'é') }), { minLength: 1, maxLength: 3 })
    .map((fields) => `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`)
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), limits, places, (rows, limit, at) => {
      const head = '"x\n","y"\n'
      const { out, full } = through(createCsvCut(limit), pieces(Buffer.from(head + rows.join('')), at))
      const count = fitting(
        rows.map((text) => Buffer.byteLength(text)),
        limit.rows,
        limit.bytes,
      )
      expect(out.toString()).toBe(head + rows.slice(0, count).join(''))
      expect(full).toBe(count < rows.length)
    }),
    { numRuns: 500 },
  )
})

test('a limit that is reached with the last row cuts nothing', () => {
  const bytes = Buffer.from('{"a":1}\n{"a":2}\n')
  expect(through(createLineCut({ rows: 2, bytes: 16 }, 0), [bytes])).toEqual({ out: bytes, full: false })
  expect(through(createLineCut({ rows: 1, bytes: ANY }, 0), [bytes])).toEqual({
    out: Buffer.from('{"a":1}\n'),
    full: true,
  })
  expect(through(createLineCut({ rows: 9, bytes: 7 }, 0), [bytes]).out.length).toBe(0)
})

describe('Arrow', () => {
  const table = tableFromArrays({
    n: BigInt64Array.from({ length: 1501 }, (_, i) => BigInt(i)),
    s: Array.from({ length: 1501 }, (_, i) => (i % 3 === 0 ? null : `text ${i}`)),
    f: Float64Array.from({ length: 1501 }, (_, i) => i / 3),
  })
  /** Batches of 700, 1 and 800 rows in one stream. */
  const stream = (): Buffer => {
    const [batch] = table.batches
    if (!batch) throw new Error('no batch')
    const batches = [batch.slice(0, 700), batch.slice(700, 701), batch.slice(701, 1501)]
    return Buffer.from(RecordBatchStreamWriter.writeAll(new Table(batches)).toUint8Array(true))
  }
  const bytes = stream()
  const whole = tableFromIPC(bytes)

  test('is cut between two rows, in a batch as between batches, and is whole', () => {
    expect(whole.numRows).toBe(1501)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1600 }), places, (rows, at) => {
        const { out, full } = through(createArrowCut({ rows, bytes: ANY }), pieces(bytes, at))
        const read = tableFromIPC(out)
        const count = Math.min(rows, 1501)
        expect(read.numRows).toBe(count)
        expect(full).toBe(rows < 1501)
        const last = (of: typeof whole) => JSON.stringify(of.get(count - 1)?.toJSON(), bigintAsText)
        expect(last(read)).toBe(last(whole))
        expect(out.subarray(-8)).toEqual(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]))
      }),
      {
        numRuns: 100,
        examples: [
          [700, []],
          [701, []],
          [1501, []],
          [1, []],
        ],
      },
    )
  })

  test('takes no more bytes than it may', () => {
    for (const limit of [1, 500, 5_000, 30_000, 60_000, ANY]) {
      const { out, full } = through(createArrowCut({ rows: ANY, bytes: limit }), [bytes])
      const read = tableFromIPC(out)
      const schema = through(createArrowCut({ rows: ANY, bytes: 1 }), [bytes]).out.length
      expect(out.length - schema).toBeLessThanOrEqual(limit)
      expect(full).toBe(read.numRows < 1501)
      if (limit >= 5_000) expect(read.numRows).toBeGreaterThan(10)
    }
  })

  test('what is no Arrow is a fault', () => {
    expect(() => createArrowCut({ rows: 1, bytes: 1 }).take(Buffer.from('no arrow at all'))).toThrow(
      RangeError,
    )
  })
})

const bigintAsText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
