/** Looks at a text before the full parser of YAML gets it: some short texts keep that busy for minutes. */

/** Most brackets that may be open at once, wherever they stand: real contracts have a handful. */
const MAX_OPEN_BRACKETS = 1_000
/** Most signs (neither letters, digits nor spaces) that are given to the full parser. */
const MAX_SIGNS = 60_000

/** Is it more than the full parser reads in a moment? It takes some 10 µs for each sign that is neither letter, digit nor space. */
export function isTooComplex(text: string): boolean {
  let signs = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const isWord =
      (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39)
    if (!isWord && code !== 0x20 && code < 0x80 && ++signs > MAX_SIGNS) return true
  }
  return false
}

/** A look at the brackets alone, quotes or not: the parser takes minutes over megabytes of `[`. */
export function opensTooManyBrackets(text: string): boolean {
  let open = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x5b || code === 0x7b) open++
    else if (code === 0x5d || code === 0x7d) open = Math.max(0, open - 1)
    if (open > MAX_OPEN_BRACKETS) return true
  }
  return false
}
