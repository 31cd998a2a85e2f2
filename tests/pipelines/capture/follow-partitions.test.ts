/** Partitions that come and go: which are new, whatever they are called, and how their rows are asked for. */
import { describe, expect, test } from 'vitest'
import { conditionOf, partitionChanges, snapshotOfPartition } from '#pipelines/capture/follow-partitions.ts'
import type { SourceCatalog, SourcePartition } from '#pipelines/capture/source-catalog.ts'
import { catalogOf, column, sourceTable } from '../support/catalog.ts'

const partition = (table: string, attached: string, condition = '(id > 1)'): SourcePartition => ({
  ...{ schema: 'public', table, attached, condition, identity: 'full' },
})

function changesOf(
  partitions: readonly SourcePartition[],
  known: readonly [attached: string, name: string][] | null,
  rest: Partial<SourceCatalog> & {
    readonly anew?: readonly string[]
    readonly altered?: readonly string[]
  } = {},
) {
  const { anew = [], altered = [], ...more } = rest
  const root = {
    ...sourceTable('t', [column('id', 'bigint')], ['id']),
    kind: 'partitioned' as const,
    partitions,
  }
  const noted = known?.map(([attached, name]) => ({ attached, partition: name }))
  const catalog = catalogOf([root], {
    captured: ['public.t'],
    partitions: noted ? new Map([['public.t', noted]]) : null,
    ...more,
  })
  return partitionChanges(catalog, anew, new Set(altered)).map(({ come, gone }) => ({
    come: come.map(({ table }) => table),
    gone,
  }))
}

describe('of the partitions of a captured table', () => {
  test('those are new that were not attached before', () => {
    expect(changesOf([partition('a', '1:5'), partition('b', '2:9')], [['1:5', 'public.a']])).toEqual([
      { come: ['b'], gone: [] },
    ])
    expect(changesOf([partition('a', '1:5')], [])).toEqual([{ come: ['a'], gone: [] }])
  })

  test('one that took the name of another, or was away meanwhile, is a new one', () => {
    expect(changesOf([partition('a', '7:9')], [['1:5', 'public.a']])).toEqual([{ come: ['a'], gone: [] }])
    expect(changesOf([partition('a', '1:9')], [['1:5', 'public.a']])).toEqual([{ come: ['a'], gone: [] }])
  })

  test('one that was renamed is none', () => {
    expect(changesOf([partition('b', '1:5')], [['1:5', 'public.a']])).toEqual([])
  })

  test('those are gone that are there no more under any name', () => {
    expect(changesOf([], [['1:5', 'public.a']])).toEqual([{ come: [], gone: ['public.a'] }])
  })

  test('nothing is known where they were never noted, or the table is read as a whole', () => {
    expect(changesOf([partition('a', '1:5')], null)).toEqual([])
    expect(changesOf([partition('b', '2:9')], [['1:5', 'public.a']], { anew: ['public.t'] })).toEqual([])
    expect(changesOf([partition('b', '2:9')], [['1:5', 'public.a']], { captured: [] })).toEqual([])
  })

  test('one whose changes have told too little until now is read, too', () => {
    const known: [string, string][] = [['1:5', 'public.a']]
    expect(changesOf([partition('a', '1:5')], known, { altered: ['public.a'] })).toEqual([
      { come: ['a'], gone: [] },
    ])
    expect(changesOf([partition('a', '1:5')], null, { altered: ['public.a'] })).toHaveLength(1)
  })
})

describe('the rows of a partition', () => {
  test.each([
    `((at IS NOT NULL) AND (at >= '2026-02-01'::date) AND (at < '2026-03-01'::date))`,
    `satisfies_hash_partition('16401'::oid, 2, 1, id)`,
    `((kind = 'a.b'::text) OR (kind = 'it''s a.b'::text))`,
    `(price < 1.5)`,
  ])('are asked for by %s', (condition) => {
    expect(conditionOf(partition('a', '1:1', condition))).toBe(condition)
    expect(snapshotOfPartition('public.t', partition('a', '1:1', condition))).toEqual({
      ...{ 'data-collections': ['public.t'], type: 'INCREMENTAL' },
      'additional-conditions': [{ 'data-collection': 'public.t', filter: condition }],
    })
  })

  test.each([
    `(status = 'open'::app.order_status)`,
    `(app.year_of(at) = 2026)`,
    `(name OPERATOR(extensions.=) 'x'::extensions.citext)`,
    '',
    `(id = ANY (ARRAY[${'1234567, '.repeat(4000)}1]))`,
  ])('are read with all others where Debezium might not be able to ask for them: %#', (condition) => {
    expect(conditionOf(partition('a', '1:1', condition))).toBe('')
    expect(snapshotOfPartition('public.t', partition('a', '1:1', condition))).toEqual({
      'data-collections': ['public.t'],
      type: 'INCREMENTAL',
    })
  })
})
