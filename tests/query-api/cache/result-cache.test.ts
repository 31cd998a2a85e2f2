/** The cache without an engine: what is looked up, shared, kept and for whom. */
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { accessScope } from '#contracts/compile/access-scope.ts'
import { cacheWish } from '#query-api/cache/cache-control.ts'
import { createMemoryResultStore } from '#query-api/cache/memory-result-store.ts'
import { type CacheRequest, createResultCache } from '#query-api/cache/result-cache.ts'
import { createTableLooks } from '#query-api/cache/table-looks.ts'
import type { EngineAnswer, EngineStatement, QueryEngine } from '#query-api/ports.ts'
import { shopDatasets } from '../support/shop.ts'
import { createTableModel } from '../support/table-model.ts'

const DATASETS = shopDatasets()
const scopeOf = (tenant: string, role = 'analyst') =>
  accessScope(DATASETS, { subject: 'x', tenant, roles: [role], attributes: {} }, role)
const NORTH = scopeOf('north')
const SQL = 'SELECT count() FROM analytics.orders'

type Asked = Partial<CacheRequest> & { readonly sql?: string; readonly cacheControl?: string }

function start(options: { readonly megabytes?: number; readonly looksFail?: () => boolean } = {}) {
  let time = 1_000_000
  const model = createTableModel('orders', () => time)
  model.insert('north', 'south')
  const engine = {
    async text(_identity: unknown, statement: EngineStatement) {
      if (options.looksFail?.()) throw new Error('away')
      return model.answer(statement)
    },
  } as Partial<QueryEngine> as QueryEngine
  const now = () => time
  const store = createMemoryResultStore((options.megabytes ?? 1) * 1024 * 1024)
  const cache = createResultCache({
    ...{ store, mostStale: 10, now },
    looks: createTableLooks({
      engine,
      identity: { username: 'v', password: 'p' },
      database: 'analytics',
      datasets: DATASETS,
      ...{ clock: now, mostMillis: 0 },
    }),
  })
  let runs = 0
  /** An answer says how many runs there were, and how many rows a tenant has. */
  const run = async (): Promise<EngineAnswer> => ({ body: Readable.from([Buffer.from(`${++runs}`)]) })
  const ask = async ({ sql = SQL, cacheControl, ...request }: Asked = {}) => {
    const { body, status } = await cache.answer({
      ...{ scope: NORTH, tables: ['analytics.orders'], isRepeatable: true, run },
      statement: {
        sql,
        parameters: {},
        format: 'TSV',
        database: 'analytics',
        queryId: String(Math.random()),
      },
      wish: cacheWish(cacheControl),
      signal: new AbortController().signal,
      ...request,
    })
    const pieces: Buffer[] = []
    if (Buffer.isBuffer(body)) pieces.push(body)
    else for await (const piece of body) pieces.push(piece as Buffer)
    await turn()
    return [String(Buffer.concat(pieces)), status.kind === 'ran' ? status.why : status.kind]
  }
  const pass = (millis: number) => {
    time += millis
  }
  return { ask, model, cache, pass, store, runs: () => runs }
}

