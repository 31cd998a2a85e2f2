/** Buckets in the memory of the process. One that is full again need not be remembered, so their number is bounded by those in use. */
import type { Claim, UsageStore, Verdict } from './ports.ts'
import { type Bucket, type BucketRule, millisUntil, tokensNow } from './token-bucket.ts'

/** Buckets after which those that are full are looked for. */
const MANY = 50_000

type Kept = Bucket & { readonly rule: BucketRule }

/** Makes the store; `most`: see {@link MANY}. */
export function createMemoryUsageStore(
  now: () => number,
  most = MANY,
): UsageStore & { readonly size: () => number } {
  const buckets = new Map<string, Kept>()
  return { take, waitFor, charge, size: () => buckets.size }

  function take(claims: readonly Claim[]): Verdict {
    const at = now()
    const held = claims.map(({ key, rule }) => tokensNow(buckets.get(key), rule, at))
    const refused = held.findIndex((tokens) => tokens < 1)
    const [rule, tokens] = [claims[refused]?.rule, held[refused]]
    if (rule && tokens !== undefined)
      return { isTaken: false, refused, waitMillis: millisUntil(tokens, 1, rule) }
    for (const [index, { key, rule: each }] of claims.entries()) set(key, each, (held[index] ?? 0) - 1, at)
    return { isTaken: true, left: Math.floor((held[0] ?? 1) - 1) }
  }

  function waitFor({ key, rule }: Claim): number {
    const tokens = tokensNow(buckets.get(key), rule, now())
    return tokens > 0 ? 0 : Math.max(1, millisUntil(tokens, 0, rule))
  }

  function charge({ key, rule }: Claim, amount: number): void {
    const at = now()
    set(key, rule, tokensNow(buckets.get(key), rule, at) - amount, at)
  }

  function set(key: string, rule: BucketRule, tokens: number, at: number): void {
    if (buckets.size >= most && !buckets.has(key)) sweep(at)
    buckets.set(key, { tokens, at, rule })
  }

  /** Forgets what is full; if that is not enough, what stands longest. */
  function sweep(at: number): void {
    for (const [key, bucket] of buckets)
      if (tokensNow(bucket, bucket.rule, at) >= bucket.rule.quota) buckets.delete(key)
    for (const key of buckets.keys()) {
      if (buckets.size < most) return
      buckets.delete(key)
    }
  }
}
