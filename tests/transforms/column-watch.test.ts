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
    expect(createColumnWatch(plain).look(names)).toEqual(expected)
  })

  test.each([
    ['accept', 'quarantine', 'quarantine'],
    ['quarantine', 'accept', 'quarantine'],
    ['quarantine', 'hold', 'hold'],
    ['hold', 'accept', 'hold'],
    ['accept', 'accept', 'accept'],
  ] as const)('added: %s and removed: %s at once are %s', (added, removed, decision) => {
    const watch = createColumnWatch(withPolicy({ added, removed }))
    expect(watch.look([...without('note'), 'remark'])?.decision).toBe(decision)
    expect(watch.look([...OWN, 'remark'])?.decision).toBe(added)
    expect(watch.look(without('note'))?.decision).toBe(removed)
  })

  test('are said once for each set of them, however often they come and go', () => {
    const said: ColumnChange[] = []
    const watch = createColumnWatch(plain, (change) => said.push(change))
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

const IMAGE = { tenant_id: 'acme', id: 7, note: 'ok', total: '12.50', street: 'x' }
const RENAMED = { tenant_id: 'acme', id: 7, remark: 'ok', total: '12.50', street: 'x' }
const keyRing = createKeyRing(MASTER)
const deps = (dataset: CompiledDataset) => ({
  ...{ keyRing, unavailableValue: 'placeholder', epoch: 1 },
  columnWatch: createColumnWatch(dataset),
})

describe('the plain path', () => {
  const outcome = (dataset: CompiledDataset, parts: Parameters<typeof envelope>[0]) =>
    createTransform(dataset, deps(dataset))(rawRecord(envelope(parts)))

  test.each(['c', 'r', 'u'])('gives no outcome to a record (%s) of a table that waits', (op) => {
    expect(outcome(plain, { op, after: RENAMED })).toEqual({
      ...{ kind: 'held', dataset: plain },
      change: { decision: 'hold', added: ['remark'], removed: ['note'] },
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
