/**
 * The audit on the real engine: each kind of object, in the place of a table and behind a grant, is found; nothing is served while it is
 * there, and data is served again once it is gone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSecret, secretFile } from '#ops/runtime/settings.ts'
import { createExposureAudit } from '#query-api/access/exposure-audit.ts'
import { SOUTH_MARKER, startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
let audit: () => Promise<readonly string[]>
let password: string

beforeAll(async () => {
  tenants = await startTenants()
  const { engine, datasets, servers } = tenants
  const secret = (name: string) => readSecret(secretFile(servers.stateDir, name), name)
  password = secret('clickhouse.admin')
  const login = { username: 'query_api_audit', password: secret('clickhouse.query-api-audit') }
  const look = createExposureAudit({
    ...{ engine, identity: login, database: 'analytics', datasets, gate: 'query_api_gate' },
  })
  audit = async () => (await look()).map(({ object, reason }) => `${object}: ${reason}`)
})
afterAll(async () => {
  await tenants?.dispose()
})

const admin = (sql: string) => tenants.admin(sql)
const ask = async (app = tenants.app) =>
  app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { authorization: `Bearer ${await tenants.token('nora')}` },
    payload: { sql: 'SELECT count() FROM sales' },
  })

const COLUMNS = 'tenant_id String, id Int64, name Nullable(String)'
const dictionary = (name: string) =>
  `CREATE DICTIONARY analytics.${name} (id UInt64, name String DEFAULT '') PRIMARY KEY id SOURCE(CLICKHOUSE(HOST '127.0.0.1' PORT ${tenants.servers.endpoints.clickhouse?.nativePort} USER 'admin' PASSWORD '${password}' QUERY 'SELECT 1 AS id, name FROM analytics.kept LIMIT 1')) LAYOUT(HASHED()) LIFETIME(0)`

/** Statements that make an object of a name; `kept` is the real table. */
const KINDS: readonly (readonly [kind: string, make: (name: string) => readonly string[]])[] = [
  [
    'View',
    (name) => [
      `CREATE VIEW analytics.${name} DEFINER = admin SQL SECURITY DEFINER AS SELECT * FROM analytics.kept`,
    ],
  ],
  ['View', (name) => [`CREATE VIEW analytics.${name} SQL SECURITY INVOKER AS SELECT * FROM analytics.kept`]],
  [
    'MaterializedView',
    (name) => [
      `CREATE MATERIALIZED VIEW analytics.${name} ENGINE = MergeTree ORDER BY id AS SELECT tenant_id, id, name FROM analytics.kept`,
    ],
  ],
  ['Alias', (name) => [`CREATE TABLE analytics.${name} ENGINE = Alias('analytics', 'kept')`]],
  [
    'Buffer',
    (name) => [
      `CREATE TABLE analytics.${name} AS analytics.kept ENGINE = Buffer(analytics, kept, 1, 10, 100, 10000, 1000000, 10000000, 100000000)`,
    ],
  ],
  [
    'Merge',
    (name) => [`CREATE TABLE analytics.${name} AS analytics.kept ENGINE = Merge(analytics, '^kept$')`],
  ],
  [
    'Join',
    (name) => [
      `CREATE TABLE analytics.${name} (${COLUMNS.replace('Nullable(String)', 'String')}) ENGINE = Join(ANY, LEFT, id)`,
    ],
  ],
  ['Dictionary', (name) => [dictionary(name)]],
  ['Memory', (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = Memory`]],
  ['Log', (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = Log`]],
  [
    'SummingMergeTree',
    (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}, n UInt64) ENGINE = SummingMergeTree ORDER BY id`],
  ],
  [
    'AggregatingMergeTree',
    (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = AggregatingMergeTree ORDER BY id`],
  ],
  [
    'CoalescingMergeTree',
    (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = CoalescingMergeTree ORDER BY id`],
  ],
  ['URL', (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = URL('http://127.0.0.1:1/', CSV)`]],
  ['Null', (name) => [`CREATE TABLE analytics.${name} (${COLUMNS}) ENGINE = Null`]],
]

