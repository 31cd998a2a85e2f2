/** Questions on a real engine: formats, roles, masking, parameters, records, cancelling, faults midway. */
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessScope, engineScope } from '#contracts/compile/access-scope.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { MogoError } from '#contracts/errors.ts'
import type { AccessEvent } from '#contracts/events/governance-event.ts'
import { gateStatements, scopeStatements } from '#query-api/access/scope-statements.ts'
import { startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants

beforeAll(async () => {
  tenants = await startTenants()
})
afterAll(async () => {
  await tenants?.dispose()
})

type Options = {
  readonly as?: string
  readonly accept?: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(sql: string, options: Options = {}): Promise<Response> {
  const { as = 'nora', accept = 'application/json', body = {}, headers = {} } = options
  return fetch(`${tenants.url}/v1/query`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tenants.token(as)}`,
      'content-type': 'application/json',
      accept,
      ...headers,
    },
    body: JSON.stringify({ sql, ...body }),
  })
}

type Answer = {
  readonly queryId: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number
}
const answer = async (sql: string, options?: Options): Promise<Answer> => {
  const response = await ask(sql, options)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const body = JSON.parse(text) as Answer
  // What columns mean is the subject of sql-endpoint.it.test.ts.
  return { ...body, columns: body.columns.map(({ name, type }) => ({ name, type })) }
}
type Problem = {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly remedy: string
}
const refusal = async (sql: string, options?: Options): Promise<Problem> => {
  const response = await ask(sql, options)
  const text = await response.text()
  expect(response.headers.get('content-type'), text).toContain('application/problem+json')
  return JSON.parse(text) as Problem
}

describe('an analyst asks', () => {
  test('and sees the rows of the own tenant, with every digit', async () => {
    const { columns, rows, rowCount } = await answer(
      'SELECT id, name, amount, tags FROM clients WHERE id < 2 ORDER BY id',
    )
    expect(columns).toEqual([
      { name: 'id', type: 'Int64' },
      { name: 'name', type: 'Nullable(String)' },
      { name: 'amount', type: 'Decimal(38, 4)' },
      { name: 'tags', type: 'Array(Nullable(String))' },
    ])
    expect(rows).toEqual([
      ['0', 'north-0', '0', ['vip', null]],
      ['1', 'north-1', '1', ['vip', null]],
    ])
    expect(rowCount).toBe(2)
  })

  test('in another tenant and gets that tenant, from the same SQL', async () => {
    const sql = 'SELECT tenant_id, count() AS n FROM clients GROUP BY tenant_id ORDER BY 1'
    expect((await answer(sql)).rows).toEqual([['north', '50']])
    expect((await answer(sql, { as: 'sam' })).rows).toEqual([['south', '50']])
    expect((await answer(sql, { as: 'edith' })).rows).toEqual([
      ['north', '50'],
      ['south', '50'],
    ])
  })

  test('SELECT * and gets every column that is theirs, none that is not', async () => {
    const { columns, rowCount } = await answer('SELECT * FROM clients LIMIT 3')
    expect(columns.map(({ name }) => name)).toEqual([
      'tenant_id',
      'id',
      'name',
      'amount',
      'tags',
      'email_token',
      'placed_at',
    ])
    expect(rowCount).toBe(3)
  })

  test('a dataset by its name, whatever version of the table is behind it', async () => {
    expect((await answer('SELECT count() FROM sales')).rows).toEqual([['50']])
    expect((await answer('SELECT sales.id FROM sales WHERE sales.id = 3')).rows).toEqual([['3']])
    expect((await answer('SELECT count() FROM sales_v2')).rows).toEqual([['50']])
    const joined = `SELECT c.name, count() AS n FROM analytics.sales s JOIN clients AS c ON s.client_id = c.id GROUP BY c.name ORDER BY 1 LIMIT 1`
    expect((await answer(joined)).rows).toEqual([['north-0', '5']])
  })

  test.each([
    ['a CTE', 'WITH big AS (SELECT id FROM clients WHERE id > 40) SELECT count() FROM big', [['9']]],
    ['a CTE that shadows a dataset', 'WITH sales AS (SELECT 1 AS x) SELECT x FROM sales', [[1]]],
    [
      'a window',
      'SELECT id, row_number() OVER (ORDER BY id DESC) AS r FROM clients ORDER BY id LIMIT 1',
      [['0', '50']],
    ],
    [
      'an array join',
      "SELECT t, count() FROM clients ARRAY JOIN tags AS t WHERE t = 'vip' GROUP BY t",
      [['vip', '50']],
    ],
    [
      'a union',
      'SELECT x FROM (SELECT 1 AS x UNION ALL SELECT toUInt8(count()) FROM clients) ORDER BY x',
      [[1], [50]],
    ],
    ['IN with a subquery', 'SELECT count() FROM clients WHERE id IN (SELECT client_id FROM sales)', [['10']]],
    ['a scalar subquery', 'SELECT (SELECT max(id) FROM clients)', [['49']]],
    ['a lambda', 'SELECT arrayMap(x -> x + 1, [1, 2])', [[[2, 3]]]],
    ['a semicolon and a comment at the end', 'SELECT 1; -- done', [[1]]],
    ['a comment', '-- first\nSELECT /* inner /* deep */ */ 1', [[1]]],
    [
      'CASE, dates and casts',
      "SELECT CASE WHEN 1 THEN 'a' ELSE 'b' END, toDate('2026-01-02') + INTERVAL 1 DAY, 5::Decimal(4,1)",
      [['a', '2026-01-03', '5']],
    ],
  ])('with %s', async (_what, sql, rows) => {
    expect((await answer(sql)).rows).toEqual(rows)
  })

  test('with parameters, which stay values', async () => {
    const sql =
      'SELECT {text:String} AS t, {list:Array(String)} AS l, {number:UInt64} AS n, {nothing:Nullable(String)} AS x'
    const parameters = {
      text: "a'b\\c\n\td",
      list: ["x'y", 'z\\'],
      number: 18,
      nothing: null,
    }
    const { rows } = await answer(sql, { body: { parameters } })
    expect(rows).toEqual([["a'b\\c\n\td", ["x'y", 'z\\'], '18', null]])
  })

  test('and an empty answer has columns and no rows', async () => {
    const { columns, rows, rowCount } = await answer('SELECT id FROM clients WHERE 0')
    expect({ columns, rows, rowCount }).toEqual({
      columns: [{ name: 'id', type: 'Int64' }],
      rows: [],
      rowCount: 0,
    })
  })
})

describe('formats', () => {
  const sql = `SELECT id, concat('a"', char(10), toString(id)) AS name, toInt64(9223372036854775807) AS big FROM clients ORDER BY id LIMIT 3`

  test('NDJSON', async () => {
    const response = await ask(sql, { accept: 'application/x-ndjson' })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = (await response.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      ['0', '1', '2'].map((id) => ({ id, name: `a"\n${id}`, big: '9223372036854775807' })),
    )
  })

  test('CSV', async () => {
    const response = await ask(sql, { accept: 'text/csv' })
    expect(await response.text()).toBe(
      '"id","name","big"\n0,"a""\n0",9223372036854775807\n1,"a""\n1",9223372036854775807\n2,"a""\n2",9223372036854775807\n',
    )
  })

  test('Arrow', async () => {
    const response = await ask(sql, { accept: 'application/vnd.apache.arrow.stream' })
    const table = tableFromIPC(await response.arrayBuffer())
    expect(table.numRows).toBe(3)
    expect(table.getChild('big')?.get(0)).toBe(9223372036854775807n)
    expect(table.getChild('name')?.get(2)).toBe('a"\n2')
  })

  test('count their rows for the access record, each in its own way', async () => {
    for (const accept of [
      'application/json',
      'application/x-ndjson',
      'text/csv',
      'application/vnd.apache.arrow.stream',
    ]) {
      const response = await ask(sql, { accept })
      const bytes = (await response.arrayBuffer()).byteLength
      const record = tenants.records.find(({ id }) => id === response.headers.get('x-mogo-query-id'))
      expect({ accept, rows: record?.rows, bytes: record?.bytes }).toEqual({ accept, rows: 3, bytes })
    }
  })

  test('large answers stream, compressed if asked, and are whole', async () => {
    const big = 'SELECT arrayJoin(range(300000)) AS n, repeat(toString(n), 3) AS s FROM clients WHERE id = 0'
    for (const encoding of ['gzip', 'br', 'zstd', 'identity']) {
      const response = await ask(big, { headers: { 'accept-encoding': encoding } })
      const body = (await response.json()) as Answer
      expect(body.rows.length).toBe(300_000)
      expect(body.rowCount).toBe(300_000)
      const records = tenants.written.filter(({ id }) => id === body.queryId)
      expect(records.map(({ decision, rows }) => [decision, rows])).toEqual([
        ['answered', -1],
        ['answered', 300_000],
      ])
    }
  })

  test('one that is not offered is refused', async () => {
    expect(await refusal('SELECT 1', { accept: 'application/xml' })).toMatchObject({
      code: 'MOGO_QUERY_FORMAT',
      status: 406,
    })
  })
})

