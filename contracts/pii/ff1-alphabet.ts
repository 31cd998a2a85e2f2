/**
 * Alphabets of format-preserving tokens (FF1), and how long a value must be.
 *
 * NIST SP 800-38G revision 1 demands radix^minlen >= 1,000,000: in a smaller set of values a token can be found by trying them all.
 */

/** Alphabets with a name; another one is written out. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['digits', '0123456789'],
  ['hex', '0123456789abcdef'],
  ['alphanumeric', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'],
])

/** Smallest set of values that may be encrypted. */
export const MIN_FF1_DOMAIN = 1_000_000

/** Longest value that is encrypted, in symbols of the alphabet. The time grows with the square of it. */
export const MAX_FF1_LENGTH = 128

/** The symbols (code points) of an alphabet, by name or written out, in their order. */
export function ff1Symbols(alphabet: string): readonly string[] {
  return [...(NAMED.get(alphabet) ?? alphabet)]
}

/** Fewest symbols of a value whose set is large enough. */
export function shortestFf1Length(radix: number): number {
  let length = 0
  for (let size = 1; size < MIN_FF1_DOMAIN; size *= radix) length++
  return Math.max(2, length)
}
