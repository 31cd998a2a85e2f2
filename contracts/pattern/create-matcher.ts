/**
 * The pattern of a contract -> the test of values, in time that is proportional to the value whatever the pattern and the value are. It
 * says what `new RegExp(pattern, 'u').test(value)` says.
 *
 * Two ways lead there. Where the next character decides (`is-decided.ts`) and either the pattern begins with `^` or it is short and has no
 * repetition without end, the engine's own regular expression is used, which never goes back far. Everything else runs as an
 * automaton (`run-automaton.ts`). Rejected: RE2, which is a native package.
 */
import { buildAutomaton } from './build-automaton.ts'
import { isDecided } from './is-decided.ts'
import { parsePattern } from './parse-pattern.ts'
import { automatonFault } from './pattern-fault.ts'
import { isAnchored, type PatternNode, statesOf } from './pattern-node.ts'
import { type AutomatonRun, runAutomaton } from './run-automaton.ts'

/**
 * Longest value, in code units, that is given to the engine's own regular expression: it remembers each place to which it might go back, and
 * gives up with an error at some hundred thousand of them or more.
 */
export const LONGEST_FOR_ENGINE = 5_000

/** A pattern that is tried at each place may have so many states: it is the work at each place. */
const MOST_STATES_AT_EACH_PLACE = 64

/** See the header. */
export type PatternMatcher = {
  readonly test: (value: string) => boolean
  /** The same of a value that lies in `bytes`, all of it ASCII: for those who have not made a text of it. */
  readonly testAscii: (bytes: Uint8Array, from: number, to: number) => boolean
  /** The pattern for values up to {@link LONGEST_FOR_ENGINE}, where the engine's own regular expression will do. */
  readonly enginePattern: string | undefined
}

/** Makes the test. Throws an Error for a pattern that `patternFault` refuses: the contract was not checked. */
export function createMatcher(pattern: string): PatternMatcher {
  const parsed = parsePattern(pattern)
  const fault = parsed.fault ?? automatonFault(parsed.node)
  if (parsed.fault !== undefined || fault !== undefined)
    throw new Error(`a pattern that cannot be run on every record: ${fault}`)
  const { node, text } = parsed
  let made: AutomatonRun | undefined
  const run = (): AutomatonRun => {
    made ??= runAutomaton(buildAutomaton(node), { isAnchored: isAnchored(node) })
    return made
  }
  const withBytes = (test: PatternMatcher['test'], enginePattern: string | undefined): PatternMatcher => ({
    test,
    testAscii: (bytes, from, to) => run().testAscii(bytes, from, to) ?? test(asciiText(bytes, from, to)),
    enginePattern,
  })
  if (!suitsEngine(node)) return withBytes((value) => run().test(value), undefined)
  const expression = new RegExp(text, 'u')
  return withBytes(
    (value) => (value.length <= LONGEST_FOR_ENGINE ? expression.test(value) : run().test(value)),
    text,
  )
}

function asciiText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}

/** May the engine's own regular expression be used? */
function suitsEngine(node: PatternNode): boolean {
  if (!isDecided(node)) return false
  return isAnchored(node) || (isBounded(node) && statesOf(node) <= MOST_STATES_AT_EACH_PLACE)
}

/** Is there no repetition without end? */
function isBounded(node: PatternNode): boolean {
  switch (node.type) {
    case 'character':
    case 'assertion':
      return true
    case 'sequence':
      return node.parts.every(isBounded)
    case 'choice':
      return node.options.every(isBounded)
    case 'repeat':
      return node.most < Number.POSITIVE_INFINITY && isBounded(node.part)
  }
}
