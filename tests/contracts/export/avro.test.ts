import { expect, test } from 'vitest'
import { avroSchema } from '#contracts/export/avro.ts'
import { datasetOf, KEY } from '../contract-text.ts'
import { hostileDataset, wideDataset } from './wide-contract.ts'

type Field = {
  readonly name: string
  readonly type: unknown
  readonly doc?: string
  readonly aliases?: readonly string[]
  readonly sourceName?: string
  readonly pii?: Readonly<Record<string, unknown>>
}
type Record_ = {
  readonly type: string
  readonly name: string
  readonly namespace: string
  readonly fields: readonly Field[]
}

const schema = (side: 'source' | 'stored'): Record_ => JSON.parse(avroSchema(wideDataset(), side))
const types = (record: { readonly fields: readonly Field[] }) =>
  Object.fromEntries(record.fields.map(({ name, type }) => [name, type]))

test('columns have the types of Avro, and its logical types', () => {
  expect(types(schema('source'))).toMatchObject({
    tenant_id: 'string',
    id: 'long',
    parent: ['null', 'long'],
    small: ['null', 'int'],
    amount: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 },
    exact: ['null', 'string'],
    ratio: ['null', 'float'],
    weight: ['null', 'double'],
    flag: 'boolean',
    ref: ['null', { type: 'string', logicalType: 'uuid' }],
    day: ['null', { type: 'int', logicalType: 'date' }],
    at: { type: 'long', logicalType: 'timestamp-micros' },
    local: ['null', { type: 'long', logicalType: 'local-timestamp-micros' }],
    hour: ['null', { type: 'long', logicalType: 'time-micros' }],
    raw: ['null', 'string'],
    tags: { type: 'array', items: ['null', 'string'] },
    numbers: ['null', { type: 'array', items: 'int' }],
    labels: ['null', { type: 'map', values: 'int' }],
  })
})

test('objects are records, with legal names of their own', () => {
  const address = types(schema('source'))['address'] as readonly unknown[]
  expect(address[1]).toEqual({
    type: 'record',
    name: 'wide_address',
    fields: [
      { name: 'street', type: 'string', doc: 'With the number.' },
      {
        name: 'post_code',
        type: ['null', 'string'],
        default: null,
        doc: 'In the contract: post-code',
        sourceName: 'post-code',
      },
      {
        name: 'geo',
        type: [
          'null',
          { type: 'record', name: 'wide_address_geo', fields: [{ name: 'lat', type: 'double' }] },
        ],
        default: null,
      },
    ],
  })
})

test('a token has no alias: no reader takes a raw value for one', () => {
  const fields = schema('stored').fields
  const token = fields.find(({ name }) => name === 'email_token')
  expect(token).toMatchObject({ type: 'string', pii: { method: 'hmac', storedAs: 'email_token' } })
  expect(token).not.toHaveProperty('aliases')
  expect(fields.map(({ name }) => name)).not.toContain('street')
  expect(schema('stored').name).toBe('wide_v2')
})

test('a column that was renamed has its name in the source as an alias, unless it is protected', () => {
  const renamed = datasetOf({
    properties: [
      ...KEY,
      '{name: plain, physicalName: c1, physicalType: text}',
      '{name: masked, physicalName: c2, physicalType: text, classification: personal, customProperties: [{property: piiPlan, value: {method: mask, keepLast: 2}}]}',
      '{name: token, physicalName: c3, physicalType: text, classification: personal, customProperties: [{property: piiPlan, value: {method: siv, domain: d, subject: id}}]}',
    ],
  })
  const { fields }: Record_ = JSON.parse(avroSchema(renamed, 'stored'))
  expect(fields.slice(2).map(({ name, aliases }) => [name, aliases])).toEqual([
    ['plain', ['c1']],
    ['masked', undefined],
    ['token_token', undefined],
  ])
})

test('every name is a legal one, and stands once', () => {
  const legal = /^[A-Za-z_][A-Za-z0-9_]*$/
  const records: string[] = []
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    const record = value as Record_
    if (!Array.isArray(value) && record.type === 'record') {
      records.push(record.name)
      const names = record.fields.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      for (const field of record.fields) {
        expect(field.name).toMatch(legal)
        for (const alias of field.aliases ?? []) expect(alias).toMatch(legal)
        walk(field.type)
      }
    } else Object.values(value).forEach(walk)
  }
  for (const dataset of [wideDataset(), hostileDataset()])
    for (const side of ['source', 'stored'] as const) {
      records.length = 0
      const parsed: Record_ = JSON.parse(avroSchema(dataset, side))
      walk(parsed)
      for (const name of records) expect(name).toMatch(legal)
      expect(new Set(records).size).toBe(records.length)
      for (const part of parsed.namespace.split('.')) expect(part).toMatch(legal)
    }
})
