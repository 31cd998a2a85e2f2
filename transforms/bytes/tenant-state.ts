/**
 * The tenant of the record that is being read, found again by its bytes: neighbouring records often are of the same few tenants, and their
 * keys should not be looked up by a new text each time.
 */

/** A tenant and what has been derived for it, one slot per user. */
export type KnownTenant = {
  readonly id: string
  readonly bytes: Uint8Array
  /** Kept by whoever reserved the slot; see {@link TenantState.slot}. */
  readonly derived: unknown[]
}

/** A power of two. */
const BUCKETS = 4096

/** See above. */
export class TenantState {
  /** Undefined before the tenant of the record has been read. */
  current: KnownTenant | undefined
  readonly #buckets: (KnownTenant | undefined)[] = new Array(BUCKETS).fill(undefined)
  #slots = 0

  /** A place in `derived` of every tenant. */
  slot(): number {
    return this.#slots++
  }

  /** Sets the tenant to a text. */
  set(id: string): void {
    const bytes = Buffer.from(id, 'utf8')
    this.find(bytes, 0, bytes.length)
  }

  /** Sets the tenant to what stands from `from` to `to`, which is UTF-8. */
  find(bytes: Buffer, from: number, to: number): void {
    let hash = 0x811c9dc5
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
    const bucket = (hash ^ (hash >>> 15)) & (BUCKETS - 1)
    const found = this.#buckets[bucket]
    if (found !== undefined && isSame(found.bytes, bytes, from, to)) {
      this.current = found
      return
    }
    // One tenant per bucket: of two that meet the last one stays.
    const made = {
      id: bytes.toString('utf8', from, to),
      bytes: Uint8Array.prototype.slice.call(bytes, from, to),
      derived: new Array(this.#slots).fill(undefined),
    }
    this.#buckets[bucket] = made
    this.current = made
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[from + index]) return false
  return true
}
