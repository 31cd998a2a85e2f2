import { describe, expect, test } from 'vitest'
import { type CheckedColumn, checkRules } from '#contracts/import/check-rules.ts'
import { patternFromPostgres, patternToPostgres } from '#contracts/import/postgres-pattern.ts'

const columns = new Map<string, CheckedColumn>([
  ['n', { comparison: 'integer' }],
  ['d', { comparison: 'decimal' }],
  ['f', { comparison: 'float' }],
  ['t', { comparison: 'text' }],
  ['c', { comparison: 'character', length: 1 }],
  ['c3', { comparison: 'character', length: 3 }],
  ['e', { comparison: 'enum' }],
  ['day', { comparison: 'date' }],
  ['at', { comparison: 'timestamp' }],
  ['o', { comparison: 'other' }],
  ['a "b"', { comparison: 'integer' }],
  ['VALUE', { comparison: 'text' }],
])

/** Expressions as Postgres 18 prints them. */
const understood: readonly (readonly [string, string, object])[] = [
  ['(n >= 0)', 'n', { options: { minimum: 0 } }],
  ['(n > 0)', 'n', { options: { exclusiveMinimum: 0 } }],
  ['(0 < n)', 'n', { options: { exclusiveMinimum: 0 } }],
  ['((n >= 1) AND (n <= 5))', 'n', { options: { minimum: 1, maximum: 5 } }],
  ["(n > '-1'::integer)", 'n', { options: { exclusiveMinimum: -1 } }],
  ['((n)::numeric > (0)::numeric)', 'n', { options: { exclusiveMinimum: 0 } }],
  ['(n = ANY (ARRAY[1, 2, 3]))', 'n', { options: {}, values: [1, 2, 3] }],
  ['((n = 1) OR (n = 2))', 'n', { options: {}, values: [1, 2] }],
  ['((n IS NULL) OR (n > 0))', 'n', { options: { exclusiveMinimum: 0 } }],
  ['(n IS NOT NULL)', 'n', { options: {}, required: true }],
  ['("a ""b""" < 3)', 'a "b"', { options: { exclusiveMaximum: 3 } }],
  ['(d > (0)::numeric)', 'd', { options: { exclusiveMinimum: 0 } }],
  ['(d < 1000.5)', 'd', { options: { exclusiveMaximum: 1000.5 } }],
  ["(d >= '-90.25'::numeric)", 'd', { options: { minimum: -90.25 } }],
  ['(f > (0)::double precision)', 'f', { options: { exclusiveMinimum: 0 } }],
  ["(t = ANY (ARRAY['a'::text, 'it''s'::text]))", 't', { options: {}, values: ['a', "it's"] }],
  [
    "((t)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    't',
    { options: {}, values: ['a', 'b'] },
  ],
  ["((t)::text = 'a'::text)", 't', { options: {}, values: ['a'] }],
  ["(t <> ''::text)", 't', { options: { minLength: 1 } }],
  ['(length(t) = 13)', 't', { options: { minLength: 13, maxLength: 13 } }],
  ['(char_length((t)::text) <= 5)', 't', { options: { maxLength: 5 } }],
  ['(length(t) > 2)', 't', { options: { minLength: 3 } }],
  ["(t ~ '^[A-Z]{2}\\d+$'::text)", 't', { options: { pattern: '^[A-Z]{2}\\d+$' } }],
  ["(c = ANY (ARRAY['S'::bpchar, 'M'::bpchar]))", 'c', { options: {}, values: ['S', 'M'] }],
  [
    "(e = ANY (ARRAY['new'::shop.status, 'paid'::shop.status]))",
    'e',
    { options: {}, values: ['new', 'paid'] },
  ],
  ["(day >= '2000-01-01'::date)", 'day', { options: { minimum: '2000-01-01' } }],
  [
    "(at > '2001-02-03 04:05:06'::timestamp without time zone)",
    'at',
    { options: { exclusiveMinimum: '2001-02-03T04:05:06' } },
  ],
  [
    "(at > '2001-02-03 04:05:06+02'::timestamp with time zone)",
    'at',
    { options: { exclusiveMinimum: '2001-02-03T02:05:06Z' } },
  ],
  ["((VALUE)::text ~ '^x'::text)", 'VALUE', { options: { pattern: '^x' } }],
]

