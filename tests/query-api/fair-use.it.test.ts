/** Fair use on a real engine: what is refused, how it is said, how it is recorded. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FairUseConfig, USUAL_LIMITS } from '#ops/runtime/config-model.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { QueryEngine } from '#query-api/ports.ts'
import { startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants

beforeAll(async () => {
  tenants = await startTenants()
  // New scopes restart the engine: all of them are made before anything is counted.
  for (const as of ['nora', 'sam', 'edith']) await ask(tenants.app, 'SELECT count() FROM clients', { as })
})
afterAll(async () => {
  await tenants?.dispose()
})

const build = (limits: Partial<FairUseConfig>, parts: Parameters<Tenants['build']>[0] = {}) =>
  tenants.build({ limits: { ...USUAL_LIMITS, ...limits }, cache: undefined, ...parts })

type Options = {
  readonly as?: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(app: HttpServer, sql = 'SELECT count() FROM clients', options: Options = {}) {
  const { as = 'nora', accept = 'application/json', headers = {} } = options
  return app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { authorization: `Bearer ${await tenants.token(as)}`, accept, ...headers },
    payload: { sql },
  })
}

/** An engine whose statements of callers wait until they are let go. */
function holding() {
  const waiting: (() => void)[] = []
  const begun: string[] = []
  const engine: QueryEngine = {
    ...tenants.engine,
    async stream(identity, statement) {
      begun.push(identity.username)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return tenants.engine.stream(identity, statement)
    },
  }
  return { engine, waiting, begun, release: () => waiting.splice(0).forEach((go) => void go()) }
}

const SLOW = /*sql*/ 'SELECT count() FROM clients'

test('an answer says what is left, and takes nothing from it by what it refuses', async () => {
  const app = await build({ requestsPerMinute: { principal: 5, tenant: 1_000, routes: {} } })
  const first = await ask(app)
  expect(first.statusCode).toBe(200)
  expect(first.headers['ratelimit-policy']).toBe('"principal";q=5;w=60')
  expect(first.headers['ratelimit']).toMatch(/^"principal";r=4;t=\d+$/)
  for (let asked = 0; asked < 4; asked++) await ask(app)
  const before = tenants.records.length
  const refused = await ask(app)
  expect(refused.statusCode).toBe(429)
  expect(refused.headers['content-type']).toContain('application/problem+json')
  expect(refused.headers['retry-after']).toMatch(/^1?\d$/)
  expect(refused.headers['ratelimit']).toMatch(/^"principal";r=0;t=1?\d$/)
  expect(refused.json()).toMatchObject({ code: 'MOGO_RATE_LIMITED', status: 429, retriable: true })
  expect((await ask(app, undefined, { as: 'sam' })).statusCode).toBe(200)
  await expect
    .poll(() => tenants.records.slice(before).find(({ reason }) => reason === 'MOGO_RATE_LIMITED'))
    .toMatchObject({ decision: 'refused', subject: 'nora', tenant: 'north' })
})

