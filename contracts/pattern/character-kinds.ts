/**
 * Characters by kind, for one automaton: two characters are of one kind if the same sets of the pattern take them, and the same
 * assertions hold beside them. There are few kinds, so that what follows from one can be kept in a small table.
 *
 * Whether a set takes a character is asked of the engine's own regular expressions, one character at a time: so classes and
 * properties mean exactly what they mean there. Kinds are numbered from 1, as characters are met.
 */
import type { CharacterNode } from './pattern-node.ts'

/** What assertions ask of the character beside them. `EDGE`: there is none. */
export const EDGE = 1
/** `[A-Za-z0-9_]`. */
export const WORD = 2

/** Blocks of characters whose kinds are kept; 64 K characters in all. */
const MOST_BLOCKS = 256
const BLOCK = 256

/** See the header. */
export type CharacterKinds = {
  /** The kind of a code point. */
  readonly kindOf: (code: number) => number
  /** By kind and number of the set: 1 if the set takes it. */
  readonly members: readonly Uint8Array[]
  /** By kind: what holds of it beside an assertion. */
  readonly contexts: readonly number[]
}

/** `asked` is what the pattern's assertions ask for. */
export function createCharacterKinds(sets: readonly CharacterNode[], asked: number): CharacterKinds {
  const tests = sets.map((set) => new RegExp(`^(?:${set.source})$`, 'u'))
  const numbers = new Map<string, number>()
  const members = [new Uint8Array(sets.length)]
  const contexts = [0]
  const blocks = new Map<number, Uint32Array>()

  const findKind = (code: number): number => {
    const text = String.fromCodePoint(code)
    const taken = Uint8Array.from(tests, (test) => (test.test(text) ? 1 : 0))
    const context = (/^\w$/u.test(text) ? WORD : 0) & asked
    const key = `${context},${taken.join('')}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, members.length)
    contexts.push(context)
    return members.push(taken) - 1
  }

  const kindOf = (code: number): number => {
    let block = blocks.get(Math.floor(code / BLOCK))
    if (block === undefined) {
      if (blocks.size >= MOST_BLOCKS) blocks.clear()
      block = new Uint32Array(BLOCK)
      blocks.set(Math.floor(code / BLOCK), block)
    }
    const known = block[code % BLOCK] ?? 0
    if (known > 0) return known
    const kind = findKind(code)
    block[code % BLOCK] = kind
    return kind
  }

  return { kindOf, members, contexts }
}
