/** A change of the source's columns: what is decided of it, on either path, and that it is said once. */
import { describe, expect, test } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { SchemaChangePolicy } from '#contracts/compile/schema-change.ts'
import { createTranscoder } from '#transforms/bytes/create-transcoder.ts'
import { type ColumnChange, changeWords, createColumnWatch } from '#transforms/column-watch.ts'
import { createTransform, SCHEMA_CHANGED } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { datasetOf, KEY, personal } from '../contracts/contract-text.ts'
import { envelope, MASTER, rawRecord } from './records.ts'

const plain = datasetOf({
  properties: [
    ...KEY,
    '{name: note, physicalType: text}',
    '{name: total, physicalType: "numeric(12,2)"}',
    personal('street', '{method: drop}'),
  ],
})
const withPolicy = (schemaChange: SchemaChangePolicy): CompiledDataset => ({ ...plain, schemaChange })
const OWN = ['tenant_id', 'id', 'note', 'total', 'street']
const without = (...gone: string[]) => OWN.filter((name) => !gone.includes(name))

/** A watch on a table whose values begin at version 10; that of the records is 20. */
function watchOf(dataset: CompiledDataset, noticed?: (change: ColumnChange) => void) {
  const watch = createColumnWatch(dataset, noticed)
  for (const name of OWN) watch.learn(name, '10')
  return { ...watch, look: (names: readonly string[], version = '20') => watch.look(names, version) }
}

describe('columns that are not those of the contract', () => {
  test.each([
    ['none, in another order', OWN.toReversed(), null],
    [
      'a new one is accepted, usually',
      [...OWN, 'colour'],
      { decision: 'accept', added: ['colour'], removed: [] },
    ],
    [
      'one that is gone is waited for, usually',
      without('note'),
      { decision: 'hold', added: [], removed: ['note'] },
    ],
    [
      'a renamed one is both, and waited for',
      [...without('note'), 'remark'],
      { decision: 'hold', added: ['remark'], removed: ['note'] },
    ],
    ['one that is not stored is not missed', without('street'), null],
  ])('%s', (_case, names, expected) => {
    expect(watchOf(plain).look(names)).toEqual(expected)
  })

  test.each([
    ['accept', 'quarantine', 'quarantine'],
    ['quarantine', 'accept', 'quarantine'],
    ['quarantine', 'hold', 'hold'],
    ['hold', 'accept', 'hold'],
    ['accept', 'accept', 'accept'],
  ] as const)('added: %s and removed: %s at once are %s', (added, removed, decision) => {
    const watch = watchOf(withPolicy({ added, removed }))
    expect(watch.look([...without('note'), 'remark'])?.decision).toBe(decision)
    expect(watch.look([...OWN, 'remark'])?.decision).toBe(added)
    expect(watch.look(without('note'))?.decision).toBe(removed)
  })

  test('are said once for each set of them, however often they come and go', () => {
    const said: ColumnChange[] = []
    const watch = watchOf(plain, (change) => said.push(change))
    for (let round = 0; round < 3; round++) {
      for (const names of [OWN, [...OWN, 'one'], [...OWN, 'one'], without('note')]) watch.look(names)
      expect(watch.look(OWN)).toBeNull()
    }
    expect(said.map(({ added, removed }) => [...added, ...removed])).toEqual([['one'], ['note']])
  })

  test('are put in words by their names', () => {
    expect(changeWords({ decision: 'hold', added: ['a', 'b"c'], removed: ['d'] })).toBe(
      '"a", "b\\"c" came, which the contract does not know; "d" of the contract did not come',
    )
  })
})

describe('columns that do not come', () => {
  const OLD = without('note')

  test('are unknown until somebody has looked, and nothing is said of them', () => {
    const said: ColumnChange[] = []
    const watch = createColumnWatch(plain, (change) => said.push(change))
    const change = { decision: 'hold', added: [], removed: ['note'] }
    expect(watch.look(OLD, '20')).toEqual({ ...change, unknown: ['note'] })
    expect(said).toEqual([])
    watch.learn('note', '19')
    expect(watch.look(OLD, '20')).toEqual(change)
    expect(said).toEqual([change])
  })

  test('are not there yet in records that are older than their first value', () => {
    const watch = createColumnWatch(plain)
    watch.learn('note', '20')
    expect(watch.look(OLD, '19')).toBeNull()
    // Versions have more digits than a number holds.
    watch.learn('note', '100000000000000000001')
    expect(watch.look(OLD, '100000000000000000000')).toBeNull()
    expect(watch.look(OLD, '100000000000000000002')?.decision).toBe('hold')
    expect(watch.look([...OLD, 'colour'], '19')).toEqual({
      ...{ decision: 'accept', added: ['colour'], removed: [] },
    })
    // Whoever does not know the version must not guess.
    expect(watch.look(OLD)?.decision).toBe('hold')
  })

  test('are not there yet while no value is stored; once they have come that is asked anew', () => {
    const watch = createColumnWatch(plain)
    watch.learn('note', null)
    expect([watch.look(OLD, '20'), watch.look(OLD)]).toEqual([null, null])
    expect(watch.look(OWN, '21')).toBeNull()
    expect(watch.look(OLD, '22')).toMatchObject({ decision: 'hold', unknown: ['note'] })
    watch.learn('note', '21')
    expect(watch.look(OLD, '22')).toEqual({ decision: 'hold', added: [], removed: ['note'] })
  })

  test('without a stored value are asked for again, ever more rarely, where a lane has seen one come', () => {
    const watch = createColumnWatch(plain)
    watch.look(OWN, '1')
    const asked: number[] = []
    for (let record = 0; record < 1000; record++)
      while (watch.look(OLD, String(record))?.unknown !== undefined) {
        asked.push(record)
        watch.learn('note', null)
      }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511])
    // The byte path would not ask any more.
    expect(watch.look(OLD)?.decision).toBe('hold')
  })

  test('are asked for where they are quarantined, too, and not where they are accepted', () => {
    const look = (removed: 'quarantine' | 'accept') =>
      createColumnWatch(withPolicy({ added: 'accept', removed })).look(OLD, '20')
    expect(look('quarantine')).toMatchObject({ decision: 'quarantine', unknown: ['note'] })
    expect(look('accept')).toEqual({ decision: 'accept', added: [], removed: ['note'] })
  })
})