/** What would be another rule, or none at all. */
const inWords: readonly string[] = [
  '(n < d)',
  '((n % 2) = 1)',
  '(n <> 0)',
  '(NOT (n > 0))',
  '((n > 0) OR (d > (0)::numeric))',
  '((n > 0) OR (n IS NOT NULL))',
  '((n IS NULL) OR (d > (0)::numeric))',
  '(n > 123456789012345678)',
  '(d > 0.12345678901234567)',
  '((d)::integer > 0)',
  '(d > ((0.5)::integer)::numeric)',
  "(t > 'a'::text)",
  "(t ~* 'abc'::text)",
  "(t !~ 'abc'::text)",
  "(t ~~ 'a%'::text)",
  "(t ~ '^\\w+$'::text)",
  "(t ~ '[[:alpha:]]'::text)",
  "(t ~ '(a{40}b?){40}'::text)",
  '(lower(t) = t)',
  '(octet_length(t) < 9)',
  '(length((c3)::text) = 2)',
  "(c3 = 'ab'::bpchar)",
  "(t = E'a\\\\b'::text)",
  "((t)::character varying(2) = 'ab'::text)",
  "(o = 'a'::citext)",
  '(day < CURRENT_DATE)',
  '(at < now())',
  "(day >= 'infinity'::date)",
  'CASE WHEN (n > 0) THEN true ELSE false END',
  '(unknown > 0)',
  '(n > 0',
  '',
]

describe('a check', () => {
  test.each(understood)('%s is a rule of %s', (text, column, rules) => {
    const { columns: found, rest } = checkRules([text], columns)
    expect(rest).toEqual([])
    expect(Object.fromEntries(found)).toEqual({ [column]: rules })
  })

  test.each(inWords.map((text) => [text]))('%s stays in words', (text) => {
    const { columns: found, rest } = checkRules([text], columns)
    expect(Object.fromEntries(found)).toEqual({})
    expect(rest).toHaveLength(1)
  })

  test('of several parts keeps those in words that are no rules', () => {
    const { columns: found, rest } = checkRules(['((n > 0) AND (n < d) AND (day < now()))'], columns)
    expect(found.get('n')).toEqual({ options: { exclusiveMinimum: 0 } })
    expect(rest).toEqual([
      { text: 'n < d', of: 0 },
      { text: 'day < now()', of: 0 },
    ])
  })

  test('that contradicts another stays in words', () => {
    const { columns: found, rest } = checkRules(['(n > 5)', '(n < 3)', '(n >= 6)'], columns)
    expect(found.get('n')?.options).toEqual({ exclusiveMinimum: 5 })
    expect(rest.map(({ of }) => of)).toEqual([1, 2])
  })

  test('that is nested without end is given up', () => {
    expect(checkRules([`${'('.repeat(5_000)}n > 0${')'.repeat(5_000)}`], columns).rest).toHaveLength(1)
  })
})

describe('a pattern of Postgres', () => {
  const same: readonly (readonly [string, string])[] = [
    ['^[A-Z]{2}\\d+$', '^[A-Z]{2}\\d+$'],
    ['^.+@.+\\..+$', '^[\\s\\S]+@[\\s\\S]+\\.[\\s\\S]+$'],
    ['^a\\-b\\@c$', '^a-b@c$'],
    ['^[a\\-z]$', '^[a\\-z]$'],
    ['^(a|b)c?$', '^(a|b)c?$'],
    ['^(?:a|b)$', '^(?:a|b)$'],
    ['^([a-z]+[.])+[a-z]+$', '^([a-z]+[.])+[a-z]+$'],
  ]
  test.each(same)('%s is %s', (postgres, ours) => {
    expect(patternFromPostgres(postgres)).toBe(ours)
    const back = patternToPostgres(ours)
    expect(back === undefined ? undefined : patternFromPostgres(back)).toBe(ours)
  })

  test.each([
    ['(?i)abc'],
    ['***:abc'],
    ['\\w+'],
    ['\\s'],
    ['\\mword\\M'],
    ['\\ya'],
    ['a(?=b)'],
    ['(a)\\1'],
    ['(a{40}b?){40}'],
    ['[[:alpha:]]'],
    ['[]a]'],
    ['[\\w]'],
    ['a{'],
    ['('],
    ['a\\'],
  ])('%s has no counterpart', (pattern) => expect(patternFromPostgres(pattern)).toBeUndefined())
})
