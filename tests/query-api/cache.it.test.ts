/** The cache on a real engine: as fresh as the engine itself, for one scope alone, recorded like any answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { versionReaderStatements } from '#query-api/access/clickhouse-version-reader.ts'
import { UNREPEATABLE } from '#query-api/cache/is-repeatable.ts'
import type { QueryEngine } from '#query-api/ports.ts'
import { SOUTH_MARKER, startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
let app: HttpServer
/** Statements of callers that the engine has run. */
let runs = 0

beforeAll(async () => {
  tenants = await startTenants()
  const counting: QueryEngine = {
    ...tenants.engine,
    stream(identity, statement) {
      runs++
      return tenants.engine.stream(identity, statement)
    },
  }
  app = await tenants.build({ engine: counting })
  // The scopes are made, the tables looked at.
  for (const as of ['nora', 'sam', 'edith']) await ask('SELECT 1 FROM clients LIMIT 1', { as })
})
afterAll(async () => {
  await tenants?.dispose()
})
beforeEach(() => {
  runs = 0
})

type Options = {
  readonly as?: string
  readonly accept?: string
  readonly cacheControl?: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly to?: HttpServer
}

async function ask(sql: string, options: Options = {}) {
  const { as = 'nora', accept = 'application/json', cacheControl, body = {}, to = app } = options
  const response = await to.inject({
    method: 'POST',
    url: '/v1/query',
    headers: {
      authorization: `Bearer ${await tenants.token(as)}`,
      accept,
      ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
    },
    payload: { sql, ...body },
  })
  return {
    status: response.statusCode,
    headers: response.headers,
    way: String(response.headers['cache-status'] ?? '').replace(/^mogo; /, ''),
    raw: response.rawPayload,
    text: response.body,
    rows: () => (JSON.parse(response.body) as { rows: unknown[][] }).rows,
    queryId: String(response.headers['x-mogo-query-id']),
  }
}

let version = 10
const insert = (tenant: string, id: number, deleted: 0 | 1, name = 'new') =>
  tenants.admin(
    `INSERT INTO analytics.clients (tenant_id, id, name, amount, tags, email_token, placed_at, _version, _deleted, _committed_at) SELECT '${tenant}', ${id}, '${name}', 1, [], 'tok', now64(6), ${++version}, ${deleted}, now64(3)`,
  )
const COUNT = 'SELECT count() AS n FROM clients'

