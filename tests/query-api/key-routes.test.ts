/** /v1/keys over HTTP: who may, what is answered, and what a key may not do itself. */
import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { BearerAuth } from '#ops/runtime/bearer-auth.ts'
import { createHttpServer, type HttpServer } from '#ops/runtime/http-server.ts'
import { type AccessKeys, createAccessKeys } from '#query-api/access/access-keys.ts'
import { withAccessKeys } from '#query-api/access/caller-auth.ts'
import { loginHook, principalOf } from '#query-api/routes/access-hook.ts'
import { keyRoutes } from '#query-api/routes/key-routes.ts'
import { passOn } from '#query-api/routes/service-proxy.ts'
import { MemoryKeyTopic } from './support/key-topic.ts'

const person = (subject: string, tenant: string, roles: string[]): Principal => ({
  ...{ subject, tenant, roles, attributes: {} },
})
const PEOPLE: Readonly<Record<string, Principal>> = {
  dana: person('dana', 'acme', ['analyst', 'data_engineer']),
  ana: person('ana', 'acme', ['analyst']),
  ben: person('ben', 'globex', ['analyst', 'compliance']),
}
const tokens: BearerAuth = {
  async verify(authorization) {
    const found = PEOPLE[authorization?.replace('Bearer ', '') ?? '']
    if (!found) throw new MogoError('MOGO_AUTH_MISSING')
    return found
  },
  async check() {},
}

let server: HttpServer
let topic: MemoryKeyTopic
beforeEach(async () => {
  topic = new MemoryKeyTopic()
  const logger = pino({ level: 'silent' })
  const keys: AccessKeys = createAccessKeys({
    ...{ open: topic.open, secret: 'secret', mostDays: 100, logger, now: Date.now },
  })
  server = createHttpServer({
    ...{ logger, name: 'query-api', checks: {}, telemetry: { prometheusText: async () => '' } },
  })
  server.addHook('onRequest', loginHook(withAccessKeys(tokens, keys)))
  server.get('/v1/who', async (request) => ({ subject: principalOf(request).subject }))
  keyRoutes(server, { keys, roles: ['data_engineer', 'compliance'], now: Date.now })
  await passOn(server, {
    ...{ prefix: '/v1/lineage', methods: ['GET'], what: 'The lineage service' },
    ...{ url: 'http://127.0.0.1:9', timeoutMillis: 1000 },
  })
})

type Answer = { status: number; body: Record<string, unknown>; headers: Record<string, unknown> }
async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  who: string,
  body?: object,
): Promise<Answer> {
  const answer = await server.inject({
    ...{ method, url, headers: { authorization: `Bearer ${who}` } },
    ...(body ? { payload: body } : {}),
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}
const make = (who: string, body: object = {}): Promise<Answer> =>
  ask('POST', '/v1/keys', who, { account: 'nightly', roles: ['analyst'], ...body })

test('a key is made, used, listed, revoked, and used no more', async () => {
  const made = await make('dana', { description: 'the report' })
  expect(made).toMatchObject({
    status: 201,
    headers: { location: `/v1/keys/${made.body['id']}`, 'cache-control': 'no-store' },
    body: { account: 'nightly', roles: ['analyst'], state: 'active', createdBy: 'dana', lastUsedAt: null },
  })
  const key = String(made.body['key'])
  expect((await ask('GET', '/v1/who', key)).body).toEqual({ subject: 'service-account:nightly' })

  const list = await ask('GET', '/v1/keys', 'dana')
  expect(list.body['keys']).toEqual([
    expect.objectContaining({
      id: made.body['id'],
      description: 'the report',
      lastUsedAt: expect.any(String),
    }),
  ])
  expect(JSON.stringify(list.body)).not.toContain(key)
  expect(JSON.stringify(list.body)).not.toMatch(/hash|[0-9a-f]{64}/)

  for (const _again of [1, 2])
    expect(await ask('DELETE', `/v1/keys/${made.body['id']}`, 'dana')).toMatchObject({
      status: 200,
      body: { state: 'revoked', revokedBy: 'dana' },
    })
  const refused = await ask('GET', '/v1/who', key)
  expect(refused).toMatchObject({
    status: 401,
    body: { code: 'MOGO_KEY_REVOKED' },
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
  expect(JSON.stringify(refused.body)).not.toContain(key)
})

describe('who may', () => {
  test.each([
    ['GET', '/v1/keys'],
    ['POST', '/v1/keys'],
    ['DELETE', '/v1/keys/x'],
  ] as const)('not: an analyst, %s %s', async (method, url) => {
    const body = method === 'POST' ? { account: 'a', roles: ['analyst'] } : undefined
    expect(await ask(method, url, 'ana', body)).toMatchObject({
      status: 403,
      body: { code: 'MOGO_KEYS_FORBIDDEN' },
    })
  })

  test('not: a key, whatever its roles', async () => {
    const key = String((await make('dana', { roles: ['data_engineer'] })).body['key'])
    for (const answer of [
      await ask('GET', '/v1/keys', key),
      await make(key),
      await ask('DELETE', '/v1/keys/x', key),
      await ask('GET', '/v1/lineage/orders', key),
    ])
      expect(answer).toMatchObject({ status: 403, body: { code: 'MOGO_KEY_NOT_HERE' } })
    expect((await ask('GET', '/v1/lineage/orders', 'ana')).status).toBe(503)
  })

  test('each for the own tenant alone', async () => {
    const made = await make('dana')
    expect((await ask('GET', '/v1/keys', 'ben')).body).toEqual({ keys: [] })
    expect(await ask('DELETE', `/v1/keys/${made.body['id']}`, 'ben')).toMatchObject({ status: 404 })
    expect((await ask('GET', '/v1/who', String(made.body['key']))).status).toBe(200)
  })
})

test.each([
  [{ account: 'Not A Name' }, 400, 'MOGO_REQUEST_INVALID'],
  [{ account: 'a'.repeat(64) }, 400, 'MOGO_REQUEST_INVALID'],
  [{ roles: [] }, 400, 'MOGO_REQUEST_INVALID'],
  [{ roles: ['compliance'] }, 403, 'MOGO_KEY_ROLES'],
  [{ roles: ['ana\u0000lyst'] }, 400, 'MOGO_REQUEST_INVALID'],
  [{ days: 101 }, 400, 'MOGO_KEY_LIFETIME'],
  [{ days: 0 }, 400, 'MOGO_REQUEST_INVALID'],
  [{ days: 1.5 }, 400, 'MOGO_REQUEST_INVALID'],
  [{ tenant: 'globex' }, 400, 'MOGO_REQUEST_INVALID'],
  [{ attributes: { regions: ['us'] } }, 400, 'MOGO_REQUEST_INVALID'],
  [{ description: 'a\u202eb' }, 400, 'MOGO_REQUEST_INVALID'],
])('a request of %j is refused', async (body, status, code) => {
  expect(await make('dana', body)).toMatchObject({ status, body: { code } })
  expect(topic.log).toEqual([])
})

test('while the topic is away keys are answered by 503, and tokens go on', async () => {
  const key = String((await make('dana')).body['key'])
  topic.isAway = true
  expect(await ask('GET', '/v1/who', key)).toMatchObject({
    status: 503,
    body: { code: 'MOGO_KEYS_UNAVAILABLE', retriable: true },
    headers: { 'retry-after': '1' },
  })
  expect((await ask('GET', '/v1/who', 'ana')).status).toBe(200)
})
