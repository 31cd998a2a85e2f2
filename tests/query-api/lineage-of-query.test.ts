/** Lineage read off the engine's resolved trees (recorded/explain.json, ClickHouse 26.7). */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ColumnSource, lineageOfQuery } from '#query-api/lineage-of-query/lineage-of-query.ts'
import { queryEdges } from '#query-api/lineage-of-query/query-edges.ts'
import { parseQueryTree } from '#query-api/lineage-of-query/query-tree.ts'

type Recorded = { readonly sql: string; readonly tree: string }
const recorded = JSON.parse(
  readFileSync(new URL('./recorded/explain.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

const read = (tree: string) => {
  const root = parseQueryTree(tree)
  if (!root) throw new Error('no tree')
  return lineageOfQuery(root)
}
const short = ({ table, column, type, subtype, via }: ColumnSource): string =>
  `${table.replace('analytics.', '')}.${column} ${type === 'DIRECT' ? '' : 'indirect '}${subtype}${via === '' ? '' : ` by ${via}`}`

test('of every recorded query', () => {
  const summary = recorded.map(({ sql, tree }) => {
    const { results, indirect, reads } = read(tree)
    return {
      sql,
      results: Object.fromEntries(results.map(({ name, sources }) => [name, sources.map(short)])),
      indirect: indirect.map(short),
      reads: reads.map(({ table, column }) => `${table.replace('analytics.', '')}.${column}`),
    }
  })
  expect(summary).toMatchSnapshot()
})

describe('what is not understood is shown as unknown', () => {
  test('an expression of another kind', () => {
    const tree =
      'QUERY id: 0\n  PROJECTION COLUMNS\n    x UInt8\n  PROJECTION\n    LIST id: 1, nodes: 1\n      MYSTERY id: 2, result_type: UInt8\n  JOIN TREE\n    TABLE id: 3, alias: __table1, table_name: analytics.orders\n'
    expect(read(tree).results).toEqual([
      {
        name: 'x',
        sources: [
          { table: 'analytics.orders', column: 'unknown', type: 'DIRECT', subtype: 'UNKNOWN', via: '' },
        ],
      },
    ])
  })
  test('a column of a source that is not there', () => {
    const tree =
      'QUERY id: 0\n  PROJECTION COLUMNS\n    x UInt8\n  PROJECTION\n    LIST id: 1, nodes: 1\n      COLUMN id: 2, column_name: x, result_type: UInt8, source_id: 9\n'
    expect(read(tree).results[0]?.sources[0]).toMatchObject({
      table: 'unknown',
      column: 'unknown',
      subtype: 'UNKNOWN',
    })
  })
  test('a query that joins itself without end', () => {
    const tree =
      'QUERY id: 0\n  PROJECTION COLUMNS\n    x UInt8\n  PROJECTION\n    LIST id: 1, nodes: 1\n      COLUMN id: 2, column_name: x, result_type: UInt8, source_id: 0\n'
    expect(read(tree).results[0]?.sources[0]?.subtype).toBe('UNKNOWN')
  })
})

test('any text gives a lineage or none, and never an exception', () => {
  const line = fc
    .tuple(
      fc.nat(8),
      fc.constantFrom(
        'QUERY id: 0',
        'UNION id: 1',
        'LIST id: 2, nodes: 1',
        'PROJECTION',
        'PROJECTION COLUMNS',
        'x UInt8',
        'COLUMN id: 3, column_name: x, result_type: UInt8, source_id: 0',
        'FUNCTION id: 4, function_name: sum, function_type: aggregate, result_type: UInt8',
        'ARGUMENTS',
        'JOIN TREE',
        'TABLE id: 5, table_name: a.b',
        'QUERIES',
        'WHERE',
        'EXPRESSION',
        '',
        ', : ',
      ),
    )
    .map(([depth, text]) => '  '.repeat(depth) + text)
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
      const root = parseQueryTree(lines.join('\n'))
      if (root) lineageOfQuery(root)
    }),
    { numRuns: 2000 },
  )
})

test('edges end at the columns of the query’s result', () => {
  const { tree } = recorded.find(({ sql }) => sql.includes('AS twice')) ?? { tree: '' }
  const edges = queryEdges(read(tree), 'acme', 'q1')
  expect(edges).toContainEqual({
    from: { system: 'clickhouse', namespace: 'analytics', dataset: 'orders', column: 'total' },
    to: { system: 'query', namespace: 'acme', dataset: 'q1', column: 'twice' },
    type: 'DIRECT',
    subtype: 'TRANSFORMATION',
    masking: false,
    description: '',
  })
  expect(edges.filter(({ type }) => type === 'INDIRECT').length).toBe(4)
})
