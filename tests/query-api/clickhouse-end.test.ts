/** Statements that nobody waits for any more, by a server that notes what it is asked. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { createClickHouseEngine } from '#query-api/engine/clickhouse-http.ts'
import type { EngineStatement } from '#query-api/ports.ts'
import { streamOf } from './support/long-answer.ts'

type Asked = { readonly sql: string; readonly id: string | null; readonly user: string | undefined }
let asked: Asked[] = []
let answer: (response: ServerResponse) => void = () => undefined
const server = createServer((request, response) => {
  let sql = ''
  request.on('data', (chunk) => {
    sql += String(chunk)
  })
  request.on('end', () => {
    const id = new URL(request.url ?? '', 'http://x').searchParams.get('query_id')
    asked.push({ sql, id, user: String(request.headers['x-clickhouse-user']) })
    if (sql === 'SELECT 1') response.end()
    else answer(response)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const identity = { username: 'scope_1', password: 'p' }
const END: Asked = { sql: 'SELECT 1', id: 'q1', user: 'scope_1' }
const ends = (): readonly Asked[] => asked.filter(({ sql }) => sql === 'SELECT 1')

let engine = createClickHouseEngine({ url: `http://127.0.0.1:${port}` })
beforeEach(() => {
  asked = []
  engine = createClickHouseEngine({ url: `http://127.0.0.1:${port}` })
})
afterEach(() => engine.close())
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const statement = { sql: 'SELECT long', format: 'TSV', queryId: 'q1' }

test('one that is cancelled before its answer is ended, twice, as the same identity', async () => {
  answer = () => undefined
  const gone = new AbortController()
  const running = engine.stream(identity, { ...statement, signal: gone.signal })
  await expect.poll(() => asked.length).toBe(1)
  gone.abort(new Error('cancelled'))
  await expect(running).rejects.toThrow()
  await expect.poll(ends, { timeout: 3_000 }).toEqual([END, END])
})

test('one whose answer is left midway, too', async () => {
  answer = (response) => void response.write('row\n'.repeat(30_000))
  streamOf(await engine.stream(identity, statement)).destroy()
  await expect.poll(ends, { timeout: 3_000 }).toEqual([END, END])
})

test('one that is cancelled while its first rows come, too', async () => {
  const begun = Promise.withResolvers<void>()
  answer = (response) => void response.write('row\n', () => begun.resolve())
  const gone = new AbortController()
  const running = engine.stream(identity, { ...statement, signal: gone.signal })
  await begun.promise
  gone.abort(new Error('cancelled'))
  await expect(running).rejects.toThrow()
  await expect.poll(ends, { timeout: 3_000 }).toEqual([END, END])
})

type Way = (response: ServerResponse) => void
const ended: Way = (response) => {
  response.end('row\n')
}
const failed: Way = (response) => {
  response.writeHead(500).end('Code: 62. DB::E')
}

test.each<[string, EngineStatement, Way]>([
  ['has ended', statement, ended],
  ['has failed', statement, failed],
  ['has no id', { sql: 'SELECT x', format: 'TSV' }, ended],
])('one that %s is not', async (_what, given, how) => {
  answer = how
  await engine.text(identity, given).catch(() => undefined)
  await new Promise((done) => setTimeout(done, 50))
  expect(ends()).toEqual([])
})
