/** Seeding and live traffic on a real Postgres. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BROKEN_ROWS } from '#ops/demo/broken-rows.ts'
import { arrayText } from '#ops/demo/copy-text.ts'
import { personalValues } from '#ops/demo/personal-values.ts'
import { openShop, type ShopSession } from '#ops/demo/postgres-shop.ts'
import { type SeedProgress, seedDatabase } from '#ops/demo/seed.ts'
import { SHOP_TABLES, type ShopTable } from '#ops/demo/tables.ts'
import { startTraffic } from '#ops/demo/traffic.ts'
import type { TrafficStats } from '#ops/demo/traffic-stats.ts'
import { brokenIn, readContracts } from './contract-check.ts'
import { type ShopServer, startShopServer } from './shop-server.ts'

const WORLD = { tenants: 4, customers: 400, seed: 7 }
let server: ShopServer
let session: ShopSession

beforeAll(async () => {
  server = await startShopServer()
  session = await openShop(server.connection, 'test')
}, 60_000)

afterAll(async () => {
  await session?.close()
  await server?.stop()
})

async function countRows(): Promise<Record<ShopTable, number>> {
  const counts = {} as Record<ShopTable, number>
  for (const table of SHOP_TABLES) {
    const { rows } = await session.query<{ n: number }>(`select count(*)::int as n from public.${table}`)
    counts[table] = rows[0]!.n
  }
  return counts
}

describe('seeding', () => {
  it('refuses traffic before it is done', async () => {
    const { signal } = new AbortController()
    const started = startTraffic({ connection: server.connection, signal })
    await expect(started).rejects.toMatchObject({ code: 'MOGO_DEMO_EMPTY' })
  })

  it('writes nothing if it is stopped half-way', async () => {
    const stop = new AbortController()
    const onProgress = (progress: SeedProgress): void => {
      if (progress.table === 'orders') stop.abort()
    }
    const seeded = seedDatabase({ ...WORLD, connection: server.connection, signal: stop.signal, onProgress })
    await expect(seeded).rejects.toThrow()
    expect((await countRows()).customers).toBe(0)
  })

  it('fills every table, reports what it wrote, and leaves the foreign keys as they were', async () => {
    const keys = /*sql*/ `select conname::text, convalidated from pg_constraint where contype = 'f' order by 1`
    const before = await session.query(keys)
    const result = await seedDatabase({ ...WORLD, connection: server.connection })
    expect(result.outcome).toBe('seeded')
    expect(result.rows).toEqual(await countRows())
    expect(result.rows.customers).toBe(400 + BROKEN_ROWS.filter((row) => row.dataset === 'customers').length)
    expect((await session.query(keys)).rows).toEqual(before.rows)
    expect(before.rows).toHaveLength(11)
  })

  it('stores every broken row under the key that it names', async () => {
    for (const { dataset, key } of BROKEN_ROWS) {
      const where = Object.keys(key).map((column, n) => `${column}::text = $${n + 1}`)
      const values = Object.values(key).map(String)
      const found = await session.query(
        `select 1 from public.${dataset} where ${where.join(' and ')}`,
        values,
      )
      expect([dataset, key, found.count]).toEqual([dataset, key, 1])
    }
  })

  it('keeps long descriptions out of line, in quantity', async () => {
    const { rows } = await session.query<{ long: number; toasted: number }>(
      /*sql*/ `select (count(*) filter (where length(description) > 8192))::int as long,
        (count(*) filter (where pg_column_toast_chunk_id(description) is not null))::int as toasted from products`,
    )
    expect(rows[0]!.long).toBeGreaterThan(10)
    expect(rows[0]!.toasted).toBeGreaterThanOrEqual(rows[0]!.long)
  })

  it('does nothing the second time, refuses other data, and takes them with reseed', async () => {
    const { connection } = server
    expect(await seedDatabase({ ...WORLD, connection })).toMatchObject({ outcome: 'already' })
    await expect(seedDatabase({ ...WORLD, seed: 8, connection })).rejects.toMatchObject({
      code: 'MOGO_DEMO_SEEDED',
      params: { seed: '7', tenants: 4, customers: 400 },
    })
    expect(await seedDatabase({ ...WORLD, seed: 8, connection, reseed: true })).toMatchObject({
      outcome: 'seeded',
    })
    const again = await seedDatabase({ ...WORLD, connection, reseed: true })
    expect(again.rows).toEqual(await countRows())
  })

  it('says who was refused, where, when the password is wrong', async () => {
    const connection = { ...server.connection, password: 'wrong' }
    await expect(seedDatabase({ ...WORLD, connection })).rejects.toMatchObject({
      code: 'MOGO_POSTGRES_AUTH',
      params: { user: 'shop_app', database: 'shop' },
    })
    await expect(openShop({ ...server.connection, port: 1 }, 'test')).rejects.toMatchObject({
      code: 'MOGO_POSTGRES_UNREACHABLE',
      params: { detail: 'ECONNREFUSED' },
    })
  })

  it('writes arrays that Postgres reads back element by element', async () => {
    const elements = ['a "b"', 'c\\d', null, 'NULL', '', 'ü,{}']
    const { rows } = await session.query<{ a: unknown }>('select $1::text[] as a', [arrayText(elements)])
    expect(rows[0]!.a).toEqual(elements)
  })
})

