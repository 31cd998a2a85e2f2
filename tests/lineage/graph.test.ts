import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LineageEdge, type LineageNode, nodeId } from '#contracts/events/lineage-edge.ts'
import { createGraph, HIDDEN, type LineageTree, maskings } from '#lineage/graph.ts'
import { direct, edge, node } from './edges.ts'

const bounds = { depth: 10, maxNodes: 500 }
const count = (tree: LineageTree): number => tree.branches.reduce((sum, branch) => sum + count(branch), 1)
const deepest = (tree: LineageTree): number =>
  Math.max(0, ...tree.branches.map((branch) => 1 + deepest(branch)))
const every = (tree: LineageTree): LineageTree[] => [tree, ...tree.branches.flatMap(every)]

/** All nodes upstream of a node, by plain search: what a tree must show. */
function reachable(edges: readonly LineageEdge[], start: LineageNode): Set<string> {
  const found = new Set([nodeId(start)])
  for (let grown = true; grown; ) {
    grown = false
    for (const { from, to } of edges)
      if (found.has(nodeId(to)) && !found.has(nodeId(from))) {
        found.add(nodeId(from))
        grown = true
      }
  }
  return found
}

const anyNode = fc
  .record({
    system: fc.constantFrom('postgres', 'kafka', 'clickhouse', 'query' as const),
    column: fc.constantFrom('a', 'b', 'c', 'd'),
  })
  .map(
    ({ system, column }): LineageNode => ({
      system: system as LineageNode['system'],
      namespace: 'n',
      dataset: 'd',
      column,
    }),
  )
const anyEdges = fc.array(
  fc
    .record({ from: anyNode, to: anyNode, type: fc.constantFrom('DIRECT' as const, 'INDIRECT' as const) })
    .map(
      ({ from, to, type }): LineageEdge => ({
        from,
        to,
        type,
        subtype: 'IDENTITY',
        masking: false,
        description: '',
      }),
    ),
  { maxLength: 40 },
)

describe('a tree', () => {
  it('ends within its bounds, whatever the edges, cycles included', () => {
    fc.assert(
      fc.property(
        anyEdges,
        anyNode,
        fc.constantFrom('upstream' as const, 'downstream' as const),
        (edges, start, direction) => {
          const tree = createGraph(edges).tree(start, direction, bounds)
          expect(count(tree)).toBeLessThanOrEqual(bounds.maxNodes)
          expect(deepest(tree)).toBeLessThanOrEqual(bounds.depth)
        },
      ),
    )
  })

  it('shows every column that is reachable, unless it says that it was cut', () => {
    fc.assert(
      fc.property(anyEdges, anyNode, (edges, start) => {
        const all = every(createGraph(edges).tree(start, 'upstream', { depth: 30, maxNodes: 2000 }))
        const shown = new Set(all.map((tree) => nodeId(tree.node)))
        const wanted = reachable(edges, start)
        expect([...shown].every((id) => wanted.has(id))).toBe(true)
        if (!all.some((tree) => tree.end === 'size' || tree.end === 'depth')) expect(shown).toEqual(wanted)
      }),
    )
  })

  it('has branches where it is open and none where it ended', () => {
    fc.assert(
      fc.property(anyEdges, anyNode, (edges, start) => {
        for (const tree of every(createGraph(edges).tree(start, 'upstream', bounds)))
          expect(tree.branches.length > 0).toBe(tree.end === 'open')
      }),
    )
  })

  it('is the same whatever the order and repetition of the edges', () => {
    fc.assert(
      fc.property(anyEdges, anyNode, (edges, start) => {
        const again = createGraph([...edges].reverse().concat(edges)).tree(start, 'upstream', bounds)
        expect(again).toEqual(createGraph(edges).tree(start, 'upstream', bounds))
      }),
    )
  })

  const a = node('clickhouse', 'a')
  const b = node('clickhouse', 'b')
  const origin = node('postgres', 'a')
  it.each([
    { name: 'a Postgres column is an origin', edges: [direct(origin, a)], end: 'origin' },
    { name: 'a column without edges is of unknown origin', edges: [direct(b, a)], end: 'unknown' },
    {
      name: 'a column named unknown is of unknown origin',
      edges: [direct(node('postgres', 'unknown'), a)],
      end: 'unknown',
    },
    { name: 'a column that reads itself is a cycle', edges: [direct(a, a)], end: 'cycle' },
    { name: 'a hidden column ends there', edges: [direct(node('clickhouse', HIDDEN), a)], end: 'hidden' },
  ] as const)('$name', ({ edges, end }) => {
    expect(createGraph(edges).tree(a, 'upstream', bounds).branches[0]?.end).toBe(end)
  })

  it('cuts at the depth and says so', () => {
    const chain = Array.from({ length: 5 }, (_, index) =>
      direct(node('query', `c${index + 1}`), node('query', `c${index}`)),
    )
    const tree = createGraph(chain).tree(node('query', 'c0'), 'upstream', { depth: 2, maxNodes: 100 })
    expect(every(tree).map(({ node, end }) => [node.column, end])).toEqual([
      ['c0', 'open'],
      ['c1', 'open'],
      ['c2', 'depth'],
    ])
  })

  it('puts values before what only chooses rows', () => {
    const edges = [
      edge(node('clickhouse', 'a'), node('query', 'x'), { type: 'INDIRECT', subtype: 'FILTER' }),
      edge(node('clickhouse', 'z'), node('query', 'x'), { subtype: 'AGGREGATION' }),
    ]
    const tree = createGraph(edges).tree(node('query', 'x'), 'upstream', bounds)
    expect(tree.branches.map((branch) => branch.node.column)).toEqual(['z', 'a'])
  })
})

describe('maskings', () => {
  it('are those on the way of the value, not those of a filter', () => {
    const edges = [
      direct(node('postgres', 'email'), node('kafka', 'email')),
      edge(node('kafka', 'email'), node('clickhouse', 'email_token'), {
        masking: true,
        description: 'hmac(email)',
      }),
      edge(node('kafka', 'phone'), node('clickhouse', 'phone_token'), {
        masking: true,
        description: 'siv(phone)',
      }),
      direct(node('clickhouse', 'email_token'), node('query', 'who')),
      edge(node('clickhouse', 'phone_token'), node('query', 'who'), { type: 'INDIRECT', subtype: 'FILTER' }),
    ]
    expect(maskings(createGraph(edges).tree(node('query', 'who'), 'upstream', bounds))).toEqual([
      'hmac(email)',
    ])
  })
})