describe('a question that was asked before', () => {
  test('is answered without the engine, and recorded like any other', async () => {
    const sql = 'SELECT id, name FROM clients WHERE id < 3 ORDER BY id'
    const first = await ask(sql)
    expect(first.way).toBe('fwd=uri-miss')
    const second = await ask(sql, { body: { purpose: 'once more' } })
    expect(second.way).toBe('hit')
    expect(second.headers['age']).toBe('0')
    expect(second.headers['cache-control']).toBe('no-store')
    expect(runs).toBe(1)
    expect(second.rows()).toEqual(first.rows())
    expect(second.queryId).not.toBe(first.queryId)
    expect(JSON.parse(second.text)).toMatchObject({ queryId: second.queryId, rowCount: 3 })
    const [one, two] = [first, second].map(({ queryId }) => tenants.records.find(({ id }) => id === queryId))
    expect(one).toMatchObject({ decision: 'answered', rows: 3, subject: 'nora' })
    expect(one?.cached).toBeUndefined()
    expect(two).toMatchObject({
      decision: 'answered',
      rows: 3,
      subject: 'nora',
      purpose: 'once more',
      cached: true,
    })
    expect(two?.columnsRead).toEqual(one?.columnsRead)
    expect(two?.edges.length).toBe(one?.edges.length)
  })

  test.each(['application/json', 'application/x-ndjson', 'text/csv', 'application/vnd.apache.arrow.stream'])(
    'is the same bytes as %s',
    async (accept) => {
      const sql = 'SELECT id, name, amount, tags FROM clients ORDER BY id'
      // Each answer has an id of its own.
      const plain = (raw: Buffer) =>
        raw.toString('latin1').replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '')
      const fresh = await ask(sql, { accept, cacheControl: 'no-store' })
      expect(fresh.way).toBe('fwd=request')
      await ask(sql, { accept })
      const kept = await ask(sql, { accept })
      expect(kept.way).toBe('hit')
      expect(plain(kept.raw)).toBe(plain(fresh.raw))
    },
  )

  test('as rows of a dataset, too: with cursors, totals and tags', async () => {
    const get = async (query: string) => {
      const headers = { authorization: `Bearer ${await tenants.token('nora')}` }
      const response = await app.inject({ method: 'GET', url: `/v1/datasets/clients/rows?${query}`, headers })
      return {
        ...response.json<{ rows: unknown[]; next: string; total?: unknown }>(),
        headers: response.headers,
      }
    }
    const query = 'select=id,name&sort=id.desc&limit=10&total=exact'
    const first = await get(query)
    expect(first.headers['cache-status']).toBe('mogo; fwd=uri-miss')
    const second = await get(query)
    expect(second.headers['cache-status']).toBe('mogo; hit')
    expect(runs).toBe(2)
    expect([second.rows, second.next, second.total]).toEqual([first.rows, first.next, first.total])
    expect(second.headers['etag']).toBe(first.headers['etag'])
    const page = await get(`${query}&cursor=${second.next}`)
    expect(page.rows.length).toBe(10)
    expect(page.rows).not.toEqual(first.rows)
  })

  test('by a clock or by chance runs each time', async () => {
    for (const sql of [
      'SELECT now64(9) AS t FROM clients LIMIT 1',
      'SELECT rand() AS r FROM clients LIMIT 1',
    ]) {
      const [first, second] = [await ask(sql), await ask(sql)]
      expect([first.way, second.way]).toEqual(['fwd=bypass', 'fwd=bypass'])
      expect(second.rows()).not.toEqual(first.rows())
    }
  })

  test('with other values, limits of the text, or in another format is another one', async () => {
    const sql = 'SELECT count() AS n FROM clients WHERE id < {most:UInt32}'
    const of = async (most: number) => (await ask(sql, { body: { parameters: { most } } })).rows()
    expect([await of(5), await of(6), await of(5)]).toEqual([[['5']], [['6']], [['5']]])
  })

  test('runs if the caller wants that', async () => {
    const sql = 'SELECT max(id) AS m FROM clients'
    await ask(sql)
    expect((await ask(sql, { cacheControl: 'no-cache' })).way).toBe('fwd=request')
    expect((await ask(sql, { cacheControl: 'no-store' })).way).toBe('fwd=request')
    expect(runs).toBe(3)
  })
})

