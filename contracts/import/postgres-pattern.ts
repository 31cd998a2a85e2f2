/**
 * A regular expression of Postgres (`~`) -> one of JavaScript that means the same, or undefined.
 *
 * The two differ: `.` takes a line break in Postgres; `\w` and `\s` follow the locale there; `\m`, `\y`, `[[:alpha:]]` and embedded options
 * (`(?i)`) are unknown here; a `\-` outside of a class is an error here. What means the same is taken over (`.` as `[\s\S]`), anything else
 * is refused and stays in words. `\d` is taken for the ASCII digits: so it is in every locale of Postgres but those of ICU.
 */
import { patternFault } from '../pattern/pattern-fault.ts'

/** Stands for `.` of Postgres. */
export const ANY_CHARACTER = '[\\s\\S]'

/** Characters that JavaScript lets one escape outside of a class. */
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/

/** The pattern in JavaScript; undefined if it has none that means the same, or one that cannot be run on every record. */
export function patternFromPostgres(pattern: string): string | undefined {
  if (/^\*\*\*|^\(\?[a-z]*\)/i.test(pattern)) return undefined
  let out = ''
  let at = 0
  while (at < pattern.length) {
    const char = pattern[at] ?? ''
    if (char === '\\') {
      const next = pattern[at + 1] ?? ''
      if (next === 'd') out += '\\d'
      else if (/[\p{L}\p{N}]/u.test(next) || next === '') return undefined
      else out += SYNTAX.test(next) ? `\\${next}` : next
      at += 2
    } else if (char === '.') {
      out += ANY_CHARACTER
      at++
    } else if (char === '[') {
      const set = setFromPostgres(pattern, at)
      if (!set) return undefined
      out += set.text
      at = set.end
    } else {
      out += char
      at++
    }
  }
  return patternFault(out) === undefined ? out : undefined
}

/** A pattern of a contract -> one of Postgres; undefined if it holds what Postgres reads in another way. */
export function patternToPostgres(pattern: string): string | undefined {
  const own = pattern.replaceAll(ANY_CHARACTER, '.')
  return patternFromPostgres(own) === pattern ? own : undefined
}

/** A class of characters. */
function setFromPostgres(pattern: string, from: number): { text: string; end: number } | undefined {
  let at = from + 1
  let text = '['
  if (pattern[at] === '^') {
    text += '^'
    at++
  }
  if (pattern[at] === ']') return undefined
  while (at < pattern.length && pattern[at] !== ']') {
    const char = pattern[at] ?? ''
    const next = pattern[at + 1] ?? ''
    if (char === '[' && /[:.=]/.test(next)) return undefined
    if (char === '\\') {
      if (next !== 'd' && /[\p{L}\p{N}]/u.test(next)) return undefined
      text += next === 'd' || /[\^$\\.*+?()[\]{}|/-]/.test(next) ? `\\${next}` : next
      at += 2
    } else {
      text += char
      at++
    }
  }
  return at < pattern.length ? { text: `${text}]`, end: at + 1 } : undefined
}
