/** Rules that are tested on bytes, at the values where one keeps them and the next does not: both paths agree, and what keeps them is taken. */
import { describe, expect, test } from 'vitest'
import { datasetOf, KEY } from '../../contracts/contract-text.ts'
import { envelope } from '../records.ts'
import { BothPaths } from './support/both-paths.ts'

/** Is the value taken by the byte path? Throws if the paths do not agree. */
function taken(property: string, value: unknown): boolean {
  const paths = new BothPaths(datasetOf({ properties: [...KEY, `{name: v, ${property}}`] }))
  const after = { tenant_id: 'acme', id: 7, v: value }
  return paths.take(Buffer.from(JSON.stringify(envelope({ after, sequence: '["1","2"]' }))), 1)
}

type Case = readonly [property: string, kept: readonly unknown[], broken: readonly unknown[]]

const options = (text: string): string => `logicalTypeOptions: {${text}}`
const moment = (text: string): string => `physicalType: timestamptz, ${options(text)}`
const day = (text: string): string => `physicalType: date, ${options(text)}`
const tags = (text: string): string => `physicalType: "text[]", ${text}`
const json = (text: string): string => `physicalType: jsonb, ${options(text)}`

const MOMENTS: readonly Case[] = [
  [moment('minimum: "2020-03-01"'), ['2020-03-01T00:00:00Z'], ['2020-02-29T23:59:59.999999Z']],
  [moment('maximum: "2020-02-29"'), ['2020-02-29T23:59:59.999999Z'], ['2020-03-01T00:00:00Z']],
  [moment('exclusiveMinimum: "2020-02-29"'), ['2020-03-01T00:00:00Z'], ['2020-02-29T23:59:59.999999Z']],
  [moment('exclusiveMaximum: "2020-02-29"'), ['2020-02-28T23:59:59.999999Z'], ['2020-02-29T00:00:00Z']],
  [moment('maximum: "2020-02-29T12:30"'), ['2020-02-29T12:30:59.999999Z'], ['2020-02-29T12:31:00Z']],
  [moment('exclusiveMinimum: "2020-02-29T12:30"'), ['2020-02-29T12:31:00Z'], ['2020-02-29T12:30:59.9Z']],
  [moment('maximum: "2020-02-29T12:30:15Z"'), ['2020-02-29T12:30:15.999999Z'], ['2020-02-29T12:30:16Z']],
  [moment('exclusiveMaximum: "2020-02-29 12:30:15"'), ['2020-02-29T12:30:14.9Z'], ['2020-02-29T12:30:15Z']],
  [moment('minimum: "1960-01-01T00:00:01Z"'), ['1960-01-01T00:00:01Z'], ['1960-01-01T00:00:00.9Z']],
  [
    moment('minimum: "2020-01-01", maximum: "2020-12-31", exclusiveMaximum: "2020-07-01"'),
    ['2020-06-30T23:59:59Z'],
    ['2020-07-01T00:00:00Z', '2019-12-31T23:59:59Z'],
  ],
  [day('minimum: "2020-03-01"'), ['2020-03-01'], ['2020-02-29']],
  [day('maximum: "2020-02-29T10:00"'), ['2020-02-29Z'], ['2020-03-01Z']],
  [day('exclusiveMinimum: "2020-02-29T23:00:00"'), ['2020-03-01'], ['2020-02-29']],
  [day('exclusiveMaximum: "1960-01-01"'), ['1959-12-31'], ['1960-01-01']],
]
const SIZES: readonly Case[] = [
  [tags(options('maxItems: 2')), [[], ['a'], ['a', 'b']], [['a', 'b', 'c']]],
  [tags(options('minItems: 2')), [['a', null]], [['a'], []]],
  [tags(options('minLength: 1, maxLength: 2')), [['a'], ['a', 'b']], [[], ['a', 'b', 'c']]],
  [tags('required: true, items: {name: i, required: true}'), [['a', 'b'], []], [['a', null]]],
  [tags('items: {name: i, required: true}'), [['a', 'b']], [['a', null]]],
  [tags('items: {name: i, logicalTypeOptions: {maxLength: 3}}'), [['abc', null], ['äöü']], [['a', 'abcd']]],
  [
    tags('required: true, items: {name: i, logicalTypeOptions: {pattern: "^[a-z]+$"}}'),
    [['ab']],
    [['ab', 'a1']],
  ],
  [
    json('maxProperties: 2'),
    ['{"a": 1, "b": {"c": 1, "d": 2, "e": 3}}', '[1,2,3,4,5,6,7]'],
    ['{"a":1,"b":2,"c":3}'],
  ],
  [json('maxProperties: 0'), ['{}', '[]', '"long text is no object"'], ['{"a":1}']],
  [json('maxProperties: 1'), ['{"a":1,"a":2}', '{"aaaaaaaaaaaaaaaaaaaaaaaaaa":1}'], ['{"":0,"b":0}']],
  [json('minProperties: 2'), ['{"a":1,"b":2}'], ['{"a":1}', '{"a":1,"a":2}', '{}', '[1,2]']],
  [json('maxItems: 2'), ['[1,2]', '[[1,2,3,4,5,6,7,8]]', '{"a":[1,2,3]}'], ['[0,0,0]', '["a","b","c"]']],
  [json('maxLength: 4'), ['"ab"', '{}', '[1]'], ['[100]']],
]

describe.each([
  ['moments', MOMENTS],
  ['sizes and items', SIZES],
] as const)('%s', (_name, cases) => {
  test.each(cases)('%s', (property, kept, broken) => {
    for (const value of kept) expect(taken(property, value), JSON.stringify(value)).toBe(true)
    for (const value of broken) expect(taken(property, value), JSON.stringify(value)).toBe(false)
  })
})

test('a bound with a fraction, or of no day of the calendar, means what it means to the plain path', () => {
  for (const bound of ['2020-01-01T00:00:00.5Z', '2020-02-30', '2020-13-01T00:00'])
    for (const rule of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'])
      for (const value of [
        '2020-01-01T00:00:00Z',
        '2020-01-01T00:00:00.5Z',
        '2020-02-29T23:59:59Z',
        '2020-12-31T00:00:00Z',
      ])
        expect(() => taken(moment(`${rule}: "${bound}"`), value)).not.toThrow()
})
