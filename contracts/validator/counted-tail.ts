/**
 * Takes the count out of a pattern that ends in a counted class, `^[a-z][a-z0-9-]{1,30}$`: it matches what `^[a-z][a-z0-9-]*$` matches and
 * what is 2 to 31 characters long, and V8 is a good deal faster without the count.
 *
 * Only where all that stands before is of a fixed length, and every character is plain ASCII, so that characters are code units.
 */

/** The pattern without its count, and the lengths that it allows. */
export type CountedTail = { readonly pattern: string; readonly minimum: number; readonly maximum: number }

const CLASS = String.raw`\[[ -Z_-~][ -Z^-~]*\]`
/** One character: a class, an escaped mark, or a plain one; perhaps a number of times. */
const ITEM = new RegExp(
  String.raw`(?:${CLASS}|\\[-+.()*?|$^{}/\\[\]]|[A-Za-z0-9 _@#%&=:;,<>!~"'/-])(?:\{(\d{1,3})\})?`,
  'y',
)
const TAIL = new RegExp(String.raw`^(\^.*?)(${CLASS})\{(\d{1,5}),(\d{1,5})\}\$$`)

/** Undefined for any other pattern. */
export function countedTail(pattern: string): CountedTail | undefined {
  const [, head, last, least, most] = TAIL.exec(pattern) ?? []
  if (head === undefined || last === undefined) return undefined
  let width = 0
  for (let at = 1; at < head.length; at = ITEM.lastIndex) {
    ITEM.lastIndex = at
    const item = ITEM.exec(head)
    if (!item) return undefined
    width += Number(item[1] ?? 1)
  }
  return { pattern: `${head}${last}*$`, minimum: width + Number(least), maximum: width + Number(most) }
}
