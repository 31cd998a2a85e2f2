/**
 * The text of a regular expression (JavaScript, flag `u`) -> its tree, or the fault that keeps it from being run on every record.
 *
 * Look-around and back references are refused, because no automaton knows them in time that is proportional to the value; flags inside
 * of the pattern (`(?i:…)`), because they are new and engines do not agree on them yet.
 */
import { type AST, RegExpParser } from '@eslint-community/regexpp'
import {
  type CharacterRanges,
  complementOf,
  DIGITS,
  LINE_ENDS,
  SPACES,
  unionOf,
  WORD_CHARACTERS,
} from './character-ranges.ts'
import type { PatternNode } from './pattern-node.ts'

/** Longest pattern that is read, in code units. */
export const LONGEST_PATTERN = 1_000

/** What became of the text. */
export type ParsedPattern =
  | {
      readonly node: PatternNode
      /** The pattern without the captures, which cost time and memory at each repetition and are not asked for. */
      readonly text: string
      readonly fault?: never
    }
  | { readonly fault: string }

/** Parses it. */
export function parsePattern(pattern: string): ParsedPattern {
  if (pattern.length > LONGEST_PATTERN) return { fault: `longer than ${LONGEST_PATTERN} characters` }
  let tree: AST.Pattern
  try {
    // Both must know it: the engine runs parts of it, or all.
    new RegExp(pattern, 'u')
    tree = new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: true })
  } catch {
    return { fault: 'not a regular expression' }
  }
  const reader: Reader = { fault: undefined, captures: [] }
  const node = readAlternatives(tree.alternatives, reader)
  if (reader.fault !== undefined) return { fault: reader.fault }
  return { node, text: withoutCaptures(pattern, reader.captures) }
}

type Reader = { fault: string | undefined; readonly captures: AST.CapturingGroup[] }

function readAlternatives(alternatives: readonly AST.Alternative[], reader: Reader): PatternNode {
  const options = alternatives.map((alternative): PatternNode => {
    const parts = alternative.elements.map((element) => readElement(element, reader))
    return parts.length === 1 && parts[0] ? parts[0] : { type: 'sequence', parts }
  })
  return options.length === 1 && options[0] ? options[0] : { type: 'choice', options }
}

function readElement(element: AST.Element, reader: Reader): PatternNode {
  switch (element.type) {
    case 'Quantifier': {
      const part = readElement(element.element, reader)
      return { type: 'repeat', part, least: element.min, most: element.max }
    }
    case 'CapturingGroup':
      reader.captures.push(element)
      return readAlternatives(element.alternatives, reader)
    case 'Group':
      if (element.modifiers) return refuse(reader, 'flags inside of a pattern are not allowed')
      return readAlternatives(element.alternatives, reader)
    case 'Assertion':
      return readAssertion(element, reader)
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return { type: 'character', source: element.raw, ranges: rangesOf(element) }
    case 'Backreference':
      return refuse(reader, 'back references are not allowed')
    default:
      // Only under the flag `v`.
      return refuse(reader, 'not a regular expression')
  }
}

function readAssertion(element: AST.Assertion, reader: Reader): PatternNode {
  if (element.kind === 'start' || element.kind === 'end') return { type: 'assertion', kind: element.kind }
  if (element.kind === 'word') return { type: 'assertion', kind: element.negate ? 'noBoundary' : 'boundary' }
  return refuse(reader, 'look-around is not allowed')
}

/** The first fault is the one that is said. */
function refuse(reader: Reader, fault: string): PatternNode {
  reader.fault ??= fault
  return { type: 'sequence', parts: [] }
}

/** Undefined where a property (`\p{…}`) is in it, whose characters only the engine knows. */
function rangesOf(
  element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ClassRangesCharacterClassElement,
): CharacterRanges | undefined {
  switch (element.type) {
    case 'Character':
      return [element.value, element.value]
    case 'CharacterClassRange':
      return [element.min.value, element.max.value]
    case 'CharacterSet': {
      if (element.kind === 'property') return undefined
      if (element.kind === 'any') return complementOf(LINE_ENDS)
      const named = { digit: DIGITS, space: SPACES, word: WORD_CHARACTERS }[element.kind]
      return element.negate ? complementOf(named) : named
    }
    case 'CharacterClass': {
      const parts: CharacterRanges[] = []
      for (const inner of element.elements) {
        const ranges =
          inner.type === 'Character' || inner.type === 'CharacterClassRange' || inner.type === 'CharacterSet'
            ? rangesOf(inner)
            : undefined
        if (!ranges) return undefined
        parts.push(ranges)
      }
      const union = unionOf(parts)
      return element.negate ? complementOf(union) : union
    }
  }
}

/** `(a)` and `(?<name>a)` as `(?:a)`. */
function withoutCaptures(pattern: string, captures: readonly AST.CapturingGroup[]): string {
  let text = ''
  let from = 0
  for (const capture of captures.toSorted((one, other) => one.start - other.start)) {
    const opening =
      capture.name === null ? '('.length : pattern.indexOf('>', capture.start) + 1 - capture.start
    text += `${pattern.slice(from, capture.start)}(?:`
    from = capture.start + opening
  }
  return text + pattern.slice(from)
}