describe('an answer', () => {
  test('is kept until rows of the own tenant change', async () => {
    const { ask, model } = start()
    expect(await ask()).toEqual(['1', 'uri-miss'])
    expect(await ask()).toEqual(['1', 'hit'])
    model.insert('south')
    expect(await ask()).toEqual(['1', 'hit'])
    model.insert('north')
    expect(await ask()).toEqual(['2', 'stale'])
    expect(await ask()).toEqual(['2', 'hit'])
  })

  test('is of one scope, text, parameter and format', async () => {
    const { ask } = start()
    expect(await ask()).toEqual(['1', 'uri-miss'])
    const statement = { sql: SQL, parameters: {}, format: 'TSV', database: 'analytics' }
    const others: Asked[] = [
      { scope: scopeOf('south') },
      { scope: scopeOf('north', 'engineer') },
      { sql: `${SQL} ` },
      { statement: { ...statement, parameters: { a: '1' } } },
      { statement: { ...statement, format: 'CSV' } },
      { statement: { ...statement, database: 'other' } },
    ]
    for (const [index, other] of others.entries()) {
      expect(await ask(other)).toEqual([String(index + 2), 'uri-miss'])
      expect(await ask(other)).toEqual([String(index + 2), 'hit'])
    }
    expect(await ask()).toEqual(['1', 'hit'])
  })

  test('of two people with one scope is the same, whatever their queries are called', async () => {
    const { ask } = start()
    await ask({ statement: { sql: SQL, format: 'TSV', queryId: 'a' } })
    expect(
      await ask({
        statement: { sql: SQL, format: 'TSV', queryId: 'b', signal: new AbortController().signal },
      }),
    ).toEqual(['1', 'hit'])
  })

  test.each([
    ['that asks the clock', { isRepeatable: false }, 'bypass'],
    ['of a table that is none of the scope', { tables: ['analytics.elsewhere'] }, 'bypass'],
    ['of a table without rows', { tables: ['analytics.events'] }, 'bypass'],
    ['that is not to be stored', { cacheControl: 'no-store' }, 'request'],
  ])('%s is not kept', async (_name, asked, why) => {
    const { ask } = start()
    expect(await ask(asked)).toEqual(['1', why])
    expect(await ask(asked)).toEqual(['2', why])
  })

  test('that somebody wants anew runs, and is kept for the others', async () => {
    const { ask } = start()
    await ask()
    expect(await ask({ cacheControl: 'no-cache' })).toEqual(['2', 'request'])
    expect(await ask()).toEqual(['2', 'hit'])
  })

  test('that nobody else has asked for is not kept if its caller wants it anew', async () => {
    const { ask } = start()
    expect(await ask({ cacheControl: 'no-cache' })).toEqual(['1', 'request'])
    expect(await ask()).toEqual(['2', 'uri-miss'])
  })

  test('that failed is not kept', async () => {
    const { ask } = start()
    const fails = async (): Promise<EngineAnswer> => {
      throw new Error('fault')
    }
    await expect(ask({ run: fails })).rejects.toThrow('fault')
    expect(await ask()).toEqual(['1', 'uri-miss'])
  })

  test('that is large is given whole, and not kept', async () => {
    const { ask } = start()
    const large = Buffer.alloc(200_000, 'x')
    const run = async () => ({ body: Readable.from([large.subarray(0, 70_000), large.subarray(70_000)]) })
    expect(await ask({ run })).toEqual([String(large), 'uri-miss'])
    expect(await ask()).toEqual(['1', 'uri-miss'])
  })

  test('runs where nobody can say whether rows have changed', async () => {
    let isAway = false
    const { ask, pass } = start({ looksFail: () => isAway })
    await ask()
    isAway = true
    expect(await ask()).toEqual(['2', 'bypass'])
    isAway = false
    pass(2_001)
    expect(await ask()).toEqual(['1', 'hit'])
  })

  test('that was read while rows came is not taken for one that has them', async () => {
    const { ask, model } = start()
    const run = async () => {
      const body = Readable.from([Buffer.from('before')])
      model.insert('north')
      return { body }
    }
    expect(await ask({ run })).toEqual(['before', 'uri-miss'])
    expect(await ask()).toEqual(['1', 'stale'])
  })
})

describe('an outdated answer', () => {
  test('is given to who asks for it, for a bounded time, and made anew behind it', async () => {
    const { ask, model, pass } = start()
    await ask()
    pass(4_000)
    model.insert('north')
    expect(await ask({ cacheControl: 'max-stale=3' })).toEqual(['2', 'stale'])
    pass(4_000)
    model.insert('north')
    expect(await ask({ cacheControl: 'max-stale=60' })).toEqual(['2', 'stale'])
    expect(await ask()).toEqual(['3', 'hit'])
    pass(11_000)
    model.insert('north')
    // Ten seconds is what the configuration allows.
    expect(await ask({ cacheControl: 'max-stale=60' })).toEqual(['4', 'stale'])
  })

  test('says its age, which is the time since it was last known to be right', async () => {
    const { cache, model, pass, ask } = start()
    await ask()
    pass(60_000)
    expect(await ask()).toEqual(['1', 'hit'])
    pass(2_500)
    model.insert('north')
    const { status } = await cache.answer({
      ...{ scope: NORTH, tables: ['analytics.orders'], isRepeatable: true },
      statement: { sql: SQL, parameters: {}, format: 'TSV', database: 'analytics' },
      wish: cacheWish('max-stale=9'),
      signal: new AbortController().signal,
      run: async () => ({ body: Readable.from([Buffer.from('new')]) }),
    })
    expect(status).toEqual({ kind: 'stale', age: 3 })
  })
})

