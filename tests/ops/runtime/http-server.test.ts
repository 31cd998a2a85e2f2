import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import {
  closeHttpServer,
  createHttpServer,
  type HttpServer,
  type ReadinessCheck,
} from '#ops/runtime/http-server.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function setUp(checks: Readonly<Record<string, ReadinessCheck>> = {}, arrivalMillis = 30_000) {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const server = createHttpServer({
    logger: createLogger('test', 'debug', sink),
    telemetry: { prometheusText: async () => '# TYPE a counter\na 1\n' },
    name: 'test',
    checks,
    checkMillis: 20,
    bodyLimit: 100,
    arrivalMillis,
  })
  server.post(
    '/things/:id',
    {
      schema: {
        body: z.strictObject({ size: z.int().max(9) }),
        response: { 200: z.object({ ok: z.literal(true) }) },
      },
    },
    async (request) => ({ ok: request.body.size !== 7 }) as { ok: true },
  )
  server.get('/fault', async () => {
    throw new MogoError('MOGO_DATASET_UNKNOWN', { dataset: 'ordres', suggestion: '; did you mean orders?' })
  })
  server.get('/crash', async () => {
    throw new Error('driver says: ada@example.org is not a number')
  })
  server.get('/login', async () => {
    throw new MogoError('MOGO_AUTH_MISSING')
  })
  server.get('/slow', async () => new Promise((resolve) => setTimeout(() => resolve({ ok: true }), 100)))
  servers.push(server)
  return { server, lines }
}

describe('problems', () => {
  const post = (payload: string, type = 'application/json') =>
    ({
      method: 'POST',
      url: '/things/1?email=ada@example.org',
      payload,
      headers: { 'content-type': type },
    }) as const
  const cases = [
    { request: { method: 'GET', url: '/fault' }, status: 404, code: 'MOGO_DATASET_UNKNOWN' },
    { request: { method: 'GET', url: '/crash' }, status: 500, code: 'MOGO_INTERNAL' },
    { request: { method: 'GET', url: '/login' }, status: 401, code: 'MOGO_AUTH_MISSING' },
    { request: { method: 'GET', url: '/nowhere?x=1' }, status: 404, code: 'MOGO_ROUTE_UNKNOWN' },
    { request: { method: 'DELETE', url: '/things/1?x=1' }, status: 405, code: 'MOGO_ROUTE_METHOD' },
    { request: { method: 'GET', url: '/%E0%A4%A' }, status: 400, code: 'MOGO_REQUEST_INVALID' },
    { request: post('{"size": 10}'), status: 400, code: 'MOGO_REQUEST_INVALID' },
    { request: post('{"size": '), status: 400, code: 'MOGO_REQUEST_INVALID' },
    { request: post(''), status: 400, code: 'MOGO_REQUEST_INVALID' },
    { request: post(`{"size": 1${' '.repeat(200)}}`), status: 413, code: 'MOGO_REQUEST_TOO_LARGE' },
    { request: post('<size/>', 'text/xml'), status: 415, code: 'MOGO_REQUEST_MEDIA_TYPE' },
    { request: post('{"size": 7}'), status: 500, code: 'MOGO_INTERNAL' },
  ] as const
  it.each(cases)('$request.method $request.url answers $status $code', async ({ request, status, code }) => {
    const { server, lines } = setUp()
    const response = await server.inject(request)
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
    const problem = response.json()
    expect(problem).toMatchObject({ code, status, type: `/problems/${code}` })
    expect(problem.instance).toBe(`urn:uuid:${response.headers['x-request-id']}`)
    expect(problem.remedy).not.toBe('')
    expect(response.body + lines.join('')).not.toMatch(/ada@|driver says|\bat \/.*\bdetail/)
  })

  it('names the place of a fault in the request', async () => {
    const { server } = setUp()
    expect((await server.inject(post('{"size": 10}'))).json().detail).toBe(
      'The request does not fit its schema: body.size: Too big: expected number to be <=9',
    )
  })

  it('challenges a request without a login', async () => {
    const { server } = setUp()
    expect((await server.inject('/login')).headers['www-authenticate']).toBe('Bearer')
  })
})

