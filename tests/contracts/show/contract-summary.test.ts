import { expect, test } from 'vitest'
import { readContract } from '#contracts/model/read-contract.ts'
import { contractSummary } from '#contracts/show/contract-summary.ts'

const plan = (value: object) => [{ property: 'piiPlan', value }]

test('a contract is summed up: columns in columns, protection, rows of roles, promises, quality', () => {
  const summary = contractSummary(
    readContract({
      id: 'urn:a',
      version: '1.0.0',
      status: 'active',
      apiVersion: 'v3.2.0',
      dataProduct: 'shop',
      team: [
        { username: 'ann', role: 'Developer' },
        { username: 'bob', role: 'Data Owner' },
      ],
      schema: [
        {
          name: 'orders',
          physicalName: 'shop.orders',
          customProperties: [{ property: 'tenant', value: { column: 'shop_id' } }],
          relationships: [{ from: ['orders.a', 'orders.b'], to: ['x.a', 'x.b'] }],
          quality: [{ metric: 'rowCount', mustBeGreaterThan: 5, unit: 'rows', severity: 'error' }],
          properties: [
            { name: 'id', logicalType: 'integer', primaryKey: true },
            {
              name: 'email',
              classification: 'personal',
              customProperties: plan({ method: 'hmac', domain: 'email' }),
            },
            { name: 'phone', classification: 'PII' },
            { name: 'name', customProperties: plan({ method: 'rot13' }) },
            {
              name: 'state',
              unique: true,
              enum: [{ value: 'a' }, { value: 'b' }],
              logicalTypeOptions: { maxLength: 1 },
            },
            {
              name: 'lines',
              logicalType: 'array',
              items: {
                logicalType: 'object',
                properties: [{ name: 'sku', relationships: [{ to: 'skus.id' }] }],
              },
            },
            { name: 'labels', logicalType: 'map', map: { key: {}, value: { logicalType: 'string' } } },
          ],
        },
      ],
      roles: [
        { role: 'a', customProperties: [{ property: 'rowFilter', value: 'all' }] },
        {
          role: 'b',
          access: 'write',
          customProperties: [{ property: 'columns', value: { exclude: ['email'] } }],
        },
        { role: 'c', customProperties: [{ property: 'rowFilter', value: '1 = 1' }] },
      ],
      slaDefaultElement: 'orders.id',
      slaProperties: [
        { property: 'latency', value: 4, unit: 'd' },
        { property: 'retention', value: 3, unit: 'y', element: 'orders.a, orders.b' },
      ],
    }),
  )
  expect(summary).toMatchObject({ name: 'shop', owner: 'bob', servers: [] })
  const [orders] = summary.datasets
  expect(orders).toMatchObject({ name: 'orders', source: 'shop.orders', tenant: 'shop_id' })
  expect(orders?.columns.map(({ name, key, required }) => [name, key, required])).toEqual([
    ['id', 'yes', true],
    ['email', '', false],
    ['phone', '', false],
    ['name', '', false],
    ['state', '', false],
    ['lines', '', false],
    ['lines[]', '', false],
    ['lines[].sku', '', false],
    ['labels', '', false],
    ['labels{}', '', false],
  ])
  expect(orders?.columns.slice(1, 4).map(({ personal, protection }) => [personal, protection])).toEqual([
    [true, 'one-way token, hmac(email); equal within the domain email of a tenant'],
    [true, 'none: a plan is missing'],
    [true, 'the plan has a fault'],
  ])
  expect(orders?.columns[4]?.rules).toEqual(['unique', 'maxLength 1', 'one of 2 values'])
  expect(orders?.references).toEqual([{ from: 'orders.a, orders.b', to: 'x.a, x.b' }])
  expect(orders?.quality).toEqual([
    { about: 'orders', rule: 'rowCount must be greater than 5 rows', severity: 'error' },
  ])
  expect(summary.roles).toEqual([
    { role: 'a', access: 'read', rows: 'every row', columns: 'all' },
    { role: 'b', access: 'write', rows: 'not said', columns: 'all but email' },
    { role: 'c', access: 'read', rows: 'the filter has a fault', columns: 'all' },
  ])
  expect(summary.serviceLevels).toEqual([
    { property: 'latency', value: '4 d', element: 'orders.id' },
    { property: 'retention', value: '3 y', element: 'orders.a, orders.b' },
  ])
})
