/**
 * Column-level lineage, in the terms of OpenLineage's ColumnLineageDatasetFacet 1-2-0: an edge is DIRECT (the value comes from
 * there) or INDIRECT (it only decides which rows are there), has a subtype, and says whether it masks.
 *
 * A node's id is `system:namespace/dataset#column`; `unknown` as a column says that the origin could not be resolved, which
 * is shown and never left out.
 */
import { z } from 'zod'

export const lineageNodeSchema = z.strictObject({
  system: z.enum(['postgres', 'kafka', 'clickhouse', 'query']),
  /** Database, topic prefix, or the run of a query. */
  namespace: z.string(),
  /** `schema.table`, topic, dataset table, or query id. */
  dataset: z.string(),
  column: z.string(),
})
/** One end of an edge. */
export type LineageNode = z.output<typeof lineageNodeSchema>

export const lineageEdgeSchema = z.strictObject({
  from: lineageNodeSchema,
  to: lineageNodeSchema,
  type: z.enum(['DIRECT', 'INDIRECT']),
  subtype: z.enum([
    'IDENTITY',
    'TRANSFORMATION',
    'AGGREGATION',
    'JOIN',
    'GROUP_BY',
    'FILTER',
    'SORT',
    'WINDOW',
    'CONDITIONAL',
    'UNKNOWN',
  ]),
  masking: z.boolean(),
  /**
   * How the value is masked on this edge: `hmac(email)`, `siv(phone)`, `redact`, … On an edge into a query's result: the aggregate or
   * window function that it passed (`sum`). Else empty.
   */
  description: z.string(),
})
/** An edge from one column to another. */
export type LineageEdge = z.output<typeof lineageEdgeSchema>

/** The id of a node. */
export function nodeId(node: LineageNode): string {
  return `${node.system}:${node.namespace}/${node.dataset}#${node.column}`
}
