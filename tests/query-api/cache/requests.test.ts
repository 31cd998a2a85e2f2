/** What a request asks of the cache, what an answer says of it, and which texts may be kept. */
import { describe, expect, test } from 'vitest'
import { accessScope } from '#contracts/compile/access-scope.ts'
import { cacheWish } from '#query-api/cache/cache-control.ts'
import { cacheHeaders } from '#query-api/cache/cache-status.ts'
import { isRepeatable } from '#query-api/cache/is-repeatable.ts'
import { readRows } from '#query-api/cache/read-rows.ts'
import { tokenize } from '#query-api/gate/sql-text.ts'
import { shopDatasets } from '../support/shop.ts'

describe('Cache-Control of a request', () => {
  test.each([
    [undefined, true, true, 0],
    ['', true, true, 0],
    ['no-store', false, false, 0],
    ['No-Store, max-stale=5', false, false, 0],
    ['no-cache', true, false, 0],
    ['no-cache="x"', true, false, 0],
    ['max-age=0', true, true, 0],
    ['max-stale=30', true, true, 30],
    ['max-stale', true, true, Number.POSITIVE_INFINITY],
    ['max-stale="7"', true, true, 7],
    ['max-stale=-1', true, true, 0],
    ['max-stale=1e9', true, true, 0],
    ['max-stale=99999999999', true, true, 0],
    ['only-if-cached, bogus=1', true, true, 0],
    ['no-storeroom', true, true, 0],
  ])('%j', (header, store, lookUp, maxStale) => {
    expect(cacheWish(header)).toEqual({ store, lookUp, maxStale })
  })
})

test.each([
  [{ kind: 'hit' }, { 'cache-status': 'mogo; hit', age: '0' }],
  [
    { kind: 'stale', age: 4 },
    { 'cache-status': 'mogo; hit; ttl=-4', age: '4' },
  ],
  [{ kind: 'shared' }, { 'cache-status': 'mogo; fwd=uri-miss; collapsed' }],
  [{ kind: 'ran', why: 'stale' }, { 'cache-status': 'mogo; fwd=stale' }],
] as const)('an answer that is %j says so', (status, headers) => {
  expect(cacheHeaders(status)).toEqual(headers)
})

describe('a text', () => {
  test.each([
    ['SELECT count() FROM orders', true],
    ["SELECT 'now()' AS x FROM orders", true],
    ['SELECT knowledge, todays FROM orders -- now()', true],
    ['SELECT now()', false],
    ['SELECT NoW ( )', false],
    ['SELECT CURRENT_TIMESTAMP', false],
    ['SELECT `now`()', false],
    ['SELECT "rand"(1)', false],
    ['SELECT id FROM orders WHERE at > today() - 7', false],
    ['SELECT generateUUIDv4(id) FROM orders', false],
    ['SELECT randUniform(0, 1)', false],
    ['SELECT toUnixTimestamp(at) FROM orders', true],
    ['SELECT toUnixTimestamp /* of what */ () FROM orders', false],
  ])('%s: %s', (sql, expected) => {
    expect(isRepeatable(tokenize(sql))).toBe(expected)
  })
})

test('a long text is read once, however often it asks', () => {
  const sql = `SELECT ${Array.from({ length: 5_000 }, () => 'toUnixTimestamp ( at )').join(', ')} FROM orders`
  const tokens = tokenize(sql)
  const begun = performance.now()
  expect(isRepeatable(tokens)).toBe(true)
  expect(performance.now() - begun).toBeLessThan(250)
})

describe('rows that are read', () => {
  const datasets = shopDatasets()
  const scopeOf = (role: string) =>
    accessScope(datasets, { subject: 'x', tenant: 'north', roles: [role], attributes: {} }, role)

  test('are those of the tenant, where the row filter says so', () => {
    expect(readRows(scopeOf('analyst'), ['analytics.orders', 'analytics.countries'])).toEqual([
      { table: 'orders', tenant: 'north' },
      { table: 'countries', tenant: undefined },
    ])
    expect(readRows(scopeOf('engineer'), ['analytics.orders'])).toEqual([
      { table: 'orders', tenant: undefined },
    ])
  })

  test('are of any tenant where the filter does not compare it as text', () => {
    const filters = [
      [{ column: 'tenant_id', operator: '!=', principal: 'tenant' }],
      [{ column: 'status', operator: '=', principal: 'tenant' }],
      [{ column: 'tenant_id', operator: '=', principal: 'region' }],
      [
        {
          any: [
            { column: 'tenant_id', operator: '=', principal: 'tenant' },
            { column: 'small', operator: 'isNull' },
          ],
        },
      ],
      [{ not: { column: 'tenant_id', operator: '=', principal: 'tenant' } }],
    ] as const
    const scope = scopeOf('analyst')
    for (const rowFilter of filters) {
      const changed = scope.datasets.map((access) => ({
        ...access,
        dataset: { ...access.dataset, roles: access.dataset.roles.map((role) => ({ ...role, rowFilter })) },
      }))
      expect(readRows({ ...scope, datasets: changed }, ['analytics.orders'])).toEqual([
        { table: 'orders', tenant: undefined },
      ])
    }
    const numbers = scope.datasets.map((access) => ({
      ...access,
      dataset: {
        ...access.dataset,
        columns: access.dataset.columns.map((column) =>
          column.target === 'tenant_id' ? { ...column, targetType: 'UInt64' } : column,
        ),
      },
    }))
    expect(readRows({ ...scope, datasets: numbers }, ['analytics.orders'])).toEqual([
      { table: 'orders', tenant: undefined },
    ])
  })

  test('of what is no dataset of the scope are unknown', () => {
    expect(readRows(scopeOf('clerk'), ['analytics.orders', 'analytics.countries'])).toBeUndefined()
    expect(readRows(scopeOf('analyst'), ['system.one'])).toBeUndefined()
    expect(readRows(scopeOf('analyst'), [])).toEqual([])
  })
})
