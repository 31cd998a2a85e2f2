import { expect, test } from 'vitest'
import { postgresScript } from '#contracts/export/postgres-ddl.ts'
import { parseContract } from '#contracts/parse.ts'
import { contractText } from '../contract-text.ts'

/** The script of a table of these properties, ODCS 3.2. */
const scriptOf = (...properties: readonly string[]): string => {
  const { contract } = parseContract(contractText({ apiVersion: 'v3.2.0', properties }))
  return postgresScript(contract ? [contract] : [])
}
const linesOf = (property: string): readonly string[] =>
  scriptOf(`{name: a, ${property}}`)
    .split('\n')
    .filter((line) => /^ {2}/.test(line))
    .map((line) => line.trim().replace(/,$/, ''))

test.each([
  [
    `logicalType: string, physicalType: text, enum: [{value: new}, {value: "it's"}]`,
    `"a" in ('new', 'it''s')`,
  ],
  ['logicalType: integer, physicalType: integer, enum: [{value: 1}, {value: 2}]', '"a" in (1, 2)'],
  ['logicalType: string, physicalType: text, enum: [{value: 1}]', `"a" in ('1')`],
  ['logicalType: boolean, physicalType: boolean, enum: [{value: true}]', `"a" in ('true')`],
  ['logicalType: date, physicalType: date, enum: [{value: "2020-01-01"}]', `"a" in ('2020-01-01')`],
  ["logicalType: array, physicalType: 'text[]', enum: [{value: x}]", `"a" <@ array['x']::text[]`],
  [
    "logicalType: array, physicalType: 'integer[]', items: {logicalType: integer, enum: [{value: 1}]}",
    'array_remove("a", null) <@ array[1]::integer[]',
  ],
])('allowed values of {%s} are a check', (property, check) => {
  expect(linesOf(property).at(-1)).toBe(`check (${check})`)
})

test('allowed values are no check where the type holds them, or where there is no text to compare', () => {
  const script = scriptOf('{name: a, logicalType: string, physicalType: mood, enum: [{value: good}]}')
  expect(script).toContain(`create type "mood" as enum ('good')`)
  expect(script).not.toContain('check')
  expect(linesOf('logicalType: object, physicalType: jsonb, enum: [{value: x}]')).toEqual(['"a" jsonb'])
})

test('bounds keep every digit, and are those of numbers and moments only', () => {
  expect(
    linesOf(
      'logicalType: integer, physicalType: bigint, logicalTypeOptions: {maximum: 9223372036854775806}',
    ).at(-1),
  ).toBe('check ("a" <= 9223372036854775806)')
  expect(
    linesOf(`logicalType: date, physicalType: date, logicalTypeOptions: {minimum: '2020-01-01'}`).at(-1),
  ).toBe(`check ("a" >= '2020-01-01')`)
  expect(linesOf(`logicalType: time, physicalType: time, logicalTypeOptions: {minimum: '08:00'}`)).toEqual([
    '"a" time',
  ])
})

const DIMENSIONS = 'logicalType: vector, logicalTypeOptions: {dimensions: 3}'
test.each([
  [DIMENSIONS, 'vector(3)', true],
  [`${DIMENSIONS}, physicalType: vector`, 'vector(3)', true],
  [`${DIMENSIONS}, physicalType: "VECTOR(4)"`, 'vector(4)', true],
  [`${DIMENSIONS}, physicalType: halfvec`, 'halfvec(3)', true],
  ['logicalType: array, physicalType: "vector(3)"', 'vector(3)', true],
  ['logicalType: string, physicalType: public.sparsevec', 'sparsevec', true],
  ['logicalType: vector, logicalTypeOptions: {dimensions: 8, elementType: binary}', 'bit(8)', false],
  ['logicalType: vector, logicalTypeOptions: {dimensions: 8, elementType: float16}', 'halfvec(8)', true],
  [`${DIMENSIONS}, physicalType: '"Vector"'`, '"Vector"', true],
])('{%s} has the type %s', (property, type, usesPgvector) => {
  expect(linesOf(property)[0]).toBe(`"a" ${type}`)
  const script = scriptOf(`{name: a, ${property}}`)
  expect(script.startsWith('-- Needs the extension pgvector: create extension if not exists vector\n')).toBe(
    usesPgvector,
  )
  expect(script).not.toMatch(/create (?:domain|type) "(?:vector|halfvec|sparsevec)"/)
})

test('a vector that is an array, or too large for pgvector, is checked for its size', () => {
  expect(linesOf(`${DIMENSIONS}, physicalType: 'real[]'`)).toEqual([
    '"a" real[]',
    'check (cardinality("a") = 3)',
  ])
  expect(linesOf('logicalType: vector, logicalTypeOptions: {dimensions: 16001}')).toEqual([
    '"a" real[]',
    'check (cardinality("a") = 16001)',
  ])
})
