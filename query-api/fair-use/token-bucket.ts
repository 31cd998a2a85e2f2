/**
 * A token bucket: what may be taken within a minute or an hour comes back evenly. Pure; times are milliseconds of any clock.
 *
 * A bucket begins full, holds what one window gives, and is refilled at that rate. What is charged afterwards, when it is known, may take it
 * below zero; then nothing more is given until it is above zero again.
 */

/** How much in how long. */
export type BucketRule = { readonly quota: number; readonly windowMillis: number }

/** What a bucket held, and when. */
export type Bucket = { readonly tokens: number; readonly at: number }

/** What a bucket holds now. A clock that goes back gives nothing. */
export function tokensNow(
  bucket: Bucket | undefined,
  { quota, windowMillis }: BucketRule,
  now: number,
): number {
  if (!bucket) return quota
  const passed = Math.max(0, now - bucket.at)
  return Math.min(quota, bucket.tokens + (passed * quota) / windowMillis)
}

/** Milliseconds until it holds so much. */
export function millisUntil(tokens: number, wanted: number, { quota, windowMillis }: BucketRule): number {
  return Math.max(0, ((wanted - tokens) * windowMillis) / quota)
}