describe('a refusal says what is wrong and what to do', () => {
  test.each([
    [
      'SELECT secret_note FROM clients',
      'MOGO_QUERY_COLUMN_DENIED',
      'Your role (analyst) may not read the column secret_note of clients.',
      'Roles that may: engineer.',
    ],
    [
      'SELECT email FROM clients',
      'MOGO_QUERY_COLUMN',
      'There is no column email that you may read.',
      'clients.email is stored as email_token (hmac(email)); select email_token.',
    ],
    [
      'SELECT phone FROM clients',
      'MOGO_QUERY_COLUMN',
      'There is no column phone that you may read.',
      'clients.phone is stored as phone_token (hmac(phone)), which your role may not read.',
    ],
    [
      'SELECT street FROM clients',
      'MOGO_QUERY_COLUMN',
      'There is no column street that you may read.',
      'clients.street is not stored, to protect personal data.',
    ],
    [
      'SELECT c.amuont FROM clients c',
      'MOGO_QUERY_COLUMN',
      'There is no column c.amuont that you may read.',
      'Did you mean amount?',
    ],
    [
      'SELECT 1 FROM client',
      'MOGO_QUERY_TABLE',
      'There is no table client that you may read.',
      'GET /v1/datasets lists yours, perhaps clients.',
    ],
    [
      'SELECT sume(id) FROM clients',
      'MOGO_QUERY_FUNCTION',
      'The function sume is not among those that a query may use.',
      'Use another one, perhaps sum; GET /v1/functions lists them.',
    ],
    [
      'SELECT id\nFROM clients WHER id = 1',
      'MOGO_QUERY_SYNTAX',
      'The SQL cannot be parsed at line 2, column 19, near id.',
      'Mend the SQL at that place; it is the ClickHouse dialect, one SELECT.',
    ],
    [
      'SELECT * FRM sales',
      'MOGO_QUERY_SYNTAX',
      'The SQL cannot be parsed at line 1, column 14, near sales.',
      undefined,
    ],
    [
      'SELECT 1; SELECT 2',
      'MOGO_QUERY_SYNTAX',
      'The SQL cannot be parsed at line 1, column 9, near ;.',
      undefined,
    ],
    [
      'INSERT INTO clients SELECT 1',
      'MOGO_QUERY_NOT_SELECT',
      'Only one SELECT may be run; this is INSERT.',
      undefined,
    ],
    [
      'DROP TABLE clients',
      'MOGO_QUERY_NOT_SELECT',
      'Only one SELECT may be run; this is DROP or TRUNCATE.',
      undefined,
    ],
    ['SET final = 0', 'MOGO_QUERY_NOT_SELECT', 'Only one SELECT may be run; this is SET.', undefined],
    ['EXPLAIN SELECT 1', 'MOGO_QUERY_NOT_SELECT', 'Only one SELECT may be run; this is EXPLAIN.', undefined],
    ['   ', 'MOGO_QUERY_NOT_SELECT', 'Only one SELECT may be run; this is empty.', undefined],
    [
      'SELECT 1 FORMAT CSV',
      'MOGO_QUERY_FORBIDDEN',
      'FORMAT and INTO OUTFILE may not be used in a query.',
      undefined,
    ],
    [
      "SELECT toUInt8('abc')",
      'MOGO_QUERY_FAILED',
      'The query failed in the engine (cannot parse text).',
      undefined,
    ],
    [
      'SELECT id + name FROM clients',
      'MOGO_QUERY_FAILED',
      'The query failed in the engine (illegal type of argument).',
      undefined,
    ],
    [
      'SELECT {missing:String}',
      'MOGO_REQUEST_INVALID',
      'The request does not fit its schema: the parameter missing is not given',
      undefined,
    ],
    [
      'SELECT id IN clients FROM sales',
      'MOGO_QUERY_FORBIDDEN',
      'clients at the right of IN may not be used in a query.',
      undefined,
    ],
  ])('%s', async (sql, code, detail, remedy) => {
    const problem = await refusal(sql)
    expect(problem.code).toBe(code)
    if (detail !== undefined) expect(problem.detail).toBe(detail)
    if (remedy !== undefined) expect(problem.remedy).toBe(remedy)
  })

  test('a query that is nested too deeply', async () => {
    expect(await refusal(`SELECT ${'('.repeat(3000)}1${')'.repeat(3000)}`)).toMatchObject({
      code: 'MOGO_QUERY_LIMIT',
    })
  })

  test('a role that the caller does not have, or that no contract knows', async () => {
    expect(await refusal('SELECT 1', { body: { role: 'engineer' } })).toMatchObject({
      code: 'MOGO_ACCESS_NO_ROLE',
      status: 403,
    })
    expect(await refusal('SELECT 1', { as: 'olga' })).toMatchObject({ code: 'MOGO_ACCESS_NO_ROLE' })
  })

  test('a body that is no JSON, has other keys, or is too large', async () => {
    const post = async (body: string) => {
      const response = await fetch(`${tenants.url}/v1/query`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tenants.token('nora')}`,
          'content-type': 'application/json',
        },
        body,
      })
      return (await response.json()) as Problem
    }
    expect(await post('{')).toMatchObject({ code: 'MOGO_REQUEST_INVALID', status: 400 })
    expect(await post('{"sql":"SELECT 1","settings":{"final":0}}')).toMatchObject({
      code: 'MOGO_REQUEST_INVALID',
    })
    expect(await post(JSON.stringify({ sql: `SELECT '${'x'.repeat(110_000)}'` }))).toMatchObject({
      code: 'MOGO_QUERY_LIMIT',
    })
    expect(await post(JSON.stringify({ sql: 'x'.repeat(3_000_000) }))).toMatchObject({ status: 413 })
  })
})

describe('the access record', () => {
  test('says who read what and why, without a literal of the SQL', async () => {
    const response = await ask(
      "SELECT name AS label, sum(amount) AS total FROM clients WHERE name != 'needle-7' GROUP BY name ORDER BY total LIMIT 2",
      {
        body: { purpose: 'case 4711' },
        headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      },
    )
    const { queryId } = (await response.json()) as Answer
    const record = tenants.records.find(({ id }) => id === queryId)
    expect(record).toMatchObject({
      type: 'access',
      subject: 'nora',
      tenant: 'north',
      role: 'analyst',
      purpose: 'case 4711',
      decision: 'answered',
      reason: '',
      rows: 2,
    })
    expect(record?.columnsRead.toSorted()).toEqual(['clients.amount', 'clients.name'])
    expect(JSON.stringify(record)).not.toContain('needle-7')
    const other = await ask(
      "SELECT name AS label, sum(amount) AS total FROM clients WHERE name != 'other' GROUP BY name ORDER BY total LIMIT 3",
    )
    const otherId = ((await other.json()) as Answer).queryId
    expect(tenants.records.find(({ id }) => id === otherId)?.sqlHash).toBe(record?.sqlHash)
    const edges = record?.edges.map(({ from, to, type, subtype, description }) =>
      `${from.dataset}.${from.column} -> ${to.column} ${type} ${subtype} ${description}`.trim(),
    )
    expect(edges?.toSorted()).toEqual([
      'clients.amount -> label INDIRECT SORT sum',
      'clients.amount -> total DIRECT AGGREGATION sum',
      'clients.amount -> total INDIRECT SORT sum',
      'clients.name -> label DIRECT IDENTITY',
      'clients.name -> label INDIRECT FILTER',
      'clients.name -> label INDIRECT GROUP_BY',
      'clients.name -> total INDIRECT FILTER',
      'clients.name -> total INDIRECT GROUP_BY',
    ])
  })

  test('is made of refusals and failures too', async () => {
    const before = tenants.records.length
    await refusal('SELECT secret_note FROM clients')
    await refusal("SELECT toUInt8('abc')")
    expect(tenants.records.slice(before).map(({ decision, reason }) => [decision, reason])).toEqual([
      ['refused', 'MOGO_QUERY_COLUMN_DENIED'],
      ['failed', 'MOGO_QUERY_FAILED'],
    ])
  })

  test('is written while the engine works, is safe before the first byte, and its counts keep nobody waiting', async () => {
    const written: AccessEvent[] = []
    const safe = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const app = await tenants.build({
      recorder: {
        async record(event) {
          written.push(structuredClone(event))
          await safe[written.length - 1]?.promise
        },
        async check() {},
        async close() {},
      },
    })
    let answered = false
    const answer = app
      .inject({
        ...{ method: 'POST', url: '/v1/query', payload: { sql: 'SELECT name FROM clients' } },
        headers: { authorization: `Bearer ${await tenants.token('nora')}` },
      })
      .finally(() => {
        answered = true
      })
    await expect.poll(() => written.length).toBe(1)
    const [first] = written
    expect(first).toMatchObject({ decision: 'answered', rows: -1, bytes: -1, columnsRead: ['clients.name'] })
    // The engine has long answered another question.
    await ask('SELECT count() FROM clients')
    expect(answered).toBe(false)
    safe[0]?.resolve()
    const { body, statusCode } = await answer
    expect(statusCode).toBe(200)
    expect(written[1]).toMatchObject({ id: first?.id, at: first?.at, rows: JSON.parse(body).rowCount })
    expect(written[1]?.bytes).toBe(Buffer.byteLength(body))
    safe[1]?.resolve()
  })

  test('that cannot be written means no answer', async () => {
    const app = await tenants.build({
      recorder: {
        async record() {
          throw new MogoError('MOGO_ACCESS_NOT_RECORDED')
        },
        async check() {},
        async close() {},
      },
    })
    for (const sql of [
      'SELECT name FROM clients',
      'SELECT arrayJoin(range(100000)) FROM clients',
      'SELECT nope',
    ]) {
      const response = await app.inject({
        method: 'POST',
        url: '/v1/query',
        headers: { authorization: `Bearer ${await tenants.token('nora')}` },
        payload: { sql },
      })
      expect(response.statusCode).toBe(503)
      expect(response.json()).toMatchObject({ code: 'MOGO_ACCESS_NOT_RECORDED' })
      expect(response.body).not.toContain('north-')
    }
  })
})

describe('an answer that fails or is left midway', () => {
  test('is cut off visibly, and says nothing of what the engine said', async () => {
    // The fault comes after more than the head has been sent.
    const sql =
      "SELECT n, if(n = 900000, toString(toUInt8(concat('x', assumeNotNull(name)))), 'ok') FROM (SELECT arrayJoin(range(1000000)) AS n, name FROM clients WHERE id = 0)"
    const response = await ask(sql, {
      accept: 'application/x-ndjson',
      headers: { 'accept-encoding': 'identity' },
    })
    let text = ''
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    }
    if (response.status === 200) await expect(read()).rejects.toThrow()
    else text = await response.text()
    expect(text).not.toContain('xnorth')
    expect(text).not.toContain('__exception__')
    const record = tenants.records.findLast(({ id }) => id === response.headers.get('x-mogo-query-id'))
    expect(record).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_FAILED' })
  })

  test('is cut off at the limit of rows, which the engine does not hold for an arrayJoin', async () => {
    const response = await ask('SELECT arrayJoin(range(1000000)) AS n FROM clients WHERE id = 0', {
      accept: 'application/x-ndjson',
    })
    await expect(response.text()).rejects.toThrow()
    const record = tenants.records.findLast(({ id }) => id === response.headers.get('x-mogo-query-id'))
    expect(record).toMatchObject({ decision: 'failed', reason: 'MOGO_QUERY_LIMIT' })
  })

  test('ends the query in the engine when the caller goes away', async () => {
    const caller = new AbortController()
    const response = await fetch(`${tenants.url}/v1/query`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tenants.token('nora')}`,
        'content-type': 'application/json',
        accept: 'application/x-ndjson',
      },
      body: JSON.stringify({
        sql: 'SELECT a.n, b.n FROM (SELECT arrayJoin(range(3000)) AS n) a, (SELECT arrayJoin(range(3000)) AS n) b',
      }),
      signal: caller.signal,
    })
    const id = response.headers.get('x-mogo-query-id') ?? ''
    const running = () => tenants.admin(`SELECT count() FROM system.processes WHERE query_id = '${id}'`)
    expect((await running()).trim()).toBe('1')
    caller.abort()
    await expect.poll(running, { timeout: 5_000 }).toBe('0\n')
    await expect
      .poll(() => tenants.records.findLast((record) => record.id === id)?.reason, { timeout: 5_000 })
      .toBe('MOGO_QUERY_CANCELLED')
  })
})