describe('logs', () => {
  it('name method, route and status, never the query', async () => {
    const { server, lines } = setUp()
    await server.inject({
      url: '/fault?email=ada@example.org',
      headers: { 'x-request-id': 'mine', authorization: 'Bearer abc' },
    })
    const line = lines.map((text) => JSON.parse(text)).find((entry) => entry.msg === 'request')
    expect(line).toMatchObject({ method: 'GET', route: '/fault', status: 404 })
    expect(lines.join('')).not.toMatch(/ada@|Bearer|mine/)
  })
})

describe('health', () => {
  it('lives whatever its dependencies do', async () => {
    const { server } = setUp({ kafka: async () => Promise.reject(new Error('gone')) })
    expect((await server.inject('/healthz')).json()).toEqual({ status: 'alive', name: 'test' })
  })

  it('is ready when every check passes', async () => {
    const { server } = setUp({ kafka: async () => undefined })
    const response = await server.inject('/readyz')
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ status: 'ready', checks: { kafka: { status: 'ok' } } })
  })

  it('is not ready when one fails or hangs, and shows codes alone', async () => {
    const { server } = setUp({
      kafka: async () =>
        Promise.reject(new MogoError('MOGO_KAFKA_UNREACHABLE', { brokers: 'secret-host:1' })),
      clickhouse: () => new Promise(() => undefined),
      identity: async () => undefined,
    })
    const response = await server.inject('/readyz')
    expect(response.statusCode).toBe(503)
    expect(response.json().checks).toMatchObject({
      kafka: { status: 'failed', code: 'MOGO_KAFKA_UNREACHABLE' },
      clickhouse: { status: 'failed', code: 'MOGO_UNAVAILABLE' },
      identity: { status: 'ok' },
    })
    expect(response.body).not.toContain('secret-host')
  })

  it('serves metrics as text', async () => {
    const { server } = setUp()
    const response = await server.inject('/metrics')
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(response.body).toBe('# TYPE a counter\na 1\n')
  })
})

describe('closing', () => {
  it('lets a running request end', async () => {
    const { server } = setUp()
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const arrived = new Promise((resolve) => server.server.once('request', resolve))
    const running = fetch(`${url}/slow`)
    await arrived
    await closeHttpServer(server, 5000)
    expect((await running).status).toBe(200)
  })

  it('cuts what takes too long', async () => {
    const { server } = setUp()
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const arrived = new Promise((resolve) => server.server.once('request', resolve))
    const running = fetch(`${url}/slow`).then(
      () => 'answered',
      () => 'cut',
    )
    await arrived
    await closeHttpServer(server, 5)
    expect(await running).toBe('cut')
  })
})

describe('requests that are none', () => {
  const cases = [
    { name: 'no HTTP', sent: 'hello\r\n\r\n', code: 'MOGO_REQUEST_INVALID', status: 400 },
    {
      name: 'an unknown method',
      sent: 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n',
      code: 'MOGO_REQUEST_INVALID',
      status: 400,
    },
    {
      name: 'a head that is too large',
      sent: `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`,
      code: 'MOGO_REQUEST_HEAD_LARGE',
      status: 431,
    },
    {
      name: 'one that never ends',
      sent: 'GET / HTTP/1.1\r\nHost: a\r\n',
      code: 'MOGO_REQUEST_SLOW',
      status: 408,
    },
  ]
  it.each(cases)('$name', async ({ sent, code, status }) => {
    const { server } = setUp({}, 300)
    await server.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (part) => {
      answer += part
    })
    socket.write(sent)
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('close', resolve))
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z][\\s\\S]*application/problem\\+json`))
    expect(JSON.parse(body)).toMatchObject({ code, status })
  })
})
