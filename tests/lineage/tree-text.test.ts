import { describe, expect, it } from 'vitest'
import { createGraph, HIDDEN } from '#lineage/graph.ts'
import { treeText } from '#lineage/tree-text.ts'
import { direct, edge, node } from './edges.ts'

const text = (edges: Parameters<typeof createGraph>[0], root: Parameters<typeof direct>[0], depth = 9) =>
  treeText(createGraph(edges).tree(root, 'upstream', { depth, maxNodes: 99 }))

describe('the text of a tree', () => {
  const captured = [
    direct(node('postgres', 'email'), node('kafka', 'email')),
    edge(node('kafka', 'email'), node('clickhouse', 'email_token'), {
      masking: true,
      description: 'hmac(email)',
    }),
  ]

  it('leads from a masked column down to Postgres', () => {
    expect(text(captured, node('clickhouse', 'email_token'))).toBe(
      [
        'customers.email_token  (clickhouse analytics)',
        '└─ hmac(email) ← mogo.public.customers email  (kafka)',
        '   └─ public.customers.email  (postgres shop)',
        '',
      ].join('\n'),
    )
  })

  it('leads from a result column through aggregation and filter, and says where nothing is known', () => {
    const edges = [
      ...captured,
      edge(node('clickhouse', 'email_token'), node('query', 'buyers'), { subtype: 'AGGREGATION' }),
      edge(node('clickhouse', 'country'), node('query', 'buyers'), { type: 'INDIRECT', subtype: 'FILTER' }),
      edge(node('clickhouse', HIDDEN), node('query', 'buyers'), { type: 'INDIRECT', subtype: 'SORT' }),
    ]
    expect(text(edges, node('query', 'buyers'))).toBe(
      [
        'buyers  (query q1)',
        '├─ aggregated ← customers.email_token  (clickhouse analytics)',
        '│  └─ hmac(email) ← mogo.public.customers email  (kafka)',
        '│     └─ public.customers.email  (postgres shop)',
        '├─ sorted by ← a column that you may not read',
        '└─ filtered by ← customers.country  (clickhouse analytics)  [origin unknown]',
        '',
      ].join('\n'),
    )
  })

  it('says where it was cut', () => {
    expect(text(captured, node('clickhouse', 'email_token'), 1)).toBe(
      [
        'customers.email_token  (clickhouse analytics)',
        '└─ hmac(email) ← mogo.public.customers email  (kafka)  [more: raise depth]',
        '',
      ].join('\n'),
    )
    const self = [direct(node('query', 'a'), node('query', 'a'))]
    expect(text(self, node('query', 'a'))).toBe('a  (query q1)\n└─ a  (query q1)  [cycle]\n')
  })

  it('shows a column without any record as of unknown origin', () => {
    expect(text([], node('clickhouse', 'email_token'))).toBe(
      'customers.email_token  (clickhouse analytics)  [origin unknown]\n',
    )
  })
})
