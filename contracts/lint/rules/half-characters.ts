/**
 * Halves of characters: an escape such as `\\ud800`, one of the two that make a character beyond U+FFFF. No file, and no database, can hold such a
 * text; each program changes it in its own way.
 */
import type { DocumentPath } from '../../fault.ts'
import type { LintContext } from '../lint-rule.ts'

const ESCAPE = /\\u[dD][89a-fA-F]|\\U0000[dD]/
const MAX_DEPTH = 60

/** See the header. */
export function halfCharacters({ value, text, say }: LintContext): void {
  // Only an escape makes one: most texts need no walk.
  if (!ESCAPE.test(text)) return
  const visit = (part: unknown, path: DocumentPath): void => {
    if (path.length > MAX_DEPTH) return
    if (typeof part === 'string') {
      if (!part.isWellFormed())
        say(path, 'CONTRACT_HALF_CHARACTER', 'an escape that is half of a character, without its other half')
    } else if (Array.isArray(part)) for (const [index, item] of part.entries()) visit(item, [...path, index])
    else if (typeof part === 'object' && part !== null)
      for (const [key, item] of Object.entries(part)) visit(item, [...path, key])
  }
  visit(value, [])
}
