/** Suggestions for near-miss names. */

/** Longest word, and longest list, that is worth the search: names are short, and input may be hostile. */
const MAX_WORD = 100
const MAX_KNOWN = 2_000

/** The known word nearest to `word` by edit distance, if it is near enough to be meant: a third of its length, and at most `most`. */
export function nearest(
  word: string,
  known: readonly string[],
  most = Number.POSITIVE_INFINITY,
): string | undefined {
  if (word.length > MAX_WORD) return undefined
  let best: string | undefined
  let bestDistance = Math.min(Math.max(1, Math.floor(word.length / 3)), most) + 1
  for (const candidate of known.slice(0, MAX_KNOWN)) {
    if (candidate.length > MAX_WORD) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Edit distance with three rows, two neighbours in the wrong order counting as one edit (optimal string alignment; Damerau, 1964). */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      let distance = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1)
      current.push(distance)
    }
    beforeLast = previous
    previous = current
  }
  return previous[b.length] ?? 0
}
