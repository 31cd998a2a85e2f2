/** Lineage of a query -> edges dataset column -> result column, as the access record carries them. */
import type { LineageEdge, LineageNode } from '#contracts/events/lineage-edge.ts'
import { type ColumnSource, type QueryLineage, UNKNOWN_COLUMN } from './lineage-of-query.ts'

/** Most edges in one record; a wide query with many conditions then has its indirect edges on the first result column. */
const MOST_EDGES = 2_000

/** Makes the edges. The result's node is `query:<tenant>/<query id>#<column>`. */
export function queryEdges(lineage: QueryLineage, tenant: string, queryId: string): readonly LineageEdge[] {
  const { results, indirect } = lineage
  const to = (column: string): LineageNode => ({
    system: 'query',
    namespace: tenant,
    dataset: queryId,
    column,
  })
  const direct = results.flatMap(({ name, sources }) => sources.map((source) => edge(source, to(name))))
  const everywhere = direct.length + results.length * indirect.length <= MOST_EDGES
  const targets = everywhere ? results : results.slice(0, 1)
  return [
    ...direct,
    ...targets.flatMap(({ name }) => indirect.map((source) => edge(source, to(name)))),
  ].slice(0, MOST_EDGES)
}

function edge(source: ColumnSource, to: LineageNode): LineageEdge {
  const { type, subtype, via } = source
  return { from: nodeOf(source), to, type, subtype, masking: false, description: via }
}

function nodeOf({ table, column }: ColumnSource): LineageNode {
  const dot = table.indexOf('.')
  return {
    system: 'clickhouse',
    namespace: dot < 0 ? UNKNOWN_COLUMN : table.slice(0, dot),
    dataset: table.slice(dot + 1),
    column,
  }
}
