/** Rules in the exports that check rows: the zod schema says what the validator says, the JSON Schema refuses nothing that is valid. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { avroSchema } from '#contracts/export/avro.ts'
import { jsonSchema } from '#contracts/export/json-schema.ts'
import { typescriptModule } from '#contracts/export/typescript.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import type { Row, RowValue } from '#contracts/validator/row.ts'
import { datasetOf, KEY, personal } from '../contract-text.ts'
import { rulesDataset } from './rules-contract.ts'

const dataset = rulesDataset()
const dir = join(
  fileURLToPath(new URL('../../..', import.meta.url)),
  'node_modules/.cache',
  `rules-${process.pid}`,
)
mkdirSync(dir, { recursive: true })
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 })
addFormats.default(ajv)
const schema = JSON.parse(jsonSchema(dataset, 'source'))
const validate = createValidator(dataset)
const isJsonValid = ajv.compile(schema)
let zodSchema: z.ZodType
beforeAll(async () => {
  const file = join(dir, 'module.ts')
  writeFileSync(file, typescriptModule([dataset], 'source'))
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    readonly thingsSchema: z.ZodType
  }
  zodSchema = module.thingsSchema
})
const rowOf = (name: string, value: RowValue): Row => ({ tenant_id: 'acme', id: 1, [name]: value })

const cases: readonly (readonly [column: string, value: RowValue, isValid: boolean])[] = [
  ['whole', 3, true],
  ['whole', 2, false],
  ['whole', 15, false],
  ['whole', 4, false],
  ['long', '9007199254740992', true],
  ['long', '9007199254740991', false],
  ['long', '9223372036854775799', true],
  ['long', '9223372036854775800', false],
  ['long', 5, false],
  ['amount', '10.50', true],
  ['amount', '10.51', false],
  ['amount', '0', false],
  ['amount', '-0.05', false],
  ['amount', '0.35', true],
  ['amount', '0.36', false],
  ['ratio', 1, true],
  ['ratio', 1.5, false],
  ['step', '1.50', true],
  ['step', '1.51', false],
  ['step', 2, true],
  ['day', '2020-01-02', true],
  ['day', '2020-01-01Z', false],
  ['day', '2020-02-01', false],
  ['at', '2020-01-01T10:00:00.5Z', true],
  ['at', '2020-01-01 09:59:59+00', false],
  ['at', '2020-01-02T00:00:01Z', false],
  ['tags', ['a', 'b'], true],
  ['tags', ['a', null], true],
  ['tags', ['a', 'a'], false],
  ['tags', [], false],
  ['tags', ['a', 'b', 'c', 'd'], false],
  ['tags', ['abc'], false],
  ['counts', [1, 2], true],
  ['counts', [1, 0], false],
  ['counts', [1, null], false],
  ['prices', ['1.00', 2, null], true],
  ['prices', ['0.99'], false],
  ['place', [1, 2.5, -3], true],
  ['place', [1, 2], false],
  ['place', [1, 2, 3, 4], false],
]
test.each(cases)('%s: %j is valid: %s, to the validator and to zod', (column, value, isValid) => {
  expect(validate(rowOf(column, value)).length === 0).toBe(isValid)
  expect(zodSchema.safeParse(rowOf(column, value)).success).toBe(isValid)
})

test('zod says what the validator says of numbers and moments, however they are written', () => {
  const digits = fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }).map(String)
  const numbers = fc.oneof(
    fc.integer({ min: -5, max: 20 }),
    fc.integer({ min: -200, max: 1_200 }).map((cents) => (cents / 100).toFixed(2)),
    digits.filter((one) => one.replace('-', '').length <= 19),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map(String),
    fc.bigInt({ min: 9223372036854775795n, max: 9223372036854775807n }).map(String),
  )
  const moments = fc
    .date({ min: new Date('2019-12-31'), max: new Date('2020-02-02'), noInvalidDate: true })
    .map((date) => date.toISOString())
  const cells: fc.Arbitrary<readonly [string, RowValue]> = fc.oneof(
    fc.tuple(fc.constantFrom('whole', 'long', 'amount', 'step'), numbers),
    fc.tuple(fc.constant('prices'), fc.array(numbers, { maxLength: 3 })),
    fc.tuple(fc.constant('at'), moments),
    fc.tuple(
      fc.constant('at'),
      moments.map((text) => text.replace('T', ' ').replace('Z', '+00')),
    ),
    fc.tuple(
      fc.constant('day'),
      moments.map((text) => text.slice(0, 10)),
    ),
  )
  let valid = 0
  fc.assert(
    fc.property(cells, ([column, value]) => {
      const row = rowOf(column, value)
      const faults = validate(row)
      expect(zodSchema.safeParse(row).success, JSON.stringify(row)).toBe(faults.length === 0)
      if (faults.length > 0) return
      valid++
      expect(isJsonValid(row), JSON.stringify([row, isJsonValid.errors])).toBe(true)
    }),
    { seed: 20_260, numRuns: 3_000 },
  )
  expect(valid).toBeGreaterThan(300)
})

describe('the JSON Schema', () => {
  test.each(cases.filter(([, , isValid]) => isValid))('%s: takes %j', (column, value) => {
    expect(isJsonValid(rowOf(column, value)), JSON.stringify(isJsonValid.errors)).toBe(true)
  })

  const refused: typeof cases = [
    ['tags', ['a', 'a'], false],
    ['tags', ['abc'], false],
    ['counts', [0], false],
    ['counts', [null], false],
    ['prices', [0.5], false],
    ['place', [1, 2], false],
    ['place', [1, 2, 3, 4], false],
    ['amount', 11, false],
    ['whole', 4, false],
  ]
  test.each(refused)('%s: refuses %j', (column, value) => {
    expect(isJsonValid(rowOf(column, value))).toBe(false)
  })

  test('says beside its words what they cannot say, exactly', () => {
    const { whole, long, amount, step, day, prices, tags } = schema.properties
    expect(long['x-rules']).toEqual([
      { rule: 'minimum', bound: '9007199254740992' },
      { rule: 'exclusiveMaximum', bound: '9223372036854775800' },
    ])
    expect(long).not.toHaveProperty('minimum')
    expect(amount).toMatchObject({ exclusiveMinimum: 0, maximum: 10.5, multipleOf: 0.05 })
    expect(amount['x-rules']).toHaveLength(3)
    expect(step['x-rules']).toEqual([{ rule: 'validValues', values: ['1.5', '2'] }])
    expect(day['x-rules']).toEqual([
      { rule: 'minimum', bound: '2020-01-02' },
      { rule: 'exclusiveMaximum', bound: '2020-02-01' },
    ])
    expect(prices.items['x-rules']).toEqual([{ rule: 'minimum', bound: '1' }])
    for (const one of [long, amount, step, day, prices.items]) expect(one.$comment).toMatch(/^x-rules: /)
    for (const one of [whole, tags]) expect(one).not.toHaveProperty('x-rules')
  })

  test('of what is stored has no words of arrays for a text: they are about its content', () => {
    const stored = JSON.parse(jsonSchema(dataset, 'stored')).properties
    for (const column of ['tags', 'counts', 'place']) {
      expect(stored[column].type).toEqual(['string', 'null'])
      for (const word of ['minItems', 'maxItems', 'uniqueItems', 'items'])
        expect(stored[column]).not.toHaveProperty(word)
    }
    expect(stored.tags.contentSchema).toEqual({
      type: 'array',
      minItems: 1,
      maxItems: 3,
      uniqueItems: true,
      items: { type: ['string', 'null'], maxLength: 2 },
    })
    expect(stored.place.contentSchema).toMatchObject({ minItems: 3, maxItems: 3 })
  })

  test('has the narrower of two bounds', () => {
    const narrow = (options: string, target: string) =>
      JSON.parse(
        jsonSchema(
          datasetOf({
            properties: [
              ...KEY,
              `{name: a, physicalType: smallint, logicalTypeOptions: ${options}, customProperties: [{property: targetType, value: ${target}}]}`,
            ],
          }),
          'source',
        ),
      ).properties.a
    expect(narrow('{minimum: 5}', 'UInt8')).toMatchObject({ minimum: 5, maximum: 255 })
    expect(narrow('{minimum: -70000, maximum: 300}', 'Int16')).toMatchObject({
      minimum: -32768,
      maximum: 300,
    })
  })
})

test.each([
  ['vector(2)', true],
  ['jsonb', false],
])(
  'a required vector in a column of type %s is an array in the source; stored as one: %s',
  (type, isArray) => {
    const required = datasetOf({
      apiVersion: 'v3.2.0',
      properties: [
        ...KEY,
        `{name: a, logicalType: vector, physicalType: "${type}", required: true, logicalTypeOptions: {dimensions: 2}}`,
      ],
    })
    const of = (side: 'source' | 'stored') => JSON.parse(jsonSchema(required, side)).properties.a
    const array = { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } }
    expect(of('source')).toMatchObject(array)
    expect(of('stored')).toMatchObject(isArray ? array : { type: 'string', contentSchema: array })
    const numbers = { type: 'array', items: 'float' }
    expect(JSON.parse(avroSchema(required, 'stored')).fields[2].type).toEqual(isArray ? numbers : 'string')
    expect(typescriptModule([required], 'stored')).toContain(
      isArray ? '.length(2, "dimensions")' : '["a"]: z.string(),',
    )
  },
)

test('objects are counted with the keys that the contract does not name', async () => {
  const counted = datasetOf({
    properties: [
      ...KEY,
      '{name: a, logicalType: object, physicalType: jsonb, logicalTypeOptions: {maxProperties: 1}, properties: [{name: x, logicalType: string}]}',
    ],
  })
  const file = join(dir, 'counted.ts')
  writeFileSync(file, typescriptModule([counted], 'source'))
  const { thingsSchema } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    readonly thingsSchema: z.ZodType
  }
  const isValid = ajv.compile({ ...JSON.parse(jsonSchema(counted, 'source')), $id: 'counted' })
  for (const [value, expected] of [
    [{ x: 'a' }, true],
    [{ x: 'a', y: 1 }, false],
  ] as const) {
    expect(thingsSchema.safeParse(rowOf('a', value)).success).toBe(expected)
    expect(isValid(rowOf('a', value))).toBe(expected)
  }
})

test('several datasets are one module, with each helper once', () => {
  const other = { ...dataset, name: 'others' }
  const module = typescriptModule([dataset, other], 'source')
  expect(module.match(/^import /gm)).toHaveLength(1)
  expect(module.match(/^function orderOf/gm)).toHaveLength(1)
  expect(module.match(/^export const \w+Schema/gm)).toEqual([
    'export const thingsSchema',
    'export const othersSchema',
  ])
})

test('personal columns keep no rule where they are protected', () => {
  const protectedOne = datasetOf({
    properties: [
      ...KEY,
      personal('email', '{method: hmac, domain: email, subject: id}', ', logicalTypeOptions: {maxLength: 5}'),
    ],
  })
  expect(typescriptModule([protectedOne], 'stored')).toContain('["email_token"]: z.string().nullish(),')
})