const IMAGE = { tenant_id: 'acme', id: 7, note: 'ok', total: '12.50', street: 'x' }
const RENAMED = { tenant_id: 'acme', id: 7, remark: 'ok', total: '12.50', street: 'x' }
const keyRing = createKeyRing(MASTER)
const deps = (dataset: CompiledDataset) => ({
  ...{ keyRing, unavailableValue: 'placeholder', epoch: 1 },
  columnWatch: storedWatch(dataset),
})
/** Of a table that has had values of every column from the beginning. */
function storedWatch(dataset: CompiledDataset) {
  const watch = createColumnWatch(dataset)
  for (const name of OWN) watch.learn(name, '0')
  return watch
}

describe('the plain path', () => {
  const outcome = (dataset: CompiledDataset, parts: Parameters<typeof envelope>[0]) =>
    createTransform(dataset, deps(dataset))(rawRecord(envelope(parts)))

  test.each(['c', 'r', 'u'])('gives no outcome to a record (%s) of a table that waits', (op) => {
    expect(outcome(plain, { op, after: RENAMED })).toEqual({
      ...{ kind: 'held', dataset: plain, version: expect.stringMatching(/^\d+$/) },
      change: { decision: 'hold', added: ['remark'], removed: ['note'] },
    })
  })

  test('gives no outcome while it is unknown whether a column is gone, and NULL to what is older than the column', () => {
    const columnWatch = createColumnWatch(plain)
    const transform = createTransform(plain, { ...deps(plain), columnWatch })
    const { note: _note, ...after } = IMAGE
    const old = rawRecord(envelope({ op: 'c', after }))
    const first = transform(old)
    expect(first).toMatchObject({ kind: 'held', change: { unknown: ['note'] } })
    const version = first.kind === 'held' ? first.version : ''
    columnWatch.learn('note', String(BigInt(version) + 1n))
    const made = transform(old)
    expect(made.kind === 'rows' && made.rows[0]?.cells[2]).toBe('null')
    columnWatch.learn('note', String(BigInt(version) - 1n))
    expect(transform(old)).toEqual({
      ...{ kind: 'held', dataset: plain, version },
      change: { decision: 'hold', added: [], removed: ['note'] },
    })
  })

  test('lets deletes and the columns of the contract through while others wait', () => {
    expect(outcome(plain, { op: 'c', after: IMAGE }).kind).toBe('rows')
    expect(outcome(plain, { op: 'd', before: { tenant_id: 'acme', id: 7 } }).kind).toBe('rows')
    expect(outcome(plain, { op: 't' }).kind).toBe('truncate')
  })

  test('names the columns to the quarantine, and what the record says of its row', () => {
    const made = outcome(withPolicy({ added: 'quarantine', removed: 'quarantine' }), { after: RENAMED })
    expect(made).toMatchObject({
      kind: 'quarantine',
      faults: ['remark', 'note'].map((column) => ({ code: SCHEMA_CHANGED, column })),
      row: { key: expect.stringContaining('acme') },
    })
  })

  test('stores NULL for a column that is gone, and nothing of a new one, where both are accepted', () => {
    const made = outcome(withPolicy({ added: 'accept', removed: 'accept' }), { after: RENAMED })
    expect(made.kind === 'rows' && made.rows[0]?.cells.slice(0, 4)).toEqual([
      '"acme"',
      '"7"',
      'null',
      '"12.50"',
    ])
  })
})

describe('the byte path', () => {
  /** Which of the images it takes, one after the other. */
  function taken(dataset: CompiledDataset, images: readonly object[]): readonly boolean[] {
    const transcoder = createTranscoder(dataset, deps(dataset))
    return images.map((after, offset) => {
      const bytes = Buffer.from(JSON.stringify(envelope({ op: 'c', after, sequence: '["1","2"]' })))
      return transcoder.tryRecord(bytes, 0, bytes.length, offset, 1, new RowWriter())
    })
  }
  const many = (image: object) => Array.from({ length: 8 }, () => image)

  test('takes no record of new columns that are not simply accepted, however often they come', () => {
    for (const removed of ['hold', 'quarantine'] as const) {
      const dataset = withPolicy({ added: 'accept', removed })
      expect(taken(dataset, many(RENAMED))).toEqual(Array(8).fill(false))
      expect(taken(dataset, [IMAGE, ...many(RENAMED)])).toEqual([true, ...Array(8).fill(false)])
    }
  })

  test('learns the columns anew where the contract accepts them', () => {
    const more = { ...IMAGE, colour: 'red' }
    expect(taken(plain, [IMAGE, ...many(more)]).filter(Boolean).length).toBeGreaterThan(6)
    const dataset = withPolicy({ added: 'accept', removed: 'accept' })
    expect(taken(dataset, [IMAGE, ...many(RENAMED)]).filter(Boolean).length).toBeGreaterThan(6)
  })
})
