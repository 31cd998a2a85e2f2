/** What patterns match, and how many steps that takes: counted, not timed. */
import { describe, expect, test } from 'vitest'
import { createMatcher, LONGEST_FOR_ENGINE } from '#contracts/pattern/create-matcher.ts'
import { automatonOf } from './automaton-of.ts'
import { USUAL_PATTERNS } from './usual-patterns.ts'

describe('a usual pattern', () => {
  test.each(USUAL_PATTERNS)('%s: %s', (_, pattern, matching, others) => {
    const ways = [createMatcher(pattern), automatonOf(pattern), automatonOf(pattern, 0)]
    for (const way of ways) {
      for (const value of matching) expect([value, way.test(value)]).toEqual([value, true])
      for (const value of others) expect([value, way.test(value)]).toEqual([value, false])
    }
  })
})

describe('the semantics of JavaScript', () => {
  test.each<[string, string, boolean]>([
    ['', '', true],
    ['', 'a', true],
    ['^$', '', true],
    ['^$', '\n', false],
    ['a$', 'a\n', false],
    ['^a', '\na', false],
    ['a|^b', 'xb', false],
    ['^.$', '\n', false],
    ['^.$', '\r', false],
    ['^.$', '\u2028', false],
    ['^.$', '\u2029', false],
    ['^.$', '\u0085', true],
    ['^.$', '😀', true],
    ['^..$', '😀', false],
    ['^.$', '\ud83d', true],
    ['^..$', '\ude00\ud83d', true],
    ['\\ude00', '😀', false],
    ['\\ud83d', '\ud83dx', true],
    ['^\\ud83d\\ude00$', '😀', true],
    ['^[^a]$', '😀', true],
    ['^[😀-😂]$', '😁', true],
    ['^\\u{1F600}{2}$', '😀😀', true],
    ['^\\s$', '\ufeff', true],
    ['^\\w$', 'é', false],
    ['\\bb', 'éb', true],
    ['a\\b', 'a', true],
    ['\\b', '', false],
    ['\\B', '', true],
    ['^\\p{Lu}$', 'É', true],
    ['^\\P{L}$', '1', true],
    ['^(?:a*?)*b$', 'aab', true],
    ['^(?:|a)+$', 'aa', true],
    ['^a{2,3}?$', 'aaaa', false],
    ['x*', 'y', true],
  ])('%s on %j: %s', (pattern, value, expected) => {
    expect(new RegExp(pattern, 'u').test(value)).toBe(expected)
    for (const way of [createMatcher(pattern), automatonOf(pattern), automatonOf(pattern, 0)])
      expect(way.test(value)).toBe(expected)
  })
})

/** Patterns that engines which go back take exponential or polynomial time for, and values that make them. */
const CATASTROPHES: readonly (readonly [pattern: string, unit: string, end: string])[] = [
  ['^(a+)+$', 'a', '!'],
  ['^((a)*)*$', 'a', '!'],
  ['^(a|aa)+$', 'a', '!'],
  ['^(a|a)*$', 'a', '!'],
  ['^(?:a*b?)*c$', 'ab', '!'],
  ['^(\\w+\\s?)+$', 'a', '!'],
  ['^([a-z0-9-]+\\.)+[a-z]{2,}$', 'a.', '!'],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', '!'],
  [`^${'a?'.repeat(30)}${'a'.repeat(30)}$`, 'a', '!'],
  ['^(a?){27}$', 'a', ''],
  ['^((a?){5}){5}$', 'a', ''],
  ['^.*x.*y$', 'x', '!'],
  ['^.*.*.*.*x$', 'a', ''],
  ['a+b', 'a', ''],
  ['\\d+\\d+$', '1', '!'],
  ['\\s+$', ' ', '!'],
  ['^\\s*[^@\\s]+@[^@\\s]+\\.[^@\\s]+\\s*$', '@.', ' !'],
  ['(.*)*\\b$', 'a', '!'],
  ['a.{200}b', 'a', ''],
  ['(x+x+)+y', 'x', ''],
  ['\\p{L}+\\p{L}*1', 'é', ''],
]

describe('a pattern that going back would take very long for', () => {
  test.each(CATASTROPHES)('%s takes a bounded number of steps', (pattern, unit, end) => {
    for (const length of [100, 10_000]) {
      const value = `${unit.repeat(length / unit.length)}${end}`
      for (const kept of [0, 1_000, 50_000]) {
        const run = automatonOf(pattern, kept)
        run.test(value)
        const most = (value.length + 1) * run.automaton.states.length
        expect(run.looked()).toBeLessThanOrEqual(most)
        expect(run.looked()).toBeGreaterThan(0)
      }
    }
  })

  test.each(CATASTROPHES)('%s is run as an automaton', (pattern) =>
    expect(createMatcher(pattern).enginePattern).toBeUndefined(),
  )

  test.each(CATASTROPHES)('%s needs no more steps for a value it has seen', (pattern, unit, end) => {
    const run = automatonOf(pattern, 1_000_000)
    const value = `${unit.repeat(1_000)}${end}`
    run.test(value)
    const once = run.looked()
    run.test(value)
    expect(run.looked()).toBe(once)
  })
})

describe('what is kept', () => {
  test('is bounded, and begins anew: a value that fits is fast after one that does not', () => {
    const run = automatonOf('(?:a|b)*a(?:a|b){12}$', 2_000)
    const hostile = Array.from({ length: 5_000 }, (_, at) => ((at * at) % 7 < 3 ? 'a' : 'b')).join('')
    run.test(hostile)
    const usual = 'bbbb'
    run.test(usual)
    const before = run.looked()
    run.test(usual)
    expect(run.looked()).toBe(before)
  })

  test('holds for every character, also once more kinds of them were met than are kept', () => {
    const pattern = '^[^\\p{L}]*$'
    const [run, native] = [automatonOf(pattern), new RegExp(pattern, 'u')]
    for (let code = 0; code < 0x110000; code += 97) {
      const value = String.fromCodePoint(code)
      if (run.test(value) !== native.test(value)) expect.fail(code.toString(16))
    }
  })
})

test('a value on which the engine would give up is matched all the same', () => {
  const pattern = '^(?:[a-z]|-)+$'
  const value = 'a'.repeat(12_000_000)
  expect(() => new RegExp(pattern, 'u').test(value)).toThrow(RangeError)
  expect(createMatcher(pattern).enginePattern).toBe(pattern)
  expect(createMatcher(pattern).test(value)).toBe(true)
  expect(createMatcher(pattern).test(`${'a'.repeat(LONGEST_FOR_ENGINE)}!`)).toBe(false)
})

test('captures are left out', () => {
  const pattern = '^(?<year>\\d{4})-(0[1-9]|1(?:[0-2]))[(](\\()$'
  expect(createMatcher(pattern).enginePattern).toBe('^(?:\\d{4})-(?:0[1-9]|1(?:[0-2]))[(](?:\\()$')
})

test('a pattern that was refused is not run', () =>
  expect(() => createMatcher('(?=a)')).toThrow(/cannot be run on every record: look-around is not allowed/))
