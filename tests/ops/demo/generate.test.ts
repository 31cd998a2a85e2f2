/** The generator: the same seed gives the same bytes, valid rows keep their contract, broken ones break one rule. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BROKEN_NUMBERS, BROKEN_ROWS, BROKEN_UUIDS, brokenRowsOf } from '#ops/demo/broken-rows.ts'
import { copyLine } from '#ops/demo/copy-text.ts'
import { allRows, soundRows } from '#ops/demo/generate.ts'
import { entityUuid } from '#ops/demo/random.ts'
import { SHOP_COLUMNS, SHOP_TABLES, type ShopTable } from '#ops/demo/tables.ts'
import { planWorld, shareCustomers, tenantId } from '#ops/demo/world.ts'
import { brokenIn, readContracts } from './contract-check.ts'

const contracts = readContracts()
const world = planWorld({ tenants: 7, customers: 700, seed: 42 })

function hashOf(seed: number): string {
  const hash = createHash('sha256')
  const small = planWorld({ tenants: 3, customers: 60, seed })
  for (const table of SHOP_TABLES) for (const row of allRows(table, small)) hash.update(copyLine(row))
  return hash.digest('hex')
}

const column = (table: ShopTable, name: string): number => SHOP_COLUMNS[table].indexOf(name)

describe('the generator', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const first = hashOf(42)
    expect(hashOf(42)).toBe(first)
    expect(hashOf(43)).not.toBe(first)
    // Pinned: a change of the generator (or of faker) changes every seeded database, and must be seen here.
    expect(first).toBe('7f163fca1545b54a610bcacfa4b18334925c974eaf4505f4f4708566906a6570')
  })

  it.each(SHOP_TABLES)('makes only rows of %s that keep their contract', (table) => {
    const contract = contracts.get(table)!
    let rows = 0
    for (const row of soundRows(table, world)) {
      rows += 1
      const broken = brokenIn(table, contract, row)
      if (broken.length > 0) expect(broken).toEqual([])
    }
    expect(rows).toBeGreaterThan(0)
  })

  it.each(SHOP_TABLES)('makes only broken rows of %s that break exactly the rule they name', (table) => {
    const rows = brokenRowsOf(table, world)
    const named = BROKEN_ROWS.filter((row) => row.dataset === table)
    expect(rows).toHaveLength(named.length)
    for (const [n, row] of rows.entries()) {
      const { column: name, rule, key } = named[n]!
      expect(brokenIn(table, contracts.get(table)!, row)).toEqual([`${name}: ${rule}`])
      for (const [part, value] of Object.entries(key)) expect(row[column(table, part)]).toBe(value)
    }
  })

  it('breaks every kind of rule', () => {
    expect([...new Set(BROKEN_ROWS.map((row) => row.rule))].sort()).toEqual([
      'exclusiveMinimum',
      'maxLength',
      'maximum',
      'minimum',
      'not_finite',
      'pattern',
      'required',
      'validValues',
    ])
  })

  it.each(SHOP_TABLES)('gives every row of %s a key of its own, away from those of broken rows', (table) => {
    const keys = new Set<string>()
    const contract = contracts.get(table)!.schema[0]!
    const key = contract.properties.filter((c) => c.primaryKeyPosition !== undefined)
    let rows = 0
    for (const row of soundRows(table, world)) {
      rows += 1
      const parts = key.map((c) => row[column(table, c.name)])
      keys.add(parts.join('|'))
      const id = row[column(table, 'id')]
      expect(typeof id === 'number' ? id < BROKEN_NUMBERS : !String(id).startsWith(BROKEN_UUIDS)).toBe(true)
    }
    expect(keys.size).toBe(rows)
  })

  it('refers only to rows that are there', () => {
    const keysOf = (table: ShopTable, names: readonly string[]): Set<string> =>
      new Set([...allRows(table, world)].map((row) => names.map((n) => row[column(table, n)]).join('|')))
    const references: readonly [ShopTable, readonly string[], ShopTable, readonly string[]][] = [
      ['customers', ['tenant_id'], 'tenants', ['id']],
      ['products', ['tenant_id'], 'tenants', ['id']],
      ['orders', ['tenant_id', 'customer_id'], 'customers', ['tenant_id', 'id']],
      ['order_items', ['tenant_id', 'order_id'], 'orders', ['tenant_id', 'id']],
      ['order_items', ['product_id', 'tenant_id'], 'products', ['id', 'tenant_id']],
      ['payments', ['tenant_id', 'order_id'], 'orders', ['tenant_id', 'id']],
      ['support_tickets', ['tenant_id'], 'tenants', ['id']],
    ]
    for (const [from, names, to, target] of references) {
      const there = keysOf(to, target)
      const missing = [...keysOf(from, names)].filter((key) => !there.has(key))
      expect([from, to, missing]).toEqual([from, to, []])
    }
  })

  it('gives two shops the same numbers, and some people to both', () => {
    const people = new Map<string, Set<string>>()
    const first = new Set<string>()
    for (const row of soundRows('customers', world)) {
      const tenant = String(row[column('customers', 'tenant_id')])
      if (row[column('customers', 'id')] === 1) first.add(tenant)
      const email = String(row[column('customers', 'email')])
      people.set(email, (people.get(email) ?? new Set()).add(tenant))
    }
    expect(first.size).toBe(world.tenants.length)
    expect([...people.values()].some((tenants) => tenants.size > 1)).toBe(true)
  })

  it('writes texts longer than 8 kB, and integers past 2^53', () => {
    const texts = [...soundRows('products', world)].map((row) =>
      String(row[column('products', 'description')]),
    )
    expect(texts.filter((text) => text.length > 8192).length).toBeGreaterThan(texts.length / 5)
    for (const row of soundRows('payments', world)) {
      const txn = BigInt(String(row[column('payments', 'provider_txn')]))
      expect(txn > 2n ** 53n && txn < 2n ** 63n).toBe(true)
    }
  })

  it('never repeats a UUID', () => {
    const seen = new Set<string>()
    for (let a = 0; a < 10; a += 1) for (let b = 0; b < 20_000; b += 1) seen.add(entityUuid(1, 9, a, b))
    expect(seen.size).toBe(200_000)
    expect([...seen][0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('the plan', () => {
  it.each([
    [2, 2],
    [8, 1000],
    [100, 101],
    [5000, 5000],
  ])('shares out customers of %i shops: all %i of them, nobody without', (tenants, customers) => {
    const shares = shareCustomers(tenants, customers)
    expect(shares.reduce((a, b) => a + b, 0)).toBe(customers)
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(1)
    expect(shares).toEqual([...shares].sort((a, b) => b - a))
  })

  it('names every shop differently, acme and globex first', () => {
    const ids = Array.from({ length: 5000 }, (_, n) => tenantId(n))
    expect(ids.slice(0, 2)).toEqual(['acme', 'globex'])
    expect(new Set(ids).size).toBe(5000)
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]{1,30}$/)
  })

  it.each([
    [{ tenants: 1, customers: 10, seed: 1 }, '--tenants'],
    [{ tenants: 5, customers: 4, seed: 1 }, '--customers'],
    [{ tenants: 2, customers: 2.5, seed: 1 }, '--customers'],
    [{ tenants: 2, customers: 10, seed: -1 }, '--seed'],
    [{ tenants: 2, customers: 10, seed: Number.NaN }, '--seed'],
  ])('refuses %j, naming the option', (options, name) => {
    expect(() => planWorld(options)).toThrow(
      expect.objectContaining({ code: 'MOGO_USAGE', message: expect.stringContaining(name) }),
    )
  })
})
