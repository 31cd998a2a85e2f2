/** Quarantine: reasons and places in clear, records sealed; what is known of rows whose changes are there. */
import { describe, expect, it } from 'vitest'
import { packRecord, placeOf } from '#pipelines/quarantine/packed-record.ts'
import { createQuarantine } from '#pipelines/quarantine/quarantine.ts'
import { ruleWords } from '#pipelines/quarantine/quarantine-rules.ts'
import { QUARANTINE_COLUMNS, type QuarantinePlace } from '#pipelines/quarantine/quarantine-statements.ts'
import { replayMessage } from '#pipelines/quarantine/replayed-record.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { openPayload } from '#transforms/crypto/seal.ts'
import type { Outcome, RawRecord } from '#transforms/record.ts'
import { compiled } from '../support/catalog.ts'
import { record } from '../support/records.ts'

const ring = createKeyRing('k'.repeat(40))
const dataset = compiled({
  dataset: 'people',
  table: 'public.people',
  tenant: '=acme',
  columns: [
    { name: 'id', type: 'text', key: 1, options: { minLength: 2 } },
    { name: 'email', type: 'text', options: { maxLength: 20, pattern: '^[^@]+@[^@]+$' } },
    { name: 'age', type: 'integer' },
  ],
})

/** A quarantine on a table in memory. */
function setUp() {
  const rows: Record<string, unknown>[] = []
  const tokens = new Set<string>()
  const settled: QuarantinePlace[] = []
  const asked: string[] = []
  const quarantine = createQuarantine({
    ring,
    send: async () => {},
    markReplayed: async (places) => void settled.push(...places),
    sink: {
      async insertGovernance(_table, columns, lines, token) {
        if (tokens.has(token)) return
        tokens.add(token)
        for (const line of lines.toString().trim().split('\n')) {
          const cells = JSON.parse(line) as unknown[]
          rows.push(Object.fromEntries(columns.map((name, index) => [name, cells[index]])))
        }
      },
      async quarantined(_dataset, keys) {
        asked.push(...keys)
        return rows
          .filter((row) => keys.includes(String(row['row_key'])))
          .map((row) => ({
            ...{ topic: String(row['topic']), partition: Number(row['partition']) },
            ...{ offset: BigInt(String(row['offset'])), payload: String(row['payload']) },
            ...{ rowKey: String(row['row_key']), rowVersion: String(row['row_version']) },
          }))
      },
    },
    now: () => 0,
  })
  return { quarantine, rows, settled, asked }
}

const asReplay = (original: RawRecord, attempt: number, at: bigint): RawRecord => ({
  ...replayMessage(original, attempt, ring),
  offset: at,
})
const faults = [{ code: 'maxLength', column: 'email' }]
const row = { key: '"ana"', previousKey: '"ana"', version: '77', cells: ['"ana"', null, '30'] }

