/**
 * What has been seen of one table, look by look: how its parts hashed, and whose rows have changed since. Pure.
 *
 * A *fingerprint* is a hash over the parts. What was read when the table had one is still right for a tenant if no row of that tenant has
 * changed in the looks since then. Rows of other tenants do not matter, and so nobody learns from the cache when those change.
 *
 * Fingerprints come from the engine alone: an API process that has never seen one takes what was read then as outdated.
 */

/** Whose rows changed between two looks. */
export type RowChanges = 'any' | ReadonlySet<string>

/** Looks whose fingerprints are remembered. */
const MOST_LOOKS = 1_000
const MOST_TENANTS = 50_000

/** See {@link createTableHistory}. */
export type TableHistory = ReturnType<typeof createTableHistory>

/** Begins with the fingerprint of the first look. */
export function createTableHistory(first: string) {
  let current = first
  let looks = 1
  /** Fingerprint -> the look that has seen it last. */
  const lookOf = new Map([[first, looks]])
  /** The last look that found changes: of all tenants at once, of any, of each. */
  let allChanged = 0
  let anyChanged = 0
  const tenantChanged = new Map<string, number>()
  return { current: () => current, saw, isCurrent }

  /** Notes what a look has found. */
  function saw(fingerprint: string, changes: RowChanges): void {
    looks++
    current = fingerprint
    lookOf.delete(fingerprint)
    lookOf.set(fingerprint, looks)
    if (lookOf.size > MOST_LOOKS) lookOf.delete(lookOf.keys().next().value ?? '')
    if (changes === 'any' || tenantChanged.size + changes.size > MOST_TENANTS) {
      noteAll()
      return
    }
    if (changes.size > 0) anyChanged = looks
    for (const tenant of changes) tenantChanged.set(tenant, looks)
  }

  function noteAll(): void {
    allChanged = looks
    anyChanged = looks
    tenantChanged.clear()
  }

  /** True if no row of the tenant, or of any with undefined, has changed since that fingerprint. */
  function isCurrent(fingerprint: string, tenant: string | undefined): boolean {
    const look = lookOf.get(fingerprint)
    if (look === undefined) return false
    const changed = tenant === undefined ? anyChanged : (tenantChanged.get(tenant) ?? 0)
    return Math.max(allChanged, changed) <= look
  }
}
