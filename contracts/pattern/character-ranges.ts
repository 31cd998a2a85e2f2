/**
 * Sets of code points as ranges, `[first, last, first, last, …]`: in order, apart from one another, ends included.
 *
 * They serve one question only, whether two parts of a pattern can begin with the same character. What a character matches is asked of
 * the engine itself (`character-kinds.ts`).
 */

/** The set, see the header. */
export type CharacterRanges = readonly number[]

const LAST = 0x10ffff

export const DIGITS: CharacterRanges = [0x30, 0x39]
export const WORD_CHARACTERS: CharacterRanges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]
export const LINE_ENDS: CharacterRanges = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]
export const SPACES: CharacterRanges = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f,
  0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
]

/** All of them together. */
export function unionOf(sets: readonly CharacterRanges[]): CharacterRanges {
  const union: number[] = []
  for (const { first, last } of inOrder(sets)) {
    const end = union.at(-1)
    if (end !== undefined && first <= end + 1) union[union.length - 1] = Math.max(end, last)
    else union.push(first, last)
  }
  return union
}

/** Is no character in two of them? */
export function areApart(sets: readonly CharacterRanges[]): boolean {
  const ranges = inOrder(sets)
  return ranges.every(({ first }, index) => first > (ranges[index - 1]?.last ?? -1))
}

/** What is not in the set. */
export function complementOf(set: CharacterRanges): CharacterRanges {
  const rest: number[] = []
  let from = 0
  for (let at = 0; at < set.length; at += 2) {
    const first = set[at] ?? 0
    if (first > from) rest.push(from, first - 1)
    from = (set[at + 1] ?? 0) + 1
  }
  if (from <= LAST) rest.push(from, LAST)
  return rest
}

type Range = { readonly first: number; readonly last: number }

function inOrder(sets: readonly CharacterRanges[]): readonly Range[] {
  const ranges: Range[] = []
  for (const set of sets)
    for (let at = 0; at < set.length; at += 2) ranges.push({ first: set[at] ?? 0, last: set[at + 1] ?? 0 })
  return ranges.sort((one, other) => one.first - other.first)
}
