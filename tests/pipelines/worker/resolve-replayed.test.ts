/** Values that did not change, in batches with replayed records: a replay is late in the log, and early in the order of versions. */
import { describe, expect, it } from 'vitest'
import type { UnchangedLookup } from '#pipelines/ports.ts'
import { replayMessage } from '#pipelines/quarantine/replayed-record.ts'
import type { BatchRow } from '#pipelines/worker/batcher.ts'
import { resolveReplayed } from '#pipelines/worker/resolve-replayed.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import type { QuarantinedRow } from '#transforms/record.ts'
import { record, row } from '../support/records.ts'

const ring = createKeyRing('k'.repeat(40))

/** A row of key 1: note, body (`''`: did not come). */
const change = (version: number, note: string, body: string, at = version): BatchRow => ({
  row: row(['1', note, body], { version: String(version), unresolved: body === '' ? [2] : [] }),
  record: record(at),
})
const replayOf = (version: number, note: string, body: string, at: number): BatchRow => ({
  ...change(version, note, body),
  record: { ...replayMessage(record(version), 1, ring), offset: BigInt(at) },
})

/** Every version that the table has of the row, and what is in quarantine. */
function history(stored: Readonly<Record<number, string>>, quarantined: readonly QuarantinedRow[]) {
  return {
    ...{ columnNames: ['id', 'note', 'body'], versionCell: 3 },
    quarantined: async () => quarantined,
    stored: async (wanted: readonly UnchangedLookup[]) =>
      wanted.map(({ version }) => {
        const last = Object.keys(stored)
          .map(Number)
          .filter((each) => each <= Number(version))
          .toSorted((a, b) => b - a)[0]
        return last === undefined ? null : ['1', '"n"', stored[last] ?? '', `"${last}"`]
      }),
  }
}
const broken = (version: number, body: string): QuarantinedRow => ({
  ...{ key: '1', previousKey: '1', version: String(version) },
  cells: ['1', null, body],
})
const bodies = (rows: readonly BatchRow[]) =>
  Object.fromEntries(rows.map(({ row: each }) => [each.version, each.cells[2]]))

describe('a batch with a replayed record', () => {
  it('does not take its values for the latest ones', async () => {
    // 10 was quarantined and is replayed at 40; 20 and 30 came after it, and 50 left the body out, which is that of 30.
    const batch = [replayOf(10, '"x"', '"ten"', 40), change(50, '"y"', '')]
    const { rows, unknown } = await resolveReplayed(
      { rows: batch, quarantined: [] },
      history({ 20: '"twenty"', 30: '"thirty"' }, [broken(10, '"ten"')]),
    )
    expect({ bodies: bodies(rows), unknown }).toEqual({
      bodies: { 10: '"ten"', 50: '"thirty"' },
      unknown: [],
    })
  })

  it('does not fill it with what came later, in the batch or in the table', async () => {
    const batch = [change(35, '"z"', '"batch"'), replayOf(10, '"x"', '', 40)]
    const { rows } = await resolveReplayed(
      { rows: batch, quarantined: [] },
      history({ 5: '"five"', 20: '"twenty"' }, []),
    )
    expect(bodies(rows)).toEqual({ 10: '"five"', 35: '"batch"' })
  })

  it('fills it with what another replay of the batch says, whose place is still open', async () => {
    const batch = [replayOf(12, '"b"', '', 40), replayOf(10, '"a"', '"ten"', 41)]
    const { rows } = await resolveReplayed(
      { rows: batch, quarantined: [] },
      history({ 5: '"five"' }, [broken(10, '"ten"'), broken(12, '')]),
    )
    expect(bodies(rows)).toEqual({ 10: '"ten"', 12: '"ten"' })
  })

  it('puts it back into quarantine if nobody knows the value, and not its neighbours', async () => {
    const replay = replayOf(10, '"x"', '', 40)
    const { rows, unknown } = await resolveReplayed(
      { rows: [replay, change(50, '"y"', '"new"')], quarantined: [] },
      history({ 20: '"twenty"' }, []),
    )
    expect(bodies(rows)).toEqual({ 50: '"new"' })
    expect(unknown.map((each) => each.record)).toEqual([replay.record])
  })

  it('comes with the replayed rows first', async () => {
    const batch = [change(35, '"z"', '"batch"'), replayOf(10, '"x"', '"ten"', 40)]
    const { rows } = await resolveReplayed({ rows: batch, quarantined: [] }, history({}, []))
    expect(rows.map(({ row: each }) => each.version)).toEqual(['10', '35'])
  })
})
