/** How answers end, on a made-up engine whose rows come when a test says so: limits, deadlines, cancelling, readers who stand still. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { MogoError } from '#contracts/errors.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import { parseContract } from '#contracts/parse.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { buildApp } from '#query-api/app.ts'
import type { EngineStatement, QueryEngine } from '#query-api/ports.ts'

/** What ClickHouse 26.7 explains of SELECT 1. */
const [explained] = JSON.parse(
  readFileSync(new URL('./recorded/explain.json', import.meta.url), 'utf8'),
) as readonly { readonly ast: string; readonly tree: string }[]

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: urn:test:notes
version: 1.0.0
status: active
schema:
  - name: notes
    physicalName: public.notes
    customProperties: [{ property: tenant, value: { column: tenant_id } }]
    properties:
      - { name: tenant_id, logicalType: string, physicalType: text, required: true, primaryKey: true, primaryKeyPosition: 1 }
      - { name: id, logicalType: integer, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2 }
roles:
  - role: analyst
    access: read
    customProperties: [{ property: rowFilter, value: [{ column: tenant_id, operator: '=', principal: tenant }] }]
`
const STALL_MILLIS = 150
const nora: Principal = { subject: 'nora', tenant: 'north', roles: ['analyst'], attributes: {} }

let source = new Readable({ read() {} })
let asked: EngineStatement | undefined
/** Resolves when the engine has been asked. */
let begun = Promise.withResolvers<void>()
let records = new Map<string, AccessEvent>()
/** Whether the engine gives an answer at all. */
let isSilent = false
/** Kafka's acknowledgement. */
let acknowledged: Promise<unknown> = Promise.resolve()

const engine: QueryEngine = {
  async text(_identity, { sql }) {
    return (sql.startsWith('EXPLAIN AST') ? explained?.ast : explained?.tree) ?? ''
  },
  async stream(_identity, statement) {
    asked = statement
    begun.resolve()
    const { signal } = statement
    if (isSilent)
      await new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => {
          source.destroy()
          reject(signal.reason)
        }),
      )
    signal?.addEventListener('abort', () => source.destroy(signal.reason), { once: true })
    return { body: source }
  },
  async check() {},
  close() {},
}
const identity = { username: 'u', password: 'p' }
const app: HttpServer = await buildApp({
  logger: createLogger('query-api', 'fatal', { write: () => true }),
  telemetry: { prometheusText: async () => '' },
  auth: { verify: async () => nora, check: async () => {} } as never,
  datasets: compileContract(parseContract(CONTRACT)).datasets,
  serviceLevels: () => [],
  database: 'analytics',
  engine,
  scopes: {
    ensure: async (scopes) => scopes.map(() => identity),
    forget: () => undefined,
    gate: () => identity,
  },
  exposure: { assertNothingExposed: async () => {} },
  recorder: {
    async record(event) {
      await acknowledged
      records.set(event.id, event)
    },
    check: async () => {},
    close: async () => {},
  },
  lineageUrl: undefined,
  workerUrl: undefined,
  maxResultRows: 1_000_000,
  secret: 'x'.repeat(32),
  stallMillis: STALL_MILLIS,
  now: Date.now,
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })

afterAll(async () => {
  // Some were opened and never used.
  app.server.closeAllConnections()
  await app.close()
})
beforeEach(() => {
  source = new Readable({ read() {} })
  asked = undefined
  begun = Promise.withResolvers<void>()
  records = new Map()
  isSilent = false
  acknowledged = Promise.resolve()
})

type Asking = {
  readonly accept?: string
  readonly headers?: Record<string, string>
  readonly [key: string]: unknown
}

/** The head of an answer; it is paused. */
function ask(asking: Asking = {}): Promise<IncomingMessage> {
  const { accept = 'application/x-ndjson', headers = {}, ...body } = asking
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}/v1/query`,
      { method: 'POST', agent: false, headers: { 'content-type': 'application/json', accept, ...headers } },
      (response) => resolve(response.pause()),
    )
    request.once('error', reject)
    request.end(JSON.stringify({ sql: 'SELECT 1', ...body }))
  })
}
async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
const idOf = (response: IncomingMessage): string => String(response.headers['x-mogo-query-id'])
const view = async (id: string, method = 'GET') =>
  (await (await fetch(`${url}/v1/queries/${id}`, { method })).json()) as Record<string, unknown>
