/**
 * What is wrong with a pattern, before it is run on every record: one that backtracks without end would stop the pipeline.
 *
 * Refused: a repeated group that itself holds a repetition or an alternative, however deep, such as `(a+)+`, `((a)*)+` and
 * `(a|aa)+` (the shapes of exponential patterns), look-around, and back references. `(…)?` is not a repetition. What remains is
 * at worst polynomial, so values of a bounded column should have a maxLength. Rejected: RE2, which is a native package.
 */

const UNBOUNDED = 'repeated groups that hold a repetition or an alternative can run without end'

/** The fault in words, or undefined. */
export function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'not a regular expression'
  }
  return structureFault(pattern)
}

/** Walks the pattern, which is known to be a valid one. */
function structureFault(pattern: string): string | undefined {
  /** For each open group: does it hold a repetition or an alternative? */
  const groups: boolean[] = [false]
  let at = 0
  while (at < pattern.length) {
    const char = pattern[at]
    if (char === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'back references are not allowed'
      at += 2
    } else if (char === '[') at = afterClass(pattern, at)
    else if (char === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(at, at + 4))) return 'look-around is not allowed'
      groups.push(false)
      // `?:` and `?<name>` are no quantifiers.
      at += /^\((?:\?:|\?<[^>]*>)?/.exec(pattern.slice(at))?.[0].length ?? 1
    } else if (char === ')') {
      const complex = groups.pop() ?? false
      const repeated = repeats(pattern.slice(at + 1, at + 20))
      if (complex && repeated) return UNBOUNDED
      mark(groups, complex || repeated)
      at++
    } else {
      if (char === '|' || repeats(pattern.slice(at, at + 20))) mark(groups, true)
      at++
    }
  }
  return undefined
}

function mark(groups: boolean[], complex: boolean): void {
  if (complex && groups.length > 0) groups[groups.length - 1] = true
}

/** Does a repetition begin here? `?` alone, `{0}`, `{1}` and `{0,1}` are none. */
function repeats(text: string): boolean {
  if (/^[+*]/.test(text)) return true
  const counts = /^\{(\d+)(,?)(\d*)\}/.exec(text)
  if (!counts) return false
  const most = counts[2] === '' ? counts[1] : counts[3]
  return most === '' || Number(most) > 1
}

/** The place after a character class. */
function afterClass(pattern: string, from: number): number {
  let at = from + 1
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1
  return at + 1
}
