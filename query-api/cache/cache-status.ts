/** How an answer came about, as the header `Cache-Status` (RFC 9211) and `Age` say it. */

/** How an answer came about. */
export type CacheStatus =
  | { readonly kind: 'hit' }
  /** `age`: seconds since it was last known to be right. */
  | { readonly kind: 'stale'; readonly age: number }
  /** It ran: nothing was kept, what was kept is outdated, the caller wanted it so, or the cache cannot keep it. */
  | { readonly kind: 'ran'; readonly why: 'uri-miss' | 'stale' | 'request' | 'bypass' }
  /** It came from a run that was under way for somebody else with the same scope. */
  | { readonly kind: 'shared' }

/** Headers that say it. */
export function cacheHeaders(status: CacheStatus): Readonly<Record<string, string>> {
  switch (status.kind) {
    case 'hit':
      return { 'cache-status': 'mogo; hit', age: '0' }
    case 'stale':
      return { 'cache-status': `mogo; hit; ttl=-${status.age}`, age: String(status.age) }
    case 'shared':
      return { 'cache-status': 'mogo; fwd=uri-miss; collapsed' }
    case 'ran':
      return { 'cache-status': `mogo; fwd=${status.why}` }
  }
}