async function drop(kind: string, name: string): Promise<void> {
  await admin(
    `DROP ${kind === 'Dictionary' ? 'DICTIONARY' : kind.endsWith('View') ? 'VIEW' : 'TABLE'} analytics.${name} SYNC`,
  )
}

test('nothing is exposed by scopes as they are made, their companions, and what nobody was given', async () => {
  expect((await ask()).json().rows).toEqual([['50']])
  await admin('CREATE VIEW analytics.unreachable AS SELECT * FROM analytics.clients')
  await admin('CREATE TABLE analytics.former (id UInt8) ENGINE = MergeTree ORDER BY id')
  expect(await audit()).toEqual([])
  await drop('View', 'unreachable')
  await drop('MergeTree', 'former')
})

describe('in the place of a table', () => {
  beforeAll(async () => {
    await admin('RENAME TABLE analytics.clients TO analytics.kept')
  })
  afterAll(async () => {
    await admin('RENAME TABLE analytics.kept TO analytics.clients')
  })

  test.each(KINDS)('a %s is found (%#)', async (kind, make) => {
    for (const statement of make('clients')) await admin(statement)
    try {
      expect(await audit()).toEqual([`analytics.clients: a ${kind}, not a plain table`])
    } finally {
      await drop(kind, 'clients')
    }
    expect(await audit()).toEqual([])
  })
})

describe('behind a grant', () => {
  beforeAll(async () => {
    await admin('RENAME TABLE analytics.clients TO analytics.kept')
    for (const [index, [, make]] of KINDS.entries())
      for (const statement of make(`object_${index}`)) await admin(statement)
    const filter = "tenant_id = 'north'"
    const tables = KINDS.map((_kind, index) => `object_${index}`)
    await tenants.servers.putScopes([
      {
        ...{ name: 'scope_granted', passwordSha256: '0'.repeat(64) },
        grants: [...tables, 'kept'].map((table) => `GRANT SELECT(id) ON analytics.${table}`),
        rowFilters: [...tables, 'kept'].map((table) => ({ database: 'analytics', table, filter })),
      },
      {
        ...{
          name: 'scope_whole',
          passwordSha256: '0'.repeat(64),
          grants: ['GRANT SELECT ON analytics.kept'],
        },
        rowFilters: [{ database: 'analytics', table: 'kept', filter }],
      },
    ])
  })

  test('each kind is found, and so is a grant on a whole table', async () => {
    const found = await audit()
    expect(found).toEqual(
      [
        ...KINDS.map(([kind], index) => `analytics.object_${index}: a ${kind}, not a plain table`),
        'analytics.kept: every column is granted to scope_whole',
      ].sort(),
    )
    expect(found.join()).not.toContain(SOUTH_MARKER)
  })

  test('what is gone is no longer found', async () => {
    for (const [index, [kind]] of KINDS.entries()) await drop(kind, `object_${index}`)
    expect(await audit()).toEqual(['analytics.kept: every column is granted to scope_whole'])
    await tenants.servers.putScopes([
      {
        ...{
          name: 'scope_whole',
          passwordSha256: '0'.repeat(64),
          grants: ['GRANT SELECT(id) ON analytics.kept'],
        },
        rowFilters: [{ database: 'analytics', table: 'kept', filter: '0' }],
      },
    ])
    expect(await audit()).toEqual([])
    await admin('RENAME TABLE analytics.kept TO analytics.clients')
  })
})

test('a Set is found in any database, since IN asks for no grant', async () => {
  await admin('CREATE DATABASE elsewhere')
  await admin('CREATE TABLE elsewhere.numbers (id UInt64) ENGINE = Set')
  expect(await audit()).toEqual(['elsewhere.numbers: a Set, which IN reads without any grant'])
  await admin('DROP DATABASE elsewhere SYNC')
  expect(await audit()).toEqual([])
})

