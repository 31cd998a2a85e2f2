import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { dbtSources } from '#contracts/export/dbt.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { hostileDataset, wideDataset } from './wide-contract.ts'

type Column = {
  readonly name: string
  readonly data_type: string
  readonly tests?: readonly unknown[]
  readonly meta?: Readonly<Record<string, unknown>>
}
type Sources = {
  readonly version: number
  readonly sources: readonly {
    readonly name: string
    readonly tables: readonly {
      readonly name: string
      readonly identifier: string
      readonly meta: object
      readonly columns: readonly Column[]
    }[]
  }[]
}

const demo = loadContracts(fileURLToPath(new URL('../../../ops/demo/contracts', import.meta.url)))
const column = (sources: Sources, table: string, name: string): Column | undefined =>
  sources.sources
    .flatMap(({ tables }) => tables)
    .find((one) => one.name === table)
    ?.columns.find((one) => one.name === name)

test('columns have the tests that their rules are', () => {
  const sources: Sources = parse(dbtSources([wideDataset()], 'stored', 'analytics'))
  expect(sources.version).toBe(2)
  expect(sources.sources[0]?.tables[0]).toMatchObject({
    name: 'wide',
    identifier: 'wide_v2',
    meta: {
      primary_key: ['tenant_id', 'id'],
      owner: 'keepers',
      deprecated: 'deprecated',
    },
  })
  expect(column(sources, 'wide', 'code')?.tests).toEqual(['not_null', 'unique'])
  expect(column(sources, 'wide', 'state')?.tests).toEqual([
    'not_null',
    { accepted_values: { values: ['new', 'old'], quote: true } },
  ])
  expect(column(sources, 'wide', 'level')?.tests).toEqual([
    { accepted_values: { values: ['1', '2'], quote: false } },
  ])
  expect(column(sources, 'wide', 'street')).toBeUndefined()
  expect(column(sources, 'wide', 'email_token')).toMatchObject({
    data_type: 'String',
    tests: ['not_null'],
    meta: { classification: 'personal', pii: { method: 'hmac', storedAs: 'email_token' } },
  })
})

test('references are tested where both ends are exported, by the names of the side', () => {
  const sources: Sources = parse(dbtSources(demo, 'stored', 'analytics'))
  expect(column(sources, 'customers', 'tenant_id')?.tests).toContainEqual({
    relationships: { to: "source('analytics', 'tenants')", field: 'id' },
  })
  const alone: Sources = parse(
    dbtSources(
      demo.filter(({ name }) => name === 'customers'),
      'stored',
      'analytics',
    ),
  )
  expect(column(alone, 'customers', 'tenant_id')?.tests).toEqual(['not_null'])
})

test('the source side has the names and types of the source', () => {
  const sources: Sources = parse(dbtSources([wideDataset()], 'source', 'analytics'))
  expect(sources.sources[0]?.name).toBe('shop')
  expect(column(sources, 'wide', 'email')?.data_type).toBe('text')
})

test('nothing in it is run by dbt', () => {
  const text = dbtSources([hostileDataset()], 'stored', 'analytics')
  expect(() => parse(text)).not.toThrow()
  expect(text).not.toMatch(/\{[{%#]/)
})
