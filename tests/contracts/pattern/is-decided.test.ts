/**
 * Which patterns are left to the engine's own regular expressions. That they take time in proportion to the value is held by a matcher
 * that goes back as engines do, and counts the characters that it looks at.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMatcher } from '#contracts/pattern/create-matcher.ts'
import { isDecided } from '#contracts/pattern/is-decided.ts'
import type { PatternNode } from '#contracts/pattern/pattern-node.ts'
import { nodeOf } from './automaton-of.ts'

/** Looks at the start of the value only. Must not be given a repetition without end of what may be empty. */
function goingBack(
  pattern: PatternNode,
  value: string,
): { readonly matches: boolean; readonly steps: number } {
  const characters = [...value]
  let steps = 0
  const match = (node: PatternNode, at: number, then: (at: number) => boolean): boolean => {
    switch (node.type) {
      case 'character':
        steps++
        return (
          at < characters.length &&
          new RegExp(`^(?:${node.source})$`, 'u').test(characters[at] ?? '') &&
          then(at + 1)
        )
      case 'assertion':
        return (node.kind === 'start' ? at === 0 : at === characters.length) && then(at)
      case 'choice':
        return node.options.some((option) => match(option, at, then))
      case 'sequence':
        return matchAll(node.parts, at, then)
      case 'repeat':
        return repeat(node, 0, at, then)
    }
  }
  const matchAll = (parts: readonly PatternNode[], at: number, then: (at: number) => boolean): boolean => {
    const [first, ...rest] = parts
    return first ? match(first, at, (after) => matchAll(rest, after, then)) : then(at)
  }
  const repeat = (
    node: PatternNode & { type: 'repeat' },
    count: number,
    at: number,
    then: (at: number) => boolean,
  ): boolean => {
    if (count < node.most && match(node.part, at, (after) => repeat(node, count + 1, after, then)))
      return true
    return count >= node.least && then(at)
  }
  return { matches: match(pattern, 0, () => true), steps }
}

/** Characters in the text of a pattern: no more than so many are looked at for each of the value. */
function charactersOf(node: PatternNode): number {
  switch (node.type) {
    case 'character':
      return 1
    case 'assertion':
      return 0
    case 'sequence':
      return node.parts.reduce((sum, part) => sum + charactersOf(part), 0)
    case 'choice':
      return node.options.reduce((sum, option) => sum + charactersOf(option), 0)
    case 'repeat':
      return charactersOf(node.part)
  }
}

const pattern = fc.letrec<{ pattern: string; element: string; atom: string }>((tie) => ({
  pattern: fc
    .array(
      fc.array(tie('element'), { maxLength: 4 }).map((elements) => elements.join('')),
      { minLength: 1, maxLength: 2 },
    )
    .map((options) => options.join('|')),
  element: fc
    .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}'))
    .map(([atom, counts]) => `${atom}${counts}`),
  atom: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', '-', '[ab]', '[^a]', '[^b-]') },
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
})).pattern

describe('a pattern in which the next character decides', () => {
  test('is matched by going back in time that is proportional to the value', () => {
    let decided = 0
    const value = fc.array(fc.constantFrom('a', 'b', 'c', '-', 'ab', 'aa', 'b-', 'abc'), { maxLength: 40 })
    fc.assert(
      fc.property(pattern, value, (text, pieces) => {
        const anchored = `^(?:${text})$`
        const node = nodeOf(anchored)
        if (!isDecided(node)) return
        decided++
        const { matches, steps } = goingBack(node, pieces.join(''))
        expect(matches).toBe(new RegExp(anchored, 'u').test(pieces.join('')))
        expect(steps).toBeLessThanOrEqual(charactersOf(node) * (pieces.join('').length + 1))
      }),
      { numRuns: 20_000, seed: 20_260_402 },
    )
    expect(decided).toBeGreaterThan(4_000)
  })

  test.each(['^(?:a+)+$', '^a*[ab]*-$', '^(?:a|ab?)*c$', '^(?:a|aa)+$'])(
    '%s is none, and takes more',
    (text) => {
      const node = nodeOf(text)
      expect(isDecided(node)).toBe(false)
      expect(goingBack(node, `${'a'.repeat(18)}!`).steps).toBeGreaterThan(charactersOf(node) * 20)
    },
  )
})

describe('to the engine', () => {
  test.each([
    '^[a-z][a-z0-9-]{1,30}$',
    '^[^@]+@[^@]+$',
    '^[a-z0-9]+(?:-[a-z0-9]+)*$',
    '^(?:[0-9]{1,3}[.]){3}[0-9]{1,3}$',
    '^(?:red|green|blue)$',
    '^\\d{4}-(?:0[1-9]|1[0-2])$',
    '^(?:a|b)?$',
    '^(?:|a)b*$',
    '^\\p{L}+$',
    '^a*|^b',
    '[0-9]',
    'ab{2,30}',
    '',
    '^[\\s\\S]{1,4000}$',
    '^a{0}b',
    '^(?:a|[])$',
  ])('%s is left', (text) => expect(createMatcher(text).enginePattern).toBe(text))

  test.each([
    'a+b',
    'ab{2,70}',
    '^(?:a?)*$',
    '^(?:a?){2}$',
    '^(?:a?)?$',
    '^(?:|a?)$',
    '^(?:a|)a',
    '^a{1,2}a',
    '^a?b?[ab]',
    '^\\p{L}+ ',
    '^(?:\\p{L}|1)',
    '^a|b+',
    'a?^b+$',
    '^(?:a(?:b+c?)?b)$',
    '^.*x.*y$',
  ])('%s is not', (text) => expect(createMatcher(text).enginePattern).toBeUndefined())
})
