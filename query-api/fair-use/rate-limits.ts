/**
 * How many requests may be sent, and how much may be read: token buckets of a person, a tenant, a person on a route.
 *
 * An answer says what is left of the caller's own (draft-ietf-httpapi-ratelimit-headers): `RateLimit-Policy` the rule, `RateLimit` the state. What
 * a tenant has left to read is never shown: the engine counts granules, in which rows of others stand, too.
 */
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { Claim, UsageStore } from './ports.ts'
import type { BucketRule } from './token-bucket.ts'

/** The rules. */
export type RateRules = {
  readonly principal: BucketRule
  readonly tenant: BucketRule
  /** By route, for each person. */
  readonly routes: ReadonlyMap<string, BucketRule>
  /** Bytes of a tenant. */
  readonly read: BucketRule
}

/** Sets headers of the answer. */
export type SetHeaders = (headers: Readonly<Record<string, string>>) => void

const GB = 1e9
const WHOSE = ['yours', 'your tenant', 'yours on this route'] as const
const POLICIES = ['principal', 'tenant', 'route'] as const

/** Makes the limits. */
export function createRateLimits(store: UsageStore, rules: RateRules) {
  const policy = policyOf('principal', rules.principal)
  return { request, mayRead, hasRead }

  /** Counts a request. @throws MogoError MOGO_RATE_LIMITED */
  async function request(
    { tenant, subject }: Principal,
    route: string,
    setHeaders: SetHeaders,
  ): Promise<void> {
    const person = JSON.stringify([tenant, subject])
    const onRoute = rules.routes.get(route)
    const claims: Claim[] = [
      { key: `p${person}`, rule: rules.principal },
      { key: `t${tenant}`, rule: rules.tenant },
      ...(onRoute ? [{ key: `r${route} ${person}`, rule: onRoute }] : []),
    ]
    const verdict = await store.take(claims)
    if (verdict.isTaken) {
      setHeaders({
        'ratelimit-policy': policy,
        ratelimit: stateOf('principal', verdict.left, rules.principal),
      })
      return
    }
    const { refused, waitMillis } = verdict
    const rule = claims[refused]?.rule ?? rules.principal
    const name = POLICIES[refused] ?? 'principal'
    const seconds = Math.max(1, Math.ceil(waitMillis / 1000))
    setHeaders({ 'ratelimit-policy': policyOf(name, rule), ratelimit: `"${name}";r=0;t=${seconds}` })
    throw new MogoError('MOGO_RATE_LIMITED', { whose: WHOSE[refused] ?? 'yours', limit: rule.quota, seconds })
  }

  /** @throws MogoError MOGO_READ_BUDGET if the tenant has read as much as it may */
  async function mayRead({ tenant }: Principal): Promise<void> {
    const waitMillis = await store.waitFor(bytesOf(tenant))
    if (waitMillis === 0) return
    const seconds = Math.ceil(waitMillis / 1000)
    throw new MogoError('MOGO_READ_BUDGET', { limit: rules.read.quota / GB, seconds })
  }

  /** Notes what a query of the tenant has read. */
  function hasRead({ tenant }: Principal, bytes: number): void {
    if (bytes > 0) store.charge(bytesOf(tenant), bytes)
  }

  function bytesOf(tenant: string): Claim {
    return { key: `b${tenant}`, rule: rules.read }
  }
}

function policyOf(name: string, { quota, windowMillis }: BucketRule): string {
  return `"${name}";q=${quota};w=${windowMillis / 1000}`
}

/** `t` is when all of it is there again. */
function stateOf(name: string, left: number, { quota, windowMillis }: BucketRule): string {
  return `"${name}";r=${left};t=${Math.ceil(((quota - left) * windowMillis) / quota / 1000)}`
}