const ROW = `{"1":1,"s":"${'x'.repeat(1000)}"}\n`
const rows = (count: number) => ROW.repeat(count)

const FULL = 1_000_000

/** Writes rows until they are no longer taken. */
async function writeUntilFull(): Promise<void> {
  for (let turns = 0; source.readableLength < FULL; turns++) {
    if (turns > 2_000) throw new Error('somebody takes everything')
    source.push(rows(100))
    await new Promise((done) => setTimeout(done, 1))
  }
}

test('a short answer tells in a header whether a limit cut it, and the engine’s query ends with it', async () => {
  source.push(rows(3))
  const cut = await ask({ limit: { rows: 2 } })
  expect(cut.headers['x-mogo-truncated']).toBe('true')
  expect(await read(cut)).toBe(rows(2))
  expect(source.destroyed).toBe(true)
  expect(records.get(idOf(cut))).toMatchObject({ decision: 'answered', rows: 2, bytes: 2 * ROW.length })

  source = new Readable({ read() {} })
  source.push(rows(2))
  source.push(null)
  const whole = await ask({ limit: { rows: 2 } })
  expect(whole.headers['x-mogo-truncated']).toBe('false')
  expect(await read(whole)).toBe(rows(2))
})

test('a long one tells in its trailer', async () => {
  source.push(rows(200))
  const response = await ask({ limit: { rows: 150 } })
  expect(response.headers).toMatchObject({ trailer: 'x-mogo-truncated' })
  expect(response.headers['x-mogo-truncated']).toBeUndefined()
  expect(await read(response)).toBe(rows(150))
  expect(response.trailers['x-mogo-truncated']).toBe('true')
  expect(await view(idOf(response))).toMatchObject({ state: 'answered', truncated: true, rows: 150 })
})

