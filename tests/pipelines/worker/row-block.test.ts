/** Rows of a batch as they lie: where each begins, which record it is of, and what is asked of them later. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FetchedRecords, packRecords } from '#pipelines/kafka/fetched-records.ts'
import { type LaterRow, RowBlock } from '#pipelines/worker/row-block.ts'
import { record } from '../support/records.ts'

const LANE = { topic: 't', partition: 0 }
const MEBIBYTE = 1024 * 1024

/** Writes a row: its text, then what ends every row. */
function write(
  block: RowBlock,
  text: string,
  from: {
    readonly records: FetchedRecords
    readonly index: number
    readonly at?: number
    readonly hash?: number
  },
): void {
  const start = block.writer.at
  end(block, text)
  block.add(start, from.records, from.index, from.at ?? Number.NaN, from.hash ?? 0)
}
function end(block: RowBlock, text: string, version = 0n): void {
  block.writer.text(text)
  block.writer.integer(version, 16)
  block.writer.raw(Buffer.alloc(9))
}
const packed = (first: number, count: number): FetchedRecords =>
  packRecords(
    LANE,
    Array.from({ length: count }, (_, index) => record(first + index)),
  )

describe('the bytes of a range of rows', () => {
  it('are those that were written for them, and the whole is the sum of its parts', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 60 })
    const property = fc.property(texts, fc.nat(), fc.nat(), (rows, one, other) => {
      const block = new RowBlock()
      const records = packed(0, rows.length)
      for (const [index, text] of rows.entries()) write(block, text, { records, index })
      const [first, last] = [one % rows.length, other % (rows.length + 1)].toSorted((a, b) => a - b) as [
        number,
        number,
      ]
      const alone = new RowBlock()
      for (const text of rows.slice(first, last)) end(alone, text)
      expect(block.bytes(first, last).equals(alone.writer.written())).toBe(true)
      const halves = [block.bytes(0, first), block.bytes(first, rows.length)]
      expect(Buffer.concat(halves).equals(block.writer.written())).toBe(true)
    })
    fc.assert(property, { seed: 1 })
  })

  it('and the version in them stay right when thousands of rows come', () => {
    const block = new RowBlock()
    const records = packed(0, 5000)
    for (let index = 0; index < 5000; index++) {
      const start = block.writer.at
      end(block, `row ${index}`, (7n << 112n) | BigInt(index))
      block.add(start, records, index, Number.NaN, 0)
    }
    expect(block.bytes(4999, 5000).toString('latin1', 1, 9)).toBe('row 4999')
    expect(block.version(4999)).toBe(String((7n << 112n) | 4999n))
    expect(block.record(4999)?.offset).toBe(4999n)
  })
})

describe('the record of a row', () => {
  it('is found among those of several fetches, and of rows that were filled later', () => {
    const block = new RowBlock()
    const [one, two] = [packed(0, 3), packed(10, 3)]
    write(block, 'a', { records: one, index: 0 })
    write(block, 'b', { records: one, index: 2 })
    write(block, 'c', { records: two, index: 1 })
    write(block, 'd', { records: two, index: 1 })
    const start = block.writer.at
    end(block, 'e')
    block.addLoose(start, record(1), 5)
    expect([0, 1, 2, 3, 4, 5].map((row) => block.record(row)?.offset)).toEqual([
      0n,
      2n,
      11n,
      11n,
      1n,
      undefined,
    ])
    expect(block.bytes(4, 5).toString('latin1', 1, 2)).toBe('e')
    expect(block.rowsOf(new Set([5]))).toEqual([4])
  })

  it('is found where all rows were filled later', () => {
    const block = new RowBlock()
    end(block, 'a')
    block.addLoose(0, record(3), 1)
    expect(block.record(0)?.offset).toBe(3n)
  })
})

it('rows are found by the hashes of their keys', () => {
  const block = new RowBlock()
  const records = packed(0, 4)
  for (const [index, hash] of [1, -2, 1, 0x7fffffff].entries()) write(block, '', { records, index, hash })
  expect(block.rowsOf(new Set([1]))).toEqual([0, 2])
  expect(block.rowsOf(new Set([-2, 0x7fffffff]))).toEqual([1, 3])
  expect(block.rowsOf(new Set())).toEqual([])
})

