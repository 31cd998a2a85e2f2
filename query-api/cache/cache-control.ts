/**
 * What a request's `Cache-Control` asks for (RFC 9111, 5.2.1). Unknown directives are passed over, as the RFC says.
 *
 *   no-store      the answer is neither looked for nor kept
 *   no-cache      the query runs; its answer takes the place of one that is kept
 *   max-stale=N   an answer that is no longer right will do, for N seconds, while a new one is made
 *
 * `max-age` needs no care: what is kept is asked after each time, so it is never older than the request.
 */

/** What is asked for. */
export type CacheWish = {
  readonly store: boolean
  readonly lookUp: boolean
  /** Seconds; 0: only what is right now. */
  readonly maxStale: number
}

/** A request without the header. */
export const USUAL_WISH: CacheWish = { store: true, lookUp: true, maxStale: 0 }

/** Reads the header. `max-stale` without a number means any age. */
export function cacheWish(header: string | undefined): CacheWish {
  if (header === undefined || header === '') return USUAL_WISH
  const directives = new Map(
    header
      .slice(0, 1_000)
      .toLowerCase()
      .split(',')
      .map((part): [string, string] => {
        const [name = '', value = ''] = part.split('=')
        return [name.trim(), value.trim().replaceAll('"', '')]
      }),
  )
  const noStore = directives.has('no-store')
  return {
    store: !noStore,
    lookUp: !noStore && !directives.has('no-cache'),
    maxStale: noStore ? 0 : secondsOf(directives.get('max-stale')),
  }
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (text === '') return Number.POSITIVE_INFINITY
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}
