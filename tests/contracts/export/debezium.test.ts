import { expect, test } from 'vitest'
import {
  columnExcludeList,
  debeziumLists,
  messageKeyPattern,
  tableIncludeList,
} from '#contracts/export/debezium.ts'
import { datasetOf, KEY, personal } from '../contract-text.ts'
import { hostileDataset, wideDataset } from './wide-contract.ts'

test('tables are listed once, by patterns that match nothing else', () => {
  const dataset = datasetOf({ physicalName: `'"My Shop"."Or.ders"'` })
  expect(tableIncludeList([dataset, dataset], [{ schema: 'mogo', table: 'signal' }])).toBe(
    '(?-i)My\\x{20}Shop\\.Or\\x{2E}ders,(?-i)mogo\\.signal',
  )
})

test('what is dropped is not captured, everything else is', () => {
  const dataset = datasetOf({
    properties: [
      ...KEY,
      personal('street', '{method: drop}'),
      personal('email', '{method: hmac, domain: email}'),
    ],
  })
  expect(columnExcludeList([dataset])).toBe('(?-i)public\\.things\\.street')
  const { config, tables } = JSON.parse(debeziumLists([dataset]))
  expect(config).toEqual({
    'table.include.list': '(?-i)public\\.things',
    'column.exclude.list': '(?-i)public\\.things\\.street',
    'message.key.columns': '(?-i)public\\.things:tenant_id,id',
  })
  expect(tables[0].columns.slice(2)).toEqual([
    { name: 'street', captured: false, protection: 'not stored', storedAs: null },
    {
      name: 'email',
      captured: true,
      protection: 'one-way token, hmac(email); equal within the domain email of a tenant',
      storedAs: 'email_token',
    },
  ])
})

test('the tenant is in the key of every message', () => {
  const properties = [
    '{name: id, physicalType: uuid, primaryKey: true}',
    '{name: tenant_id, physicalType: text, required: true}',
  ]
  expect(messageKeyPattern(datasetOf({ properties }))).toBe('(?-i)public\\.things:id,tenant_id')
})

test('no name can end a list or an expression', () => {
  const list = `${tableIncludeList([hostileDataset(), wideDataset()])}`
  expect(list.split(',')).toHaveLength(2)
  expect(list).toMatch(/^[\w\\{}.(),?-]+$/)
})
