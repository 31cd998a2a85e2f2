/**
 * What is wrong with a pattern, before it is run on every record: one that backtracks without end would stop the pipeline.
 *
 * Counted are the ways in which a group can match: an optional part doubles them, a counted repetition multiplies them, `*`, `+` and
 * `{n,}` make them endless, an alternative adds to them. Refused: a group that is repeated and has so many ways that all of them
 * together pass a limit, such as `(a+)+`, `((a)*)+`, `(a|aa)+` and `(a?){27}` (the shapes of exponential patterns); one and the same
 * thing repeated without end twice in a row (`.*.*`); look-around; back references. `([0-9]{1,3}[.]){3}` has few ways and is
 * allowed. What remains is at worst polynomial, so values of a bounded column should have a maxLength. Rejected: RE2, which is a
 * native package.
 */

const UNBOUNDED = 'repeated groups that hold a repetition or an alternative can run without end'
const TWICE = 'the same thing repeated without end twice in a row can run for very long'

/** Ways of a repeated group, all repetitions together. */
const MOST_WAYS = 10_000

/** The fault in words, or undefined. */
export function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'not a regular expression'
  }
  return structureFault(pattern)
}

/** An open group, or the whole pattern. */
type Group = {
  ways: number
  /** The last atom, if it is repeated without end. */
  endless: string | undefined
}

/** Walks the pattern, which is known to be a valid one. */
function structureFault(pattern: string): string | undefined {
  const open = (): Group => ({ ways: 1, endless: undefined })
  const groups: { group: Group; from: number }[] = [{ group: open(), from: 0 }]
  let at = 0
  while (at < pattern.length) {
    const from = at
    const top = groups.at(-1)
    const char = pattern[at]
    if (!top) return undefined
    let inner = 1
    let isGroup = false
    if (char === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(at, at + 4))) return 'look-around is not allowed'
      groups.push({ group: open(), from: at })
      // `?:` and `?<name>` are no quantifiers.
      at += /^\((?:\?:|\?<[^>]*>)?/.exec(pattern.slice(at))?.[0].length ?? 1
      continue
    }
    if (char === '|') {
      top.group.ways += 1
      top.group.endless = undefined
      at++
      continue
    }
    let begin = from
    if (char === ')') {
      const closed = groups.pop()
      inner = closed?.group.ways ?? 1
      begin = closed?.from ?? from
      isGroup = true
      at++
    } else if (char === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'back references are not allowed'
      at +=
        /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/su.exec(pattern.slice(at))?.[0]
          .length ?? 2
    } else if (char === '[') at = afterClass(pattern, at)
    else at++
    const holder = groups.at(-1)?.group
    if (!holder) return undefined
    const atom = pattern.slice(begin, at)
    const counts = quantifier(pattern.slice(at, at + 30))
    at += counts.length
    const { least, most } = counts
    if (isGroup && inner > 1 && most > 1 && waysOf(inner, least, most) > MOST_WAYS) return UNBOUNDED
    holder.ways *= waysOf(inner, least, most)
    if (most === Number.POSITIVE_INFINITY) {
      if (holder.endless === atom) return TWICE
      holder.endless = atom
    } else if (least > 0 && !/^[$^]$/.test(atom)) holder.endless = undefined
  }
  return undefined
}

/** Ways of something that has `inner` of them and is repeated. */
function waysOf(inner: number, least: number, most: number): number {
  if (most === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  return inner ** most * (most - least + 1)
}

/** The quantifier at the beginning of a text, a lazy one too; `{1}` if there is none. */
function quantifier(text: string): {
  readonly least: number
  readonly most: number
  readonly length: number
} {
  const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(text)
  if (!found) return { least: 1, most: 1, length: 0 }
  const { length } = found[0]
  const endless = Number.POSITIVE_INFINITY
  if (text.startsWith('*')) return { least: 0, most: endless, length }
  if (text.startsWith('+')) return { least: 1, most: endless, length }
  if (text.startsWith('?')) return { least: 0, most: 1, length }
  const least = Number(found[1])
  const most = found[2] === '' ? least : found[3] === '' ? endless : Number(found[3])
  return { least, most, length }
}

/** The place after a character class. */
function afterClass(pattern: string, from: number): number {
  let at = from + 1
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1
  return at + 1
}
