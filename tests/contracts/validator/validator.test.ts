/** The generated validator says what the plain one says, of any row under any contract; and what that is. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompiledColumn, ItemKind, Rule, ValueKind } from '#contracts/compile/compiled-dataset.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import { generateValidator, validatorSource } from '#contracts/validator/generate-validator.ts'
import { createReferenceValidator } from '#contracts/validator/reference-validator.ts'
import type { Row, RowValue } from '#contracts/validator/row.ts'
import { compileText, datasetOf, KEY } from '../contract-text.ts'

const TYPES: Readonly<Record<ValueKind, readonly string[]>> = {
  integer: ['integer', 'smallint'],
  bigint: ['bigint'],
  decimal: ['numeric(12,2)', 'numeric'],
  float: ['double precision'],
  boolean: ['boolean'],
  text: ['text', 'country_code'],
  uuid: ['uuid'],
  date: ['date'],
  timestamp: ['timestamptz'],
  json: ['jsonb'],
  array: ['text[]', 'integer[]', 'numeric(12,2)[]', 'date[]', 'real[]', 'vector(3)'],
}
const KINDS = Object.keys(TYPES) as ValueKind[]
const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '"];process.exit(1);//',
  "'\\",
  '\\u0022',
  'a\u2028b',
  '\u2029',
  '`$1`',
  '*/',
  '</script>',
  'v',
  'f',
  'row',
  '0',
  ' ',
  '\n',
  '\ud800',
]

const bounds = fc.constantFrom(
  ...['0', '-0', '1', '-5', '10.5', '0.1', '100', '-1e3', '1E-2', '9007199254740993', '-9223372036854775808'],
  ...['0.10000000000000000001', '123456789012345.6', '1e400', '999999999999999'],
)
const moments = fc.constantFrom(
  ...['2020-01-01', '2020-02-29', '2020-01-01T10:00', '2020-01-01 10:00:00', '2020-01-01T10:00:00.5Z'],
  ...['2035-12-31T23:59:59Z', '0000-01-01', '9999-12-31'],
)
const patterns = fc.constantFrom(
  ...['^[a-z]{2}$', '^.$', '[0-9]', '^\\p{L}+$', '`"\\\\', '^(?:a|b)?$'],
  // These are run by an automaton.
  ...['(?:a|ab)+b$', '^(?:[a-z]+)*$', '[A-Z].*[A-Z]'],
)
const texts = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'ab', 'FR', '😀', '😀😀', '\ud83d', 'a\ude00', '\ud83d\ud83d\ude00', '`"\\'),
)
const numberTexts = fc.oneof(
  bounds,
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.nat(8))
    .map(([digits, scale]) => `${digits}.${'5'.repeat(scale)}`),
  fc.constantFrom(
    'NaN',
    'Infinity',
    '-infinity',
    '1.',
    '.5',
    '-',
    '+1',
    '1e5',
    '12-3',
    '-.5',
    '00.50',
    '1.500',
  ),
)
const momentTexts = fc.oneof(
  moments,
  moments.map((moment) => `${moment}Z`),
  fc.constantFrom(
    ...['2020-02-30', '2019-02-29Z', '2020-13-01', '2020-00-10', '2020-01-00', '2020-04-31Z', '2020-01-31Z'],
    ...[
      '2020-01-01T10:00:00.1234567Z',
      '2020-01-01T24:00:00Z',
      '2020-01-01T10:00:00+00',
      '2020-01-01T10:00:00+00:00',
    ],
    ...['-0044-03-15Z', '+5877611-06-21Z', '-infinity', 'infinity', '12020-01-01', '2020-1-1', '20200101'],
    ...['2020-01-01T10:00:00.', '2020-01-01T10:00:00.Z', '2020-01-01x10:00:00', '2020-01-01T1a:00:00Z'],
  ),
  fc
    .date({ min: new Date('2019-12-30'), max: new Date('2020-01-03'), noInvalidDate: true })
    .map((date) => date.toISOString()),
)
const scalars: fc.Arbitrary<RowValue> = fc.oneof(
  texts,
  numberTexts,
  momentTexts,
  fc.integer({ min: -20, max: 200 }),
  fc.double(),
  fc.boolean(),
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.toUpperCase()),
  fc.constantFrom('6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7', 'zf1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'),
)
const numberLists = fc.array(fc.oneof(fc.integer({ min: -20, max: 200 }), numberTexts, fc.constant(null)), {
  maxLength: 5,
})
const smallObjects = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'dimensions'), fc.integer(), {
  maxKeys: 4,
})
const values: fc.Arbitrary<RowValue | undefined> = fc.oneof(
  { weight: 6, arbitrary: scalars },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, '#unchanged') },
  { weight: 1, arbitrary: fc.array(fc.oneof(scalars, fc.constant(null)), { maxLength: 10 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom('ab', 'FR', 'x'), { maxLength: 3 }) },
  { weight: 1, arbitrary: numberLists },
  { weight: 1, arbitrary: fc.oneof(numberLists, smallObjects).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<RowValue[]>('[1,"2"]', '[1,null]', '{1:0.5}/3', { dimensions: 2, vector: {} }),
  },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => value as RowValue) },
)

