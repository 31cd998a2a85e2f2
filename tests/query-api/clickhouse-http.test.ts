/** The way to the engine when the engine goes away in the middle of an answer: a fault that says to come back, and never half an answer. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createClickHouseEngine } from '#query-api/engine/clickhouse-http.ts'
import type { QueryEngine } from '#query-api/ports.ts'
import { streamOf } from './support/long-answer.ts'

const ME = { username: 'u', password: 'p' }
const STATEMENT = { sql: 'SELECT 1', format: 'TSVRaw' }
const AWAY = { code: 'MOGO_CLICKHOUSE_UNREACHABLE', class: 'retriable', status: 503 }

let server: Server | undefined
let engine: QueryEngine | undefined

afterEach(() => {
  engine?.close()
  server?.closeAllConnections()
  server?.close()
})

async function answering(handler: RequestListener): Promise<QueryEngine> {
  server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  engine = createClickHouseEngine({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  return engine
}

/** Sends a beginning, then cuts the connection. */
const cut: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.write('a line\n'.repeat(2_000), () => response.socket?.destroy())
}

/** The same with more than is read as a whole. */
const cutLate: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.write('a line\n'.repeat(20_000), () => response.socket?.destroy())
}

async function read(body: AsyncIterable<Buffer>): Promise<number> {
  let size = 0
  for await (const chunk of body) size += chunk.length
  return size
}

test('a stream that is cut off fails, and says that the engine is away', async () => {
  const body = streamOf(await (await answering(cutLate)).stream(ME, STATEMENT))
  await expect(read(body)).rejects.toMatchObject(AWAY)
})

test('a short answer that is cut off is asked for again', async () => {
  let asked = 0
  const found = await answering((request, response) => {
    asked += 1
    if (asked < 3) cut(request, response)
    else response.end('whole')
  })
  expect((await found.stream(ME, STATEMENT)).body.toString()).toBe('whole')
  expect(asked).toBe(3)
})

test('a text that is cut off is asked for again', async () => {
  let asked = 0
  const found = await answering((request, response) => {
    asked += 1
    if (asked < 3) cut(request, response)
    else response.end('whole')
  })
  expect(await found.text(ME, STATEMENT)).toBe('whole')
  expect(asked).toBe(3)
})

test('a fault without a word is no fault of the query', async () => {
  let asked = 0
  const found = await answering((_request, response) => {
    asked += 1
    if (asked > 1) return response.end('whole')
    response.writeHead(500)
    return response.end()
  })
  expect(await found.text(ME, STATEMENT)).toBe('whole')
})

test('what the reader throws stays what it is, and who cancels is told so', async () => {
  const endless: RequestListener = (_request, response) => {
    response.writeHead(200)
    const more = () =>
      void (response.writable && response.write('x'.repeat(10_000), () => setImmediate(more)))
    more()
  }
  const found = await answering(endless)
  const own = new Error('enough')
  const body = streamOf(await found.stream(ME, STATEMENT))
  const reading = read(body)
  body.destroy(own)
  await expect(reading).rejects.toBe(own)
  const gone = new AbortController()
  const second = await found.stream(ME, { ...STATEMENT, signal: gone.signal })
  const cancelled = read(second.body as AsyncIterable<Buffer>)
  gone.abort()
  await expect(cancelled).rejects.toMatchObject({ code: expect.not.stringMatching(/^MOGO_/) })
})

test('what the engine has said with an error before it cut the connection is its fault, and is not asked again', async () => {
  let asked = 0
  const found = await answering((_request, response) => {
    asked += 1
    response.writeHead(500, { 'x-clickhouse-exception-code': '241' })
    response.write('Code: 241. DB::Exception: memory. (MEMORY_LIMIT_EXCEEDED)', () =>
      response.socket?.destroy(),
    )
  })
  await expect(found.stream(ME, STATEMENT)).rejects.toMatchObject({ code: 241 })
  expect(asked).toBe(1)
})

test('a parameter that is no well-formed text is sent as one, and is no fault of the way', async () => {
  let path = ''
  const found = await answering((request, response) => {
    path = request.url ?? ''
    response.end('1')
  })
  await found.stream(ME, { ...STATEMENT, parameters: { p: 'a\ud800 &b=c' } })
  expect(new URL(path, 'http://x').searchParams.get('param_p')).toBe('a\ufffd &b=c')
})

test('one that is cancelled while it waits for a connection takes none away', async () => {
  const sockets = new Set<unknown>()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  server = createServer(async (request, response) => {
    sockets.add(request.socket)
    if (request.url?.includes('query_id=slow')) await held
    response.end('1')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  engine = createClickHouseEngine({ url, maxSockets: 1 })
  const slow = engine.stream(ME, { ...STATEMENT, queryId: 'slow' })
  const controller = new AbortController()
  const cancelled = engine.stream(ME, { ...STATEMENT, signal: controller.signal })
  const later = engine.stream(ME, STATEMENT)
  controller.abort(new Error('cancelled'))
  await expect(cancelled).rejects.toThrow('cancelled')
  release()
  expect((await slow).body.toString()).toBe('1')
  expect((await later).body.toString()).toBe('1')
  expect(sockets.size).toBe(1)
})
