/** What is around every answer: headers, CORS, pages about error codes, the trace, and routes that will go. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, propagation, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERRORS } from '#contracts/errors.ts'
import { projectConfigSchema } from '#ops/runtime/config-model.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { startTelemetry, type Telemetry } from '#ops/runtime/telemetry.ts'
import { type Deprecated, deprecationHeaders } from '#query-api/routes/response-headers.ts'
import { selfSigned } from '../support/self-signed.ts'
import { bareApp } from './support/bare-app.ts'

const LOGIN = { authorization: 'Bearer nora' }
const BI = 'https://bi.example.com'
let app: HttpServer
let shared: HttpServer
let lines: string[]
let telemetry: Telemetry
let dir: string

beforeAll(async () => {
  telemetry = startTelemetry(projectConfigSchema.parse({}), 'test')
  ;({ app, lines } = await bareApp())
  dir = mkdtempSync(join(tmpdir(), 'mogo-quality-'))
  const tls = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') }
  const made = selfSigned('localhost')
  writeFileSync(tls.certFile, made.cert)
  writeFileSync(tls.keyFile, made.key)
  ;({ app: shared } = await bareApp({ corsOrigins: [BI], tls }))
  const deprecated: Deprecated = {
    since: new Date('2026-01-01T00:00:00Z'),
    sunset: new Date('2026-07-01T00:00:00Z'),
    moreAt: '/docs',
  }
  // Before it listens a route can be added, as the application adds its own.
  shared.get('/v1/old', { config: { deprecated } as object }, async (_request, reply) =>
    reply.header('link', '</v1/old?cursor=x>; rel="next"').send({ ok: true }),
  )
})
afterAll(async () => {
  await telemetry?.stop()
  for (const api of [propagation, trace, context]) api.disable()
  await app?.close()
  await shared?.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('headers', () => {
  test.each([
    ['an answer', '/v1/functions', LOGIN],
    ['a refusal', '/v1/functions', {}],
    ['nothing', '/v1/nothing', {}],
    ['health', '/healthz', {}],
    ['the document', '/openapi.json', {}],
  ])('%s may not be run, framed, sniffed or sent on', async (_case, url, headers) => {
    const response = await app.inject({ url, headers })
    expect(response.headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(response.headers).not.toHaveProperty('server')
    expect(response.headers).not.toHaveProperty('x-powered-by')
    expect(response.headers).not.toHaveProperty('strict-transport-security')
  })

  test('the page to try things on may run its own scripts, and nothing else', async () => {
    const response = await app.inject({ url: '/docs/' })
    expect(response.statusCode).toBe(200)
    const policy = String(response.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain("script-src 'self' 'unsafe-inline'")
    const scripts = [...response.body.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(scripts.length).toBeGreaterThan(0)
    expect(response.body).not.toMatch(/<script>[^<]/)
    for (const script of scripts) {
      const { statusCode } = await app.inject({ url: new URL(script, 'http://api/docs/').pathname })
      expect(statusCode, script).toBe(200)
    }
  })

  test('by TLS, browsers are told to stay with it', async () => {
    const { headers } = await shared.inject({ url: '/healthz' })
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/)
  })

  test('the trace of the caller goes through, to refusals too', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    for (const headers of [{ ...LOGIN, traceparent }, { traceparent }]) {
      const answer = await app.inject({ url: '/v1/functions', headers })
      expect(answer.headers['traceparent']).toMatch(
        /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-0[01]$/,
      )
    }
  })
})

describe('methods', () => {
  test.each([
    ['DELETE', '/v1/datasets', 'GET, HEAD'],
    ['GET', '/v1/query', 'POST'],
    ['PUT', '/v1/datasets/orders/rows', 'GET, HEAD'],
    ['TRACE', '/v1/query', 'POST'],
    ['DELETE', '/v1/lineage/orders', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('%s %s is not offered, and what is is said', async (method, url, allow) => {
    const response = await app.inject({ method: method as 'GET', url, headers: LOGIN })
    expect(response.json()).toMatchObject({ code: 'MOGO_ROUTE_METHOD', status: 405 })
    expect(response.headers['allow']).toBe(allow)
  })

  test.each(['/v1/nothing', '/v1/datasets/a/b/c', '/v1', '/v2/datasets'])('%s is nothing', async (url) => {
    expect((await app.inject({ url, headers: LOGIN })).json()).toMatchObject({ code: 'MOGO_ROUTE_UNKNOWN' })
  })
})

describe('pages of other origins', () => {
  const preflight = (server: HttpServer, origin: string, url = '/v1/query') =>
    server.inject({
      ...{ method: 'OPTIONS', url },
      headers: {
        ...{ origin, 'access-control-request-method': 'POST' },
        'access-control-request-headers': 'authorization, content-type',
      },
    })

  test('may not call, unless they are named', async () => {
    for (const [server, origin] of [
      [app, BI],
      [shared, 'https://evil.example'],
      [shared, `${BI}.evil.example`],
      [shared, 'http://bi.example.com'],
      [shared, `${BI}:8443`],
      [shared, 'null'],
      [shared, ''],
      [shared, BI.toUpperCase()],
    ] as const) {
      const response = await preflight(server, origin)
      expect(response.statusCode, origin).toBe(405)
      expect(response.headers, origin).not.toHaveProperty('access-control-allow-origin')
      const asked = await server.inject({ url: '/v1/functions', headers: { ...LOGIN, origin } })
      expect(asked.headers, origin).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test('that are named may, without cookies', async () => {
    const asked = await preflight(shared, BI)
    expect(asked.statusCode).toBe(204)
    expect(asked.body).toBe('')
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': BI,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': expect.stringContaining('Authorization'),
      'access-control-max-age': '600',
    })
    const answer = await shared.inject({ url: '/v1/functions', headers: { ...LOGIN, origin: BI } })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': BI,
      'access-control-expose-headers': expect.stringContaining('x-mogo-query-id'),
    })
    const refused = await shared.inject({ url: '/v1/functions', headers: { origin: BI } })
    expect(refused).toMatchObject({ statusCode: 401 })
    expect(refused.headers['access-control-allow-origin']).toBe(BI)
    for (const { headers } of [asked, answer, refused])
      expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('have answers of their own in caches', async () => {
    for (const headers of [LOGIN, { ...LOGIN, origin: BI }, { ...LOGIN, origin: 'https://evil.example' }]) {
      const answer = await shared.inject({ url: '/v1/functions', headers })
      expect(String(answer.headers['vary']).split(/, ?/)).toContain('Origin')
    }
  })
})

test.each([
  ['https://bi.example.com', true],
  ['http://localhost:3000', true],
  ['https://bi.example.com/', false],
  ['https://bi.example.com:443', false],
  ['https://*.example.com/x', false],
  ['*', false],
  ['null', false],
  ['bi.example.com', false],
  ['ftp://bi.example.com', false],
])('an origin in the configuration: %s is %s', (origin, isOne) => {
  expect(projectConfigSchema.safeParse({ api: { corsOrigins: [origin] } }).success).toBe(isOne)
})

describe('error codes', () => {
  test('each has a page, which a problem names', async () => {
    const problem = (await app.inject({ url: '/v1/functions' })).json() as { type: string; code: string }
    expect(problem.type).toBe('/problems/MOGO_AUTH_MISSING')
    for (const code of Object.keys(ERRORS)) {
      const page = await app.inject({ url: `/problems/${code}`, headers: { accept: 'text/html,*/*;q=0.8' } })
      expect(page.statusCode, code).toBe(200)
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.body).toContain(`<code>${code}</code>`)
      // A place is no word of ours.
      expect(page.body.replace(/<style>.*<\/style>/s, '')).not.toMatch(/[{}]/)
    }
  })

  test('are told to programs as JSON', async () => {
    const one = (await app.inject({ url: '/problems/MOGO_QUERY_LIMIT' })).json()
    expect(one).toEqual({
      type: '/problems/MOGO_QUERY_LIMIT',
      code: 'MOGO_QUERY_LIMIT',
      title: 'Query limit',
      status: 422,
      meaning: 'The query went past the limit of ….',
      remedy: 'Ask for less: filter, aggregate, or add LIMIT.',
      retriable: false,
    })
    const all = (await app.inject({ url: '/problems' })).json() as { problems: { code: string }[] }
    expect(all.problems.map(({ code }) => code)).toEqual(Object.keys(ERRORS).sort())
  })

  test.each(['MOGO_NOTHING', '__proto__', 'constructor', '%3Cscript%3E', 'mogo_query_limit'])(
    '%s is none',
    async (code) => {
      const response = await app.inject({ url: `/problems/${code}`, headers: { accept: 'text/html' } })
      expect(response.statusCode).toBe(404)
      expect(response.body).not.toContain('script')
    },
  )
})

describe('a route that will go', () => {
  test('says since when, until when, and where more is, beside its own links', async () => {
    const { headers } = await shared.inject({ url: '/v1/old' })
    expect(headers).toMatchObject({
      deprecation: '@1767225600',
      sunset: 'Wed, 01 Jul 2026 00:00:00 GMT',
      link: '</v1/old?cursor=x>; rel="next", </docs>; rel="deprecation"; type="text/html", </docs>; rel="sunset"; type="text/html"',
    })
  })

  test('may have no end yet', () => {
    expect(deprecationHeaders({ since: new Date('2026-01-01T00:00:00.900Z') })).toEqual({
      deprecation: '@1767225600',
    })
  })

  test('others say nothing of it', async () => {
    for (const url of ['/v1/functions', '/healthz', '/v1/nothing']) {
      const { headers } = await shared.inject({ url, headers: LOGIN })
      expect(headers).not.toHaveProperty('deprecation')
      expect(headers).not.toHaveProperty('sunset')
    }
  })
})

test('nothing of a request is in the log but method, route and status', async () => {
  await app.inject({ url: '/v1/datasets?search=ada@example.org', headers: LOGIN })
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.join()).not.toContain('ada@')
  expect(lines.join()).not.toContain('Bearer')
})
