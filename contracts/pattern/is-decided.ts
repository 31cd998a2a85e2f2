/**
 * Whether the next character alone decides, at every place where a pattern could go on in two ways, which one can succeed. Such a
 * pattern is run by the engine itself in time that is proportional to the value: a way back is given up at its first character.
 *
 * At each alternative, and wherever a repetition may go on or end, the ways must begin with different characters.
 * `^[a-z0-9]+(-[a-z0-9]+)*$` is decided: after a letter, a letter goes on and a hyphen ends the run. `^([a-z]+\.)+[a-z]+$` is not: a letter
 * after a dot may begin another part or the last one. Where it is not known which characters there are (`\p{…}`), the answer is no.
 */
import { areApart, type CharacterRanges, unionOf } from './character-ranges.ts'
import type { PatternNode } from './pattern-node.ts'

/** What a part can begin with, and whether it may take nothing; undefined ranges may be anything. */
type Beginning = { readonly ranges: CharacterRanges | undefined; readonly mayBeEmpty: boolean }

/** What has been found, because a part is asked for at each level of brackets. */
type Beginnings = Map<PatternNode, Beginning>

/** See the header. */
export function isDecided(node: PatternNode): boolean {
  return decides(node, [], new Map())
}

/** `after` is what may follow the part. */
function decides(node: PatternNode, after: CharacterRanges | undefined, known: Beginnings): boolean {
  switch (node.type) {
    case 'character':
    case 'assertion':
      return true
    case 'choice': {
      const beginnings = node.options.map((option) => beginningOf(option, known))
      const empty = beginnings.filter((one) => one.mayBeEmpty).length
      if (empty > 1) return false
      const ways = beginnings.map((one) => one.ranges)
      if (!allApart(empty > 0 ? [...ways, after] : ways)) return false
      return node.options.every((option) => decides(option, after, known))
    }
    case 'sequence': {
      let following = after
      for (const part of node.parts.toReversed()) {
        if (!decides(part, following, known)) return false
        const { ranges, mayBeEmpty } = beginningOf(part, known)
        following = mayBeEmpty ? together([ranges, following]) : ranges
      }
      return true
    }
    case 'repeat': {
      if (node.most === 0) return true
      const { ranges, mayBeEmpty } = beginningOf(node.part, known)
      if (mayBeEmpty && node.most > 1) return false
      if (node.least < node.most && (mayBeEmpty || !allApart([ranges, after]))) return false
      return decides(node.part, node.most > 1 ? together([ranges, after]) : after, known)
    }
  }
}

function beginningOf(node: PatternNode, known: Beginnings): Beginning {
  let beginning = known.get(node)
  if (beginning === undefined) {
    beginning = findBeginning(node, known)
    known.set(node, beginning)
  }
  return beginning
}

function findBeginning(node: PatternNode, known: Beginnings): Beginning {
  switch (node.type) {
    case 'character':
      return { ranges: node.ranges, mayBeEmpty: false }
    case 'assertion':
      return { ranges: [], mayBeEmpty: true }
    case 'choice': {
      const options = node.options.map((option) => beginningOf(option, known))
      return {
        ranges: together(options.map((option) => option.ranges)),
        mayBeEmpty: options.some((option) => option.mayBeEmpty),
      }
    }
    case 'sequence': {
      const ranges: (CharacterRanges | undefined)[] = []
      for (const part of node.parts) {
        const beginning = beginningOf(part, known)
        ranges.push(beginning.ranges)
        if (!beginning.mayBeEmpty) return { ranges: together(ranges), mayBeEmpty: false }
      }
      return { ranges: together(ranges), mayBeEmpty: true }
    }
    case 'repeat': {
      if (node.most === 0) return { ranges: [], mayBeEmpty: true }
      const { ranges, mayBeEmpty } = beginningOf(node.part, known)
      return { ranges, mayBeEmpty: mayBeEmpty || node.least === 0 }
    }
  }
}

function together(sets: readonly (CharacterRanges | undefined)[]): CharacterRanges | undefined {
  const known = sets.filter((set) => set !== undefined)
  return known.length === sets.length ? unionOf(known) : undefined
}

/** No two of them share a character. What is not known is apart from nothing but sets without a character. */
function allApart(sets: readonly (CharacterRanges | undefined)[]): boolean {
  const filled = sets.filter((set) => set?.length !== 0)
  const known = filled.filter((set) => set !== undefined)
  return known.length === filled.length ? areApart(known) : filled.length === 1
}