describe('rows that change', () => {
  test('are seen at once: each insert and each delete, however often the question was asked', async () => {
    await ask(COUNT)
    for (let id = 1_000; id < 1_030; id++) {
      await insert('north', id, 0)
      const more = Number((await ask(COUNT)).rows()[0]?.[0])
      expect((await ask(COUNT)).way).toBe('hit')
      await insert('north', id, 1)
      expect(Number((await ask(COUNT)).rows()[0]?.[0])).toBe(more - 1)
    }
  })

  test('and move to another tenant are gone here and there at once', async () => {
    const sql = "SELECT name FROM clients WHERE name = 'mover'"
    await insert('north', 2_000, 0, 'mover')
    for (const as of ['nora', 'sam']) for (let times = 0; times < 2; times++) await ask(sql, { as })
    expect((await ask(sql)).rows()).toEqual([['mover']])
    // As the worker does it: the old tenant gets a tombstone.
    await insert('north', 2_000, 1, 'mover')
    await insert('south', 2_000, 0, 'mover')
    expect((await ask(sql)).rows()).toEqual([])
    expect((await ask(sql, { as: 'sam' })).rows()).toEqual([['mover']])
    await insert('south', 2_000, 1, 'mover')
    expect((await ask(sql, { as: 'sam' })).rows()).toEqual([])
  })

  test('by a mutation, a merge, a TRUNCATE and a load are right at once', async () => {
    const sql = 'SELECT count() AS n, sum(client_id) AS s FROM sales'
    const both = async () => {
      const kept = await ask(sql)
      const fresh = await ask(sql, { cacheControl: 'no-store' })
      expect(kept.rows()).toEqual(fresh.rows())
      return kept
    }
    await both()
    await tenants.admin('OPTIMIZE TABLE analytics.sales_v2 FINAL')
    expect((await both()).way).toBe('hit')
    await tenants.admin('ALTER TABLE analytics.sales_v2 DELETE WHERE id < 10 SETTINGS mutations_sync = 2')
    expect((await both()).rows()[0]?.[0]).toBe('40')
    await tenants.admin('TRUNCATE TABLE analytics.sales_v2')
    expect((await both()).rows()[0]?.[0]).toBe('0')
    await tenants.admin(
      "INSERT INTO analytics.sales_v2 (tenant_id, id, client_id, amount, tags, placed_at, _version, _deleted, _committed_at) SELECT 'north', number, 1, 1, [], now64(6), 1, 0, now64(3) FROM numbers(7)",
    )
    expect((await both()).rows()[0]?.[0]).toBe('7')
  })

  test('of another tenant leave everything as it was', async () => {
    // Rows that were merged with older ones before they were looked at are told by the time of their load: those of both tenants are new here.
    await tenants.admin('SYSTEM STOP MERGES analytics.clients')
    const sql = 'SELECT sum(amount) AS s FROM clients'
    await ask(sql)
    await ask(sql, { as: 'edith' })
    for (let times = 0; times < 5; times++) {
      await insert('south', 3_000 + times, 0)
      expect((await ask(sql)).way).toBe('hit')
    }
    // Whoever sees all rows sees that they have changed.
    expect((await ask(sql, { as: 'edith' })).way).toBe('fwd=stale')
    await tenants.admin('SYSTEM START MERGES analytics.clients')
  })

  test('are given as they were only to who asks for that, who is told their age', async () => {
    const sql = "SELECT count() AS n FROM clients WHERE name = 'late'"
    expect((await ask(sql)).rows()).toEqual([['0']])
    await insert('north', 4_000, 0, 'late')
    const old = await ask(sql, { cacheControl: 'max-stale=10' })
    expect(old.rows()).toEqual([['0']])
    expect(old.way).toMatch(/^hit; ttl=-\d$/)
    expect(old.headers['age']).toMatch(/^\d$/)
    expect(tenants.records.find(({ id }) => id === old.queryId)).toMatchObject({
      decision: 'answered',
      cached: true,
    })
    expect((await ask(sql)).rows()).toEqual([['1']])
  })
})

