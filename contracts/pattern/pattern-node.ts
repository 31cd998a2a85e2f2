/**
 * A regular expression as a tree, as far as "does it match anywhere?" needs it: groups are gone, and greedy and lazy repetitions are one.
 */
import type { CharacterRanges } from './character-ranges.ts'

/** A pattern, or a part of one. */
export type PatternNode =
  | CharacterNode
  | AssertionNode
  | { readonly type: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly options: readonly PatternNode[] }
  /** `most` is Infinity where there is no limit. */
  | { readonly type: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number }

/** One character out of a set: a plain one, an escape, `.`, or a class. */
export type CharacterNode = {
  readonly type: 'character'
  /** As it stands in the pattern; it takes one character. */
  readonly source: string
  /** The code points, where they are known without asking the engine. */
  readonly ranges: CharacterRanges | undefined
}

/** What must be true of a place between two characters: `^`, `$`, `\b`, `\B`. */
export type AssertionNode = {
  readonly type: 'assertion'
  readonly kind: 'start' | 'end' | 'boundary' | 'noBoundary'
}

/** Does every match begin at the start of the value? */
export function isAnchored(node: PatternNode): boolean {
  switch (node.type) {
    case 'character':
      return false
    case 'assertion':
      return node.kind === 'start'
    case 'choice':
      return node.options.every(isAnchored)
    case 'repeat':
      return node.least > 0 && isAnchored(node.part)
    case 'sequence': {
      // What stands before the first `^` must take no character.
      const first = node.parts.find((part) => part.type !== 'assertion' || part.kind === 'start')
      return first !== undefined && isAnchored(first)
    }
  }
}

/** So far states are counted. */
export const MOST_COUNTED = 1_000_000

/**
 * States of the automaton, up to {@link MOST_COUNTED}: one per character and assertion, one per choice that has to be made; counted
 * repetitions are written out.
 */
export function statesOf(node: PatternNode): number {
  switch (node.type) {
    case 'character':
    case 'assertion':
      return 1
    case 'sequence':
      return counted(node.parts.reduce((sum, part) => sum + statesOf(part), 0))
    case 'choice':
      return counted(node.options.reduce((sum, option) => sum + statesOf(option) + 1, -1))
    case 'repeat': {
      const part = statesOf(node.part)
      if (part === 0 || node.most === 0) return 0
      if (node.most === Number.POSITIVE_INFINITY) return counted(Math.max(node.least, 1) * part + 1)
      return counted(node.least * part + (node.most - node.least) * (part + 1))
    }
  }
}

function counted(states: number): number {
  return Math.min(states, MOST_COUNTED)
}
