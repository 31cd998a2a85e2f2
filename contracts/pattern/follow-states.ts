/**
 * One step of an automaton: the states in which it may be, and the next character -> the states in which it may be then. Each state is
 * looked at once at most, so that a step never costs more than the automaton is large.
 */
import type { Automaton } from './build-automaton.ts'
import { EDGE, WORD } from './character-kinds.ts'
import type { AssertionNode } from './pattern-node.ts'

/** What a step comes to: the next states in any order, or that the pattern has matched already. */
export type Followed = readonly number[] | 'matched'

/** `followed` counts the states that were looked at. */
export type FollowStates = {
  /**
   * `before` and `beside` say what stands on both sides of the place (`EDGE`, `WORD`, …), `taken` which sets take the next character: none
   * of them at the end of the value.
   */
  readonly follow: (from: readonly number[], before: number, beside: number, taken: Uint8Array) => Followed
  readonly count: () => number
}

/** Makes the step. */
export function createFollowStates({ states }: Automaton): FollowStates {
  const seen = new Uint32Array(states.length)
  const reached = new Uint32Array(states.length)
  const open: number[] = []
  let turn = 0
  let looked = 0

  const follow: FollowStates['follow'] = (from, before, beside, taken) => {
    turn = nextTurn(turn, seen, reached)
    const next: number[] = []
    const visit = (state: number): void => {
      if (seen[state] === turn) return
      seen[state] = turn
      open.push(state)
    }
    open.length = 0
    for (const state of from) visit(state)
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      const state = states[number]
      looked++
      if (!state || state.type === 'match') return 'matched'
      if (state.type === 'fork') {
        visit(state.one)
        visit(state.other)
      } else if (state.type === 'assertion') {
        if (holds(state.assertion.kind, before, beside)) visit(state.next)
      } else if (taken[state.set] === 1 && reached[state.next] !== turn) {
        reached[state.next] = turn
        next.push(state.next)
      }
    }
    return next
  }
  return { follow, count: () => looked }
}

/** Marks of an earlier turn must not be taken for those of this one. */
function nextTurn(turn: number, ...marks: readonly Uint32Array[]): number {
  if (turn < 0xffffffff) return turn + 1
  for (const mark of marks) mark.fill(0)
  return 1
}

function holds(kind: AssertionNode['kind'], before: number, beside: number): boolean {
  if (kind === 'start') return (before & EDGE) !== 0
  if (kind === 'end') return (beside & EDGE) !== 0
  const isBoundary = (before & WORD) !== (beside & WORD)
  return isBoundary === (kind === 'boundary')
}

/** What the assertions of an automaton ask of the characters beside them, together. */
export function askedContext({ states }: Automaton): number {
  let asked = 0
  for (const state of states) {
    if (state.type !== 'assertion') continue
    const { kind } = state.assertion
    asked |= kind === 'start' || kind === 'end' ? EDGE : WORD
  }
  return asked
}
