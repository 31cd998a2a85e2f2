/**
 * Where it is kept how much everybody has used, in our words. One process keeps it in its memory; replicas may share a store of their own (such
 * as Redis): then the limits hold for all of them together.
 */
import type { BucketRule } from './token-bucket.ts'

/** A part of a bucket. Keys hold names of tenants and subjects: they never leave the store. */
export type Claim = { readonly key: string; readonly rule: BucketRule }

/** What became of claims: taken, all of them; or the first one that was refused, and none was taken. */
export type Verdict =
  | { readonly isTaken: true /** What is left of the first one. */; readonly left: number }
  | { readonly isTaken: false; readonly refused: number; readonly waitMillis: number }

/** Keeps buckets. */
export type UsageStore = {
  /** Takes one token of each bucket, or of none. */
  take(claims: readonly Claim[]): Verdict | Promise<Verdict>
  /** Milliseconds until a bucket is above zero; 0: it is. */
  waitFor(claim: Claim): number | Promise<number>
  /** Takes what was used, even below zero. */
  charge(claim: Claim, amount: number): void
}