test('routes have limits of their own, all of /v1 is counted', async () => {
  const app = await build({
    requestsPerMinute: { principal: 100, tenant: 100, routes: { '/v1/datasets/{name}/rows': 1 } },
  })
  const get = async (url: string) =>
    app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${await tenants.token('nora')}` } })
  expect((await get('/v1/datasets/clients/rows?limit=1')).statusCode).toBe(200)
  expect((await get('/v1/datasets/sales/rows?limit=1')).json()).toMatchObject({
    code: 'MOGO_RATE_LIMITED',
    detail: 'Too many requests of yours on this route; 1 a minute may be sent.',
  })
  expect((await get('/v1/me')).headers['ratelimit']).toContain('r=98')
  expect((await app.inject('/healthz')).headers['ratelimit']).toBeUndefined()
})

describe('queries at the same time', () => {
  test('beyond the bound wait for their turn', async () => {
    const held = holding()
    const app = await build(
      { concurrency: { total: 2, tenant: 2, principal: 2, routes: {} }, queueSeconds: 30 },
      { engine: held.engine },
    )
    const all = Array.from({ length: 6 }, () => ask(app, SLOW))
    const codes: number[] = []
    for (const each of all) void each.then(({ statusCode }) => codes.push(statusCode))
    for (let round = 0; round < 3; round++) {
      await expect.poll(() => held.waiting.length, { timeout: 5_000, interval: 5 }).toBe(2)
      held.release()
    }
    expect((await Promise.all(all)).map(({ statusCode }) => statusCode)).toEqual([
      200, 200, 200, 200, 200, 200,
    ])
  })

  test('that wait too long are refused: 429 at the own limit, 503 at that of all', async () => {
    const held = holding()
    const limits = { concurrency: { total: 2, tenant: 2, principal: 1, routes: {} }, queueSeconds: 0.2 }
    const app = await build(limits, { engine: held.engine })
    const running = [ask(app, SLOW), ask(app, SLOW, { as: 'sam' })]
    await expect.poll(() => held.waiting.length, { timeout: 5_000, interval: 5 }).toBe(2)
    const own = await ask(app, SLOW)
    expect([own.statusCode, own.json().code]).toEqual([429, 'MOGO_QUERY_BUSY'])
    expect(own.headers['retry-after']).toMatch(/^\d+$/)
    const all = await ask(app, SLOW, { as: 'edith' })
    expect([all.statusCode, all.json().code]).toEqual([503, 'MOGO_OVERLOADED'])
    expect(all.headers['retry-after']).toMatch(/^\d+$/)
    held.release()
    expect((await Promise.all(running)).map(({ statusCode }) => statusCode)).toEqual([200, 200])
    const later = ask(app, SLOW)
    await expect.poll(() => held.waiting.length, { timeout: 5_000, interval: 5 }).toBe(1)
    held.release()
    expect((await later).statusCode).toBe(200)
  })

  test('of one tenant do not hold up another’s', async () => {
    const held = holding()
    // An export is asked twice whether the process is late: when it comes, and when it takes its place in the queue.
    let looked = 0
    const load = {
      delay: () => {
        looked++
        return 0
      },
    }
    const app = await build(
      { concurrency: { total: 3, tenant: 3, principal: 3, routes: {} }, queueSeconds: 30 },
      { engine: held.engine, load },
    )
    // Both have asked before, so that nothing but the queue decides who begins when.
    const first = ['nora', 'sam'].map((as) => ask(app, SLOW, { as }))
    await expect.poll(() => held.waiting.length, { timeout: 5_000, interval: 5 }).toBe(2)
    held.release()
    await Promise.all(first)
    held.begun.length = 0
    looked = 0
    const begin = (as: string) => ask(app, SLOW, { as, accept: 'text/csv' })
    const flood = Array.from({ length: 8 }, () => begin('nora'))
    await expect.poll(() => held.waiting.length, { timeout: 5_000, interval: 5 }).toBe(2)
    const all = [...flood, begin('sam')]
    await expect.poll(() => looked, { timeout: 5_000, interval: 5 }).toBe(18)
    let done = 0
    for (const each of all)
      void each.then(() => {
        done++
      })
    while (done < 9) {
      held.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await Promise.all(all)).map(({ statusCode }) => statusCode)).toEqual(all.map(() => 200))
    const [nora] = held.begun
    // Two of the flood ran when sam came; his was the next.
    expect(held.begun.findIndex((username) => username !== nora)).toBe(2)
    expect(held.begun.length).toBe(9)
  })
})

test('what a tenant reads is bounded, as the engine counts it; another tenant reads on', async () => {
  const app = await build({ readGbPerHour: 0.000_01 })
  const sql = 'SELECT sum(amount), max(name), count() FROM clients WHERE id >= 0'
  let asked = 0
  let response = await ask(app, sql)
  for (; response.statusCode === 200 && asked < 200; asked++) response = await ask(app, sql)
  expect(asked).toBeGreaterThan(0)
  expect(response.json()).toMatchObject({ code: 'MOGO_READ_BUDGET', status: 429 })
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
  expect(response.body).not.toMatch(/south/)
  expect((await ask(app, sql, { as: 'sam' })).statusCode).toBe(200)
})

test('a process that is late refuses before it looks at a token, and says so to the operator', async () => {
  let delay = 0
  const app = await build({ overloadMillis: 500 }, { load: { delay: () => delay } })
  expect((await ask(app)).statusCode).toBe(200)
  delay = 300
  expect((await ask(app)).statusCode).toBe(200)
  const exported = await ask(app, undefined, { accept: 'text/csv' })
  expect([exported.statusCode, exported.json().code]).toEqual([503, 'MOGO_OVERLOADED'])
  delay = 501
  const refused = await app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { authorization: 'Bearer x.y.z' },
    payload: {},
  })
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '2'])
  expect((await app.inject('/healthz')).statusCode).toBe(200)
  delay = 0
  expect((await ask(app)).statusCode).toBe(200)
})

test('a flood of tokens that are not valid is stopped; who was at work goes on', async () => {
  const app = await build({ failedLoginsPerMinute: 20 })
  expect((await ask(app)).statusCode).toBe(200)
  const guess = (token: string) =>
    app.inject({ method: 'GET', url: '/v1/me', headers: { authorization: `Bearer ${token}` } })
  const codes: number[] = []
  for (let tried = 0; tried < 40; tried++) codes.push((await guess(`a.b.${tried}`)).statusCode)
  expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401))
  expect(codes.at(-1)).toBe(429)
  const refused = await guess('a.b.c')
  expect(refused.headers['retry-after']).toMatch(/^\d$/)
  expect((await ask(app)).statusCode).toBe(200)
  const unseen = await ask(app, undefined, { as: 'sam' })
  expect([unseen.statusCode, unseen.json().code]).toEqual([429, 'MOGO_LOGIN_FLOOD'])
})
