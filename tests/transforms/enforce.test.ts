import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEnforce } from '#transforms/enforce.ts'
import type { RawValue } from '#transforms/record.ts'
import { datasetOf, KEY } from '../contracts/contract-text.ts'

/** Codes of the faults of one column's value under one property. */
const faultsOf = (property: string, value: RawValue | undefined): readonly string[] => {
  const enforce = createEnforce(datasetOf({ properties: [...KEY, property] }), (one) => one === '#unchanged')
  const row = { tenant_id: 'acme', id: 1, ...(value === undefined ? {} : { a: value }) }
  return enforce(row).map(({ code, column }) => `${code} ${column}`)
}
const options = (type: string, rules: string): string =>
  `{name: a, physicalType: "${type}", logicalTypeOptions: ${rules}}`

describe('a rule', () => {
  const cases: readonly (readonly [string, RawValue, boolean])[] = [
    [options('text', '{minLength: 2}'), 'ab', true],
    [options('text', '{minLength: 2}'), '😀', false],
    [options('text', '{minLength: 2}'), '😀😀', true],
    [options('text', '{maxLength: 2}'), '😀😀', true],
    [options('text', '{maxLength: 2}'), 'abc', false],
    [options('text', '{maxLength: 0}'), '', true],
    [options('text[]', '{maxLength: 2}'), ['abc', 'def'], true],
    [options('text[]', '{maxLength: 2}'), ['a', 'b', 'c'], false],
    [options('text', "{pattern: '^[A-Z]{2}$'}"), 'FR', true],
    [options('text', "{pattern: '^[A-Z]{2}$'}"), 'FRA', false],
    [options('text', "{pattern: '^[A-Z]{2}$'}"), 'FR\n', false],
    [options('text', "{pattern: '^.$'}"), '😀', true],
    [options('text', "{pattern: '^1$'}"), 1, false],
    [options('integer', '{minimum: 0}'), 0, true],
    [options('integer', '{minimum: 0}'), -1, false],
    [options('integer', '{maximum: 10}'), 11, false],
    [options('integer', '{exclusiveMinimum: 0}'), 0, false],
    [options('integer', '{exclusiveMaximum: 10}'), 10, false],
    [options('integer', '{exclusiveMaximum: 10.5}'), 10, true],
    [options('bigint', '{maximum: "9223372036854775806"}'), '9223372036854775807', false],
    [options('bigint', '{maximum: "9223372036854775807"}'), '9223372036854775807', true],
    [options('bigint', '{minimum: "9007199254740993"}'), '9007199254740992', false],
    [options('numeric(40,20)', '{maximum: "0.10000000000000000001"}'), '0.10000000000000000002', false],
    [options('numeric(40,20)', '{maximum: "0.10000000000000000001"}'), '0.1', true],
    [options('numeric', '{exclusiveMinimum: 0}'), '0.00', false],
    [options('numeric', '{minimum: 0}'), 'NAN', true],
    [options('float8', '{minimum: 0}'), 'NaN', true],
    [options('float8', '{maximum: 1}'), 1.0000001, false],
    [options('date', '{minimum: "2020-01-01"}'), '2019-12-31Z', false],
    [options('date', '{minimum: "2020-01-01"}'), '2020-01-01Z', true],
    [options('date', '{maximum: "2035-12-31"}'), '2036-01-01Z', false],
    [options('timestamptz', '{maximum: "2035-12-31T23:59:59Z"}'), '2035-12-31T23:59:59.000001Z', true],
    [options('timestamptz', '{maximum: "2035-12-31T23:59:59Z"}'), '2036-01-01T00:00:00Z', false],
    [options('timestamptz', '{minimum: "2015-01-01 00:00:00"}'), '2014-12-31T23:59:59.999999Z', false],
    [options('timestamptz', '{maximum: "2035-12-31"}'), '2035-12-31T23:00:00Z', true],
    ['{name: a, customProperties: [{property: validValues, value: [x, 1, true]}]}', 'x', true],
    ['{name: a, customProperties: [{property: validValues, value: [x, 1, true]}]}', 1, true],
    ['{name: a, customProperties: [{property: validValues, value: [x, 1, true]}]}', true, true],
    ['{name: a, customProperties: [{property: validValues, value: [x, 1, true]}]}', 'X', false],
    [
      '{name: a, physicalType: "text[]", customProperties: [{property: validValues, value: [x, y]}]}',
      ['x', 'y'],
      true,
    ],
    [
      '{name: a, physicalType: "text[]", customProperties: [{property: validValues, value: [x, y]}]}',
      ['x', 'z'],
      false,
    ],
    [
      '{name: a, physicalType: "text[]", customProperties: [{property: validValues, value: [x, y]}]}',
      [],
      true,
    ],
  ]
  test.each(cases)('%s: %j holds: %s', (property, value, holds) => {
    expect(faultsOf(property, value)).toHaveLength(holds ? 0 : 1)
  })

  test('names itself and its column, never the value', () => {
    expect(faultsOf(options('text', "{maxLength: 3, pattern: '^x'}"), 'ada@example.org')).toEqual([
      'maxLength a',
      'pattern a',
    ])
  })

  test.each([null, undefined])('is not asked about %s, but required is', (value) => {
    expect(faultsOf(options('text', '{minLength: 2}'), value)).toEqual([])
    expect(faultsOf('{name: a, physicalType: text, required: true}', value)).toEqual(['required a'])
  })

  test('is not asked about a value that did not change', () => {
    expect(faultsOf('{name: a, required: true, logicalTypeOptions: {maxLength: 1}}', '#unchanged')).toEqual(
      [],
    )
  })
})

test('at most three faults are said', () => {
  const properties = [...KEY, ...['a', 'b', 'c', 'd', 'e'].map((name) => `{name: ${name}, required: true}`)]
  const enforce = createEnforce(datasetOf({ properties }), () => false)
  expect(enforce({ tenant_id: 'x', id: 1 }).map((fault) => fault.column)).toEqual(['a', 'b', 'c'])
  expect(enforce({ e: 'x' })).toHaveLength(3)
})

test('no value makes it throw', () => {
  const rules = "{minLength: 1, maxLength: 9, pattern: '^x', minimum: 1, maximum: 5}"
  const enforces = ['text', 'integer', 'bigint', 'numeric(9,2)', 'float8', 'text[]', 'jsonb'].map((type) =>
    createEnforce(
      datasetOf({
        properties: [
          ...KEY,
          `{name: a, physicalType: "${type}", logicalTypeOptions: ${rules}, customProperties: [{property: validValues, value: [x]}]}`,
        ],
      }),
      () => false,
    ),
  )
  const hostile = fc.oneof(
    fc.jsonValue(),
    fc.constant({ toString: 1, valueOf: 2 }),
    fc.constant([{ toString: null }]),
  )
  fc.assert(
    fc.property(fc.constantFrom(...enforces), hostile, (enforce, value) => {
      for (const { code, column } of enforce({ tenant_id: 'x', id: 1, a: value as RawValue })) {
        expect(column).toBe('a')
        expect(code).toMatch(/^(type|minLength|maxLength|pattern|minimum|maximum|validValues)$/)
      }
    }),
  )
})
