/**
 * Floods of requests that nobody has logged in for. Whoever sends tokens that are not valid makes us verify signatures, so failed logins are
 * counted by address; beyond the limit, tokens from there are refused without being looked at, but for those that were valid before: an
 * attacker behind the same proxy does not lock out who is at work.
 *
 * Own code, as @fastify/rate-limit counts all requests of an address, whoever sends them, and in fixed windows.
 */
import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { Claim, UsageStore } from './ports.ts'
import type { BucketRule } from './token-bucket.ts'

const MOST_KNOWN = 20_000

/** Makes the guard. */
export function createLoginGuard(store: UsageStore, rule: BucketRule) {
  /** Digests of headers that were valid. Whether they still are is not decided here. */
  const known = new Set<string>()
  return { login }

  /** Runs a login. @throws whatever it throws; MogoError MOGO_LOGIN_FLOOD without running it */
  async function login(
    address: string,
    authorization: string | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    const claim: Claim = { key: `a${networkOf(address)}`, rule }
    const digest = hash('sha256', authorization ?? '', 'base64')
    if (!known.has(digest)) {
      const waitMillis = await store.waitFor(claim)
      if (waitMillis > 0) throw new MogoError('MOGO_LOGIN_FLOOD', { seconds: Math.ceil(waitMillis / 1000) })
    }
    try {
      await work()
    } catch (error) {
      known.delete(digest)
      if (isMogoError(error) && error.status === 401) store.charge(claim, 1)
      throw error
    }
    if (known.size >= MOST_KNOWN) known.delete(known.values().next().value ?? '')
    known.add(digest)
  }
}

/** Who is given one IPv6 address has 2^64 of them, so a network counts as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail ? tail.split(':').length : 0
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind)
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ? tail.split(':') : [])]
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
