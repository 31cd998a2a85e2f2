/**
 * The tree of a pattern -> its automaton (after Thompson): states that are followed many at a time, so that a value is read once and
 * never gone back in.
 *
 * A state takes one character, or passes on without one: to two others, or to one if an assertion holds. Counted repetitions are
 * written out: `a{2,3}` becomes `aa(a)?`. That an iteration which takes nothing ends a repetition in JavaScript needs no care here,
 * because it leads nowhere that leaving would not lead.
 */
import type { AssertionNode, CharacterNode, PatternNode } from './pattern-node.ts'

/** Where a state leads: the number of another one. */
export type State =
  | { readonly type: 'character'; readonly set: number; readonly next: number }
  | { readonly type: 'assertion'; readonly assertion: AssertionNode; readonly next: number }
  | { readonly type: 'fork'; readonly one: number; readonly other: number }
  | { readonly type: 'match' }

/** States, and the sets of characters (by number) that they take. */
export type Automaton = {
  readonly states: readonly State[]
  readonly sets: readonly CharacterNode[]
  readonly start: number
}

/** Builds it. The caller has counted the states (`statesOf`), of which there must not be too many. */
export function buildAutomaton(node: PatternNode): Automaton {
  const states: State[] = [{ type: 'match' }]
  const sets: CharacterNode[] = []
  const numbers = new Map<string, number>()
  const add = (state: State): number => states.push(state) - 1

  const setOf = (character: CharacterNode): number => {
    const known = numbers.get(character.source)
    if (known !== undefined) return known
    numbers.set(character.source, sets.length)
    return sets.push(character) - 1
  }

  /** The state in which the part begins, if `next` is the one after it. */
  const build = (part: PatternNode, next: number): number => {
    switch (part.type) {
      case 'character':
        return add({ type: 'character', set: setOf(part), next })
      case 'assertion':
        return add({ type: 'assertion', assertion: part, next })
      case 'sequence':
        return part.parts.reduceRight((after, inner) => build(inner, after), next)
      case 'choice':
        return part.options
          .map((option) => build(option, next))
          .reduceRight((other, one) => add({ type: 'fork', one, other }))
      case 'repeat':
        return buildRepeat(part, next)
    }
  }

  const buildRepeat = (repeat: PatternNode & { type: 'repeat' }, next: number): number => {
    const { part, least, most } = repeat
    // What has no state takes nothing, however often.
    if (isEmpty(part) || most === 0) return next
    let begin = next
    let counted = least
    if (most === Number.POSITIVE_INFINITY) {
      const fork = add({ type: 'fork', one: next, other: next })
      const loop = build(part, fork)
      states[fork] = { type: 'fork', one: loop, other: next }
      begin = least === 0 ? fork : loop
      counted = Math.max(least - 1, 0)
    } else
      for (let copy = least; copy < most; copy++)
        begin = add({ type: 'fork', one: build(part, begin), other: next })
    for (let copy = 0; copy < counted; copy++) begin = build(part, begin)
    return begin
  }

  const start = build(node, 0)
  return { states, sets, start }
}

function isEmpty(node: PatternNode): boolean {
  if (node.type === 'sequence') return node.parts.every(isEmpty)
  return node.type === 'repeat' && (node.most === 0 || isEmpty(node.part))
}
