/** Values that Postgres did not send are taken from the last known row, or the record is quarantined. */
import { describe, expect, it } from 'vitest'
import type { QuarantinedRecord, UnchangedLookup } from '#pipelines/ports.ts'
import type { BatchRow } from '#pipelines/worker/batcher.ts'
import { resolveUnchanged } from '#pipelines/worker/resolve-unchanged.ts'
import type { QuarantinedRow } from '#transforms/record.ts'
import { record, row } from '../support/records.ts'

const NAMES = ['id', 'note', 'body']
const live = (offset: number, cells: string[], rest = {}): BatchRow => ({
  row: row(cells, { version: String(offset), ...rest }),
  record: record(offset),
})
/** A row whose body did not come. */
const partial = (offset: number, id: string, note: string, rest = {}): BatchRow =>
  live(offset, [id, note, ''], { unresolved: [2], ...rest })

/** What a quarantined change says of a row: `''` did not come, null is what was wrong. */
const broken = (
  offset: number,
  cells: readonly (string | null)[],
  rest: Partial<QuarantinedRow> = {},
): QuarantinedRow => ({
  ...{ key: cells[0] ?? '', previousKey: cells[0] ?? '', version: String(offset), cells },
  ...rest,
})

/** A table with these rows, by key (numbers are asked for as text), and a quarantine; notes what it is asked. */
function table(
  rows: Readonly<Record<string, readonly string[]>>,
  quarantined: readonly QuarantinedRow[] = [],
) {
  const asked: UnchangedLookup[] = []
  return {
    asked,
    columnNames: NAMES,
    versionCell: 3,
    quarantined: async (keys: readonly string[]) => quarantined.filter(({ key }) => keys.includes(key)),
    stored: async (wanted: readonly UnchangedLookup[]) => {
      asked.push(...wanted)
      return wanted.map(({ key }) => rows[key.join()] ?? null)
    },
  }
}
/** A batch of rows, and of quarantined records beside them. */
const resolve = (
  rows: readonly BatchRow[],
  history: ReturnType<typeof table>,
  quarantined: readonly QuarantinedRow[] = [],
) =>
  resolveUnchanged(
    {
      rows,
      quarantined: quarantined.map(
        (each): QuarantinedRecord => ({ record: record(Number(each.version)), faults: [], row: each }),
      ),
    },
    history,
  )
const cells = (rows: readonly BatchRow[]) => rows.map(({ row: each }) => each.cells.join(' '))

describe('a value that did not change', () => {
  it('is not asked for if nothing lacks', async () => {
    const history = table({})
    await resolve([live(1, ['1', '"a"', '"b"'])], history)
    expect(history.asked).toEqual([])
  })

  it('comes from an earlier row of the batch, without asking the table', async () => {
    const history = table({})
    const rows = [live(1, ['1', '"a"', '"text"']), partial(2, '1', '"b"'), partial(3, '1', '"c"')]
    const { rows: resolved, unknown } = await resolve(rows, history)
    expect(cells(resolved)).toEqual(['1 "a" "text"', '1 "b" "text"', '1 "c" "text"'])
    expect({ unknown, asked: history.asked }).toEqual({ unknown: [], asked: [] })
  })

  it('comes from the table, asked once per key and not above the first version', async () => {
    const history = table({ '"1"': ['1', '"old"', '"text"'] })
    const { rows } = await resolve([partial(5, '1', '"b"'), partial(6, '1', '"c"')], history)
    expect(cells(rows)).toEqual(['1 "b" "text"', '1 "c" "text"'])
    expect(history.asked).toEqual([{ key: ['"1"'], version: '5' }])
  })

  it('is looked for under the old key if the key has changed, also behind its tombstone', async () => {
    const history = table({ '"1"': ['1', '"old"', '"text"'] })
    const rows = [
      live(5, ['1', 'null', 'null'], { deleted: true }),
      partial(6, '2', '"moved"', { previousKey: '1' }),
    ]
    expect(cells((await resolve(rows, history)).rows)).toEqual(['1 null null', '2 "moved" "text"'])
  })

  it('keeps the digits of long keys', async () => {
    const history = table({})
    const key = '"a,b",9223372036854775807'
    await resolve([partial(1, key, '"x"', { key, previousKey: key })], history)
    expect(history.asked[0]?.key).toEqual(['"a,b"', '"9223372036854775807"'])
  })

  it('that nobody knows puts the record into quarantine, with all rows that it became', async () => {
    const history = table({})
    const both = record(7)
    const rows: BatchRow[] = [
      { row: row(['1', 'null', 'null'], { deleted: true }), record: both },
      { row: row(['2', '"x"', ''], { unresolved: [2] }), record: both },
      live(8, ['3', '"y"', '"z"']),
    ]
    const result = await resolve(rows, history)
    expect(cells(result.rows)).toEqual(['3 "y" "z"'])
    expect(result.unknown).toMatchObject([
      { record: both, faults: [{ code: 'unchanged_value_unknown', column: 'body' }] },
    ])
  })

  it('was set by a quarantined change of the batch, and not by the row that is stored', async () => {
    const history = table({ '"1"': ['1', '"old"', '"older"', '"1"'] })
    const { rows, unknown } = await resolve([partial(6, '1', '"good"')], history, [
      broken(5, ['1', null, '"newer"']),
    ])
    expect(cells(rows)).toEqual(['1 "good" "newer"'])
    expect(unknown).toEqual([])
    expect(history.asked).toEqual([{ key: ['"1"'], version: '5' }])
  })

  it('was set by a change that is in quarantine since a former batch', async () => {
    const quarantined = [
      broken(4, ['1', null, '"newest"']),
      broken(3, ['1', null, '"newer"']),
      broken(5, ['1', null, '']),
    ]
    const history = table({ '"1"': ['1', '"old"', '"older"', '"2"'] }, quarantined)
    expect(cells((await resolve([partial(6, '1', '"good"')], history)).rows)).toEqual(['1 "good" "newest"'])
  })

  it('is the stored one if the quarantined change is older than that, or newer than the row', async () => {
    const history = table({ '"1"': ['1', '"old"', '"text"', '"5"'] }, [
      broken(4, ['1', null, '"before"']),
      broken(9, ['1', null, '"after"']),
    ])
    expect(cells((await resolve([partial(6, '1', '"good"')], history)).rows)).toEqual(['1 "good" "text"'])
  })

  it('of a row whose insert is in quarantine is known as well, also under a new key', async () => {
    const history = table({}, [broken(4, ['1', null, '"text"'])])
    const rows = [partial(6, '1', '"good"'), partial(7, '2', '"moved"', { previousKey: '1' })]
    expect(cells((await resolve(rows, history)).rows)).toEqual(['1 "good" "text"', '2 "moved" "text"'])
  })

  it('that is itself what was wrong is not known: the record goes into quarantine, and so do those after it', async () => {
    const history = table({ '"1"': ['1', '"old"', '"text"', '"1"'] })
    const { rows, unknown } = await resolve([partial(6, '1', '"x"'), partial(7, '1', '"y"')], history, [
      broken(5, ['1', '"good"', null]),
    ])
    expect(rows).toEqual([])
    expect(unknown.map(({ faults }) => faults)).toEqual([
      [{ code: 'unchanged_value_unknown', column: 'body' }],
      [{ code: 'unchanged_value_unknown', column: 'body' }],
    ])
  })
})
