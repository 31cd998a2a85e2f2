/** What a caller is told of a query of theirs. */
import { lineagePath } from '../formats/json-envelope.ts'
import type { BookedQuery } from './query-book.ts'
import { describeResult, type ResultDescription } from './result-columns.ts'

/** How a query stands, in one word. */
export type QueryState = 'running' | 'answered' | 'refused' | 'failed' | 'cancelled'

/** See {@link queryView}. */
export type QueryView = {
  readonly queryId: string
  readonly clientQueryId: string | null
  readonly state: QueryState
  readonly phase: 'checking' | 'running' | 'sending' | 'ended'
  readonly startedAt: string
  readonly elapsedMs: number
  readonly format: string
  readonly role: string | null
  readonly policyVersion: string | null
  /** Of the answer, so far. */
  readonly rows: number
  readonly bytes: number
  readonly truncated: boolean
  /** Error code; null if there is none. */
  readonly code: string | null
  readonly lineage: string
} & Partial<ResultDescription>

/** The view of a query; with what its columns mean only if the caller may still read them. */
export function queryView(query: BookedQuery, withNames: boolean): QueryView {
  const { phase, elapsedMs, rows, bytes, end, scope, lineage } = query.status()
  return {
    ...{ queryId: query.queryId, clientQueryId: query.clientQueryId ?? null, state: stateOf(query), phase },
    ...{ startedAt: new Date(query.startedAt).toISOString(), elapsedMs, format: query.mediaType },
    ...{ role: scope?.role ?? null, policyVersion: scope?.policyVersion ?? null, rows, bytes },
    ...{ truncated: end?.truncated ?? false, code: end?.reason || null, lineage: lineagePath(query.queryId) },
    ...(withNames && scope && lineage ? describeResult(scope, lineage) : {}),
  }
}

function stateOf(query: BookedQuery): QueryState {
  const { end } = query.status()
  if (!end) return 'running'
  return end.reason === 'MOGO_QUERY_CANCELLED' ? 'cancelled' : end.decision
}
