/** Large answers: in constant memory, at the reader's pace, and not for longer than somebody reads. */
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiProcess, startApiProcess } from './support/api-process.ts'
import { startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
let api: ApiProcess
let token = ''

const STALL_MILLIS = 700

beforeAll(async () => {
  tenants = await startTenants({ maxSeconds: 120 })
  await tenants.admin(
    `INSERT INTO analytics.clients (tenant_id, id, name, amount, tags, secret_note, email_token, phone_token, placed_at, _version, _deleted, _committed_at) SELECT 'north', 50 + number, 'n', 1, [], '', 't', 't', now64(6), 1, 0, now64(3) FROM numbers(999950)`,
  )
  api = await startApiProcess(tenants)
  token = await tenants.token('nora')
})
afterAll(async () => {
  if (api?.child.exitCode === null) {
    api.child.kill('SIGKILL')
    await once(api.child, 'exit')
  }
  await tenants?.dispose()
})

/** A million rows of one kB, which the engine makes block by block. */
const GIGABYTE = "SELECT id, repeat('0123456789', 100) AS s FROM clients"

type Asked = { readonly request: ClientRequest; readonly response: IncomingMessage; readonly id: string }

/** The answer's head; its body is read by whoever asked. */
function ask(url: string, sql: string, accept: string): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}/v1/query`,
      {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
      },
      (response) => {
        response.pause()
        resolve({ request, response, id: String(response.headers['x-mogo-query-id']) })
      },
    )
    request.once('error', reject)
    request.end(JSON.stringify({ sql }))
  })
}

const atEngine = async (id: string): Promise<number> =>
  Number(await tenants.admin(`SELECT count() FROM system.processes WHERE query_id = '${id}'`))

async function view(url: string, id: string): Promise<{ bytes: number; rows: number }> {
  const response = await fetch(`${url}/v1/queries/${id}`, { headers: { authorization: `Bearer ${token}` } })
  return (await response.json()) as { bytes: number; rows: number }
}
const bytesOut = async (url: string, id: string): Promise<number> => (await view(url, id)).bytes
const rowsOut = async (id: string): Promise<number> => (await view(api.url, id)).rows

/** Reads to the end; returns the bytes, and the last of them as text. */
async function drain(response: IncomingMessage): Promise<{ bytes: number; tail: string }> {
  let bytes = 0
  let last: Buffer = Buffer.alloc(0)
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    last = chunk
  }
  return { bytes, tail: last.toString('latin1').slice(-60) }
}

describe('an answer', () => {
  test.each([
    ['of one gigabyte', 'application/x-ndjson', GIGABYTE, 1_000_000, /"\}\n$/],
    [
      'of 200 MB',
      'application/json',
      `${GIGABYTE} WHERE id < 200000`,
      200_000,
      /,"rowCount":200000,"truncated":false\}\n$/,
    ],
  ])('%s as %s takes less than 64 MiB of the process', async (_size, accept, sql, rows, end) => {
    const warm = await ask(api.url, 'SELECT id FROM clients WHERE id < 10', accept)
    await drain(warm.response)
    const before = api.memory().now
    api.resetMost()
    const { response, id } = await ask(api.url, sql, accept)
    expect(response.statusCode).toBe(200)
    const { bytes, tail } = await drain(response)
    expect(bytes).toBeGreaterThan(rows * 1000)
    expect(tail).toMatch(end)
    expect(await rowsOut(id)).toBe(rows)
    expect(api.memory().most - before).toBeLessThan(64)
  })

  test('as Parquet holds a group of rows at the engine, not all of them', async () => {
    const { response, id } = await ask(api.url, GIGABYTE, 'application/vnd.apache.parquet')
    expect(response.statusCode).toBe(200)
    expect((await drain(response)).tail).toMatch(/PAR1$/)
    expect(await rowsOut(id)).toBe(1_000_000)
  })
})

describe('a reader', () => {
  test('who is slow gets the answer at their own pace; who goes then leaves nothing running', async () => {
    const before = api.memory().now
    api.resetMost()
    const { request, response, id } = await ask(api.url, GIGABYTE, 'application/x-ndjson')
    let read = 0
    for (let turn = 0; turn < 20; turn++) {
      read += (response.read() as Buffer | null)?.length ?? 0
      await wait(50)
    }
    const written = await bytesOut(api.url, id)
    expect(read).toBeGreaterThan(0)
    // What lies between is in the buffers of the operating system and of two processes.
    expect(written - read).toBeLessThan(32 * 1024 * 1024)
    expect(await atEngine(id)).toBe(1)
    expect(api.memory().most - before).toBeLessThan(64)
    request.destroy()
    await expect.poll(() => atEngine(id), { timeout: 5_000, interval: 50 }).toBe(0)
  })

  test('who takes nothing stops the engine at once, and is cut off after a while', async () => {
    const app = await tenants.build({ stallMillis: STALL_MILLIS })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { response, id } = await ask(url, GIGABYTE, 'application/x-ndjson')
    const ended = new Promise((resolve) => response.once('error', () => undefined).once('close', resolve))
    await expect
      .poll(async () => {
        const first = await bytesOut(url, id)
        await wait(100)
        return (await bytesOut(url, id)) - first
      })
      .toBe(0)
    expect(await bytesOut(url, id)).toBeLessThan(32 * 1024 * 1024)
    await expect.poll(() => atEngine(id), { timeout: 10_000, interval: 50 }).toBe(0)
    await expect
      .poll(() => tenants.records.findLast((record) => record.id === id))
      .toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_STALLED' })
    // What was sent before is still there; then comes the cut.
    response.resume()
    await ended
    expect(response.complete).toBe(false)
  })

  test('who reads now and then is not cut off', async () => {
    const app = await tenants.build({ stallMillis: STALL_MILLIS })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const sql = `${GIGABYTE} WHERE id < 30000`
    const { response } = await ask(url, sql, 'application/x-ndjson')
    let bytes = 0
    let pauses = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes < (pauses + 1) * 5_000_000) return
      pauses++
      response.pause()
      setTimeout(() => response.resume(), STALL_MILLIS / 2)
    })
    response.resume()
    await once(response, 'end')
    expect(bytes).toBeGreaterThan(30_000_000)
    expect(pauses).toBeGreaterThanOrEqual(6)
  })
})