const small = fc.nat(4)
const ITEM_KINDS = KINDS.filter((kind): kind is ItemKind => kind !== 'array')
const itemsRule: fc.Arbitrary<Rule> = fc.constantFrom(...ITEM_KINDS).chain((kind) =>
  fc.record({
    rule: fc.constant('items' as const),
    kind: fc.constant(kind),
    rules: fc.array(fc.oneof(scalarRule(kind), fc.constant<Rule>({ rule: 'required' })), { maxLength: 2 }),
  }),
)
function rule(kind: ValueKind): fc.Arbitrary<Rule> {
  return fc.oneof({ weight: 4, arbitrary: scalarRule(kind) }, { weight: 1, arbitrary: itemsRule })
}
function scalarRule(kind: ValueKind): fc.Arbitrary<Rule> {
  const bound = kind === 'date' || kind === 'timestamp' ? moments : bounds
  return fc.oneof(
    fc.record({ rule: fc.constantFrom('minLength', 'maxLength', 'minItems', 'maxItems'), bound: small }),
    fc.record({ rule: fc.constantFrom('minProperties', 'maxProperties', 'dimensions'), bound: small }),
    fc.record({ rule: fc.constant('pattern'), pattern: patterns }),
    fc.record({
      rule: fc.constantFrom('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
      bound,
    }),
    fc.record({
      rule: fc.constant('multipleOf'),
      bound: fc.constantFrom('1', '5', '0.01', '.1', '0.5', '1e2', '3.7'),
    }),
    fc.record({
      rule: fc.constant('validValues'),
      values: fc.array(fc.oneof(texts, numberTexts, momentTexts), { minLength: 1, maxLength: 20 }),
    }),
    fc.record({ rule: fc.constant('uniqueItems') }),
  ) as fc.Arbitrary<Rule>
}
const columns: fc.Arbitrary<CompiledColumn> = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    source: fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'binary', maxLength: 5 })),
    sourceType: fc.constantFrom(...TYPES[kind]),
    kind: fc.constant(kind),
    target: fc.constantFrom('stored', null),
    targetType: fc.constant('String'),
    nullable: fc.boolean(),
    rules: fc.array(rule(kind), { maxLength: 3 }),
    pii: fc.constant(null),
    classification: fc.constant(null),
    logicalType: fc.constant('string'),
    description: fc.constant(''),
  }),
) as unknown as fc.Arbitrary<CompiledColumn>
const contracts = fc.uniqueArray(columns, { minLength: 1, maxLength: 12, selector: ({ source }) => source })
const isUnchanged = (value: unknown): boolean => value === '#unchanged'
const rowOf = (names: readonly string[], cells: readonly (RowValue | undefined)[]): Row =>
  Object.fromEntries(names.flatMap((name, at) => (cells[at] === undefined ? [] : [[name, cells[at]]])))

