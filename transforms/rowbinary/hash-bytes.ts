/** FNV-1a, 32 bits: tells rows of different keys apart nearly always. (Fowler, Noll, Vo; draft-eastlake-fnv.) */

/** The hash of nothing. */
export const HASH_START = 0x811c9dc5
const PRIME = 0x01000193

/** Adds bytes to a hash. */
export function hashBytes(hash: number, bytes: Uint8Array, from: number, to: number): number {
  let sum = hash
  for (let at = from; at < to; at++) sum = Math.imul(sum ^ (bytes[at] as number), PRIME)
  return sum
}
