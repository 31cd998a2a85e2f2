/** What is known of a query -> its access record. No literal of the SQL, and no value, is in it. */
import type { AccessScope, Principal } from '#contracts/compile/access-scope.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import type { QueryLineage } from '../lineage-of-query/lineage-of-query.ts'
import { queryEdges } from '../lineage-of-query/query-edges.ts'

/** A query while it is answered. */
export type AccessFacts = {
  readonly queryId: string
  readonly startedAt: Date
  readonly principal: Principal
  readonly role: string
  readonly scope: AccessScope | undefined
  readonly purpose: string
  /** Of the text without its literals. */
  readonly sqlHash: string
  readonly lineage: QueryLineage | undefined
  readonly traceId: string
  /** It was answered by what had been read before. */
  readonly cached?: boolean
}

/** How it ended. */
export type AccessEnd = {
  readonly decision: AccessEvent['decision']
  /** Error code; empty if answered. */
  readonly reason: string
  readonly rows: number
  readonly bytes: number
  readonly durationMs: number
  /** The edges are in an earlier record of the query. */
  readonly hasEdges?: boolean
}

/** Makes the record. Its id and time stay the same however often it is made, so that a later one replaces an earlier one. */
export function accessRecord(facts: AccessFacts, end: AccessEnd): AccessEvent {
  const { queryId, startedAt, principal, role, scope, purpose, sqlHash, lineage, traceId, cached } = facts
  const answered = end.decision === 'answered'
  return {
    type: 'access',
    id: queryId,
    at: startedAt.toISOString(),
    subject: principal.subject,
    tenant: principal.tenant,
    role,
    purpose,
    decision: end.decision,
    reason: end.reason,
    sqlHash,
    columnsRead: lineage ? columnsRead(lineage, scope) : [],
    policyVersion: scope?.policyVersion ?? '',
    rows: end.rows,
    bytes: end.bytes,
    durationMs: Math.round(end.durationMs * 1000) / 1000,
    traceId,
    ...(cached && answered ? { cached } : {}),
    edges: lineage && answered && !end.hasEdges ? [...queryEdges(lineage, principal.tenant, queryId)] : [],
  }
}

/** A lineage belongs to one scope, and is that of many queries. */
const known = new WeakMap<QueryLineage, string[]>()

function columnsRead(lineage: QueryLineage, scope: AccessScope | undefined): string[] {
  const found = known.get(lineage)
  if (found) return found
  const datasetOf = new Map(scope?.datasets.map(({ dataset }) => [dataset.table, dataset.name]))
  const columns = lineage.reads.map(({ table, column }) => {
    const plain = table.slice(table.indexOf('.') + 1)
    return `${datasetOf.get(plain) ?? plain}.${column}`
  })
  known.set(lineage, columns)
  return columns
}