test('the generated validator agrees with the plain one on every row of every contract', () => {
  let rows = 0
  let valid = 0
  fc.assert(
    fc.property(
      contracts.chain((chosen) =>
        fc.tuple(
          fc.constant(chosen),
          fc.array(fc.array(values, { minLength: chosen.length, maxLength: chosen.length }), {
            minLength: 5,
            maxLength: 15,
          }),
        ),
      ),
      ([chosen, table]) => {
        const dataset = { columns: chosen }
        const generated = generateValidator(dataset, { isUnchanged })
        const reference = createReferenceValidator(dataset, { isUnchanged })
        const names = chosen.map(({ source }) => source)
        for (const cells of table) {
          const row = rowOf(names, cells)
          const faults = reference(row)
          expect(generated(row)).toEqual(faults)
          expect(faults.length).toBeLessThanOrEqual(3)
          rows++
          if (faults.length === 0) valid++
        }
      },
    ),
    { numRuns: 1_000 },
  )
  expect(rows).toBeGreaterThanOrEqual(5_000)
  expect(valid).toBeGreaterThanOrEqual(100)
})

test('it agrees on one column at a time, where every rule comes to bear', () => {
  let valid = 0
  let broken = 0
  fc.assert(
    fc.property(columns, fc.array(values, { minLength: 20, maxLength: 20 }), (column, cells) => {
      const dataset = { columns: [column] }
      const generated = generateValidator(dataset, { isUnchanged })
      const reference = createReferenceValidator(dataset, { isUnchanged })
      for (const cell of cells) {
        const row = rowOf([column.source], [cell])
        const faults = reference(row)
        expect(generated(row)).toEqual(faults)
        if (faults.length === 0) valid++
        else broken++
      }
    }),
    { numRuns: 2_000 },
  )
  expect(Math.min(valid, broken)).toBeGreaterThan(5_000)
})

test('wide contracts are split into functions, and keep the order of their faults', () => {
  const names = Array.from({ length: 173 }, (_, index) => `c${index}`)
  const dataset = datasetOf({
    properties: [...KEY, ...names.map((name) => `{name: ${name}, physicalType: integer, required: true}`)],
  })
  const row: Record<string, RowValue> = {
    tenant_id: 'x',
    id: 1,
    ...Object.fromEntries(names.map((name) => [name, 1])),
  }
  const validate = generateValidator(dataset)
  expect(validate(row)).toEqual([])
  for (const name of ['c172', 'c60', 'c3', 'c100', 'c61']) row[name] = 'x'
  expect(validate(row).map(({ column }) => column)).toEqual(['c3', 'c60', 'c61'])
  expect(validatorSource(dataset, []).match(/function part/g)).toHaveLength(4)
})

