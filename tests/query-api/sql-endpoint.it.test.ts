/** What POST /v1/query and /v1/queries/{id} offer beside rows, on a real engine. */
import { randomUUID } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { SOUTH_MARKER, startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants

/** The contract says that amounts are euros. */
function withUnit(dataset: CompiledDataset): CompiledDataset {
  const properties = dataset.document.properties.map((property) =>
    property.name === 'amount'
      ? { ...property, customProperties: [{ property: 'unit', value: 'EUR', raw: {} }] }
      : property,
  )
  return { ...dataset, document: { ...dataset.document, properties } } as CompiledDataset
}

beforeAll(async () => {
  tenants = await startTenants({ adapt: withUnit })
})
afterAll(async () => {
  await tenants?.dispose()
})

const PARQUET = 'application/vnd.apache.parquet'
const ARROW = 'application/vnd.apache.arrow.stream'
const TYPES = ['application/json', 'application/x-ndjson', 'text/csv', ARROW, PARQUET] as const

type Asking = {
  readonly as?: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly [key: string]: unknown
}
async function ask(sql: string, asking: Asking = {}): Promise<Response> {
  const { as = 'nora', accept = 'application/json', headers = {}, signal, ...body } = asking
  return fetch(`${tenants.url}/v1/query`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tenants.token(as)}`,
      'content-type': 'application/json',
      accept,
      ...headers,
    },
    body: JSON.stringify({ sql, ...body }),
    ...(signal ? { signal } : {}),
  })
}
type Json = Record<string, unknown>
const json = async (response: Response): Promise<Json> => (await response.json()) as Json

async function call(method: 'GET' | 'DELETE', path: string, as = 'nora'): Promise<Response> {
  return fetch(`${tenants.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${await tenants.token(as)}` },
  })
}
const idOf = (response: Response): string => response.headers.get('x-mogo-query-id') ?? ''
const recordOf = (id: string) => tenants.records.findLast((record) => record.id === id)

/** Longer than any test waits. */
const LONG =
  'SELECT sum(a.n * b.n) FROM (SELECT arrayJoin(range(200000)) AS n) a, (SELECT arrayJoin(range(200000)) AS n) b'
/** Rows without end, as far as a test is concerned: its limit of rows is 400,000. */
const MANY = 'SELECT arrayJoin(range(390000)) AS n, repeat(toString(n), 20) AS s FROM clients WHERE id = 0'

/** More than the buffers on the way to a reader hold. */
const LARGE = MANY.replace(', 20)', ', 60)')
/** More than the head. */
const SOME = MANY.replace('390000', '20000')

const atEngine = async (id: string): Promise<number> =>
  Number(await tenants.admin(`SELECT count() FROM system.processes WHERE query_id = '${id}'`))
const untilRuns = (name: string) =>
  expect
    .poll(async () => (await json(await call('GET', `/v1/queries/${name}`)))['phase'], {
      timeout: 15_000,
      interval: 20,
    })
    .toBe('running')

describe('Parquet', () => {
  test('is a file that another reader reads, counted for the access record', async () => {
    const response = await ask(
      'SELECT id, name, amount, tags, placed_at > 0 AS late FROM clients ORDER BY id LIMIT 3',
      { accept: PARQUET, headers: { 'accept-encoding': 'gzip' } },
    )
    expect(response.headers.get('content-type')).toBe(PARQUET)
    expect(response.headers.get('content-encoding')).toBeNull()
    const bytes = Buffer.from(await response.arrayBuffer())
    const read = await tenants.admin(
      `SELECT id, name, amount, tags FROM format(Parquet, unhex('${bytes.toString('hex')}')) ORDER BY id`,
    )
    expect(read).toBe(
      "0\tnorth-0\t0\t['vip',NULL]\n1\tnorth-1\t1\t['vip',NULL]\n2\tnorth-2\t2\t['vip',NULL]\n",
    )
    expect(recordOf(idOf(response))).toMatchObject({ rows: 3, bytes: bytes.length, decision: 'answered' })
  })

  test('without rows is a file too', async () => {
    const response = await ask('SELECT id FROM clients WHERE 0', { accept: PARQUET })
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', bytes.length - 4)]).toEqual([
      'PAR1',
      'PAR1',
    ])
    expect(recordOf(idOf(response))).toMatchObject({ rows: 0 })
  })

  test('past the limit of rows lacks its footer', async () => {
    const response = await ask(
      'SELECT arrayJoin(range(900000)) AS n, rand() AS r FROM clients WHERE id = 0',
      {
        accept: PARQUET,
      },
    )
    const chunks: Buffer[] = []
    const read = async () => {
      for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk))
    }
    if (response.status === 200) await expect(read()).rejects.toThrow()
    else expect(await json(response)).toMatchObject({ code: 'MOGO_QUERY_LIMIT' })
    expect(Buffer.concat(chunks).subarray(-4).toString('latin1')).not.toBe('PAR1')
    expect(recordOf(idOf(response))).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_LIMIT' })
  })
})

describe('what the columns mean', () => {
  const sql =
    'SELECT c.email_token AS mail, s.amount, sum(s.amount * 2) AS twice, count() AS n, max(length(c.tags)) AS tags, 1 AS one FROM sales s JOIN clients c ON s.client_id = c.id GROUP BY 1, 2'
  const column = (dataset: string, name: string, relation: string, more: Json = {}) => ({
    ...{ dataset, version: dataset === 'sales' ? '2.1.0' : '1.0.0', column: name, relation },
    ...{ classification: null, masking: null, unit: null, ...more },
  })
  const columns = [
    {
      ...{ name: 'mail', type: 'Nullable(String)', unit: null },
      ...{ classification: 'personal', masking: 'hmac(email)' },
      sources: [
        column('clients', 'email_token', 'identity', { classification: 'personal', masking: 'hmac(email)' }),
      ],
    },
    {
      ...{ name: 'amount', type: 'Decimal(38, 4)', unit: 'EUR', classification: null, masking: null },
      sources: [column('sales', 'amount', 'identity', { unit: 'EUR' })],
    },
    {
      ...{ name: 'twice', unit: null, classification: null, masking: null },
      sources: [column('sales', 'amount', 'aggregation', { unit: 'EUR' })],
    },
  ]

  test('stands in JSON, in the words of the contracts', async () => {
    const answer = await json(await ask(sql))
    expect(answer).toMatchObject({
      datasets: expect.arrayContaining([
        { name: 'sales', version: '2.1.0' },
        { name: 'clients', version: '1.0.0' },
      ]),
      lineage: `/v1/lineage/queries/${answer['queryId']}`,
      truncated: false,
    })
    const given = answer['columns'] as Json[]
    expect(given.slice(0, 3)).toMatchObject(columns)
    expect(given[3]).toMatchObject({ name: 'n', type: 'UInt64' })
    expect(given[4]?.['sources']).toMatchObject([{ dataset: 'clients', relation: 'aggregation' }])
    expect(given[5]).toMatchObject({ name: 'one', type: 'UInt8', sources: [] })
  })

  test('is behind the header Link for every other format, with the types', async () => {
    for (const accept of TYPES) {
      const response = await ask(sql, { accept })
      await response.arrayBuffer()
      const id = idOf(response)
      const link = response.headers.get('link') ?? ''
      expect(link).toContain(`</v1/queries/${id}>; rel="describedby"`)
      expect(link).toContain(`</v1/lineage/queries/${id}>`)
      const told = await json(await call('GET', `/v1/queries/${id}`))
      expect(told).toMatchObject({
        ...{ queryId: id, clientQueryId: null, state: 'answered', phase: 'ended', format: accept },
        ...{ role: 'analyst', rows: recordOf(id)?.rows, bytes: recordOf(id)?.bytes, code: null },
        columns: expect.arrayContaining(columns.map((each) => expect.objectContaining(each))),
      })
    }
  })

  test('has the types that the answer has', async () => {
    const wide =
      "SELECT id, name, amount, tags, placed_at, count() OVER () AS w, toDate('2026-01-01') AS d, CAST('a' AS Enum8('a' = 1)) AS e, map('k', id) AS m, (id, name) AS t, NULL AS x FROM clients LIMIT 1"
    const answer = await json(await ask(wide))
    const types = (of: Json) => (of['columns'] as Json[]).map(({ name, type }) => [name, type])
    const told = await json(await call('GET', `/v1/queries/${answer['queryId']}`))
    expect(types(told)).toEqual(types(answer))
  })

  test('is told to nobody else, as if there were no such query', async () => {
    const id = idOf(await ask(sql, { accept: 'text/csv' }))
    const problem = async (response: Response) => {
      const { code, detail, remedy, status } = await json(response)
      return { code, detail, remedy, status }
    }
    const unknown = await problem(await call('GET', `/v1/queries/${randomUUID()}`))
    expect(unknown).toMatchObject({ code: 'MOGO_QUERY_ID_UNKNOWN', status: 404 })
    for (const other of ['sam', 'edith', 'olga'])
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/events'],
        ['DELETE', ''],
      ] as const)
        expect(await problem(await call(method, `/v1/queries/${id}${path}`, other))).toEqual(unknown)
    expect((await call('GET', `/v1/queries/${id}`)).status).toBe(200)
    expect((await call('GET', '/v1/queries/no-uuid')).status).toBe(400)
  })

  test('names nothing of a query that was refused', async () => {
    const refused = await ask('SELECT secret_note FROM clients')
    expect(refused.status).toBe(403)
    const told = await (await call('GET', `/v1/queries/${idOf(refused)}`)).text()
    expect(JSON.parse(told)).toMatchObject({ state: 'refused', code: 'MOGO_QUERY_COLUMN_DENIED', rows: 0 })
    expect(told).not.toMatch(/secret_note|"columns"|"datasets"/)
  })
})

describe('a limit of the caller’s', () => {
  const rowsOf: Record<string, (bytes: Buffer) => number> = {
    'application/json': (bytes) => (JSON.parse(bytes.toString()) as { rows: unknown[] }).rows.length,
    'application/x-ndjson': (bytes) => bytes.toString().trimEnd().split('\n').filter(Boolean).length,
    'text/csv': (bytes) => bytes.toString().trimEnd().split('\n').length - 1,
    [ARROW]: (bytes) => tableFromIPC(bytes).numRows,
  }

  test.each(Object.keys(rowsOf))('of rows ends %s properly, and says so', async (accept) => {
    for (const [rows, sql, truncated] of [
      [7, 'SELECT id FROM clients', true],
      [50, 'SELECT id FROM clients', false],
      [1_000, 'SELECT id FROM clients', false],
    ] as const) {
      const response = await ask(sql, { accept, limit: { rows } })
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(rowsOf[accept]?.(bytes)).toBe(Math.min(rows, 50))
      expect(response.headers.get('x-mogo-truncated')).toBe(String(truncated))
      expect(recordOf(idOf(response))).toMatchObject({ decision: 'answered', rows: Math.min(rows, 50) })
      expect(await json(await call('GET', `/v1/queries/${idOf(response)}`))).toMatchObject({ truncated })
      if (accept === 'application/json') expect(JSON.parse(bytes.toString())).toMatchObject({ truncated })
    }
  })

  test.each(Object.keys(rowsOf))(
    'of rows ends a long %s, tells in the trailer, and ends the query',
    async (accept) => {
      const { bytes, headers, trailers } = await raw(MANY, accept, { limit: { rows: 30_001 } })
      expect(rowsOf[accept]?.(bytes)).toBe(30_001)
      expect(headers['trailer']).toBe('x-mogo-truncated')
      expect(trailers['x-mogo-truncated']).toBe('true')
      const id = String(headers['x-mogo-query-id'])
      await expect.poll(() => atEngine(id), { timeout: 5_000 }).toBe(0)
      expect(recordOf(id)).toMatchObject({ decision: 'answered', rows: 30_001, reason: '' })
    },
  )

  test('of bytes counts the bytes of rows', async () => {
    for (const accept of Object.keys(rowsOf)) {
      const free = Buffer.from(
        await (await ask('SELECT id FROM clients LIMIT 0', { accept })).arrayBuffer(),
      ).length
      const { bytes, trailers } = await raw(MANY, accept, { limit: { bytes: 300_000 } })
      const rows = rowsOf[accept]?.(bytes) ?? 0
      expect(rows).toBeGreaterThan(1_000)
      // JSON writes a comma more between rows, and names differ in length.
      expect(bytes.length - free).toBeLessThanOrEqual(
        300_000 + (accept === 'application/json' ? rows : 0) + 2_000,
      )
      expect(trailers['x-mogo-truncated']).toBe('true')
    }
  })

  test('above the limit of the API changes nothing; Parquet cannot have one', async () => {
    const many = 'SELECT arrayJoin(range(1000000)) AS n FROM clients WHERE id = 0'
    const response = await ask(many, { accept: 'application/x-ndjson', limit: { rows: 2_000_000 } })
    await expect(response.text()).rejects.toThrow()
    expect(recordOf(idOf(response))).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_LIMIT' })
    expect(await json(await ask('SELECT 1', { accept: PARQUET, limit: { rows: 5 } }))).toMatchObject({
      code: 'MOGO_QUERY_LIMIT_FORMAT',
      status: 400,
    })
    expect(await json(await ask('SELECT 1', { limit: { rows: 0 } }))).toMatchObject({
      code: 'MOGO_REQUEST_INVALID',
    })
  })
})

describe('cancelling', () => {
  test('ends the query at the engine, by id and by the caller’s own name; the answer says so', async () => {
    const name = randomUUID()
    const running = ask(LONG, { clientQueryId: name.toUpperCase() })
    await untilRuns(name)
    const { queryId } = await json(await call('GET', `/v1/queries/${name}`))
    const id = String(queryId)
    await expect.poll(() => atEngine(id)).toBe(1)
    expect((await call('DELETE', `/v1/queries/${id}`, 'sam')).status).toBe(404)
    expect(await atEngine(id)).toBe(1)
    const cancelled = await call('DELETE', `/v1/queries/${name}`)
    expect(cancelled.status).toBe(200)
    expect(await json(cancelled)).toMatchObject({ queryId: id, clientQueryId: name, state: 'cancelled' })
    const answer = await running
    expect(answer.status).toBe(499)
    expect(await json(answer)).toMatchObject({ code: 'MOGO_QUERY_CANCELLED' })
    await expect.poll(() => atEngine(id), { timeout: 5_000 }).toBe(0)
    expect(recordOf(id)).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_CANCELLED' })
    // Once more is no fault.
    expect(await json(await call('DELETE', `/v1/queries/${id}`))).toMatchObject({ state: 'cancelled' })
  })

  test('cuts an answer off visibly that is on its way, even if nobody reads it', async () => {
    const response = await ask(LARGE, {
      accept: 'application/x-ndjson',
      headers: { 'accept-encoding': 'identity' },
    })
    const id = idOf(response)
    const cancelled = await call('DELETE', `/v1/queries/${id}`)
    expect(await json(cancelled)).toMatchObject({
      ...{ state: 'cancelled', phase: 'ended', code: 'MOGO_QUERY_CANCELLED' },
    })
    await expect(response.text()).rejects.toThrow()
    await expect.poll(() => atEngine(id), { timeout: 5_000 }).toBe(0)
  })

  test('of a query that has ended leaves it as it was', async () => {
    const id = idOf(await ask('SELECT 1'))
    const answer = await call('DELETE', `/v1/queries/${id}`)
    expect(answer.status).toBe(200)
    expect(await json(answer)).toMatchObject({ state: 'answered', rows: 1 })
  })

  test('happens when the caller goes away, while the engine has given no row yet', async () => {
    const name = randomUUID()
    const caller = new AbortController()
    const running = ask(LONG, { clientQueryId: name, signal: caller.signal })
    await untilRuns(name)
    const id = String((await json(await call('GET', `/v1/queries/${name}`)))['queryId'])
    await expect.poll(() => atEngine(id)).toBe(1)
    caller.abort()
    await expect(running).rejects.toThrow()
    await expect.poll(() => atEngine(id), { timeout: 5_000 }).toBe(0)
    await expect.poll(() => recordOf(id)?.reason).toBe('MOGO_QUERY_CANCELLED')
  })

  test('a name is given once; that of another person is theirs', async () => {
    const clientQueryId = randomUUID()
    const first = await json(await ask('SELECT 1', { clientQueryId }))
    expect(await json(await ask('SELECT 1', { clientQueryId }))).toMatchObject({
      ...{ code: 'MOGO_QUERY_ID_TAKEN', status: 409 },
    })
    const others = await json(await ask('SELECT 1', { clientQueryId, as: 'sam' }))
    expect(others['queryId']).not.toBe(first['queryId'])
    // The id of the access record is never the caller's to choose.
    expect([first['queryId'], others['queryId']]).not.toContain(clientQueryId)
    expect(recordOf(clientQueryId)).toBeUndefined()
  })
})

describe('a deadline', () => {
  test.each([
    ['of the body', { timeoutSeconds: 0.4 }, '0.4 s', null],
    ['of the header', { headers: { prefer: 'wait=1' } }, '1 s', 'wait=1'],
  ])('%s ends the query at the engine', async (_what, asking, limit, applied) => {
    const response = await ask(LONG, asking)
    expect(response.headers.get('preference-applied')).toBe(applied)
    expect(response.status).toBe(422)
    const problem = await json(response)
    expect(problem).toMatchObject({ code: 'MOGO_QUERY_DEADLINE' })
    expect(problem['detail']).toContain(limit)
    await expect.poll(() => atEngine(idOf(response)), { timeout: 5_000 }).toBe(0)
    expect(recordOf(idOf(response))).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_DEADLINE' })
  })

  test('that is not reached changes nothing', async () => {
    expect(await json(await ask('SELECT 1', { timeoutSeconds: 30 }))).toMatchObject({ rowCount: 1 })
    expect(await json(await ask('SELECT 1', { timeoutSeconds: 0 }))).toMatchObject({
      code: 'MOGO_REQUEST_INVALID',
    })
  })
})

test('events tell phase, time and what was written, never what was read', async () => {
  const name = randomUUID()
  const running = ask(LONG, { clientQueryId: name })
  await untilRuns(name)
  const response = await call('GET', `/v1/queries/${name}/events`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.split('event: progress').length === 3) await call('DELETE', `/v1/queries/${name}`)
  }
  const events = text
    .trimEnd()
    .split('\n\n')
    .map((event) => {
      const [kind = '', data = ''] = event.split('\n')
      return [kind.replace('event: ', ''), JSON.parse(data.replace('data: ', '')) as Json] as const
    })
  expect(events.at(-1)).toMatchObject(['end', { state: 'cancelled', rows: 0 }])
  const progress = events.slice(0, -1)
  expect(progress.length).toBeGreaterThanOrEqual(2)
  for (const [kind, data] of progress) {
    expect(kind).toBe('progress')
    expect(Object.keys(data)).toEqual(['phase', 'elapsedMs', 'rows', 'bytes'])
    expect(data).toMatchObject({ phase: 'running', rows: 0, bytes: 0 })
  }
  expect((await running).status).toBe(499)
  const refused = await fetch(`${tenants.url}/v1/queries/${name}/events`, {
    headers: { authorization: `Bearer ${await tenants.token('nora')}`, accept: 'application/json' },
  })
  expect(refused.status).toBe(406)
})

describe('a dry run', () => {
  const sql = "SELECT name, sum(amount) FROM sales WHERE email_token != 'needle-9' GROUP BY name"

  test('says what would be read, in words and figures of the caller’s own rows', async () => {
    const plan = await json(await ask(sql, { dryRun: true, accept: 'text/csv' }))
    expect(plan).toMatchObject({
      ...{ dryRun: true, role: 'analyst', policyVersion: expect.stringMatching(/^[0-9a-f]{16}$/) },
      datasets: [
        {
          ...{ name: 'sales', version: '2.1.0', columns: ['name', 'amount', 'email_token'] },
          ...{ rows: 'rows whose tenant_id is your tenant', masked: ['email_token (hmac(email))'] },
          estimate: { rows: 50, isExact: true, bytes: expect.any(Number) },
        },
      ],
      columns: [{ name: 'name' }, { name: 'sum(amount)', type: 'Decimal(38, 4)' }],
      estimate: { rows: 50, isExact: true },
    })
    const { bytes } = plan['estimate'] as { bytes: number }
    expect(bytes).toBeGreaterThan(50 * 20)
    expect(bytes).toBeLessThan(50 * 100)
    expect(JSON.stringify(plan)).not.toContain('needle-9')
  })

  test('runs nothing, and is recorded with no rows and no lineage of a result', async () => {
    const before = tenants.records.length
    const plan = await json(await ask(sql, { dryRun: true }))
    const records = tenants.records.slice(before)
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      id: plan['queryId'],
      decision: 'answered',
      rows: 0,
      bytes: 0,
      edges: [],
    })
    expect(records[0]?.columnsRead.toSorted()).toEqual(['sales.amount', 'sales.email_token', 'sales.name'])
  })

  test('tells nothing of the rows of others: theirs may come and go', async () => {
    const rowsOf = async (as: string) => {
      const plan = await json(await ask('SELECT name FROM clients', { dryRun: true, as }))
      return plan['estimate'] as Json
    }
    const before = await rowsOf('nora')
    await tenants.admin(
      `INSERT INTO analytics.clients (tenant_id, id, name, amount, tags, secret_note, email_token, phone_token, placed_at, _version, _deleted, _committed_at) SELECT 'south', 1000 + number, '${SOUTH_MARKER}', 1, [], 'hush', 'tok', 'tel', now64(6), 1, 0, now64(3) FROM numbers(5000)`,
    )
    expect(await rowsOf('nora')).toEqual(before)
    expect((await rowsOf('sam'))['rows']).toBe(5050)
    await tenants.admin('ALTER TABLE analytics.clients DELETE WHERE id >= 1000 SETTINGS mutations_sync = 1')
  })

  test('is refused as the query would be', async () => {
    expect(await json(await ask('SELECT secret_note FROM clients', { dryRun: true }))).toMatchObject({
      code: 'MOGO_QUERY_COLUMN_DENIED',
    })
    expect(await json(await ask('SELECT 1 FROM nothing', { dryRun: true }))).toMatchObject({
      code: 'MOGO_QUERY_TABLE',
    })
  })
})

describe('compression', () => {
  const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }
  const sql = "SELECT id, repeat('compress me ', 200) AS s FROM clients ORDER BY id"

  test.each(Object.keys(decoders) as (keyof typeof decoders)[])(
    'by %s, of short and long answers',
    async (encoding) => {
      for (const text of [sql, SOME])
        for (const accept of TYPES) {
          const plain = accept === PARQUET
          const sent = await raw(text, accept, {}, { 'accept-encoding': encoding })
          expect(sent.headers['content-encoding']).toBe(plain ? undefined : encoding)
          const bytes = plain ? sent.bytes : decoders[encoding](sent.bytes)
          if (!plain) expect(sent.headers['vary']).toContain('accept-encoding')
          expect(bytes.length).toBe(recordOf(String(sent.headers['x-mogo-query-id']))?.bytes)
          if (!plain) expect(sent.bytes.length).toBeLessThan(bytes.length / 2)
        }
    },
  )
})

type Sent = {
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
  readonly trailers: Record<string, string | undefined>
}

/** Asks without `fetch`, which shows no trailers and decompresses. */
async function raw(
  sql: string,
  accept: string,
  body: Json = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  const token = await tenants.token('nora')
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${tenants.url}/v1/query`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept,
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => {
          if (response.statusCode !== 200) reject(new Error(Buffer.concat(chunks).toString()))
          resolve({
            bytes: Buffer.concat(chunks),
            headers: response.headers,
            trailers: response.trailers as Record<string, string | undefined>,
          })
        })
      },
    )
    request.once('error', reject)
    request.end(JSON.stringify({ sql, ...body }))
  })
}

test('no log line holds SQL, a name of a query’s column or a value', () => {
  expect(tenants.logLines.join('')).not.toMatch(/SELECT |needle|north-\d|eyJ|email_token/)
})