describe('live traffic', () => {
  let totals: TrafficStats
  let before: Record<ShopTable, number>
  let seen: TrafficStats[]

  beforeAll(async () => {
    before = await countRows()
    const stop = new AbortController()
    seen = []
    const run = await startTraffic({
      connection: server.connection,
      ratePerSecond: 500,
      seed: 3,
      signal: stop.signal,
      brokenEveryMs: 400,
      mendAfterMs: 800,
      onStats: (stats) => {
        seen.push(stats)
        if (seen.length === 4) stop.abort()
      },
    })
    totals = await run.done
  }, 30_000)

  it('is not faster than its rate, and tells what it has missed', () => {
    const seconds = totals.elapsedMs / 1000
    expect(totals.changes / seconds).toBeLessThan(550)
    // However slow the machine is; what is under way is in neither.
    expect((totals.changes + totals.missed) / seconds).toBeGreaterThan(400)
    expect(seen.map((stats) => stats.changes)).toEqual(
      seen.map((stats) => stats.changes).sort((a, b) => a - b),
    )
  })

  it('counts exactly what it committed', async () => {
    const after = await countRows()
    for (const table of SHOP_TABLES) {
      const made = totals.byTable[table] ?? { insert: 0, update: 0, delete: 0 }
      expect([table, after[table] - before[table]]).toEqual([table, made.insert - made.delete])
    }
    const sum = Object.values(totals.byTable).reduce(
      (n, made) => n + made.insert + made.update + made.delete,
      0,
    )
    expect(sum).toBe(totals.changes)
  })

  it('inserts, updates and deletes in every busy table', () => {
    for (const table of ['customers', 'orders', 'order_items', 'payments', 'support_tickets'] as const) {
      for (const kind of ['insert', 'update', 'delete'] as const) {
        expect([table, kind, (totals.byTable[table]?.[kind] ?? 0) > 0]).toEqual([table, kind, true])
      }
    }
    expect(totals.byTable.products?.update).toBeGreaterThan(0)
  })

  it('leaves in the source exactly the broken rows that it tells, besides the seeded ones', async () => {
    expect(totals.mended).toBeGreaterThan(0)
    expect(totals.broken.length).toBeGreaterThan(0)
    const contracts = readContracts()
    const found: string[] = []
    for (const table of SHOP_TABLES) {
      const contract = contracts.get(table)!
      const columns = contract.schema[0]!.properties
      const list = columns.map((c) =>
        c.logicalType === 'timestamp'
          ? `to_char(${c.name}, 'YYYY-MM-DD"T"HH24:MI:SS.US') as ${c.name}`
          : `${c.name}::text as ${c.name}`,
      )
      const { rows } = await session.query<Record<string, string | null>>(
        `select ${list.join(', ')} from public.${table}`,
      )
      for (const row of rows) {
        for (const broken of brokenIn(
          table,
          contract,
          columns.map((c) => row[c.name] ?? null),
        )) {
          found.push(`${table} ${row['id']} ${broken}`)
        }
      }
    }
    const told = [...BROKEN_ROWS, ...totals.broken].map(
      ({ dataset, key, column, rule }) => `${dataset} ${key['id']} ${column}: ${rule}`,
    )
    expect(found.sort()).toEqual(told.sort())
  })

  it('leaves no connection behind', async () => {
    const { rows } = await session.query<{ n: number }>(
      /*sql*/ `select count(*)::int as n from pg_stat_activity where application_name like 'mogo demo%'`,
    )
    expect(rows[0]!.n).toBe(0)
  })
})

describe('the sample of personal values', () => {
  it('lists addresses, numbers and names of old and new rows', async () => {
    const values = await personalValues(server.connection, 50)
    expect(values.emails.length).toBeGreaterThan(80)
    expect(values.emails.every((email) => /@.+\.example$/.test(email))).toBe(true)
    expect(values.phones.every((phone) => phone.startsWith('+'))).toBe(true)
    expect(values.phones.length).toBeGreaterThan(50)
    expect(values.fullNames.length).toBeGreaterThan(50)
    expect(values.fullNames).not.toContain('')
  })
})