describe('rules of numbers, arrays, objects and vectors', () => {
  const cases: readonly (readonly [
    type: string,
    rules: string,
    value: RowValue,
    faults: readonly string[],
  ])[] = [
    ['integer', '{multipleOf: 5}', -10, []],
    ['integer', '{multipleOf: 5}', 7, ['multipleOf']],
    ['bigint', '{multipleOf: 5}', '9223372036854775805', []],
    ['bigint', '{multipleOf: 5}', '9223372036854775807', ['multipleOf']],
    ['numeric(12,2)', '{multipleOf: 0.1}', '0.30', []],
    ['numeric(12,2)', '{multipleOf: 0.1}', '0.35', ['multipleOf']],
    ['float8', '{multipleOf: 0.1}', 0.3, []],
    ['text[]', '{minItems: 1}', [], ['minItems']],
    ['text[]', '{maxItems: 1}', ['a', 'b'], ['maxItems']],
    ['text[]', '{uniqueItems: true}', ['a', 'b'], []],
    ['text[]', '{uniqueItems: true}', ['a', 'b', 'a'], ['uniqueItems']],
    ['text[]', '{minItems: 1}', 'a', ['type']],
    ['jsonb', '{minProperties: 2}', '{"a": 1}', ['minProperties']],
    ['jsonb', '{minProperties: 2}', '{"a": 1, "b": 2}', []],
    ['jsonb', '{maxProperties: 1}', '{"a": 1, "b": 2}', ['maxProperties']],
    ['jsonb', '{maxProperties: 1}', '[1, 2]', []],
    ['jsonb', '{minProperties: 1}', '[1, 2]', ['minProperties']],
    ['integer[]', '{minItems: 1}', [1, 'a'], ['type']],
    ['integer', '{minimum: 1}', '12', ['type']],
    ['boolean', '{}', 'true', ['type']],
    ['uuid', '{}', 'x', ['type']],
    ['date', '{maximum: "2020-01-01"}', '2021-02-30', ['type']],
    ['date', '{maximum: "2020-01-01"}', 'infinity', ['maximum']],
    ['date', '{minimum: "2020-01-01"}', '-0044-03-15Z', ['minimum']],
    ['timestamptz', '{}', '2020-01-01', ['type']],
    ['numeric', '{}', 'NaN', []],
    ['numeric', '{}', 'ten', ['type']],
  ]
  test.each(cases)('%s %s: %j has %j', (type, rules, value, faults) => {
    const dataset = datasetOf({
      properties: [...KEY, `{name: a, physicalType: "${type}", logicalTypeOptions: ${rules}}`],
    })
    const row = { tenant_id: 'x', id: 1, a: value }
    expect(createValidator(dataset)(row).map(({ code }) => code)).toEqual(faults)
    expect(createReferenceValidator(dataset)(row).map(({ code }) => code)).toEqual(faults)
  })

  const bothSay = (property: string, value: RowValue): readonly string[] => {
    const dataset = datasetOf({ apiVersion: 'v3.2.0', properties: [...KEY, property] })
    const row = { tenant_id: 'x', id: 1, a: value }
    const faults = createValidator(dataset)(row)
    expect(createReferenceValidator(dataset)(row)).toEqual(faults)
    return faults.map(({ code }) => code)
  }

  const items: readonly (readonly [type: string, items: string, value: RowValue, isValid: boolean])[] = [
    ['text[]', 'logicalType: string, logicalTypeOptions: {maxLength: 3}', ['abc', null], true],
    ['text[]', 'logicalType: string, logicalTypeOptions: {maxLength: 3}', ['abc', 'abcd'], false],
    ['text[]', "logicalType: string, logicalTypeOptions: {pattern: '^[a-z]+$'}", ['a', 'B'], false],
    ['text[]', 'logicalType: string, required: true', ['a', null], false],
    ['text[]', 'logicalType: string, enum: [{value: a}, {value: b}]', ['a', 'b', 'a'], true],
    ['text[]', 'logicalType: string, enum: [{value: a}, {value: b}]', ['a', 'c'], false],
    ['integer[]', 'logicalType: integer, logicalTypeOptions: {minimum: 1}', [1, 2], true],
    ['integer[]', 'logicalType: integer, logicalTypeOptions: {minimum: 1}', [1, 0], false],
    ['numeric(12,2)[]', 'logicalType: number, logicalTypeOptions: {multipleOf: 0.1}', ['0.30'], true],
    ['numeric(12,2)[]', 'logicalType: number, logicalTypeOptions: {multipleOf: 0.1}', ['0.35'], false],
    ['date[]', 'logicalType: date, logicalTypeOptions: {maximum: "2020-01-01"}', ['2020-01-02'], false],
    ['jsonb', 'logicalType: integer, logicalTypeOptions: {maximum: 5}', '[1, 5]', true],
    ['jsonb', 'logicalType: integer, logicalTypeOptions: {maximum: 5}', '[1, 6]', false],
    ['jsonb', 'logicalType: integer, logicalTypeOptions: {maximum: 5}', '{"a": 6}', true],
    ['text', 'logicalType: integer, logicalTypeOptions: {maximum: 5}', '[6]', false],
  ]
  test.each(items)('of %s the items {%s}: %j is valid: %s', (type, item, value, isValid) => {
    const property = `{name: a, logicalType: array, physicalType: "${type}", items: {${item}}}`
    expect(bothSay(property, value)).toEqual(isValid ? [] : ['items'])
  })

  const vectors: readonly (readonly [type: string, value: RowValue, faults: readonly string[]])[] = [
    ['vector(3)', [1, 2.5, -3], []],
    ['vector(3)', [1, 2.5], ['dimensions']],
    ['vector(3)', [1, 2, 3, 4], ['dimensions']],
    ['vector(3)', [1, 2, null], ['dimensions']],
    ['vector(3)', '[1,2,3]', ['type']],
    ['vector(3)', [1, 2, 'x'], ['type']],
    ['real[]', [1, 2, 3], []],
    ['real[]', [1, 2], ['dimensions']],
    ['jsonb', '[1,2.5,-3e-5]', []],
    ['jsonb', '[1,2]', ['dimensions']],
    ['jsonb', 'no vector', ['dimensions']],
    ['jsonb', '{"a":1,"b":2,"c":3}', ['dimensions']],
    ['sparsevec(3)', '{1:0.5}/3', []],
    ['sparsevec(3)', '{1:0.5}/4', ['dimensions']],
    ['sparsevec(3)', { dimensions: 3, vector: { 1: 0.5 } }, []],
    // The bits are not counted.
    ['bit(3)', 'oA==', []],
  ]
  test.each(vectors)('a vector of three dimensions as %s: %j has %j', (type, value, faults) => {
    const property = `{name: a, logicalType: vector, physicalType: "${type}", logicalTypeOptions: {dimensions: 3}}`
    expect(bothSay(property, value)).toEqual(faults)
  })

  test('options of items that cannot be are found where they stand', () => {
    const item = '{name: a, logicalType: array, physicalType: "integer[]", items: {logicalType: integer, %}}'
    const { faults } = compileText({
      properties: [...KEY, item.replace('%', "logicalTypeOptions: {pattern: '(?=a)'}")],
    })
    expect(faults.map(({ code, path }) => [code, path])).toContainEqual([
      'CONTRACT_PATTERN',
      'schema[0].properties[2].items.logicalTypeOptions.pattern',
    ])
  })

  test.each([
    ['numeric(12,2)', '1.5', '1.50'],
    ['date', '"2020-01-01"', '2020-01-01Z'],
    ['timestamptz', '"2020-01-01T10:00:00Z"', '2020-01-01 10:00:00'],
  ])('a %s is among the valid values by what it means', (type, allowed, value) => {
    const dataset = datasetOf({
      properties: [
        ...KEY,
        `{name: a, physicalType: "${type}", customProperties: [{property: validValues, value: [${allowed}]}]}`,
      ],
    })
    expect(createValidator(dataset)({ tenant_id: 'x', id: 1, a: value })).toEqual([])
  })
})

