/** The query soak sees what is wrong: each kind of bad answer is a fault, and what may be is none. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { querySoakFigures } from '#ops/bench/query/query-soak-figures.ts'
import { type Credential, runSoakClient, type SoakCounts } from '#ops/bench/query/soak-client.ts'
import { createRandom } from '#ops/demo/random.ts'

const ROWS = 5000
let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

type Bent = (path: string, sql: string, response: ServerResponse) => boolean

/** An API with orders of tenant-1; `bent` may answer in its place. */
async function start(bent: Bent): Promise<string> {
  server = createServer(async (request: IncomingMessage, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const sql = body === '' ? '' : (JSON.parse(body) as { sql: string }).sql
    const url = new URL(request.url ?? '/', 'http://x')
    if (bent(url.pathname, sql, response)) return
    const between = /BETWEEN (\d+) AND (\d+)/.exec(sql)
    if (sql.includes('system.')) response.writeHead(404).end('{"code":"MOGO_QUERY_TABLE"}')
    else if (sql.includes('GROUP BY')) response.end(`{"rows":[["tenant-1","${ROWS}","700"]]}`)
    else if (sql.includes('WHERE tenant_id')) response.end('{"rows":[["0"]]}')
    else if (between) response.end(lines(Number(between[1]), Number(between[2])))
    else response.end(page(url.searchParams))
  })
  const { port } = await new Promise<AddressInfo>((resolve) => {
    const listening = server?.listen(0, '127.0.0.1', () => resolve(listening?.address() as AddressInfo))
  })
  return `http://127.0.0.1:${port}`
}

function lines(from: number, to: number): string {
  const ids = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  return ids.map((id) => `{"tenant_id":"tenant-1","id":"${id}"}\n`).join('')
}

/** The cursor is the last id. */
function page(query: URLSearchParams): string {
  const cursor = query.get('cursor')
  const from = cursor === null ? Number(query.get('id')?.slice(4)) : Number(cursor) + 1
  const ids = Array.from({ length: Number(query.get('limit')) }, (_, index) => from + index)
  return JSON.stringify({ rows: ids.map((id) => ['tenant-1', String(id)]), next: String(ids.at(-1)) })
}

/** Asks for a while; what was counted, and the faults. */
async function soak(bent: Bent, credential: Credential = { authorization: 'Bearer x' }, isDisturbed = false) {
  const url = await start(bent)
  const counts: SoakCounts = { answered: 0, refused: 0, busy: 0, unavailable: 0, cut: 0, unauthorized: 0 }
  const faults = new Set<string>()
  const stop = new AbortController()
  const totals = { rows: ROWS, quantity: '700' }
  const done = runSoakClient({
    ...{ url, tenant: 1, credential: () => credential, totals, random: createRandom(3), counts },
    ...{ isDisturbed: () => isDisturbed, fault: (text) => void faults.add(text), signal: stop.signal },
  })
  const requests = () => Object.values(counts).reduce((sum, count) => sum + count, 0)
  await expect.poll(() => requests() >= 40 || faults.size > 0, { timeout: 20_000 }).toBe(true)
  stop.abort()
  await done
  return { counts, faults: [...faults] }
}

const always =
  (status: number, body = '{}', headers = {}): Bent =>
  (_path, _sql, response) => {
    response.writeHead(status, headers).end(body)
    return true
  }

const cutOff: Bent = (_path, _sql, response) => {
  response.writeHead(200, { 'content-length': 99 }).write('x')
  response.destroy()
  return true
}

describe('a caller of the soak', () => {
  it('finds nothing where everything is right', async () => {
    const { counts, faults } = await soak(() => false)
    expect(faults).toEqual([])
    expect(counts.answered).toBeGreaterThan(10)
    expect(counts.refused).toBeGreaterThan(0)
  })

  it.each<[string, Bent, string]>([
    ['a status of 500', always(500, '{"code":"MOGO_INTERNAL"}'), 'status 500 in place of'],
    ['503 without a time to wait', always(503), 'status 503 without a time to wait'],
    ['401 for a good token', always(401), 'a good key or token was refused'],
    ['a row of another tenant', always(200, '{"rows":[["tenant-2"]]}'), 'a row of another tenant'],
    ['a wrong total', always(200, '{"rows":[["tenant-1","1","2"]]}'), 'is not what it should be'],
    [
      'what is forbidden',
      (_p, sql, response) => sql.includes('system.') && !!response.end('{"rows":[]}'),
      'status 200 in place of 404',
    ],
    ['half an answer', cutOff, 'cut off while nothing was restarted'],
  ])('sees %s', async (_what, bent, text) => {
    const { faults } = await soak(bent)
    expect(faults.join('\n')).toContain(text)
  })

  it('sees a revoked key that is answered, and takes its refusal for right', async () => {
    const revoked = { authorization: 'Bearer x', revokedAt: performance.now() - 60_000 }
    expect((await soak(() => false, revoked)).faults.join()).toContain('a revoked key was answered 200')
    const { counts, faults } = await soak(always(401), revoked)
    expect(faults).toEqual([])
    expect(counts.unauthorized).toBeGreaterThan(10)
  })

  it('waits where it is told to, and takes answers that are cut off while the engine restarts', async () => {
    const { counts, faults } = await soak(always(429, '{}', { 'retry-after': '0' }))
    expect([faults, counts.busy > 10]).toEqual([[], true])
    const cut = await soak(cutOff, undefined, true)
    expect([cut.faults, cut.counts.cut > 10]).toEqual([[], true])
  })
})

it('judges the memory of the last quarter by that of the second', () => {
  const counts = { answered: 9, refused: 1, busy: 0, unavailable: 0, cut: 0, unauthorized: 0 }
  const memory = (last: number) =>
    Array.from({ length: 300 }, (_, at) => ({ at, mb: at < 75 ? 500 : at < 225 ? 100 : last }))
  const facts = { seconds: 300, clients: 4, restarts: 1, revocations: 1, counts, faults: new Map([['a', 2]]) }
  expect(querySoakFigures({ ...facts, memory: memory(110) })).toMatchObject({
    ...{ requests_per_s: 0, memory_mb: { second: 100, last: 110, growth_pct: 10 }, faults: ['a (2)'] },
  })
  expect(querySoakFigures({ ...facts, memory: memory(111) }).faults).toEqual([
    ...['a (2)', 'the memory of the API has grown by 11 %'],
  ])
  expect(querySoakFigures({ ...facts, seconds: 60, memory: memory(500) }).faults).toEqual(['a (2)'])
  const silent = { ...counts, answered: 0 }
  expect(querySoakFigures({ ...facts, counts: silent, memory: memory(100) }).faults).toContain(
    'nothing was answered',
  )
})
