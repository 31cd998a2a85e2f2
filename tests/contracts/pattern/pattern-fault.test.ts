import { describe, expect, test } from 'vitest'
import { patternFault } from '#contracts/pattern/pattern-fault.ts'
import { USUAL_PATTERNS } from './usual-patterns.ts'

const LOOK_AROUND = 'look-around is not allowed'
const BACK_REFERENCE = 'back references are not allowed'
const FLAGS = 'flags inside of a pattern are not allowed'
const NONE = 'not a regular expression'
const states = (count: string): string =>
  `its repetitions, written out, make ${count}, 1,000 are allowed; use lower counts, and minLength and maxLength for lengths`

describe('a pattern', () => {
  test.each(USUAL_PATTERNS.map(([name, pattern]) => [name, pattern]))('%s may be used', (_, pattern) =>
    expect(patternFault(pattern)).toBeUndefined(),
  )

  test.each([
    '',
    '(a+)+$',
    '((a)*)*$',
    '(a|aa)+$',
    '^(a?){27}$',
    '^.*.*.*.*x$',
    `^${'a?'.repeat(30)}${'a'.repeat(30)}$`,
    '[^]',
    '[]',
    '(?<name>a)|b',
    '^[(?=a)]$',
    '^a{1000}',
    'a{500}b{500}',
    '^a{1,9999}$',
    '^(?:a{99}b){99}$',
    '(?:){99999}',
  ])('%s may be used, too', (pattern) => expect(patternFault(pattern)).toBeUndefined())

  test.each([
    ['(?=a)b', LOOK_AROUND],
    ['(?!a)b', LOOK_AROUND],
    ['(?<=a)b', LOOK_AROUND],
    ['x(?:(?<!a)b)*', LOOK_AROUND],
    ['(a)\\1', BACK_REFERENCE],
    ['(?<n>a)\\k<n>', BACK_REFERENCE],
    ['(?i:a)', FLAGS],
    ['(?-s:a)', FLAGS],
    ['([', NONE],
    ['a{2,1}', NONE],
    ['\\', NONE],
    ['\\-', NONE],
    ['\\p{Nonsense}', NONE],
    ['a'.repeat(1_001), 'longer than 1000 characters'],
    ['a{1001}', states('1,001 states')],
    ['^a{1,20000}$', states('40,001 states')],
    ['^.{0,999}x$', states('2,001 states')],
    ['(a{1000}){1000}', states('1,000,000 states or more')],
    ['((a{99999999}){99999999}){99999999}', states('1,000,000 states or more')],
    [`${'('.repeat(40)}a${'){999999999}'.repeat(40)}`, states('1,000,000 states or more')],
  ])('%s may not: %s', (pattern, fault) => expect(patternFault(pattern)).toBe(fault))
})
