/** Recorded edges -> what the routes answer, as far as the caller may see it. Pure. */
import type { LineageEdge, LineageNode } from '#contracts/events/lineage-edge.ts'
import { createGraph, type LineageGraph, type LineageTree, maskings, type TreeBounds } from './graph.ts'
import type { ColumnUse, ContractLineage, QueryRecord } from './ports.ts'
import { hideUngranted, type Visibility, type VisibleDataset } from './visibility.ts'

/** Lineage of one column. */
export type ColumnLineage = {
  readonly column: string
  /** Maskings on the way of its value, nearest first: `hmac(email)`. */
  readonly masking: readonly string[]
  readonly upstream: LineageTree | null
  readonly downstream: (Omit<ColumnUse, 'column'> & { readonly tree: LineageTree }) | null
}

/** Lineage of one dataset, as far as the caller may see it. */
export type DatasetLineage = {
  readonly dataset: string
  readonly table: string
  readonly contract: { readonly id: string; readonly version: string; readonly policyHash: string }
  /** What the worker last reported; null if it has not. `current` if it is the contract above. */
  readonly recorded: {
    readonly version: string
    readonly policyHash: string
    readonly validSince: string
    readonly lastSeen: string
    readonly current: boolean
  } | null
  readonly columns: readonly ColumnLineage[]
  readonly edges: readonly LineageEdge[]
}

/** Lineage of one query's result. */
export type QueryLineage = {
  readonly query: Pick<
    QueryRecord,
    'id' | 'at' | 'tenant' | 'role' | 'decision' | 'reason' | 'policyVersion'
  > & {
    /** Who asked and why; null for others than the asker and the audit role. */
    readonly subject: string | null
    readonly purpose: string | null
  }
  readonly columns: readonly (Pick<ColumnLineage, 'column' | 'masking'> & {
    readonly upstream: LineageTree
  })[]
  readonly edges: readonly LineageEdge[]
}

/** What {@link describeDataset} works from. */
export type DatasetFacts = {
  readonly database: string
  readonly visible: Visibility
  readonly dataset: VisibleDataset
  readonly recorded: ContractLineage | undefined
  /** Columns to describe; all that are visible if absent. */
  readonly columns: readonly string[]
  readonly upstream: boolean
  /** Uses and edges into the results of queries; absent if not asked for. */
  readonly readers:
    | { readonly uses: readonly ColumnUse[]; readonly edges: readonly LineageEdge[] }
    | undefined
  readonly bounds: TreeBounds
}

/** The answer about a dataset. */
export function describeDataset(facts: DatasetFacts): DatasetLineage {
  const { database, recorded, readers, bounds } = facts
  const { dataset } = facts.dataset
  const captured = visibleEdges(recorded?.edges ?? [], facts.visible, database)
  const upstream = createGraph(captured)
  const downstream = createGraph(hideUngranted(readers?.edges ?? [], facts.visible, database))
  const columns = facts.columns.map((column): ColumnLineage => {
    const node: LineageNode = { system: 'clickhouse', namespace: database, dataset: dataset.table, column }
    const tree = upstream.tree(node, 'upstream', bounds)
    const use = readers?.uses.find((candidate) => candidate.column === column)
    return {
      column,
      masking: maskings(tree),
      upstream: facts.upstream ? tree : null,
      downstream: readers
        ? {
            queries: use?.queries ?? 0,
            lastReadAt: use?.lastReadAt ?? null,
            tree: downstream.tree(node, 'downstream', bounds),
          }
        : null,
    }
  })
  return {
    dataset: dataset.name,
    table: `${database}.${dataset.table}`,
    contract: { id: dataset.contractId, version: dataset.contractVersion, policyHash: dataset.hash },
    recorded: recorded
      ? {
          version: recorded.contractVersion,
          policyHash: recorded.policyHash,
          validSince: recorded.validSince,
          lastSeen: recorded.lastSeen,
          current: recorded.policyHash === dataset.hash,
        }
      : null,
    columns,
    edges: facts.upstream
      ? touching(
          upstream,
          columns.map(({ upstream: tree }) => tree),
        )
      : [],
  }
}

/** The answer about a query: each result column down to Postgres. `mayKnowAsker` shows who asked and why. */
export function describeQuery(
  record: QueryRecord,
  contracts: readonly ContractLineage[],
  visible: Visibility,
  options: { readonly database: string; readonly bounds: TreeBounds; readonly mayKnowAsker: boolean },
): QueryLineage {
  const own = hideUngranted(record.edges, visible, options.database)
  const captured = visibleEdges(
    contracts.flatMap((contract) => contract.edges),
    visible,
    options.database,
  )
  const graph = createGraph([...own, ...captured])
  const results = new Map(own.filter(({ to }) => to.system === 'query').map(({ to }) => [to.column, to]))
  const columns = [...results.values()].map((node) => {
    const upstream = graph.tree(node, 'upstream', options.bounds)
    return { column: node.column, masking: maskings(upstream), upstream }
  })
  return {
    query: {
      id: record.id,
      at: record.at,
      tenant: record.tenant,
      role: record.role,
      decision: record.decision,
      reason: record.reason,
      policyVersion: record.policyVersion,
      subject: options.mayKnowAsker ? record.subject : null,
      purpose: options.mayKnowAsker ? record.purpose : null,
    },
    columns,
    edges: touching(
      graph,
      columns.map(({ upstream }) => upstream),
    ),
  }
}

/** Edges of contracts without those into or out of columns that are not granted: there the branch ends as hidden anyway. */
function visibleEdges(
  edges: readonly LineageEdge[],
  visible: Visibility,
  database: string,
): readonly LineageEdge[] {
  const shown = new Map(
    [...visible.values()].map(({ dataset, columns }) => [dataset.table, new Set(columns)]),
  )
  const granted = new Set(
    edges.flatMap(({ from, to }) =>
      to.system === 'clickhouse' && to.namespace === database && shown.get(to.dataset)?.has(to.column)
        ? [`${from.dataset}#${from.column}`]
        : [],
    ),
  )
  return edges.filter(({ to }) =>
    to.system === 'clickhouse'
      ? shown.get(to.dataset)?.has(to.column) === true
      : granted.has(`${to.dataset}#${to.column}`),
  )
}

/** The edges of a graph that some trees are made of. */
function touching(graph: LineageGraph, trees: readonly (LineageTree | null)[]): readonly LineageEdge[] {
  const nodes = new Set<string>()
  const key = ({ system, namespace, dataset, column }: LineageNode) =>
    JSON.stringify([system, namespace, dataset, column])
  const walk = (tree: LineageTree): void => {
    nodes.add(key(tree.node))
    tree.branches.forEach(walk)
  }
  for (const tree of trees) if (tree) walk(tree)
  return graph.edges.filter((edge) => nodes.has(key(edge.from)) && nodes.has(key(edge.to)))
}
