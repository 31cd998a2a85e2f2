/** Events <-> rows of the two tables in statements.ts. Pure. */
import type { AccessEvent, ContractEvent } from '#contracts/events/governance-event.ts'
import { type LineageEdge, lineageEdgeSchema } from '#contracts/events/lineage-edge.ts'
import type { ContractLineage, QueryRecord } from './ports.ts'

/** An edge as it is stored. */
export type EdgeRow = {
  readonly from_system: string
  readonly from_namespace: string
  readonly from_dataset: string
  readonly from_column: string
  readonly to_system: string
  readonly to_namespace: string
  readonly to_dataset: string
  readonly to_column: string
  readonly type: string
  readonly subtype: string
  readonly masking: boolean
  readonly description: string
}
/** An edge that a contract reported. */
export type ContractEdgeRow = EdgeRow & {
  readonly origin_id: string
  readonly origin_version: string
  readonly policy: string
  readonly dataset: string
  readonly valid_since: string
  readonly last_seen: string
}
/** An access record as it is stored. */
export type AccessRow = {
  readonly id: string
  readonly at: string
  readonly tenant: string
  readonly subject: string
  readonly role: string
  readonly purpose: string
  readonly decision: AccessEvent['decision']
  readonly reason: string
  readonly sql_hash: string
  readonly columns_read: readonly string[]
  readonly policy_version: string
  readonly rows: number
  readonly bytes: number
  readonly duration_ms: number
  readonly trace_id: string
}
/** What is stored of it besides. */
type StoredAccessRow = AccessRow & { readonly cached: boolean; readonly times: number }

const edgeRow = ({ from, to, type, subtype, masking, description }: LineageEdge): EdgeRow => ({
  from_system: from.system,
  from_namespace: from.namespace,
  from_dataset: from.dataset,
  from_column: from.column,
  to_system: to.system,
  to_namespace: to.namespace,
  to_dataset: to.dataset,
  to_column: to.column,
  type,
  subtype,
  masking,
  description,
})

/** A stored edge as an edge. */
export const edgeOf = (row: EdgeRow): LineageEdge =>
  lineageEdgeSchema.parse({
    from: {
      system: row.from_system,
      namespace: row.from_namespace,
      dataset: row.from_dataset,
      column: row.from_column,
    },
    to: {
      system: row.to_system,
      namespace: row.to_namespace,
      dataset: row.to_dataset,
      column: row.to_column,
    },
    type: row.type,
    subtype: row.subtype,
    masking: row.masking,
    description: row.description,
  })

/** Rows of a contract event. */
export const contractRows = (event: ContractEvent): object[] =>
  event.edges.map((edge, position) => ({
    kind: 'contract',
    tenant: '',
    origin_id: event.contractId,
    origin_version: event.contractVersion,
    policy: event.policyHash,
    dataset: event.dataset,
    ...edgeRow(edge),
    position,
    valid_since: event.at,
    last_seen: event.at,
  }))

/** Rows of the edges of a query; none if it was not answered. */
export const queryRows = (event: AccessEvent): object[] =>
  event.decision !== 'answered'
    ? []
    : event.edges.map((edge, position) => ({
        kind: 'query',
        tenant: event.tenant,
        origin_id: event.id,
        origin_version: '',
        policy: event.policyVersion,
        dataset: '',
        ...edgeRow(edge),
        position,
        valid_since: event.at,
        last_seen: event.at,
      }))

/** Row of an access record. */
export const accessRow = (event: AccessEvent): StoredAccessRow => ({
  id: event.id,
  at: event.at,
  tenant: event.tenant,
  subject: event.subject,
  role: event.role,
  purpose: event.purpose,
  decision: event.decision,
  reason: event.reason,
  sql_hash: event.sqlHash,
  columns_read: event.columnsRead,
  policy_version: event.policyVersion,
  rows: event.rows,
  bytes: event.bytes,
  duration_ms: event.durationMs,
  trace_id: event.traceId,
  cached: event.cached ?? false,
  times: event.times ?? 1,
})

/** A stored access record with its edges. */
export const queryRecord = (row: AccessRow, edges: LineageEdge[]): QueryRecord => ({
  id: row.id,
  at: row.at,
  tenant: row.tenant,
  subject: row.subject,
  role: row.role,
  purpose: row.purpose,
  decision: row.decision,
  reason: row.reason,
  sqlHash: row.sql_hash,
  columnsRead: [...row.columns_read],
  policyVersion: row.policy_version,
  rows: row.rows,
  bytes: row.bytes,
  durationMs: row.duration_ms,
  traceId: row.trace_id,
  edges,
})

/** All edges of one event bear its time, so the current state is what was seen last; older edges belong to older states. */
export function latestState(rows: readonly ContractEdgeRow[]): ContractLineage {
  const lastSeen = extremes(rows.map((row) => row.last_seen)).last
  const current = rows.filter((row) => row.last_seen === lastSeen)
  const first = current[0] as ContractEdgeRow
  return {
    contractId: first.origin_id,
    contractVersion: first.origin_version,
    dataset: first.dataset,
    policyHash: first.policy,
    validSince: extremes(current.map((row) => row.valid_since)).first,
    lastSeen,
    edges: current.map(edgeOf),
  }
}

/** Earliest and latest of ISO 8601 times, which sort as text. */
function extremes(times: readonly string[]): { readonly first: string; readonly last: string } {
  const sorted = times.toSorted()
  return { first: sorted[0] ?? '', last: sorted.at(-1) ?? '' }
}
