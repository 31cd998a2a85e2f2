/**
 * The matcher against the engine's own regular expressions: random small patterns, and values made of what tells them apart. Both
 * ways of running are asked, the automaton with tables of several sizes.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildAutomaton } from '#contracts/pattern/build-automaton.ts'
import {
  type CharacterRanges,
  complementOf,
  DIGITS,
  LINE_ENDS,
  SPACES,
  WORD_CHARACTERS,
} from '#contracts/pattern/character-ranges.ts'
import { createMatcher } from '#contracts/pattern/create-matcher.ts'
import { parsePattern } from '#contracts/pattern/parse-pattern.ts'
import { isAnchored } from '#contracts/pattern/pattern-node.ts'
import { type AutomatonRun, runAutomaton } from '#contracts/pattern/run-automaton.ts'

const character = fc.constantFrom(
  ...['a', 'b', 'K', '-', '.', '\\.', '\\n', '[ab]', '[^a]', '[^]', '[]', '[a-z\\d-]', '[^\\W_]', '[\\s😀]'],
  ...['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\p{L}', '\\P{Lu}', '[^\\p{L}b]', '\\u{1F600}', '😀'],
  ...['\\uD83D', '\\uDE00', '\\uD83D\\uDE00', '[\\uD800-\\uDBFF]', '[\\uDC00-\\uDFFF]', '\\u2028', '\\x61'],
)
const assertion = fc.constantFrom('^', '$', '\\b', '\\B')
const quantifier = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{0}', '{2}', '{1,2}', '{0,3}?', '{2,}')

const { pattern } = fc.letrec<{ pattern: string; sequence: string; element: string; atom: string }>(
  (tie) => ({
    pattern: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 3, arbitrary: tie('sequence') },
      fc.tuple(tie('sequence'), tie('pattern')).map(([one, other]) => `${one}|${other}`),
    ),
    sequence: fc.array(tie('element'), { maxLength: 4 }).map((elements) => elements.join('')),
    element: fc.oneof(
      { weight: 4, arbitrary: tie('atom') },
      { weight: 3, arbitrary: fc.tuple(tie('atom'), quantifier).map(([atom, counts]) => `${atom}${counts}`) },
      { weight: 1, arbitrary: assertion },
    ),
    atom: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: character },
      fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
    ),
  }),
)

/** Anchored more often than chance would have it. */
const patterns = fc.oneof(
  pattern,
  pattern.map((inner) => `^(?:${inner})$`),
  pattern.map((inner) => `^${inner}$`),
)
const values = fc.string({
  unit: fc.constantFrom(
    ...['a', 'a', 'b', 'A', 'B', 'k', 'K', '\u212a', 'ſ', 's', '1', '_', '-', '.', ' ', '\n', '\r', '\u2028'],
    ...['\u2029', '\u00a0', 'é', '😀', '\ud83d', '\ude00', '\ud800', '𝒳', '\0'],
  ),
  maxLength: 12,
})

/** V8 finds a `\B` between the halves of such a character, where the standard does not look. */
const ASTRAL = /[\u{10000}-\u{10FFFF}]/gu

/** What it says of the bytes of the value, if they are ASCII; they lie among others. */
function ofBytes(way: object, value: string): readonly (boolean | undefined)[] {
  if (!('testAscii' in way) || !/^[\0-\x7f]*$/.test(value)) return []
  const { testAscii } = way as AutomatonRun
  return [testAscii(Buffer.from(`ab${value}1_`, 'latin1'), 2, 2 + value.length)]
}

describe('a matcher', () => {
  test('says what the engine says', () => {
    fc.assert(
      fc.property(patterns, fc.array(values, { minLength: 1, maxLength: 8 }), (text, all) => {
        const native = new RegExp(text, 'u')
        const parsed = parsePattern(text)
        if (parsed.fault !== undefined) throw new Error(parsed.fault)
        const automaton = buildAutomaton(parsed.node)
        const anchored = isAnchored(parsed.node)
        const tests = [
          createMatcher(text),
          new RegExp(parsed.text, 'u'),
          runAutomaton(automaton),
          runAutomaton(automaton, { isAnchored: anchored }),
          runAutomaton(automaton, { isAnchored: anchored, kept: 0 }),
          runAutomaton(automaton, { isAnchored: anchored, kept: 60 }),
        ]
        for (const whole of all) {
          const value = text.includes('\\B') ? whole.replaceAll(ASTRAL, '') : whole
          const expected = native.test(value)
          for (const [index, one] of tests.entries())
            for (const said of [one.test(value), ...ofBytes(one, value)])
              if (said !== undefined && said !== expected)
                expect.fail(`${text} on ${JSON.stringify(value)}: way ${index} does not say ${expected}`)
        }
      }),
      { numRuns: 6_000, seed: 20_260_401 },
    )
  })

  test.each<[string, CharacterRanges]>([
    ['\\d', DIGITS],
    ['\\s', SPACES],
    ['\\w', WORD_CHARACTERS],
    ['\\S', complementOf(SPACES)],
    ['.', complementOf(LINE_ENDS)],
  ])('knows all characters of %s', (source, ranges) => {
    const one = new RegExp(`^(?:${source})$`, 'u')
    const found: number[] = []
    let wasIn = false
    for (let code = 0; code <= 0x110000; code++) {
      const isIn = code <= 0x10ffff && one.test(String.fromCodePoint(code))
      if (isIn && !wasIn) found.push(code)
      if (!isIn && wasIn) found.push(code - 1)
      wasIn = isIn
    }
    expect(found).toEqual(ranges)
  })
})