test('a column that is computed when it is read is found', async () => {
  await admin('ALTER TABLE analytics.sales_v2 ADD COLUMN shown String ALIAS assumeNotNull(secret_note)')
  expect(await audit()).toEqual(['analytics.sales_v2.shown: an ALIAS, which is computed when it is read'])
  await admin('ALTER TABLE analytics.sales_v2 DROP COLUMN shown')
  expect(await audit()).toEqual([])
})

test('nothing is served while something is exposed; the operator reads what; once mended it goes on', async () => {
  const watch = tenants.watch({ everyMillis: 50, soonMillis: 50 })
  const app = await tenants.build({ exposure: watch })
  const login = { authorization: `Bearer ${await tenants.token('nora')}` }
  const status = async (url: string) => (await app.inject({ url, headers: login })).statusCode
  watch.start()
  expect((await ask(app)).statusCode).toBe(200)
  expect(await status('/readyz')).toBe(200)

  await admin('RENAME TABLE analytics.clients TO analytics.kept')
  await admin(
    'CREATE VIEW analytics.clients DEFINER = admin SQL SECURITY DEFINER AS SELECT * FROM analytics.kept',
  )
  await expect.poll(async () => (await ask(app)).statusCode, { timeout: 5_000, interval: 20 }).toBe(503)
  const before = tenants.records.length
  const refused = await ask(app)
  expect(refused.json()).toMatchObject({ code: 'MOGO_EXPOSED', retriable: true })
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  expect(refused.body).not.toContain('clients')
  expect(tenants.records.slice(before)).toMatchObject([
    { decision: 'failed', reason: 'MOGO_EXPOSED', rows: 0 },
  ])
  for (const url of ['/v1/datasets/clients/rows', '/v1/datasets/sales/rows', '/v1/datasets/clients'])
    expect(await status(url), url).toBe(503)
  const ready = await app.inject({ url: '/readyz' })
  expect(ready.json()).toMatchObject({
    status: 'not ready',
    checks: { exposure: { status: 'failed', code: 'MOGO_EXPOSED' } },
  })
  expect(ready.body).not.toContain('clients')
  expect(tenants.logLines.join()).toContain('analytics.clients')

  await drop('View', 'clients')
  await admin('RENAME TABLE analytics.kept TO analytics.clients')
  await expect.poll(async () => (await ask(app)).statusCode, { timeout: 5_000, interval: 20 }).toBe(200)
  expect(await status('/readyz')).toBe(200)
})

test('the administrator may look too: so does `mogo doctor`, and the API at a server of one’s own', async () => {
  const { engine, datasets } = tenants
  const look = createExposureAudit({
    ...{ engine, identity: { username: 'admin', password }, database: 'analytics', datasets },
    gate: 'query_api_gate',
  })
  expect(await look()).toEqual([])
})

test('an identity that may not look closes', async () => {
  const { engine, datasets, servers } = tenants
  const gate = {
    username: 'query_api_gate',
    password: readSecret(secretFile(servers.stateDir, 'clickhouse.query-api-gate'), 'x'),
  }
  const blind = createExposureAudit({
    ...{ engine, identity: gate, database: 'analytics', datasets, gate: 'query_api_gate' },
  })
  await expect(blind()).rejects.toMatchObject({ code: 'MOGO_EXPOSURE_UNREADABLE', status: 503 })
})

test('the identity that looks reads no row', async () => {
  const { engine, servers } = tenants
  const login = {
    username: 'query_api_audit',
    password: readSecret(secretFile(servers.stateDir, 'clickhouse.query-api-audit'), 'x'),
  }
  const sql = (text: string) => engine.text(login, { sql: text, format: 'TSVRaw' })
  await expect(sql('SELECT id FROM analytics.clients')).rejects.toMatchObject({ code: 497 })
  await expect(sql('SELECT query FROM system.processes')).rejects.toMatchObject({ code: 497 })
  await expect(sql('CREATE TABLE analytics.x (a UInt8) ENGINE = Memory')).rejects.toThrow()
})