describe('scopes', () => {
  test('never share, in whatever order they ask', async () => {
    for (const [sql, order] of [
      [
        'SELECT tenant_id, count() AS n, max(name) AS m FROM clients GROUP BY tenant_id',
        ['nora', 'sam', 'edith'],
      ],
      [
        'SELECT tenant_id, count() AS n, min(name) AS m FROM clients GROUP BY tenant_id',
        ['edith', 'sam', 'nora'],
      ],
    ] as const) {
      for (const as of order) {
        const first = await ask(sql, { as })
        expect(first.way).toBe('fwd=uri-miss')
        const second = await ask(sql, { as })
        expect(second.way).toBe('hit')
        for (const { text } of [first, second]) {
          if (as === 'nora') expect(text).not.toContain(SOUTH_MARKER)
          if (as === 'nora') expect(text).not.toContain('south')
          if (as === 'sam') expect(text).not.toContain('north')
        }
      }
    }
  })

  test('of a role that the caller has not, or no longer has, stay closed', async () => {
    const sql = 'SELECT count() AS n FROM clients WHERE id = 1'
    await ask(sql, { as: 'edith' })
    await ask(sql)
    expect((await ask(sql, { as: 'olga' })).status).toBe(403)
    expect((await ask(sql, { body: { role: 'engineer' } })).status).toBe(403)
    expect(runs).toBe(2)
  })

  test('that cannot be had any more are closed, whatever was kept for them', async () => {
    let isAway = false
    const closing = await tenants.build({
      wrapScopes: (store) => ({
        ...store,
        async ensure(scopes) {
          if (isAway) throw new MogoError('MOGO_UNAVAILABLE', { what: 'The store' })
          return store.ensure(scopes)
        },
      }),
    })
    await ask(COUNT, { to: closing })
    expect((await ask(COUNT, { to: closing })).way).toBe('hit')
    isAway = true
    const refused = await ask(COUNT, { to: closing })
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('1')
  })

  test('get nothing that was kept if it cannot be recorded', async () => {
    let isAway = false
    const silent = await tenants.build({
      recorder: {
        async record() {
          if (isAway) throw new MogoError('MOGO_ACCESS_NOT_RECORDED')
        },
        async check() {},
        async close() {},
      },
    })
    await ask(COUNT, { to: silent })
    expect((await ask(COUNT, { to: silent })).way).toBe('hit')
    isAway = true
    const refused = await ask(COUNT, { to: silent })
    expect([refused.status, refused.text.includes('rows')]).toEqual([503, false])
  })
})

describe('many at once', () => {
  test('a herd of a hundred runs once; each has an own id and record', async () => {
    const sql = 'SELECT name, count() AS n FROM clients GROUP BY name ORDER BY name LIMIT 5'
    const before = tenants.records.length
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(sql)))
    expect(runs).toBe(1)
    const [first] = answers
    for (const { rows } of answers) expect(rows()).toEqual(first?.rows())
    const ids = new Set(answers.map(({ queryId }) => queryId))
    expect(ids.size).toBe(100)
    const records = tenants.records.slice(before).filter(({ id }) => ids.has(id))
    expect(new Set(records.map(({ id }) => id)).size).toBe(100)
    for (const record of records) expect(record).toMatchObject({ decision: 'answered', rows: 5 })
    expect(records.filter(({ cached }) => cached).length).toBe(99)
  })

  test('while rows come, go and are merged, no answer lacks what was there when it was asked for', async () => {
    const sql = "SELECT count() AS n FROM clients WHERE name = 'flow'"
    /** Rows whose insert, and whose delete, has begun and has ended. */
    const rows = { begun: 0, there: 0, leaving: 0, gone: 0 }
    /** What there was, and when. A look counts for 10 ms at most. */
    const past = [{ at: performance.now(), ...rows }]
    const asOf = (at: number) => past.findLast((each) => each.at <= at) ?? past[0] ?? { at, ...rows }
    let isOver = false
    const writer = async (tenant: string) => {
      for (let id = 0; id < 40; id++) {
        if (tenant === 'north') rows.begun++
        await insert(tenant, 10_000 + id, 0, 'flow')
        if (tenant === 'north') rows.there++
        past.push({ at: performance.now(), ...rows })
        if (id % 3 === 0) {
          if (tenant === 'north') rows.leaving++
          await insert(tenant, 10_000 + id, 1, 'flow')
          if (tenant === 'north') rows.gone++
          past.push({ at: performance.now(), ...rows })
        }
        if (id % 10 === 9) await tenants.admin('OPTIMIZE TABLE analytics.clients')
      }
    }
    const ways = new Map<string, number>()
    const reader = async () => {
      while (!isOver) {
        const before = asOf(performance.now() - 10)
        const { rows: found, way } = await ask(sql)
        const count = Number(found()[0]?.[0])
        // What had ended before is in it; what has not begun is not.
        expect(count).toBeGreaterThanOrEqual(before.there - rows.leaving)
        expect(count).toBeLessThanOrEqual(rows.begun - before.gone)
        ways.set(way, (ways.get(way) ?? 0) + 1)
      }
    }
    const readers = Array.from({ length: 6 }, reader)
    await Promise.all([writer('north'), writer('south')])
    isOver = true
    await Promise.all(readers)
    expect(Number((await ask(sql)).rows()[0]?.[0])).toBe(rows.there - rows.gone)
    // It was really the cache that answered, now and then.
    const kept = (ways.get('hit') ?? 0) + (ways.get('fwd=uri-miss; collapsed') ?? 0)
    expect(kept).toBeGreaterThan(0)
  })

  test('one who leaves takes nobody along', async () => {
    const sql =
      'SELECT count() AS n FROM (SELECT arrayJoin(range(6000)) AS n FROM clients WHERE id = 0) a, (SELECT arrayJoin(range(6000)) AS n FROM clients WHERE id = 0) b WHERE a.n % 7 = b.n % 5'
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const headers = {
      authorization: `Bearer ${await tenants.token('nora')}`,
      'content-type': 'application/json',
    }
    const post = (signal?: AbortSignal) =>
      fetch(`${url}/v1/query`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ sql }),
        ...(signal && { signal }),
      })
    const leaver = new AbortController()
    const first = post(leaver.signal).catch((error: Error) => error.name)
    await expect.poll(() => runs, { timeout: 5_000, interval: 5 }).toBe(1)
    const others = Array.from({ length: 3 }, () => post())
    // They have joined when they have been counted by the route: the run is still under way then.
    leaver.abort()
    expect(await first).toBe('AbortError')
    const found = await Promise.all((await Promise.all(others)).map((response) => response.json()))
    expect(new Set(found.map((body) => JSON.stringify((body as { rows: unknown }).rows))).size).toBe(1)
    expect(runs).toBeLessThanOrEqual(2)
  })
})

