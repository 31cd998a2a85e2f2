import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Contract } from '#contracts/model/contract.ts'
import { readContract } from '#contracts/model/read-contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { RICH_DOCUMENT } from '../shape/rich-document.ts'

describe('readContract', () => {
  test('reads what the standard knows', () => {
    const contract = readContract(parse(RICH_DOCUMENT))
    expect(contract).toMatchObject({
      id: 'rich',
      version: '1.0.0',
      domain: 'sales',
      purpose: 'p',
      usage: 'u',
    })
    expect(contract.schema.map(({ name, id }) => [name, id])).toEqual([
      ['orders', 'orders_obj'],
      ['people', undefined],
    ])
    const [orders] = contract.schema
    expect(orders?.properties[0]).toMatchObject({
      name: 'id',
      physicalName: 'i',
      logicalType: 'integer',
      required: true,
      primaryKey: true,
      primaryKeyPosition: 1,
      transformSourceObjects: ['a'],
      logicalTypeOptions: { minimum: 1, exclusiveMaximum: 10, format: 'i64', raw: { multipleOf: 1 } },
      relationships: [
        { type: 'foreignKey', from: [], to: ['people.id'], composite: false },
        { to: ['people.id', 'people.at'], composite: true },
      ],
    })
    expect(orders?.properties[7]?.items?.properties[0]?.name).toBe('deep')
    expect(orders?.properties[9]?.properties[0]?.properties[0]?.name).toBe('b')
    expect(orders?.quality[0]).toMatchObject({ metric: 'rowCount', operators: { mustBeGreaterThan: 1 } })
    expect(orders?.quality[5]).toMatchObject({ type: 'custom', implementation: { a: 1 } })
    expect(contract.team).toEqual([{ username: 'u', name: 'n', role: 'r' }])
    expect(contract.slaProperties[0]).toMatchObject({
      property: 'latency',
      value: 4,
      elements: ['orders.id'],
    })
    expect(contract.servers).toHaveLength(34)
  })

  test('reads what is new in 3.2', () => {
    const [object] = readContract({
      schema: [
        {
          name: 'a',
          deprecated: true,
          synonyms: [{ synonym: 'x' }, 'y'],
          properties: [
            { name: 'e', enum: [{ value: 1, label: 'one' }, { value: null }, 2], semanticType: 'measure' },
            {
              name: 'm',
              logicalType: 'map',
              map: { key: { logicalType: 'string' }, value: { logicalType: 'vector' } },
            },
            { name: 'v', logicalType: 'vector', logicalTypeOptions: { dimensions: 3 } },
          ],
        },
      ],
    }).schema
    expect(object).toMatchObject({ deprecated: true, synonyms: ['x', 'y'] })
    expect(object?.properties).toMatchObject([
      { enum: [1, null, 2], semanticType: 'measure' },
      { map: { key: { name: '', logicalType: 'string' }, value: { logicalType: 'vector' } } },
      { logicalTypeOptions: { dimensions: 3 } },
    ])
  })

  test('reads the team of 3.0, and the metric of its quality rules', () => {
    const contract = readContract({
      team: [{ username: 'a', role: 'Owner' }],
      schema: [{ name: 'a', quality: [{ rule: 'rowCount', mustBe: 1 }] }],
    })
    expect(contract.team).toEqual([{ username: 'a', role: 'Owner' }])
    expect(contract.schema[0]?.quality[0]).toMatchObject({ type: 'library', metric: 'rowCount' })
  })

  test('leaves out what is malformed, and keeps the positions of the rest', () => {
    const contract = readContract({
      version: 1,
      tags: ['a', 2, 'b'],
      schema: [7, { name: 'a', properties: [null, { name: 'b', required: 'yes', logicalType: 'text' }] }],
      roles: 'none',
      servers: { a: 1 },
    })
    expect(contract).toMatchObject({ version: '', tags: ['a', 'b'], roles: [], servers: [] })
    expect(contract.schema.map(({ name }) => name)).toEqual(['', 'a'])
    expect(contract.schema[1]?.properties.map(({ name, required }) => [name, required])).toEqual([
      ['', false],
      ['b', false],
    ])
    expect(contract.schema[1]?.properties[1]).not.toHaveProperty('logicalType')
  })

  test('keeps the digits of bounds that a double cannot hold', () => {
    const { contract } = parseContract(
      'schema: [{name: a, properties: [{name: b, logicalTypeOptions: {minimum: -9223372036854775808, maximum: 10}}]}]',
    )
    expect(contract?.schema[0]?.properties[0]?.logicalTypeOptions).toMatchObject({
      minimum: '-9223372036854775808',
      maximum: 10,
    })
  })

  test('ends, also where a value holds itself, or a hundred of itself', () => {
    const property: Record<string, unknown> = { name: 'a' }
    property['properties'] = Array.from({ length: 100 }, () => property)
    property['items'] = property
    const contract = readContract({ schema: [{ name: 's', properties: [property] }] })
    expect(contract.schema[0]?.properties[0]?.properties[0]?.properties[0]?.name).toBe('a')
  })

  test('no value makes it throw', () => {
    fc.assert(
      fc.property(
        fc.anything({ withObjectString: true, withNullPrototype: true, withSparseArray: true }),
        (value) => {
          const read: Contract = readContract(value)
          expect(
            readContract({ schema: value, roles: value, team: value, servers: value }).schema,
          ).toBeInstanceOf(Array)
          expect(read.schema).toBeInstanceOf(Array)
        },
      ),
      { numRuns: 500 },
    )
  })
})
