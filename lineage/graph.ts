/**
 * Edges -> the tree of what a column comes from (upstream) or goes into (downstream). Pure.
 *
 * A graph may hold cycles (a wrong report, or a query over its own result) and diamonds, whose tree grows without end or
 * exponentially. So a tree is bounded three ways: a node that is already on its own path ends as `cycle`, a path ends at `depth`,
 * and all nodes together at `maxNodes`, spent breadth first, so that what is near is complete. Every cut is shown as such.
 */
import { type LineageEdge, type LineageNode, nodeId } from '#contracts/events/lineage-edge.ts'

/** The way in which a value passed from one column to the next. */
export type Step = Pick<LineageEdge, 'type' | 'subtype' | 'masking' | 'description'>

/**
 * Why a branch ends: `origin` (a column of the system of record), `unknown` (nothing is recorded about it), `hidden` (the caller may
 * not read it), `unused` (downstream: nothing reads it), `cycle`, `depth`, `size`. `open` has branches.
 */
export type TreeEnd = 'open' | 'origin' | 'unknown' | 'hidden' | 'unused' | 'cycle' | 'depth' | 'size'

/** A column with the columns it comes from (or goes into). */
export type LineageTree = {
  readonly node: LineageNode
  /** How it relates to the node above; null at the root. */
  readonly step: Step | null
  readonly end: TreeEnd
  readonly branches: readonly LineageTree[]
}

/** Bounds of a tree. */
export type TreeBounds = { readonly depth: number; readonly maxNodes: number }

/** Direction in which edges are followed. */
export type Direction = 'upstream' | 'downstream'

/** Edges, indexed by both ends. */
export type LineageGraph = {
  readonly edges: readonly LineageEdge[]
  tree(node: LineageNode, direction: Direction, bounds: TreeBounds): LineageTree
}

/** In place of the name of a column that the caller may not read (no column can be called so), and of one that was not resolved. */
export const HIDDEN = '(hidden)'
export const UNKNOWN = 'unknown'

type Draft = {
  readonly node: LineageNode
  readonly step: Step | null
  readonly depth: number
  readonly above: Draft | null
  readonly id: string
  end: TreeEnd
  branches: Draft[]
}

/** Indexes edges; equal ones count once. */
export function createGraph(edges: readonly LineageEdge[]): LineageGraph {
  const unique = [...new Map(edges.map((edge) => [edgeId(edge), edge])).values()].sort(byImportance)
  const into = Map.groupBy(unique, (edge) => nodeId(edge.to))
  const outOf = Map.groupBy(unique, (edge) => nodeId(edge.from))
  return { edges: unique, tree }

  function tree(node: LineageNode, direction: Direction, bounds: TreeBounds): LineageTree {
    const root = draft(node, null, null)
    let left = bounds.maxNodes - 1
    const queue: Draft[] = [root]
    for (let next = queue.shift(); next; next = queue.shift()) {
      const found = (direction === 'upstream' ? into : outOf).get(next.id) ?? []
      if (next.node.column === HIDDEN) next.end = 'hidden'
      else if (found.length === 0) next.end = endOf(next.node, direction)
      else if (onOwnPath(next)) next.end = 'cycle'
      else if (next.depth >= bounds.depth) next.end = 'depth'
      else if (found.length > left) next.end = 'size'
      else {
        left -= found.length
        for (const edge of found)
          next.branches.push(draft(direction === 'upstream' ? edge.from : edge.to, edge, next))
        queue.push(...next.branches)
      }
    }
    return freeze(root)
  }
}

function draft(node: LineageNode, step: Step | null, above: Draft | null): Draft {
  return {
    node,
    step: step && {
      type: step.type,
      subtype: step.subtype,
      masking: step.masking,
      description: step.description,
    },
    depth: above ? above.depth + 1 : 0,
    above,
    id: nodeId(node),
    end: 'open',
    branches: [],
  }
}

function endOf(node: LineageNode, direction: Direction): TreeEnd {
  if (direction === 'downstream') return 'unused'
  return node.system === 'postgres' && node.column !== UNKNOWN ? 'origin' : 'unknown'
}

function onOwnPath(node: Draft): boolean {
  for (let above = node.above; above; above = above.above) if (above.id === node.id) return true
  return false
}

const freeze = ({ node, step, end, branches }: Draft): LineageTree => ({
  node,
  step,
  end,
  branches: branches.map(freeze),
})

const edgeId = (edge: LineageEdge): string =>
  JSON.stringify([
    nodeId(edge.from),
    nodeId(edge.to),
    edge.type,
    edge.subtype,
    edge.masking,
    edge.description,
  ])

/** Values before what only decides which rows are there; then by name, so that equal graphs give equal trees. */
function byImportance(a: LineageEdge, b: LineageEdge): number {
  if (a.type !== b.type) return a.type === 'DIRECT' ? -1 : 1
  const left = edgeId(a)
  const right = edgeId(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** The maskings on the way from the origins of values to the root, nearest first; indirect edges carry no value. */
export function maskings(tree: LineageTree): readonly string[] {
  const found: string[] = []
  const queue: LineageTree[] = [tree]
  for (let next = queue.shift(); next; next = queue.shift())
    for (const branch of next.branches) {
      if (branch.step?.type !== 'DIRECT') continue
      if (branch.step.masking && !found.includes(branch.step.description)) found.push(branch.step.description)
      queue.push(branch)
    }
  return found
}
