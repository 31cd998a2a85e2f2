import { describe, expect, it } from 'vitest'
import { accountRecords, type RawEntry, rowsInQuarantine } from '#ops/chaos/account-records.ts'
import { compareRows } from '#ops/chaos/compare-rows.ts'

const raw = (
  offset: number,
  key: string | null,
  kind: RawEntry['kind'] = 'row',
  partition = 0,
): RawEntry => ({
  ...{ table: 't', partition, offset: String(offset), version: String(100 + offset), key, kind },
})
const stored = (offset: number, key: string, times = 1) => ({
  ...{ table: 't', key, version: String(100 + offset), times },
})
const bad = (offset: number, partition = 0) => ({ table: 't', partition, offset: String(offset) })

describe('every record', () => {
  it('is stored once, in quarantine, or has no row; counts are by partition', () => {
    const account = accountRecords(
      [raw(0, 'a'), raw(1, 'b'), raw(2, null, 'truncate'), raw(3, null, 'none'), raw(0, 'c', 'row', 1)],
      [stored(0, 'a'), stored(0, 'c')],
      [bad(1)],
    )
    expect(account).toEqual({
      counts: [
        { table: 't', partition: 0, in: 4, stored: 1, quarantined: 1, filtered: 2 },
        { table: 't', partition: 1, in: 1, stored: 1, quarantined: 0, filtered: 0 },
      ],
      findings: [],
    })
  })

  it.each([
    ['lost', [raw(0, 'a')], [], []],
    ['doubled', [raw(0, 'a')], [stored(0, 'a', 2)], []],
    ['stored and quarantined', [raw(0, 'a')], [stored(0, 'a')], [bad(0)]],
    ['stored without a record', [], [stored(0, 'a')], []],
  ] as const)('that is %s is found', (what, records, copies, quarantined) => {
    expect(accountRecords(records, copies, quarantined).findings).toEqual([{ table: 't', what, keys: ['a'] }])
  })

  it('is looked for in its own partition only', () => {
    const { findings } = accountRecords([raw(0, 'a', 'row', 1)], [], [bad(0, 0)])
    expect(findings).toEqual([{ table: 't', what: 'lost', keys: ['a'] }])
  })
})

describe('rows in quarantine', () => {
  it('are those whose last record is', () => {
    const rows = rowsInQuarantine(
      new Set(['t/mended', 't/still']),
      [raw(0, 'a'), raw(1, 'b'), raw(2, 'a'), raw(3, 'b'), raw(4, 'mended')],
      [bad(1), bad(2)],
    )
    expect([...rows].sort()).toEqual(['t/a', 't/still'])
  })

  it('are none after a TRUNCATE of their table', () => {
    const former = new Set(['t/a', 'other/a'])
    expect([...rowsInQuarantine(former, [raw(0, null, 'truncate')], [])]).toEqual(['other/a'])
  })

  it('are those that broke after it in another partition, in whichever order the partitions were read', () => {
    const records = [raw(5, 'late', 'row', 1), raw(3, 'early', 'row', 1), raw(4, null, 'truncate')]
    const broken = [bad(3, 1), bad(5, 1)]
    expect([...rowsInQuarantine(new Set(), records, broken)]).toEqual(['t/late'])
    expect([...rowsInQuarantine(new Set(), records.toReversed(), broken)]).toEqual(['t/late'])
  })
})

describe('rows of source and destination', () => {
  const row = (key: string, hash = 'x') => ({ key, hash })
  const nobody = () => false

  it.each([
    ['missing', [row('a')], []],
    ['different', [row('a')], [row('a', 'y')]],
    ['left over', [], [row('a')]],
    ['doubled', [row('a')], [row('a'), row('a')]],
  ] as const)('that are %s are found', (what, source, target) => {
    expect(compareRows('t', source, target, nobody)).toEqual([{ table: 't', what, keys: ['a'] }])
    expect(compareRows('t', source, target, (key) => key === 'a')).toEqual(
      what === 'doubled' ? [{ table: 't', what, keys: ['a'] }] : [],
    )
  })

  it('that are equal are not', () => {
    expect(compareRows('t', [row('a'), row('b')], [row('b'), row('a')], nobody)).toEqual([])
  })
})