describe('the engine', () => {
  test('says which functions do not follow from their arguments: all of them are known here', async () => {
    const { ALL_FUNCTIONS } = await import('#query-api/gate/functions.ts')
    const text = await tenants.admin(
      'SELECT lower(name) FROM system.functions WHERE deterministic = 0 AND NOT is_aggregate',
    )
    const names = new Set(text.split('\n'))
    // These give one of several right answers, like any query without an order.
    const anyOrder = new Set(['arrayjoin', 'arraypartialsort'])
    const missing = ALL_FUNCTIONS.map((name) => name.toLowerCase()).filter(
      (name) => names.has(name) && !UNREPEATABLE.has(name) && !anyOrder.has(name),
    )
    expect(missing).toEqual([])
    expect([...names].length).toBeGreaterThan(10)
  })

  test('takes the SQL that makes the identity which looks for changes', async () => {
    const statements = versionReaderStatements('v', 'a'.repeat(64), 'analytics', tenants.datasets)
    expect(statements.length).toBe(3 + 2 * tenants.datasets.length)
    for (const statement of statements)
      expect(await tenants.admin(`EXPLAIN AST ${statement}`)).toMatch(/^(create|grant|revoke)/i)
  })

  test('that is away leaves nothing that is kept open', async () => {
    let isAway = false
    const away: QueryEngine = {
      ...tenants.engine,
      async text(identity, statement) {
        if (isAway) throw new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' })
        return tenants.engine.text(identity, statement)
      },
      async stream(identity, statement) {
        if (isAway) throw new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' })
        return tenants.engine.stream(identity, statement)
      },
    }
    const other = await tenants.build({ engine: away })
    await ask(COUNT, { to: other })
    expect((await ask(COUNT, { to: other })).way).toBe('hit')
    isAway = true
    // The last look counts for some milliseconds.
    await expect.poll(async () => (await ask(COUNT, { to: other })).status, { interval: 20 }).toBe(503)
  })
})