describe('a herd', () => {
  test('of a hundred equal questions runs once', async () => {
    const { ask, runs } = start()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask()))
    expect(runs()).toBe(1)
    expect(new Set(answers.map(([body]) => body))).toEqual(new Set(['1']))
    const ways = Map.groupBy(answers, ([, way]) => way)
    expect([...ways.keys()].sort()).toEqual(['shared', 'uri-miss'])
    expect(ways.get('uri-miss')?.length).toBe(1)
  })

  test('that comes in waves runs once, whenever a run ends', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const { ask, runs, pass } = start()
      const first = ask()
      // The others come before, while and after the first one is looked for, run and kept.
      for (let waited = 0; waited < turns; waited++) await Promise.resolve()
      pass(turns % 2 === 0 ? 0 : 1_000)
      const others = Array.from({ length: 5 }, () => ask())
      await Promise.all([first, ...others])
      expect(runs()).toBe(1)
    }
  })

  test('does not take along who comes after rows have changed', async () => {
    const { ask, model, runs } = start()
    const body = new PassThrough()
    const first = ask({ run: async () => ({ body }) })
    await turn()
    model.insert('north')
    expect(await ask()).toEqual(['1', 'uri-miss'])
    body.end('old')
    expect(await first).toEqual(['old', 'uri-miss'])
    expect(runs()).toBe(1)
  })

  test('goes on when the one who came first leaves', async () => {
    const { ask, runs } = start()
    const body = new PassThrough()
    const leaver = new AbortController()
    const first = ask({ signal: leaver.signal, run: async () => ({ body }) })
    await turn()
    const others = Array.from({ length: 5 }, () => ask())
    await turn()
    leaver.abort(new Error('gone'))
    body.write('a')
    body.end('b')
    expect(await Promise.all(others)).toEqual(others.map(() => ['ab', 'shared']))
    await first.catch(() => undefined)
    expect(runs()).toBe(0)
    expect(await ask()).toEqual(['ab', 'hit'])
  })

  test('of another scope runs for itself', async () => {
    const { ask, runs } = start()
    const scopes = [scopeOf('north'), scopeOf('south'), scopeOf('north', 'engineer')]
    await Promise.all(Array.from({ length: 30 }, (_, index) => ask({ scope: scopes[index % 3] ?? NORTH })))
    expect(runs()).toBe(3)
  })

  test('of a large answer gets it one by one', async () => {
    const { ask } = start()
    const large = Buffer.alloc(200_000, 'x')
    let runs = 0
    const run = async () => {
      runs++
      return { body: Readable.from([large.subarray(0, 100_000), large.subarray(100_000)]) }
    }
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask({ run })))
    for (const [body] of answers) expect(body?.length).toBe(large.length)
    expect(runs).toBe(4)
  })
})

test('asking costs microseconds beside the engine’s own', async () => {
  const { cache } = start()
  const body = Buffer.from('1')
  const signal = new AbortController().signal
  const once = (cacheControl: string | undefined) =>
    cache.answer({
      ...{ scope: NORTH, tables: ['analytics.orders'], isRepeatable: true, signal },
      statement: { sql: SQL, parameters: {}, format: 'TSV', database: 'analytics', queryId: 'q' },
      wish: cacheWish(cacheControl),
      run: async () => ({ body: Readable.from([body]) }),
    })
  const best = async (cacheControl: string | undefined): Promise<number> => {
    for (let warm = 0; warm < 2_000; warm++) await once(cacheControl)
    const rounds: number[] = []
    for (let round = 0; round < 30; round++) {
      const begun = performance.now()
      for (let asked = 0; asked < 100; asked++) await once(cacheControl)
      rounds.push((performance.now() - begun) * 10)
    }
    // The best rounds are those in which nothing else ran on the machine.
    return rounds.toSorted((a, b) => a - b)[2] ?? 0
  }
  await once(undefined)
  expect(await best('no-store')).toBeLessThan(50)
  expect(await best(undefined)).toBeLessThan(100)
})
