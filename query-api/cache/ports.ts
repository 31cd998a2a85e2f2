/**
 * Where results are kept, in our words. One process keeps them in its memory; replicas may share a store of their own (such as Redis), since
 * nothing in an entry is known to one process alone: its stamp comes from the engine.
 */
import type { Stamp } from './table-looks.ts'

/** What the engine has answered. */
export type KeptResult = {
  /** The bytes of the engine, in its own format: each caller's answer is made of them anew. */
  readonly body: Buffer
  /** What its tables looked like before it was read. */
  readonly stamp: Stamp
  /** When it was last known to be right, milliseconds since 1970. */
  readonly rightAt: number
}

/** Keeps results by key. A key says all that the bytes follow from, but for the rows: scope, statement, parameters, format. */
export type ResultStore = {
  get(key: string): KeptResult | undefined | Promise<KeptResult | undefined>
  /** Keeps it, in place of what was there; may forget others, or keep nothing. */
  set(key: string, result: KeptResult): void
  /** Largest body that is worth keeping, bytes. */
  readonly largest: number
}
