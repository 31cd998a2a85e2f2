/**
 * What is wrong with a pattern, before it is run on every record: what JavaScript does not read, what no automaton knows (look-around,
 * back references), and what would need too many states.
 *
 * Time is never a reason: see `create-matcher.ts`.
 */
import { isDecided } from './is-decided.ts'
import { parsePattern } from './parse-pattern.ts'
import { isAnchored, MOST_COUNTED, type PatternNode, statesOf } from './pattern-node.ts'

/** Most states of an automaton, which are the work for each character of a value at worst. */
const MOST_STATES = 1_000

/** Where the pattern begins with `^` and the next character decides, an automaton is in very few of its states at a time. */
const MOST_STATES_DECIDED = 20_000

/** The fault in words, or undefined. */
export function patternFault(pattern: string): string | undefined {
  const parsed = parsePattern(pattern)
  return parsed.fault ?? automatonFault(parsed.node)
}

/** The same of a pattern that has been read. */
export function automatonFault(node: PatternNode): string | undefined {
  const states = statesOf(node)
  if (states <= MOST_STATES) return undefined
  if (states <= MOST_STATES_DECIDED && isAnchored(node) && isDecided(node)) return undefined
  const count = `${states.toLocaleString('en')} states${states >= MOST_COUNTED ? ' or more' : ''}`
  return `its repetitions, written out, make ${count}, ${MOST_STATES.toLocaleString('en')} are allowed; use lower counts, and minLength and maxLength for lengths`
}
