/**
 * A lower bound on how many characters of a value a regular expression demands. It never says too much; where the pattern is not
 * understood it says 0.
 *
 * Alternatives count their shortest, groups and atoms their smallest number of repetitions. Anchors do not matter: what the pattern matches is
 * a part of the value.
 */

/** Longest pattern that is looked at. */
const LONGEST = 1_000
/** Most repetitions that are counted: more would say nothing more. */
const MOST = 1_000

/**
 * The bound. An atom that may match one of the characters `without` counts nothing, because it may stand for a character that is
 * not counted.
 */
export function patternLength(pattern: string, without = ''): number {
  if (pattern.length > LONGEST) return 0
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 0
  }
  const reader = { pattern, at: 0, without: [...without] }
  const length = alternatives(reader)
  return reader.at >= pattern.length ? length : 0
}

type Reader = { readonly pattern: string; at: number; readonly without: readonly string[] }

/** Up to a closing bracket or the end. */
function alternatives(reader: Reader): number {
  let least: number | undefined
  let length = 0
  while (reader.at < reader.pattern.length) {
    const char = reader.pattern[reader.at]
    if (char === ')') break
    if (char === '|') {
      least = Math.min(least ?? length, length)
      length = 0
      reader.at++
    } else length = Math.min(MOST, length + atom(reader))
  }
  return Math.min(least ?? length, length)
}

/** One atom with its quantifier. */
function atom(reader: Reader): number {
  const { pattern } = reader
  const start = reader.at
  const char = pattern[start]
  let length = 0
  if (char === '(') {
    // Look-around demands nothing of its own.
    const looks = /^\(\?<?[=!]/.test(pattern.slice(start, start + 4))
    reader.at += /^\((?:\?:|\?<?[=!]|\?<[^>]*>)?/.exec(pattern.slice(start))?.[0].length ?? 1
    length = alternatives(reader)
    if (looks) length = 0
    reader.at++
  } else if (char === '^' || char === '$') reader.at++
  else {
    reader.at = afterAtom(pattern, start)
    const text = pattern.slice(start, reader.at)
    length = /^\\[bB]$/.test(text) ? 0 : single(text, reader.without)
  }
  return Math.min(MOST, length * fewest(reader))
}

/** 1 if the atom cannot match one of the characters that do not count. */
function single(text: string, without: readonly string[]): number {
  // A back reference may be empty.
  if (/^\\[1-9k]/.test(text)) return 0
  if (without.length === 0) return 1
  try {
    const one = new RegExp(`^(?:${text})$`, 'u')
    return without.some((char) => one.test(char)) ? 0 : 1
  } catch {
    return 0
  }
}

function afterAtom(pattern: string, start: number): number {
  const rest = pattern.slice(start)
  if (rest[0] === '[') {
    let at = 1
    while (at < rest.length && rest[at] !== ']') at += rest[at] === '\\' ? 2 : 1
    return start + at + 1
  }
  if (rest[0] === '\\')
    return (
      start +
      (/^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|c[A-Za-z]|\d+|.)/su.exec(
        rest,
      )?.[0].length ?? 2)
    )
  return start + String.fromCodePoint(rest.codePointAt(0) ?? 0).length
}

/** The smallest number of repetitions; 1 without a quantifier. */
function fewest(reader: Reader): number {
  const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(reader.pattern.slice(reader.at, reader.at + 40))
  if (!quantifier) return 1
  reader.at += quantifier[0].length
  if (quantifier[1] !== undefined) return Math.min(MOST, Number(quantifier[1]))
  return quantifier[0].startsWith('+') ? 1 : 0
}
