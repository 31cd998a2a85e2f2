/**
 * The queries that run, and those that ended a moment ago: what a caller may ask about a query, and cancel.
 *
 * Every query has an id of this API's own, which is also that of its access record: a caller who could choose it could overwrite the
 * record of another query. A caller may give a name beside it (`clientQueryId`), to have it before the answer begins; names of
 * different principals are apart, so that nobody learns whether somebody else has taken one.
 *
 * The book is of this process: behind a load balancer, ask the replica that answers the query, or close its connection.
 *
 * States: checking -> running -> sending -> ended. An ended query is kept for some minutes, fewer if there are many.
 */
import type { AccessScope, Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import type { QueryLineage } from '../lineage-of-query/lineage-of-query.ts'

/** How a query ended. */
export type QueryEnd = {
  readonly decision: AccessEvent['decision']
  /** Error code; empty if answered. */
  readonly reason: string
  readonly rows: number
  readonly bytes: number
  readonly truncated: boolean
}

/** What the query service tells while it works. */
export type QueryObserver = {
  /** The gate has let it pass. */
  checked(scope: AccessScope, lineage: QueryLineage): void
  /** The engine's first byte is there; how much has been written since is asked for, not told. */
  sending(sent: () => { readonly rows: number; readonly bytes: number }): void
  /** Called once or more; the first call counts. */
  ended(end: QueryEnd): void
}

/** What a query is booked with. */
export type BookedRequest = {
  readonly queryId: string
  readonly clientQueryId: string | undefined
  readonly principal: Principal
  readonly mediaType: string
}

/** One query of the book. */
export type BookedQuery = BookedRequest & {
  readonly startedAt: number
  /** Aborted when the query is to end; the reason is the fault. */
  readonly signal: AbortSignal
  readonly observer: QueryObserver
  /** Resolves when it has ended, its record included. */
  readonly ended: Promise<void>
  cancel(fault: MogoError): void
  status(): QueryStatus
}

/** How far a query is. Rows and bytes are those of the answer: what the engine has read would tell of rows that are not the caller's. */
export type QueryStatus = {
  readonly phase: 'checking' | 'running' | 'sending' | 'ended'
  readonly elapsedMs: number
  readonly rows: number
  readonly bytes: number
  readonly end: QueryEnd | undefined
  readonly endedAt: number | undefined
  readonly scope: AccessScope | undefined
  readonly lineage: QueryLineage | undefined
}

/** What the book is made of. */
export type QueryBookOptions = {
  readonly now: () => number
  /** How long an ended query is kept, milliseconds. */
  readonly keepMillis?: number
  /** Most ended queries that are kept, and most of one principal. */
  readonly most?: number
  readonly mostOfOne?: number
}

/** How long an ended query is kept, milliseconds. */
export const KEEP_MILLIS = 5 * 60_000
const MOST = 2_000
const MOST_OF_ONE = 100

/** See {@link createQueryBook}. */
export type QueryBook = ReturnType<typeof createQueryBook>

/** Makes an empty book. */
export function createQueryBook(options: QueryBookOptions) {
  const { now, keepMillis = KEEP_MILLIS, most = MOST, mostOfOne = MOST_OF_ONE } = options
  /** By owner and id, and by owner and name. */
  const byKey = new Map<string, BookedQuery>()
  /** Ended ones of each owner, oldest first; owners in the order of their newest. */
  const kept = new Map<string, BookedQuery[]>()
  let count = 0
  return { open, find, keepMillis }

  /** Books a query before anything of it runs. @throws MogoError MOGO_QUERY_ID_TAKEN */
  function open(asked: BookedRequest): BookedQuery {
    // A UUID means the same in either case.
    const request = { ...asked, clientQueryId: asked.clientQueryId?.toLowerCase() }
    const owner = ownerKey(request.principal)
    const name = request.clientQueryId && keyOf(owner, request.clientQueryId)
    forgetOld(owner)
    if (name !== undefined && byKey.has(name))
      throw new MogoError('MOGO_QUERY_ID_TAKEN', { query: request.clientQueryId ?? '' })
    const query = bookedQuery(request, now, () => keep(owner, query))
    byKey.set(keyOf(owner, request.queryId), query)
    if (name !== undefined) byKey.set(name, query)
    return query
  }

  /** The caller's own query of that id or name. Another one's is as unknown as one that never was. */
  function find(principal: Principal, id: string): BookedQuery | undefined {
    const owner = ownerKey(principal)
    forgetOld(owner)
    return byKey.get(keyOf(owner, id.toLowerCase()))
  }

  function keep(owner: string, query: BookedQuery): void {
    const own = kept.get(owner) ?? []
    kept.delete(owner)
    kept.set(owner, own)
    own.push(query)
    count++
    if (own.length > mostOfOne) forgetFirst(owner, own)
    for (const [oldest, list] of kept) {
      if (count <= most) break
      forgetFirst(oldest, list)
    }
  }

  function forgetFirst(owner: string, list: BookedQuery[]): void {
    const query = list.shift()
    if (list.length === 0) kept.delete(owner)
    if (!query) return
    count--
    byKey.delete(keyOf(owner, query.queryId))
    if (query.clientQueryId !== undefined) byKey.delete(keyOf(owner, query.clientQueryId))
  }

  /** Those of one owner, and of the owners who have not asked for longest: others may wait until they ask. */
  function forgetOld(asking: string): void {
    const limit = now() - keepMillis
    forgetOldOf(asking, limit)
    for (const [owner, list] of kept) {
      if (!isOld(list.at(-1), limit)) break
      forgetOldOf(owner, limit)
    }
  }

  function forgetOldOf(owner: string, limit: number): void {
    const list = kept.get(owner) ?? []
    while (isOld(list[0], limit)) forgetFirst(owner, list)
  }
}

const isOld = (query: BookedQuery | undefined, limit: number): boolean =>
  query !== undefined && (query.status().endedAt ?? Number.POSITIVE_INFINITY) < limit

const ownerKey = ({ tenant, subject }: Principal): string => JSON.stringify([tenant, subject])
const keyOf = (owner: string, id: string): string => `${owner} ${id}`

function bookedQuery(request: BookedRequest, now: () => number, keep: () => void): BookedQuery {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const startedAt = now()
  let phase: QueryStatus['phase'] = 'checking'
  let scope: AccessScope | undefined
  let lineage: QueryLineage | undefined
  let sent = () => ({ rows: 0, bytes: 0 })
  let end: QueryEnd | undefined
  let endedAt: number | undefined
  return {
    ...request,
    startedAt,
    signal: controller.signal,
    ended: promise,
    cancel: (fault) => controller.abort(fault),
    observer: {
      checked(...found) {
        phase = 'running'
        ;[scope, lineage] = found
      },
      sending(told) {
        phase = 'sending'
        sent = told
      },
      ended(how) {
        if (end) return
        end = how
        endedAt = now()
        phase = 'ended'
        // The streams behind the counts may go.
        sent = () => how
        keep()
        resolve()
      },
    },
    status() {
      const { rows, bytes } = sent()
      // A format that cannot count says -1.
      return {
        ...{ phase, end, endedAt, scope, lineage, bytes, rows: Math.max(0, rows) },
        elapsedMs: (endedAt ?? now()) - startedAt,
      }
    },
  }
}