describe('samples of freshness', () => {
  const samplesOf = (times: readonly number[], at: number, most: number) => {
    const block = new RowBlock()
    const records = packed(0, times.length)
    for (const [index, time] of times.entries()) write(block, '', { records, index, at: time })
    return block.freshness(at, most)
  }

  it('are the times from commit to now, without rows that say nothing', () => {
    expect(samplesOf([900, Number.NaN, 1000, 1100], 1000, 10)).toEqual([100, 0, 0])
  })

  it('are spread over all rows, and the oldest row is always among them', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 50 }),
      (times, most) => {
        const samples = samplesOf(times, 1000, most)
        expect(samples.length).toBeLessThanOrEqual(most + 1)
        expect(samples.length).toBeGreaterThanOrEqual(Math.min(times.length, most) / 2)
        expect(Math.max(...samples)).toBe(1000 - Math.min(...times))
      },
    )
    fc.assert(property, { seed: 2 })
  })
})

describe('a block that is cleared', () => {
  it('is as a new one', () => {
    const block = new RowBlock()
    const records = packed(0, 2)
    write(block, 'long ago', { records, index: 1, at: 5, hash: 9 })
    block.addLoose(block.writer.at, record(7), 9)
    block.clear()
    expect([block.count, block.bytes(0, 0).length, block.version(0), block.record(0)?.offset]).toEqual([
      0,
      0,
      '',
      undefined,
    ])
    write(block, 'new', { records: packed(20, 1), index: 0 })
    expect([block.record(0)?.offset, block.record(1)?.offset]).toEqual([20n, undefined])
    expect([block.rowsOf(new Set([9])), block.freshness(10, 10)]).toEqual([[], []])
    expect(block.bytes(0, 1).toString('latin1', 1, 4)).toBe('new')
  })

  it('keeps its buffer, unless it has become very large', () => {
    const block = new RowBlock()
    block.writer.reserve(2 * MEBIBYTE)
    block.clear()
    expect(block.writer.bytes.length).toBeGreaterThanOrEqual(2 * MEBIBYTE)
    block.writer.reserve(80 * MEBIBYTE)
    block.clear()
    expect(block.writer.bytes.length).toBeLessThan(MEBIBYTE)
  })

  it('gives its memory back once it has hardly been used for long, and not before', () => {
    const block = new RowBlock()
    const records = packed(0, 3000)
    const fill = (count: number, size: number) => {
      for (let index = 0; index < count; index++) write(block, 'x'.repeat(size), { records, index })
      expect(block.bytes(count - 1, count).length).toBeGreaterThan(size)
      block.clear()
    }
    fill(3000, 1000)
    const { length } = block.writer.bytes
    for (let batch = 0; batch < 49; batch++) fill(20, 1000)
    fill(3000, 1000)
    for (let batch = 0; batch < 49; batch++) fill(20, 1000)
    expect(block.writer.bytes.length).toBe(length)
    fill(20, 1000)
    expect(block.writer.bytes.length).toBeLessThan(100_000)
    fill(3000, 1000)
    expect(block.writer.bytes.length).toBeGreaterThan(3_000_000)
  })
})

describe('a block with rows that were completed later', () => {
  it('has all of them in the order of their records, and leaves the first one as it was', () => {
    const property = fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (isLater) => {
      const block = new RowBlock()
      const records = packed(0, isLater.length)
      const later: LaterRow[] = []
      for (const [index, each] of isLater.entries()) {
        if (!each) write(block, `row ${index};`, { records, index, at: index, hash: index })
        else
          later.push({
            record: record(index),
            write: (writer) => {
              writer.text(`row ${index};`)
              writer.raw(Buffer.alloc(25))
              return index
            },
          })
      }
      const before = Buffer.from(block.writer.written())
      const all = block.with(later)
      const numbers = isLater.map((_, index) => index)
      expect(numbers.map((row) => Number(all.record(row)?.offset))).toEqual(numbers)
      for (const row of numbers) {
        expect(all.bytes(row, row + 1).includes(`row ${row};`)).toBe(true)
        expect(all.rowsOf(new Set([row]))).toEqual([row])
      }
      expect(all.count).toBe(isLater.length)
      expect(block.writer.written()).toEqual(before)
    })
    fc.assert(property, { seed: 3 })
  })
})

describe('whether a row has a lower version', () => {
  it('is what comparing each of them says', () => {
    // Versions that differ in their upper half, in their lower half, or hardly.
    const half = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
    const version = fc.oneof(
      fc.tuple(half, half).map(([high, low]) => (high << 64n) | low),
      fc.bigInt({ min: 0n, max: 3n }).map((low) => (5n << 64n) | low),
    )
    const property = fc.property(fc.array(version, { maxLength: 12 }), version, (versions, below) => {
      const block = new RowBlock()
      const records = packed(0, Math.max(1, versions.length))
      for (const [index, each] of versions.entries()) {
        const start = block.writer.at
        end(block, `row ${index}`, each)
        block.add(start, records, index, Number.NaN, 0)
      }
      expect(block.hasBelow(below)).toBe(versions.some((each) => each < below))
    })
    fc.assert(property, { numRuns: 2000 })
  })
})
