/**
 * Pages over many rows on a real engine, while rows come and go: every row that is there throughout is seen exactly once, in order, forwards
 * and backwards, for sorts with many equal values, NULL, NaN, zeros of both signs, any bytes, long numbers and microseconds.
 *
 * Over a million rows, which takes minutes:
 *
 *     MOGO_PAGING_ROWS=1000000 ./mogo test tests/query-api/rows-paging
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Page, rowsClient } from './support/rows-client.ts'
import { SHOP_PEOPLE, shopContracts, withEnum } from './support/shop.ts'
import { fillShop, insertRows } from './support/shop-rows.ts'
import { startTenants, type Tenants } from './support/tenants.ts'

/** Rows that stay. */
const ROWS = Number(process.env['MOGO_PAGING_ROWS'] ?? 12_000)
/** Longest time of a test, milliseconds. */
const PATIENCE = 60_000 + ROWS
/** Rows of a page, at most and at least: each page has another size. */
const LARGEST = Math.min(10_000, Math.ceil(ROWS / 8))
const SMALLEST = Math.ceil(LARGEST / 3)
/** Numbers of rows that come and go. */
const PASSING = 1_000_000_000

let tenants: Tenants
const { page, refusal } = rowsClient(() => tenants)

beforeAll(async () => {
  tenants = await startTenants({
    ...{ contracts: shopContracts, adapt: withEnum, people: SHOP_PEOPLE, fill: fillShop(ROWS) },
  })
})
afterAll(async () => {
  await tenants?.dispose()
})

/** `sort`, and the same order in the engine's own SQL. Of few rows the random ones below make up for those that are left out. */
const ALL_SORTS: readonly (readonly [string, string])[] = [
  ['', ''],
  ['score.desc.nullsfirst,small', 'score DESC NULLS FIRST, small ASC NULLS LAST,'],
  ['name.nullsfirst,u64.desc', 'name ASC NULLS FIRST, u64 DESC,'],
  ['small.desc.nullsfirst', 'small DESC NULLS FIRST,'],
  ['score', 'score ASC NULLS LAST,'],
  ['amount.desc,at', 'amount DESC, at ASC,'],
  ['flag.desc,score.nullsfirst,at.desc', 'flag DESC NULLS LAST, score ASC NULLS FIRST, at DESC,'],
]
const SORTS = ROWS > 100_000 ? ALL_SORTS : ALL_SORTS.slice(0, 3)

/** The number that comes next, and the first that has not gone yet: a number comes once, since a row that is gone stays gone. */
let next = PASSING
let gone = PASSING

/** Rows come and go while a page is read: some new ones, some of the ones before, some of both on the page at hand. */
async function change(count: number): Promise<void> {
  await insertRows(tenants.admin, 'events', { tenant: 'north', from: next, count })
  next += count
  if (next - gone > 7 * count) await leave(Math.ceil(count * 0.8))
}

async function leave(count: number): Promise<void> {
  await insertRows(tenants.admin, 'events', {
    ...{ tenant: 'north', from: gone, count },
    version: 2,
    deleted: true,
  })
  gone += count
}

const anySize = () => SMALLEST + Math.floor(Math.random() * (LARGEST - SMALLEST))

type Walk = { readonly ids: number[]; readonly pages: number; readonly last: Page; readonly sizes: number[] }

/** Follows one direction to its end. */
async function walk(
  query: string,
  towards: 'next' | 'prev',
  start: string | null,
  { size = anySize, changes = 100 } = {},
): Promise<Walk> {
  const parts: number[][] = []
  const sizes: number[] = []
  let cursor = start
  for (;;) {
    const limit = size()
    const at = cursor === null ? '' : `&cursor=${cursor}`
    const [found] = await Promise.all([
      page(`${query}&limit=${limit}${at}`, { dataset: 'events', as: 'nora' }),
      // Fewer come than a page has, or the end would run away.
      change(changes),
    ])
    parts.push(found.rows.map(([id]) => Number(id)))
    sizes.push(found.rowCount)
    expect(found.rowCount).toBeLessThanOrEqual(limit)
    cursor = found[towards]
    if (cursor === null) {
      const ids = (towards === 'next' ? parts : parts.toReversed()).flat()
      return { ids, pages: parts.length, last: found, sizes }
    }
  }
}

const isStable = (id: number) => id < PASSING

/** Compares long lists without printing them. */
function expectSame(found: readonly number[], expected: readonly number[]): void {
  const at = expected.findIndex((id, index) => found[index] !== id)
  expect({ length: found.length, at, found: found[at] }).toEqual({
    length: expected.length,
    at: -1,
    found: undefined,
  })
}

async function inOrder(order: string, among = '1'): Promise<number[]> {
  const text = await tenants.admin(
    `SELECT id FROM analytics.events FINAL WHERE tenant_id = 'north' AND id < ${PASSING} AND ${among} ORDER BY ${order} tenant_id, id`,
  )
  return text.trim().split('\n').map(Number)
}

describe.each(SORTS)('sorted by %j', (sort, order) => {
  test(
    'every row that stays is seen once, in order, in both directions',
    async () => {
      const expected = await inOrder(order)
      expect(expected.length).toBe(ROWS)
      const query = `select=id&sort=${sort}`.replace(/&sort=$/, '')
      const before = { next, gone }
      const forward = await walk(query, 'next', null)
      expect(forward.last.prev).not.toBeNull()
      const back = await walk(query, 'prev', forward.last.prev)
      // Rows came and went while pages were read, or this would show nothing.
      expect(next - before.next).toBeGreaterThan(1_500)
      expect(gone - before.gone).toBeGreaterThan(500)
      await leave(next - gone)
      expect(forward.pages).toBeGreaterThanOrEqual(8)
      expectSame(forward.ids.filter(isStable), expected)
      const passing = forward.ids.filter((id) => !isStable(id))
      expect(passing.length).toBeGreaterThan(100)
      expect(new Set(passing).size).toBe(passing.length)
      const end = forward.last.rows.map(([id]) => Number(id)).filter(isStable)
      expectSame([...back.ids.filter(isStable), ...end], expected)
      expect(new Set(back.ids).size).toBe(back.ids.length)
    },
    PATIENCE,
  )
})

