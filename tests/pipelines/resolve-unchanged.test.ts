/** Values that Postgres did not send are taken from the last known row, or the record is quarantined. */
import { describe, expect, it } from 'vitest'
import type { BatchRow } from '#pipelines/batcher.ts'
import type { UnchangedLookup } from '#pipelines/ports.ts'
import { resolveUnchanged } from '#pipelines/resolve-unchanged.ts'
import { record, row } from './support/records.ts'

const NAMES = ['id', 'note', 'body']
const live = (offset: number, cells: string[], rest = {}): BatchRow => ({
  row: row(cells, { version: String(offset), ...rest }),
  record: record(offset),
})
/** A row whose body did not come. */
const partial = (offset: number, id: string, note: string, rest = {}): BatchRow =>
  live(offset, [id, note, ''], { unresolved: [2], ...rest })

/** A table with these rows, by key (numbers are asked for as text); notes what it is asked. */
function table(rows: Readonly<Record<string, readonly string[]>>) {
  const asked: UnchangedLookup[] = []
  return {
    asked,
    lookup: async (wanted: readonly UnchangedLookup[]) => {
      asked.push(...wanted)
      return wanted.map(({ key }) => rows[key.join()] ?? null)
    },
  }
}
const cells = (rows: readonly BatchRow[]) => rows.map(({ row: each }) => each.cells.join(' '))

describe('a value that did not change', () => {
  it('is not asked for if nothing lacks', async () => {
    const { asked, lookup } = table({})
    await resolveUnchanged([live(1, ['1', '"a"', '"b"'])], lookup, NAMES)
    expect(asked).toEqual([])
  })

  it('comes from an earlier row of the batch, without asking the table', async () => {
    const { asked, lookup } = table({})
    const rows = [live(1, ['1', '"a"', '"text"']), partial(2, '1', '"b"'), partial(3, '1', '"c"')]
    const { rows: resolved, unknown } = await resolveUnchanged(rows, lookup, NAMES)
    expect(cells(resolved)).toEqual(['1 "a" "text"', '1 "b" "text"', '1 "c" "text"'])
    expect({ unknown, asked }).toEqual({ unknown: [], asked: [] })
  })

  it('comes from the table, asked once per key and not above the first version', async () => {
    const { asked, lookup } = table({ '"1"': ['1', '"old"', '"text"'] })
    const { rows } = await resolveUnchanged([partial(5, '1', '"b"'), partial(6, '1', '"c"')], lookup, NAMES)
    expect(cells(rows)).toEqual(['1 "b" "text"', '1 "c" "text"'])
    expect(asked).toEqual([{ key: ['"1"'], version: '5' }])
  })

  it('is looked for under the old key if the key has changed, also behind its tombstone', async () => {
    const { lookup } = table({ '"1"': ['1', '"old"', '"text"'] })
    const rows = [
      live(5, ['1', 'null', 'null'], { deleted: true }),
      partial(6, '2', '"moved"', { previousKey: '1' }),
    ]
    expect(cells((await resolveUnchanged(rows, lookup, NAMES)).rows)).toEqual([
      '1 null null',
      '2 "moved" "text"',
    ])
  })

  it('keeps the digits of long keys', async () => {
    const { asked, lookup } = table({})
    const key = '"a,b",9223372036854775807'
    await resolveUnchanged([partial(1, key, '"x"', { key, previousKey: key })], lookup, NAMES)
    expect(asked[0]?.key).toEqual(['"a,b"', '"9223372036854775807"'])
  })

  it('that nobody knows puts the record into quarantine, with all rows that it became', async () => {
    const { lookup } = table({})
    const both = record(7)
    const rows: BatchRow[] = [
      { row: row(['1', 'null', 'null'], { deleted: true }), record: both },
      { row: row(['2', '"x"', ''], { unresolved: [2] }), record: both },
      live(8, ['3', '"y"', '"z"']),
    ]
    const result = await resolveUnchanged(rows, lookup, NAMES)
    expect(cells(result.rows)).toEqual(['3 "y" "z"'])
    expect(result.unknown).toEqual([
      { record: both, faults: [{ code: 'unchanged_value_unknown', column: 'body' }] },
    ])
  })
})