test('a limit is compressed like everything else', async () => {
  source.push(rows(200))
  const response = await fetch(`${url}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/csv', 'accept-encoding': 'zstd' },
    body: JSON.stringify({ sql: 'SELECT 1', limit: { bytes: 150 * ROW.length } }),
  })
  expect(response.headers.get('content-encoding')).toBe('zstd')
  // The first line of CSV holds the names.
  expect(await response.text()).toBe(rows(151))
})

test('rows are sent as they come, once the head is full', async () => {
  for (const encoding of ['identity', 'gzip', 'br', 'zstd']) {
    source = new Readable({ read() {} })
    source.push(rows(100))
    source.push(rows(1))
    const response = await ask({ headers: { 'accept-encoding': encoding } })
    response.resume()
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await once(response, 'data')
    const before = bytes
    source.push(rows(1))
    await expect.poll(() => bytes).toBeGreaterThan(before)
    source.push(null)
    await once(response, 'end')
  }
})

test('DELETE ends a query that has given no row, and its answer says so', async () => {
  isSilent = true
  const name = randomUUID()
  const answer = ask({ clientQueryId: name })
  await begun.promise
  expect(await view(name)).toMatchObject({ state: 'running', phase: 'running', rows: 0 })
  expect(await view(name, 'DELETE')).toMatchObject({ state: 'cancelled', code: 'MOGO_QUERY_CANCELLED' })
  expect(asked?.signal?.aborted).toBe(true)
  const response = await answer
  expect(response.statusCode).toBe(499)
  expect(JSON.parse(await read(response))).toMatchObject({ code: 'MOGO_QUERY_CANCELLED' })
})

test('DELETE ends an answer that nobody reads; what was sent does not look whole', async () => {
  source.push(rows(200))
  const response = await ask()
  await writeUntilFull()
  expect(await view(idOf(response), 'DELETE')).toMatchObject({ state: 'cancelled', phase: 'ended' })
  expect(source.destroyed).toBe(true)
  await expect(read(response)).rejects.toThrow()
  expect(response.complete).toBe(false)
  expect(records.get(idOf(response))).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_CANCELLED' })
})

test('a deadline ends a query before its first row and after it', async () => {
  isSilent = true
  const late = await ask({ timeoutSeconds: 0.05 })
  expect(late.statusCode).toBe(422)
  expect(JSON.parse(await read(late))).toMatchObject({ code: 'MOGO_QUERY_DEADLINE' })
  expect(source.destroyed).toBe(true)

  isSilent = false
  source = new Readable({ read() {} })
  source.push(rows(200))
  const cut = await ask({ timeoutSeconds: 0.1 })
  expect(cut.statusCode).toBe(200)
  await expect(read(cut)).rejects.toThrow()
  expect(await view(idOf(cut))).toMatchObject({ state: 'failed', code: 'MOGO_QUERY_DEADLINE' })
})

test('a reader who takes nothing is cut off, and holds up the engine until then', async () => {
  source.push(rows(200))
  const response = await ask()
  await writeUntilFull()
  await new Promise((done) => setTimeout(done, STALL_MILLIS / 4))
  expect(source.readableLength).toBeGreaterThanOrEqual(FULL)
  await expect.poll(() => source.destroyed, { timeout: 5_000 }).toBe(true)
  expect(await view(idOf(response))).toMatchObject({ state: 'failed', code: 'MOGO_QUERY_STALLED' })
  expect(records.get(idOf(response))).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_STALLED' })
  await expect(read(response)).rejects.toThrow()
})

test('an engine that is slow is no reader who stands still', async () => {
  source.push(rows(100))
  const response = await ask()
  const text = read(response)
  await new Promise((done) => setTimeout(done, STALL_MILLIS * 2))
  source.push(rows(1))
  source.push(null)
  expect(await text).toBe(rows(101))
  expect(records.get(idOf(response))).toMatchObject({ decision: 'answered', rows: 101 })
})

test('a caller who goes away ends the query', async () => {
  source.push(rows(200))
  const response = await ask()
  response.destroy()
  await expect.poll(() => source.destroyed).toBe(true)
  await expect
    .poll(() => records.get(idOf(response)))
    .toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_CANCELLED' })
  expect(await view(idOf(response))).toMatchObject({ state: 'cancelled' })
})

test('a fault of the engine midway is how it ended', async () => {
  source.push(rows(100))
  const response = await ask()
  source.destroy(new MogoError('MOGO_QUERY_FAILED', { reason: 'memory limit' }))
  await expect(read(response)).rejects.toThrow()
  await expect.poll(() => view(idOf(response))).toMatchObject({ state: 'failed', code: 'MOGO_QUERY_FAILED' })
})

test('events stop when nobody listens any more, and only a few may listen', async () => {
  isSilent = true
  const name = randomUUID()
  const answer = ask({ clientQueryId: name })
  await begun.promise
  const listeners = [...Array(4).keys()].map(() => new AbortController())
  const streams = await Promise.all(
    listeners.map(({ signal }) => fetch(`${url}/v1/queries/${name}/events`, { signal })),
  )
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  const fifth = await fetch(`${url}/v1/queries/${name}/events`)
  expect([fifth.status, await fifth.json()]).toEqual([
    429,
    expect.objectContaining({ code: 'MOGO_QUERY_WATCHED' }),
  ])
  listeners[0]?.abort()
  await expect
    .poll(async () => {
      const again = await fetch(`${url}/v1/queries/${name}/events`, { signal: AbortSignal.timeout(300) })
      return again.status
    })
    .toBe(200)
  await view(name, 'DELETE')
  expect((await answer).statusCode).toBe(499)
  for (const controller of listeners) controller.abort()
})

test('a caller who goes before the record of a long answer is safe: the query ends, and the record says so', async () => {
  const safe = Promise.withResolvers<void>()
  acknowledged = safe.promise
  const request = httpRequest(`${url}/v1/query`, {
    ...{ method: 'POST', agent: false },
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
  })
  request.on('error', () => undefined)
  request.end(JSON.stringify({ sql: 'SELECT 1' }))
  await begun.promise
  source.push(rows(100))
  // All of the head is read: what is missing is the acknowledgement.
  await expect.poll(() => source.readableLength).toBe(0)
  request.destroy()
  await expect.poll(() => asked?.signal?.aborted).toBe(true)
  safe.resolve()
  await expect
    .poll(() => [...records.values()].map(({ decision, reason }) => [decision, reason]))
    .toEqual([['failed', 'MOGO_QUERY_CANCELLED']])
  expect(source.destroyed).toBe(true)
})