test(
  'any sort, filter and page sizes: the same, on rows of their own',
  async () => {
    const column = fc.constantFrom('small', 'score', 'amount', 'at', 'name', 'u64', 'flag')
    const term = fc.record({
      column,
      direction: fc.constantFrom('asc', 'desc'),
      nulls: fc.constantFrom('nullsfirst', 'nullslast'),
    })
    const question = fc.record({
      terms: fc.uniqueArray(term, { maxLength: 3, selector: (each) => each.column }),
      most: fc.integer({ min: 150, max: 700 }),
      sizes: fc.array(fc.integer({ min: 60, max: 400 }), { minLength: 1, maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(question, async ({ terms, most, sizes }) => {
        const sort = terms.map((each) => `${each.column}.${each.direction}.${each.nulls}`).join()
        const order = terms.map(
          (each) =>
            `${each.column} ${each.direction} NULLS ${each.nulls === 'nullsfirst' ? 'FIRST' : 'LAST'},`,
        )
        const among = `(id < ${most} OR id >= ${PASSING})`
        const expected = await inOrder(order.join(' '), among)
        let pages = 0
        const options = { size: () => sizes[pages++ % sizes.length] ?? 1, changes: 20 }
        const filter = String(new URLSearchParams({ or: `(id.lt.${most},id.gte.${PASSING})` }))
        const query = `select=id&${filter}${sort && `&sort=${sort}`}`
        const forward = await walk(query, 'next', null, options)
        const end = forward.last.rows.map(([id]) => Number(id)).filter(isStable)
        // If all of it was one page, there is nothing before it.
        const { prev } = forward.last
        const back = prev === null ? [] : (await walk(query, 'prev', prev, options)).ids
        await leave(next - gone)
        expectSame(forward.ids.filter(isStable), expected)
        expectSame([...back.filter(isStable), ...end], expected)
        expect(new Set(forward.ids).size).toBe(forward.ids.length)
      }),
      // Each run has rows of its own, so a smaller case of a failure would be another one.
      { numRuns: 4, endOnFailure: true, includeErrorInReport: true },
    )
  },
  PATIENCE,
)

test('next and prev are each other’s way back', async () => {
  const query = 'select=id,score&sort=score.desc.nullsfirst,small&limit=701'
  const events = { dataset: 'events' }
  const pages: Page[] = [await page(query, events)]
  for (let count = 0; count < 5; count++)
    pages.push(await page(`${query}&cursor=${pages.at(-1)?.next}`, events))
  for (let index = 5; index > 0; index--) {
    const back = await page(`${query}&cursor=${pages[index]?.prev}`, events)
    expect(back.rows).toEqual(pages[index - 1]?.rows)
    const forth = await page(`${query}&cursor=${back.next}`, events)
    expect(forth.rows).toEqual(pages[index]?.rows)
    expect(back.prev === null).toBe(index === 1)
  }
})

test('a page whose rows are gone leads back, and nothing that comes is left out', async () => {
  const row = { tenant: 'north', from: PASSING - 3, count: 3 }
  const query = `select=id&id=gte.${PASSING - 3}&limit=2`
  const events = { dataset: 'events' }
  await insertRows(tenants.admin, 'events', { ...row, version: 5 })
  try {
    const one = await page(query, events)
    expect(one.rows.length).toBe(2)
    await insertRows(tenants.admin, 'events', {
      ...row,
      from: PASSING - 1,
      count: 1,
      version: 6,
      deleted: true,
    })
    const empty = await page(`${query}&cursor=${one.next}`, events)
    expect(empty).toMatchObject({ rows: [], next: null })
    expect((await page(`${query}&cursor=${empty.prev}`, events)).rows).toEqual(one.rows)
    await insertRows(tenants.admin, 'events', { ...row, from: PASSING - 1, count: 1, version: 7 })
    expect((await page(`${query}&cursor=${one.next}`, events)).rows).toEqual([[String(PASSING - 1)]])
  } finally {
    await insertRows(tenants.admin, 'events', { ...row, version: 9, deleted: true })
  }
})

test('a role that sees several tenants has them apart: equal keys are two rows', async () => {
  const query = 'select=id,tenant_id&sort=small.desc&flag=is.true&at=lt.2026-01-01T00:00:00.000100Z'
  const seen: string[] = []
  let cursor = ''
  do {
    const found = await page(`${query}&limit=997${cursor}`, { dataset: 'events', as: 'edith' })
    seen.push(...found.rows.map((row) => row.join(' ')))
    cursor = found.next === null ? '' : `&cursor=${found.next}`
  } while (cursor !== '')
  const text = await tenants.admin(
    `SELECT concat(toString(id), ' ', tenant_id) FROM analytics.events FINAL WHERE flag AND at < toDateTime64('2026-01-01 00:00:00.000100', 6, 'UTC') ORDER BY small DESC NULLS LAST, tenant_id, id`,
  )
  expect(seen).toEqual(text.trim().split('\n'))
  expect(new Set(seen.map((each) => each.split(' ')[0])).size).toBeLessThan(seen.length)
  expect((await refusal(`${query}${cursor}&cursor=x`, { dataset: 'events' })).code).toBe('MOGO_ROWS_CURSOR')
})