describe('what else there is', () => {
  const get = async (path: string, as = 'nora'): Promise<Response> =>
    fetch(`${tenants.url}${path}`, { headers: { authorization: `Bearer ${await tenants.token(as)}` } })

  test('the caller’s datasets', async () => {
    expect(await (await get('/v1/datasets')).json()).toEqual({
      datasets: [
        {
          name: 'clients',
          description: 'The clients of a shop.',
          domain: 'sales',
          version: '1.0.0',
          columns: 7,
          role: 'analyst',
          rows: 'rows whose tenant_id is your tenant',
        },
        {
          name: 'sales',
          description: 'The sales of a shop.',
          domain: 'sales',
          version: '2.1.0',
          columns: 8,
          role: 'analyst',
          rows: 'rows whose tenant_id is your tenant',
        },
      ],
    })
    expect(await (await get('/v1/datasets?search=CLIE', 'edith')).json()).toMatchObject({
      datasets: [{ name: 'clients', columns: 9, rows: 'every row' }],
    })
  })

  test('one dataset, with masking and freshness of the own rows', async () => {
    const detail = (await (await get('/v1/datasets/clients')).json()) as Record<string, unknown>
    expect(detail).toMatchObject({
      withheld: 3,
      masked: [
        'email → email_token (hmac(email))',
        'phone → phone_token (hmac(phone))',
        'street is not stored',
      ],
      freshness: { lastCommittedAt: expect.stringMatching(/^20\d\d-/), delaySeconds: expect.any(Number) },
    })
    expect(JSON.stringify(detail['columns'])).not.toContain('secret_note')
    expect(await (await get('/v1/datasets/cliens')).json()).toMatchObject({
      code: 'MOGO_DATASET_UNKNOWN',
      remedy: 'GET /v1/datasets lists yours, perhaps clients.',
    })
  })

  test('who the caller is, and the functions', async () => {
    expect(await (await get('/v1/me')).json()).toMatchObject({
      subject: 'nora',
      tenant: 'north',
      roles: ['analyst'],
      scopes: [{ role: 'analyst', datasets: ['clients', 'sales'] }],
    })
    expect(await (await get('/v1/functions')).json()).toMatchObject({
      window: expect.arrayContaining(['row_number']),
    })
  })

  test('a document of the routes, without a login', async () => {
    const document = (await (await fetch(`${tenants.url}/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, unknown>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths).sort()).toEqual([
      '/v1/datasets',
      '/v1/datasets/{name}',
      '/v1/datasets/{name}/rows',
      '/v1/functions',
      '/v1/lineage/openlineage/{dataset}',
      '/v1/lineage/queries/{queryId}',
      '/v1/lineage/{dataset}',
      '/v1/me',
      '/v1/quarantine',
      '/v1/quarantine/drop',
      '/v1/quarantine/replay',
      '/v1/quarantine/resume',
      '/v1/quarantine/{topic}/{partition}/{offset}',
      '/v1/quarantine/{topic}/{partition}/{offset}/drop',
      '/v1/quarantine/{topic}/{partition}/{offset}/open',
      '/v1/quarantine/{topic}/{partition}/{offset}/replay',
      '/v1/queries/{id}',
      '/v1/queries/{id}/events',
      '/v1/query',
    ])
    const page = await fetch(`${tenants.url}/docs/`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('swagger')
  })

  test('readiness by dependency', async () => {
    expect(await (await fetch(`${tenants.url}/readyz`)).json()).toMatchObject({
      status: 'ready',
      checks: { clickhouse: { status: 'ok' }, identity: { status: 'ok' } },
    })
  })

  test('the SQL that makes scopes at a real server is what the engine’s parser takes', async () => {
    const principal = { subject: 'x', tenant: "o'neil", roles: ['analyst'], attributes: {} }
    const scope = engineScope(accessScope(tenants.datasets, principal, 'analyst'), 'analytics')
    const limits = { maxSeconds: 30, maxMemoryMb: 100, maxResultRows: 10, maxRowsToRead: 10 }
    const hash = 'a'.repeat(64)
    const all = [...scopeStatements(scope, hash, scopeSettings(limits)), ...gateStatements('g', hash)]
    expect(all.length).toBeGreaterThan(8)
    for (const statement of all)
      expect(await tenants.admin(`EXPLAIN AST ${statement}`)).toMatch(/^(create|grant|revoke)/i)
  })

  test('every function of the allowlist that the engine knows is no table function', async () => {
    const { ALL_FUNCTIONS } = await import('#query-api/gate/functions.ts')
    const table = (await tenants.admin('SELECT lower(name) FROM system.table_functions')).split('\n')
    const known = new Set((await tenants.admin('SELECT lower(name) FROM system.functions')).split('\n'))
    const names = ALL_FUNCTIONS.map((name) => name.toLowerCase())
    expect(names.filter((name) => table.includes(name))).toEqual([])
    const special = [
      'lambda',
      'exists',
      'between',
      'untuple',
      'grouping',
      'casewithoutexpression',
      'countdistinct',
      'any_value',
    ]
    expect(names.filter((name) => !known.has(name) && !special.includes(name))).toEqual([])
  })
})

test('no log line holds SQL, a token or a value', () => {
  const log = tenants.logLines.join('')
  expect(log).not.toMatch(/SELECT |needle|north-\d|eyJ/)
})