describe('what is quarantined', () => {
  it('is told in clear but for the record, which is sealed to its place', () => {
    const { quarantine } = setUp()
    const bad = record(7, 'ana@example.org', {
      traceparent: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    })
    const [sealed] = quarantine.seal(dataset, [{ record: bad, faults, row }])
    expect(JSON.stringify(sealed)).not.toContain('ana')
    const cells = Object.fromEntries(QUARANTINE_COLUMNS.map((name, index) => [name, sealed?.cells[index]]))
    expect(cells).toMatchObject({
      ...{ dataset: 'people', contract_version: '1.0.0', topic: 't', partition: 0, offset: '7' },
      ...{ at: '1970-01-01 00:00:00.000', codes: ['maxLength'], columns: ['email'] },
      ...{ rules: ['at most 20 characters'], trace_id: '0af7651916cd43dd8448eb211c80319c' },
      ...{ row_version: '77', status: 'open', attempts: 0, version: 0 },
    })
    const payload = String(cells['payload'])
    expect(openPayload(ring, placeOf(bad), payload)?.toString()).toBe(packRecord(bad).toString())
    expect(openPayload(ring, 't/0/8', payload)).toBeUndefined()
  })

  it('stands at its first place when a replay of it fails, as another try', async () => {
    const { quarantine, rows } = setUp()
    const bad = record(7, 'ana@example.org', { 'mogo.epoch': Buffer.from('2') })
    await quarantine.store(quarantine.seal(dataset, [{ record: bad, faults }]))
    await quarantine.store(quarantine.seal(dataset, [{ record: bad, faults }]))
    const again = asReplay(bad, 3, 900n)
    const sealed = quarantine.seal(dataset, [{ record: again, faults }])
    expect(sealed[0]?.place).toBe('t/0/7')
    await quarantine.store(sealed)
    expect(rows.map(({ offset, attempts, version }) => [offset, attempts, version])).toEqual([
      ['7', 0, 0],
      ['7', 3, 6],
    ])
    // Sealed is the record as it first stood, without the headers of the replay.
    expect(openPayload(ring, 't/0/7', String(rows[1]?.['payload']))?.toString()).toBe(
      packRecord(bad).toString(),
    )
  })

  it('stands at its own place if it only claims to be a replay', () => {
    const { quarantine } = setUp()
    const forged = { ...asReplay(record(7, 'x'), 1, 900n), value: Buffer.from('y') }
    expect(quarantine.seal(dataset, [{ record: forged, faults }])[0]?.place).toBe('t/0/900')
  })
})

describe('the rule of a fault', () => {
  it.each([
    [{ code: 'maxLength', column: 'email' }, 'at most 20 characters'],
    [{ code: 'pattern', column: 'email' }, 'matches ^[^@]+@[^@]+$'],
    [{ code: 'minLength', column: 'id' }, 'at least 2 characters'],
    [{ code: 'type', column: 'age' }, 'of type integer'],
    [{ code: 'required', column: 'id' }, 'required'],
    [{ code: 'not_json', column: '' }, 'not_json'],
    [{ code: 'out_of_range', column: 'age' }, 'out_of_range'],
    [{ code: 'maxLength', column: 'gone' }, 'maxLength'],
  ])('%j is %s', (fault, words) => expect(ruleWords(dataset, [fault])).toEqual([words]))
})

describe('stored replays', () => {
  it('settle the places where they first stood; records that are no replays do not', async () => {
    const { quarantine, settled } = setUp()
    const forged = { ...asReplay(record(8, 'x'), 1, 901n), key: Buffer.from('k') }
    await quarantine.resolved(dataset, [record(5), asReplay(record(7), 1, 900n), forged])
    expect(settled).toEqual([{ dataset: 'people', topic: 't', partition: 0, offset: 7n }])
  })
})

describe('what is known of a row', () => {
  const transform = (each: RawRecord): Outcome => ({
    ...{ kind: 'quarantine', dataset, faults },
    row: { ...row, version: String(each.offset) },
  })

  it('is found by a key that says nothing, and opened', async () => {
    const { quarantine, asked } = setUp()
    const bad = record(7, 'ana@example.org', { 'mogo.epoch': Buffer.from('2') })
    await quarantine.store(quarantine.seal(dataset, [{ record: bad, faults: [], row }]))
    const opened: RawRecord[] = []
    const noting = (each: RawRecord): Outcome => {
      opened.push(each)
      return transform(each)
    }
    expect(await quarantine.knownRows(dataset, ['"ana"'], noting)).toEqual([{ ...row, version: '7' }])
    expect(await quarantine.knownRows(dataset, ['"ben"'], noting)).toEqual([])
    expect(opened).toEqual([bad])
    expect(new Set(asked).size).toBe(2)
    expect(asked.join()).not.toContain('ana')
  })

  it('is nothing from where a change was dropped: what it had set is lost', async () => {
    const { quarantine, rows } = setUp()
    await quarantine.store(quarantine.seal(dataset, [{ record: record(7, 'ana@example.org'), faults, row }]))
    for (const each of rows) each['payload'] = ''
    expect(await quarantine.knownRows(dataset, ['"ben"', '"ana"'], transform)).toEqual([
      { key: '"ana"', previousKey: '"ana"', version: '77', cells: [null, null, null] },
    ])
  })
})
