/**
 * What the embedded identity provider must remember while people log in by a device code, and afterwards: device codes, logins under way, grants,
 * refresh tokens. All of it in memory, bounded, each thing until it expires.
 *
 * It is gone with the process: who has logged in logs in again after `mogo down`. Rejected: a file. Refresh tokens that lie on a disk are one more
 * thing to steal, and the people of an embedded provider sit at the machine that it runs on.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider'

type Kept = { readonly payload: AdapterPayload; readonly expires: number }

/** Things of one kind; beyond it the oldest goes. */
const MOST = 10_000

/** The adapter of each kind of thing (`DeviceCode`, `RefreshToken`, …). */
export function createIdentityStore(now: () => number = Date.now): (kind: string) => Adapter {
  const kinds = new Map<string, MemoryAdapter>()
  return (kind) => {
    const known = kinds.get(kind) ?? new MemoryAdapter(now)
    kinds.set(kind, known)
    return known
  }
}

class MemoryAdapter implements Adapter {
  readonly #now: () => number
  readonly #kept = new Map<string, Kept>()

  constructor(now: () => number) {
    this.#now = now
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    // A client of the configuration never expires; everything else here does.
    const expires = expiresIn > 0 ? this.#now() + expiresIn * 1000 : Number.POSITIVE_INFINITY
    this.#kept.delete(id)
    if (this.#kept.size >= MOST) this.#makeRoom()
    this.#kept.set(id, { payload, expires })
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = this.#kept.get(id)
    if (!found) return undefined
    if (found.expires > this.#now()) return found.payload
    this.#kept.delete(id)
    return undefined
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.userCode === userCode)
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.uid === uid)
  }

  async consume(id: string): Promise<void> {
    const found = this.#kept.get(id)
    if (!found) return
    const consumed = Math.floor(this.#now() / 1000)
    this.#kept.set(id, { ...found, payload: { ...found.payload, consumed } })
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(id)
  }

  #findBy(fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const { payload, expires } of this.#kept.values())
      if (fits(payload) && expires > this.#now()) return payload
    return undefined
  }

  #makeRoom(): void {
    for (const [id, { expires }] of this.#kept) if (expires <= this.#now()) this.#kept.delete(id)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size >= MOST && oldest !== undefined) this.#kept.delete(oldest)
  }
}
