/** Lag: which records wait, told apart from what only takes offsets. */
import { beforeAll, describe, expect, it } from 'vitest'
import { lagOf } from '#pipelines/health/kafka-lag.ts'
import { unreadRecords } from '#pipelines/health/unread-records.ts'
import { encodeBatch, encodeMarker } from '../support/record-batches.ts'

const WRITTEN_AT = 1_700_000_000_000
const record = (offset: number) => ({ offset, key: null, value: Buffer.from('{}') })

describe('unread records', () => {
  let first: Buffer
  let commit: Buffer
  let second: Buffer
  let taken: Buffer
  let abort: Buffer
  beforeAll(async () => {
    const transaction = { producerId: 7, transactional: true }
    first = await encodeBatch([record(0), record(1)], transaction)
    commit = await encodeMarker(2, 7, 'commit')
    second = await encodeBatch([record(3), record(4)], transaction)
    taken = await encodeBatch([record(5)], { producerId: 8, transactional: true })
    abort = await encodeMarker(6, 8, 'abort')
  })

  it('are counted without the marks, and are as old as their first batch', () => {
    expect(unreadRecords(Buffer.concat([first, commit, second]), 0, [])).toEqual({
      ...{ records: 4, writtenAt: WRITTEN_AT, next: 5 },
    })
  })

  it('are those of a batch that is half loaded from there on', () => {
    expect(unreadRecords(first, 1, [])).toEqual({ records: 1, writtenAt: WRITTEN_AT, next: 2 })
  })

  it('are none where only marks are', () => {
    expect(unreadRecords(commit, 2, [])).toEqual({ records: 0, writtenAt: null, next: 3 })
  })

  it('are none in a batch that was loaded: the broker sends the whole of one', () => {
    expect(unreadRecords(Buffer.concat([first, commit]), 2, [])).toEqual({
      ...{ records: 0, writtenAt: null, next: 3 },
    })
  })

  it('are none that were taken back', () => {
    const bytes = Buffer.concat([taken, abort])
    expect(unreadRecords(bytes, 5, [{ producerId: 8, firstOffset: 5 }])).toEqual({
      ...{ records: 0, writtenAt: null, next: 7 },
    })
    expect(unreadRecords(bytes, 5, [{ producerId: 9, firstOffset: 5 }]).records).toBe(1)
  })

  it('are found in a batch that came cut, and not in one without its head', () => {
    expect(unreadRecords(first.subarray(0, -4), 0, []).records).toBe(2)
    expect(unreadRecords(first.subarray(0, 40), 0, [])).toEqual({ records: 0, writtenAt: null, next: 0 })
  })
})

describe('the lag of a dataset', () => {
  const partition = (
    number: number,
    from: number,
    end: number,
    low = 0,
    committed: number | null = from,
  ) => ({
    ...{ topic: 't', partition: number, from, end, low, committed },
  })

  it('is the sum over its partitions, as old as the oldest record', () => {
    const unread = new Map([
      ['t/0', { records: 2, writtenAt: 500, next: 13 }],
      ['t/1', { records: 1, writtenAt: 300, next: 22 }],
    ])
    expect(lagOf([partition(0, 10, 15), partition(1, 20, 22), partition(2, 9, 9)], unread)).toEqual({
      ...{ events: 5, oldestAt: 300, expired: 0 },
    })
  })

  it('is none where only marks are left', () => {
    expect(
      lagOf([partition(0, 10, 11)], new Map([['t/0', { records: 0, writtenAt: null, next: 11 }]])),
    ).toEqual({
      ...{ events: 0, oldestAt: null, expired: 0 },
    })
  })

  it('has no age where it could not be read', () => {
    expect(lagOf([partition(0, 10, 15)], new Map())).toEqual({ events: 5, oldestAt: null, expired: 0 })
  })

  it('tells what Kafka removed before it was loaded, but not of a group that never read', () => {
    expect(lagOf([partition(0, 40, 40, 40, 10)], new Map()).expired).toBe(30)
    expect(lagOf([partition(0, 40, 40, 40, null)], new Map()).expired).toBe(0)
  })
})
