/** Types of columns: from the contract's words to the source, and from there to ClickHouse; and the rules that come with them. */
import { describe, expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import { compileText, datasetOf, KEY, personal } from './contract-text.ts'

const columnOf = (property: string) => datasetOf({ properties: [...KEY, property] }).columns[2]
const target = (type: string) => `customProperties: [{property: targetType, value: "${type}"}]`

describe('without a physical type, the logical one and its options say what the source has', () => {
  const cases: readonly (readonly [logical: string, source: string, kind: string, type: string])[] = [
    ['logicalType: string', 'string', 'text', 'String'],
    ['logicalType: integer', 'integer', 'integer', 'Int32'],
    ['logicalType: integer, logicalTypeOptions: {format: i8}', 'smallint', 'integer', 'Int16'],
    ['logicalType: integer, logicalTypeOptions: {format: u16}', 'integer', 'integer', 'Int32'],
    ['logicalType: integer, logicalTypeOptions: {format: u32}', 'bigint', 'bigint', 'Int64'],
    ['logicalType: integer, logicalTypeOptions: {format: i64}', 'bigint', 'bigint', 'Int64'],
    ['logicalType: integer, logicalTypeOptions: {format: u64}', 'numeric(20,0)', 'decimal', 'Decimal(20, 0)'],
    [
      'logicalType: integer, logicalTypeOptions: {format: i128}',
      'numeric(39,0)',
      'decimal',
      'Decimal(39, 0)',
    ],
    ['logicalType: number', 'number', 'decimal', 'String'],
    ['logicalType: number, logicalTypeOptions: {format: f32}', 'real', 'float', 'Float32'],
    ['logicalType: number, logicalTypeOptions: {format: f64}', 'double precision', 'float', 'Float64'],
    ['logicalType: boolean', 'boolean', 'boolean', 'Bool'],
    ['logicalType: date', 'date', 'date', 'Date32'],
    ['logicalType: time', 'time', 'text', 'String'],
    ['logicalType: timestamp', 'timestamp', 'timestamp', "DateTime64(6, 'UTC')"],
    [
      'logicalType: timestamp, logicalTypeOptions: {timezone: true}',
      'timestamptz',
      'timestamp',
      "DateTime64(6, 'UTC')",
    ],
    ['logicalType: object', 'object', 'json', 'String'],
    ['logicalType: map', 'map', 'json', 'String'],
    ['logicalType: vector', 'vector', 'array', 'Array(Float32)'],
    ['logicalType: array', 'array', 'array', 'Array(Nullable(String))'],
    ['logicalType: array, items: {logicalType: integer}', 'integer[]', 'array', 'Array(Nullable(Int32))'],
    ['logicalType: array, items: {logicalType: string}', 'string[]', 'array', 'Array(Nullable(String))'],
    ['logicalType: array, items: {logicalType: object}', 'array', 'array', 'Array(Nullable(String))'],
    ['logicalType: integer, physicalType: bigint', 'bigint', 'bigint', 'Int64'],
  ]
  test.each(cases)('%s', (logical, sourceType, kind, targetType) => {
    expect(columnOf(`{name: a, required: true, ${logical}}`)).toMatchObject({ sourceType, kind, targetType })
  })
})

test.each([
  ['double', 'float', 'Float64'],
  ['float', 'float', 'Float64'],
  ['int64', 'bigint', 'Int64'],
  ['number(12,2)', 'decimal', 'Decimal(12, 2)'],
  ['array<int>', 'array', 'Array(Nullable(Int32))'],
  ['list', 'array', 'Array(Nullable(String))'],
  ['datetime', 'timestamp', "DateTime64(6, 'UTC')"],
])('%s, of another system, is %s', (name, kind, type) => {
  expect(mapPostgresType(name)).toMatchObject({ kind, type })
})

describe('a contract may ask for another ClickHouse type', () => {
  const chosen: readonly (readonly [source: string, type: string, required: string, optional: string])[] = [
    ['text', 'LowCardinality(String)', 'LowCardinality(String)', 'LowCardinality(Nullable(String))'],
    ['integer', 'UInt8', 'UInt8', 'Nullable(UInt8)'],
    ['bigint', 'Int128', 'Int128', 'Nullable(Int128)'],
    ['numeric', 'Decimal(38,9)', 'Decimal(38, 9)', 'Nullable(Decimal(38, 9))'],
    ['date', 'Date', 'Date', 'Nullable(Date)'],
    ['uuid', 'String', 'String', 'Nullable(String)'],
    ['numeric(20,0)', 'UInt64', 'UInt64', 'Nullable(UInt64)'],
    ['timestamptz', "DateTime64(3,'UTC')", "DateTime64(3, 'UTC')", "Nullable(DateTime64(3, 'UTC'))"],
    ['timestamp', "DateTime('UTC')", "DateTime('UTC')", "Nullable(DateTime('UTC'))"],
    ['date', 'String', 'String', 'Nullable(String)'],
    ['interval', 'Int64', 'Int64', 'Nullable(Int64)'],
    ['text[]', 'String', 'String', 'Nullable(String)'],
  ]
  test.each(chosen)('%s as %s', (source, type, required, optional) => {
    const property = (more: string) => `{name: a, physicalType: "${source}", ${more}${target(type)}}`
    expect(columnOf(property('required: true, '))?.targetType).toBe(required)
    expect(columnOf(property(''))?.targetType).toBe(optional)
  })

  test.each([
    ['text', 'Int32'],
    ['double precision', 'Float32'],
    ['text', 'Nullable(String)'],
    ['text', 'String) ENGINE = Memory --'],
    ['numeric', 'Decimal(77,0)'],
    ['timestamptz', "DateTime64(4, 'UTC')"],
    ['timestamptz', "DateTime64(3, 'Europe/Berlin')"],
    ['text', 'Int64'],
    ['interval', 'Int32'],
    ['interval[]', 'Int64'],
    ['bigint', 'Float64'],
  ])('but %s not as %s', (source, type) => {
    const { faults, datasets } = compileText({
      properties: [...KEY, `{name: a, physicalType: "${source}", ${target(type)}}`],
    })
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toContain(
      'CONTRACT_TARGET_TYPE schema[0].properties[2].customProperties',
    )
    expect(datasets).toEqual([])
  })

  test.each([
    ['integer', 'UInt8', 255, 256],
    ['integer', 'UInt8', 0, -1],
    ['bigint', 'Int32', 2147483647, 2147483648],
    ['bigint', 'UInt64', '9223372036854775807', -1],
    ['numeric', 'Decimal(5,2)', '999.99', '1000'],
    ['numeric', 'Decimal(5,2)', '-1.50', '1.505'],
    ['date', 'Date', '1970-01-01', '1969-12-31'],
    ['numeric', 'Int32', '2147483647', '2147483648'],
    ['numeric', 'Int32', '12.00', '12.5'],
  ])('%s as %s holds %s; %s is quarantined, not wrapped', (source, type, fits, not) => {
    const validate = createValidator(
      datasetOf({ properties: [...KEY, `{name: a, physicalType: ${source}, ${target(type)}}`] }),
    )
    const row = { tenant_id: 'x', id: 1 }
    expect(validate({ ...row, a: fits })).toEqual([])
    expect(validate({ ...row, a: not })).toHaveLength(1)
  })

  test('a token is text, whatever the source was', () => {
    const property = personal('a', '{method: hmac, domain: d}').replace(
      'customProperties: [',
      'customProperties: [{property: targetType, value: LowCardinality(String)}, ',
    )
    expect(columnOf(property.replace('physicalType: text', 'physicalType: bigint'))?.targetType).toBe(
      'LowCardinality(Nullable(String))',
    )
  })
})

describe('rules of the standard', () => {
  test.each([
    [
      '{name: a, physicalType: integer, logicalTypeOptions: {multipleOf: 5}}',
      { rule: 'multipleOf', bound: '5' },
    ],
    ['{name: a, physicalType: "text[]", logicalTypeOptions: {minItems: 1}}', { rule: 'minItems', bound: 1 }],
    ['{name: a, physicalType: jsonb, logicalTypeOptions: {maxItems: 2}}', { rule: 'maxItems', bound: 2 }],
    ['{name: a, physicalType: "text[]", logicalTypeOptions: {uniqueItems: true}}', { rule: 'uniqueItems' }],
    ['{name: a, enum: [{value: x, label: X}, {value: 2}]}', { rule: 'validValues', values: ['x', '2'] }],
  ])('%s', (property, rule) => expect(columnOf(property)?.rules).toEqual([rule]))

  test.each([
    ['text', 'multipleOf: 5'],
    ['integer', 'multipleOf: 0'],
    ['integer', 'multipleOf: -1'],
  ])('a %s cannot have %s', (type, option) => {
    const { faults } = compileText({
      properties: [...KEY, `{name: a, physicalType: ${type}, logicalTypeOptions: {${option}}}`],
    })
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toContain(
      'CONTRACT_BOUND schema[0].properties[2].logicalTypeOptions.multipleOf',
    )
  })

  test('arrays of items are what they are, also as JSON text', () => {
    const validate = createValidator(
      datasetOf({
        properties: [
          ...KEY,
          '{name: a, physicalType: jsonb, logicalTypeOptions: {minItems: 2, uniqueItems: true}}',
        ],
      }),
    )
    const codes = (a: string) => validate({ tenant_id: 'x', id: 1, a }).map(({ code }) => code)
    expect(codes('[1, 2]')).toEqual([])
    expect(codes('[1]')).toEqual(['minItems'])
    expect(codes('[1, 1]')).toEqual(['uniqueItems'])
    expect(codes('{}')).toEqual(['minItems'])
    expect(codes('[')).toEqual(['minItems'])
  })
})

test('references of one column and of several are carried, by source names', () => {
  const dataset = datasetOf({
    properties: [...KEY, '{name: parent, physicalName: parent_id, relationships: [{to: things.id}]}'],
  })
  expect(dataset.relationships).toEqual([{ type: 'foreignKey', columns: ['parent_id'], to: ['things.id'] }])
  expect(dataset.references).toEqual([{ column: 'parent_id', to: 'things.id' }])
})

test('the words of a contract are carried, and are no policy', () => {
  const dataset = datasetOf({ name: 'things' })
  expect(dataset.document.object.name).toBe('things')
  expect(dataset.document.properties.map(({ name }) => name)).toEqual(
    dataset.columns.map(({ source }) => source),
  )
  expect(dataset.hash).toMatch(/^[0-9a-f]{64}$/)
})
