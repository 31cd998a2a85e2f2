import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patternFault } from '#contracts/compile/pattern-fault.ts'

const TWICE = 'the same thing repeated without end twice in a row can run for very long'
const ENDLESS = 'repeated groups that hold a repetition or an alternative can run without end'

describe('a pattern', () => {
  test.each([
    ['^[A-Z]{2}$'],
    ['^\\s*[^@\\s]+@[^@\\s]+\\.[^@\\s]+\\s*$'],
    ['^\\+[0-9][0-9 ()-]{6,22}$'],
    ['^\\d+(\\.\\d+)?$'],
    ['^(?:red|green|blue)$'],
    ['^(?<year>\\d{4})-(?:0|1)\\d$'],
    ['^([a-z]{2,3}){1}$'],
    ['^(ab)+$'],
    ['^[(a+)+]$'],
    ['\\(a+\\)+'],
    ['^(?:a{1})+$'],
    ['^([0-9]{1,3}[.]){3}[0-9]{1,3}$'],
    ['^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$'],
    ['^(-?\\d{4}){3}$'],
    ['^\\p{L}+ \\p{L}+$'],
    [''],
  ])('%s may be used', (pattern) => expect(patternFault(pattern)).toBeUndefined())

  test.each([
    ['(a+)+$', ENDLESS],
    ['((a)+)+', ENDLESS],
    ['(((a+)))*', ENDLESS],
    ['(?:a*b?)*c', ENDLESS],
    ['(a|aa)+$', ENDLESS],
    ['(?:(?:a|b))+', ENDLESS],
    ['(\\d+,){3,}', ENDLESS],
    ['(?<x>a{2,})+', ENDLESS],
    ['([)]+)+', ENDLESS],
    ['^(a?){27}$', ENDLESS],
    ['^(a?b?){20}$', ENDLESS],
    ['^(a?a?){9}$', ENDLESS],
    ['^((a?){5}){5}$', ENDLESS],
    ['^.*.*.*.*x$', TWICE],
    ['\\d+\\d+$', TWICE],
    ['[ab]*c?[ab]*$', TWICE],
    ['(?=a)b', 'look-around is not allowed'],
    ['(?!a)b', 'look-around is not allowed'],
    ['(?<=a)b', 'look-around is not allowed'],
    ['(?<!a)b', 'look-around is not allowed'],
    ['(a)\\1', 'back references are not allowed'],
    ['(?<n>a)\\k<n>', 'back references are not allowed'],
    ['([', 'not a regular expression'],
    ['a{2,1}', 'not a regular expression'],
    ['\\', 'not a regular expression'],
  ])('%s may not: %s', (pattern, fault) => expect(patternFault(pattern)).toBe(fault))

  test('that is accepted answers soon on a hostile value', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '(',
      ')',
      '(?:',
      '+',
      '*',
      '?',
      '|',
      '{2,3}',
      '{1}',
      '^',
      '$',
      '\\d',
      '\\.',
    )
    const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(pattern, (text) => {
        fc.pre(patternFault(text) === undefined)
        const start = performance.now()
        new RegExp(text, 'u').test(`${'a'.repeat(60)}!`)
        expect(performance.now() - start).toBeLessThan(2_000)
      }),
      { numRuns: 2_000 },
    )
  })
})
