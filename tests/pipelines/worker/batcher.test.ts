/** Batches are contiguous ranges that hold every record once, and a pending range is replayed as it was. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecords } from '#pipelines/kafka/fetched-records.ts'
import { readMetadata, writeMetadata } from '#pipelines/kafka/offset-metadata.ts'
import { type Batch, createBatcher } from '#pipelines/worker/batcher.ts'
import { BufferRoom } from '#pipelines/worker/buffer-room.ts'
import { outcomeOf, plainMaker, record } from '../support/records.ts'

const KINDS = fc.constantFrom('row', 'row', 'row', 'bad', 'skip', 'truncate')
/** Offsets have gaps: transaction markers, aborted records. */
const RECORDS = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), kind: KINDS }), { minLength: 1, maxLength: 80 })
  .map((steps) => {
    let offset = -1
    return steps.map(({ gap, kind }) => {
      offset += gap
      return record(offset, kind)
    })
  })
const LIMITS = fc.record({ rows: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 10, max: 200 }) })

/** Runs records through a batcher; `flush` says after which records time closes the batch. */
function batches(
  records: readonly ReturnType<typeof record>[],
  limits: { rows: number; bytes: number },
  pendingLast: bigint | null,
  flush: (index: number) => boolean = () => false,
): Batch[] {
  const packed = packRecords({ topic: 't', partition: 0 }, records)
  const batcher = createBatcher(limits, pendingLast, plainMaker(outcomeOf))
  const made: Batch[] = []
  const take = () => {
    const batch = batcher.take(null)
    if (batch) made.push(batch)
  }
  for (const [index, each] of records.entries()) {
    if (batcher.mustCloseBefore(Number(each.offset))) take()
    const added = batcher.add(packed, index)
    if (added === 'apart') take()
    const full = (added === 'apart' ? batcher.add(packed, index) : added) === 'full'
    if (full || (flush(index) && !batcher.replaying())) take()
  }
  take()
  return made
}

const offsetsOf = ({ block }: Batch) =>
  Array.from({ length: block.count }, (_, row) => block.record(row)?.offset)

const accounted = (batch: Batch) =>
  batch.stored +
  batch.quarantined.length +
  [...batch.filtered.values()].reduce((sum, count) => sum + count, 0)

describe('batches', () => {
  it('hold every record once, in order, without a gap between them', () => {
    fc.assert(
      fc.property(RECORDS, LIMITS, fc.array(fc.boolean()), (records, limits, flushes) => {
        const made = batches(records, limits, null, (index) => flushes[index] ?? false)
        expect(made.reduce((sum, batch) => sum + batch.records, 0)).toBe(records.length)
        for (const [index, batch] of made.entries()) {
          expect(accounted(batch)).toBe(batch.records)
          expect(batch.next).toBe(batch.last + 1n)
          const following = made[index + 1]
          if (following) expect(following.first).toBeGreaterThan(batch.last)
        }
        expect(made.flatMap((batch) => offsetsOf(batch))).toEqual(
          records.filter((each) => each.value?.toString() === 'row').map((each) => each.offset),
        )
      }),
    )
  })

  it('end at their limits and at a TRUNCATE', () => {
    fc.assert(
      fc.property(RECORDS, LIMITS, (records, limits) => {
        for (const batch of batches(records, limits, null)) {
          expect(batch.block.count).toBeLessThanOrEqual(limits.rows)
          // A TRUNCATE stands alone: a batch that is repeated after it must not lack the rows that it builds on.
          if (batch.truncate !== null)
            expect([batch.truncate, batch.records]).toEqual([String(batch.last), 1])
        }
      }),
    )
  })

  it('replay a pending range as it was, whatever the limits are now and however it is fetched', () => {
    fc.assert(
      fc.property(
        RECORDS,
        LIMITS,
        LIMITS,
        fc.nat(),
        fc.array(fc.boolean()),
        (records, before, now, pick, flushes) => {
          const first = batches(records, before, null)
          const pending = first[pick % first.length]
          if (!pending) return
          const rest = records.filter((each) => each.offset >= pending.first)
          const [replayed] = batches(rest, now, pending.last, (index) => flushes[index] ?? false)
          expect(replayed).toMatchObject({
            first: pending.first,
            last: pending.last,
            records: pending.records,
          })
          expect(replayed && offsetsOf(replayed)).toEqual(offsetsOf(pending))
          expect(replayed?.block.bytes(0, 999)).toEqual(pending.block.bytes(0, 999))
        },
      ),
    )
  })

  it('replay what is left of a pending range when retention has taken a part', () => {
    const [only, rest] = batches([record(5), record(20), record(21)], { rows: 99, bytes: 9999 }, 10n)
    expect(only).toMatchObject({ first: 5n, last: 5n })
    expect(rest).toMatchObject({ first: 20n, last: 21n })
  })
})

describe('the room that lanes share', () => {
  const value = record(0).value?.length ?? 0
  const batcherIn = (room: BufferRoom) =>
    createBatcher({ rows: 1000, bytes: 32 * value, room }, null, plainMaker(outcomeOf))
  const packed = packRecords(
    { topic: 't', partition: 0 },
    Array.from({ length: 100 }, (_, index) => record(index)),
  )
  const fill = (batcher: ReturnType<typeof batcherIn>, from: number): number => {
    let index = from
    while (batcher.add(packed, index) === 'room') index++
    return index - from + 1
  }

  it('makes batches smaller when it is tight, and as large as before when it is not', () => {
    // Of four full batches of half the size.
    const room = new BufferRoom(16 * value)
    const lanes = Array.from({ length: 6 }, () => batcherIn(room))
    expect(lanes.slice(0, 4).map((batcher) => fill(batcher, 0))).toEqual([32, 32, 32, 32])
    expect(lanes.slice(4).map((batcher) => fill(batcher, 0))).toEqual([2, 2])
    const batch = lanes[0]?.take(null)
    if (batch) lanes[0]?.release(batch)
    lanes[1]?.drop()
    lanes[4]?.drop()
    expect(fill(lanes[4] as (typeof lanes)[0], 50)).toBe(32)
    for (const lane of lanes) lane.drop()
    expect(fill(lanes[5] as (typeof lanes)[0], 50)).toBe(32)
  })
})

describe('the metadata of an offset', () => {
  it('keeps the end of the pending range', () => {
    fc.assert(
      fc.property(fc.option(fc.bigInt({ min: 0n, max: 2n ** 62n })), (last) => {
        expect(readMetadata(writeMetadata(last))).toBe(last)
      }),
    )
  })

  it.each([null, undefined, '', 'something else', 'mogo1 pending=', 'mogo1 pending=-1', 'mogo1 pending=1x'])(
    'is nothing in %s',
    (text) => {
      expect(readMetadata(text)).toBeNull()
    },
  )
})
