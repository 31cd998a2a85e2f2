/** What is passed on to another service of ours: method, body, token and little else; and what is said if it is away. */

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer } from '#ops/runtime/http-server.ts'
import { passOn } from '#query-api/routes/service-proxy.ts'

const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = []
const upstream = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += String(chunk)
  })
  request.on('end', () => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
    response.writeHead(409, { 'content-type': 'application/problem+json' }).end('{"code":"MOGO_X"}')
  })
})

async function proxyTo(url: string | undefined) {
  const server = createHttpServer({
    ...{ logger: pino({ level: 'silent' }), name: 'query-api', checks: {} },
    telemetry: { prometheusText: async () => '' },
  })
  await passOn(server, {
    ...{ prefix: '/v1/quarantine', methods: ['GET', 'POST'], what: 'The worker' },
    ...{ url, timeoutMillis: 2000 },
  })
  return server
}

let url = ''
beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => void upstream.close())

describe('a request', () => {
  it('is passed on with its body and its token, and the answer comes back as it is', async () => {
    const server = await proxyTo(url)
    const body = JSON.stringify({ dataset: 'orders', text: 'é'.repeat(50) })
    const answer = await server.inject({
      ...{ method: 'POST', url: '/v1/quarantine/resume', payload: body },
      headers: {
        authorization: 'Bearer t',
        'content-type': 'application/json',
        cookie: 'c=1',
        'x-forwarded-for': '1.1.1.1',
      },
    })
    expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
      ...[409, 'application/problem+json', '{"code":"MOGO_X"}'],
    ])
    const [request] = seen.splice(0)
    expect(request).toMatchObject({ method: 'POST', url: '/v1/quarantine/resume', body })
    expect(request?.headers).toMatchObject({ authorization: 'Bearer t', 'content-type': 'application/json' })
    expect(Object.keys(request?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|forwarded/)]),
    )
    await server.close()
  })

  it.each(['/v1/quarantine', '/v1/quarantine/t/0/1?x=y%20z'])(
    'to %s keeps its path and query',
    async (path) => {
      const server = await proxyTo(url)
      await server.inject({ method: 'GET', url: path })
      expect(seen.splice(0).map((each) => `${each.method} ${each.url}`)).toEqual([`GET ${path}`])
      await server.close()
    },
  )

  it('of another method is not offered', async () => {
    const server = await proxyTo(url)
    const answer = await server.inject({ method: 'DELETE', url: '/v1/quarantine/t/0/1' })
    expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([405, 'MOGO_ROUTE_METHOD'])
    expect(seen).toEqual([])
    await server.close()
  })

  it.each([
    ['has no address', undefined],
    ['does not answer', 'http://127.0.0.1:9'],
  ])('is refused as retriable if the service %s', async (_why, nowhere) => {
    const server = await proxyTo(nowhere)
    for (const path of ['/v1/quarantine', '/v1/quarantine/t/0/1']) {
      const answer = await server.inject({ method: 'GET', url: path })
      expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([
        ...[
          503,
          expect.objectContaining({
            code: 'MOGO_UNAVAILABLE',
            detail: 'The worker is not available at the moment.',
          }),
        ],
      ])
    }
    await server.close()
  })
})