test('a required column that is not stored may be absent, but not NULL', () => {
  const property =
    '{name: a, physicalType: text, required: true, classification: personal, customProperties: [{property: piiPlan, value: {method: drop}}]}'
  const validate = createValidator(datasetOf({ properties: [...KEY, property] }))
  expect(validate({ tenant_id: 'x', id: 1 })).toEqual([])
  expect(validate({ tenant_id: 'x', id: 1, a: null })).toEqual([{ code: 'required', column: 'a' }])
})

test('names, values and patterns of a contract are never run as code', () => {
  const attack = '"]}\n;globalThis.mogoAttack=1;//\u2028`globalThis.mogoAttack=1`'
  const column = {
    ...datasetOf().columns[0],
    source: attack,
    kind: 'text',
    sourceType: 'text',
    rules: [
      { rule: 'validValues', values: [attack] },
      { rule: 'minimum', bound: '0;globalThis.mogoAttack=1' },
    ],
  } as unknown as CompiledColumn
  const number = {
    ...column,
    source: 'b',
    kind: 'integer',
    rules: [{ rule: 'minimum', bound: '1);globalThis.mogoAttack=(1' }],
  }
  const validate = generateValidator({ columns: [column, number as unknown as CompiledColumn] })
  expect(validate({ [attack]: 'x', b: 1 })).toEqual([{ code: 'validValues', column: attack }])
  expect('mogoAttack' in globalThis).toBe(false)
})

test('where Node may not make code from text, the plain validator does the same', () => {
  const script = `
    import { createValidator } from '#contracts/validator/create-validator.ts'
    const column = { source: 'a', sourceType: 'integer', kind: 'integer', target: 'a', targetType: 'Int32', nullable: false,
      rules: [{ rule: 'minimum', bound: '3' }], pii: null, classification: null, logicalType: 'integer', description: '' }
    const validate = createValidator({ columns: [column] })
    console.log(JSON.stringify([validate.name, validate({ a: 2 }), validate({ a: 3 }), validate({})]))`
  const output = execFileSync(
    process.execPath,
    ['--disallow-code-generation-from-strings', '--input-type=module-typescript', '-e', script],
    {
      encoding: 'utf8',
      cwd: new URL('../../..', import.meta.url).pathname,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  expect(JSON.parse(output)).toEqual([
    'validateByReference',
    [{ code: 'minimum', column: 'a' }],
    [],
    [{ code: 'required', column: 'a' }],
  ])
})
