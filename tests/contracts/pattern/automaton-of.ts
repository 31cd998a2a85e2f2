import { type Automaton, buildAutomaton } from '#contracts/pattern/build-automaton.ts'
import { parsePattern } from '#contracts/pattern/parse-pattern.ts'
import { isAnchored, type PatternNode } from '#contracts/pattern/pattern-node.ts'
import { type AutomatonRun, runAutomaton } from '#contracts/pattern/run-automaton.ts'

/** The tree of a pattern that has no fault. */
export function nodeOf(pattern: string): PatternNode {
  const parsed = parsePattern(pattern)
  if (parsed.fault !== undefined) throw new Error(`${pattern}: ${parsed.fault}`)
  return parsed.node
}

/** Runs a pattern as an automaton, also where the engine would do; `kept` as of `runAutomaton`. */
export function automatonOf(
  pattern: string,
  kept?: number,
): AutomatonRun & { readonly automaton: Automaton } {
  const node = nodeOf(pattern)
  const automaton = buildAutomaton(node)
  const options = { isAnchored: isAnchored(node), ...(kept === undefined ? {} : { kept }) }
  return { ...runAutomaton(automaton, options), automaton }
}
