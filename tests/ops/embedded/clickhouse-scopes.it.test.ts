/** Users and access scopes in a ClickHouse of this test's own, since each change of scopes restarts it. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RenderedScope } from '#ops/embedded/clickhouse-config.ts'
import { readSecret, sha256Hex } from '#ops/embedded/credentials.ts'
import { type EmbeddedHandle, startEmbedded } from '#ops/embedded/start-embedded.ts'
import { temporaryFolder } from './temporary-folder.ts'

let handle: EmbeddedHandle
const stateDir = temporaryFolder('clickhouse')
const start = (): Promise<EmbeddedHandle> =>
  startEmbedded({ stateDir, libDir: '', environment: process.env, servers: { clickhouse: {} } })

async function ask(
  user: string,
  key: string,
  sql: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const answer = await fetch(`${handle.endpoints.clickhouse?.url}/?${new URLSearchParams(settings)}`, {
    method: 'POST',
    body: sql,
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': key },
  })
  const text = (await answer.text()).trim()
  return answer.ok ? text : (/\(([A-Z_]+)\)/.exec(text)?.[1] ?? `HTTP ${answer.status}`)
}

const service = (name: string, sql: string): Promise<string> =>
  ask(name, readSecret(handle.secretsDir, `clickhouse.${name.replaceAll('_', '-')}`), sql)

const scope = (name: string, filter: string): RenderedScope => ({
  name,
  passwordSha256: sha256Hex('pw'),
  grants: ['GRANT SELECT(tenant, id) ON analytics.orders'],
  rowFilters: [{ database: 'analytics', table: 'orders', filter }],
})

beforeAll(async () => {
  handle = await start()
  await service(
    'worker',
    `CREATE TABLE analytics.orders (tenant String, id UInt64, secret String, _version UInt64, _deleted UInt8)
     ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY (tenant, id)`,
  )
  await service(
    'worker',
    `INSERT INTO analytics.orders VALUES ('a', 1, 's', 1, 0), ('a', 2, 's', 1, 0), ('b', 3, 's', 1, 0)`,
  )
  await service('worker', `INSERT INTO analytics.orders VALUES ('a', 2, 's', 2, 1)`)
  await handle.putScopes([scope('scope_a', "tenant = 'a'")])
})
afterAll(async () => {
  await handle?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const read = (name: string, sql = 'SELECT tenant, id FROM analytics.orders ORDER BY id'): Promise<string> =>
  ask(name, 'pw', sql)

describe('an access scope', () => {
  it('sees its rows, without the deleted ones', async () => {
    expect(await read('scope_a')).toBe('a\t1')
  })

  it.each([
    ['a column that it was not given', 'SELECT secret FROM analytics.orders', 'ACCESS_DENIED'],
    ['all columns', 'SELECT * FROM analytics.orders', 'ACCESS_DENIED'],
    ['the users', 'SELECT * FROM system.users', 'ACCESS_DENIED'],
    ['other queries', 'SELECT query FROM system.processes', 'ACCESS_DENIED'],
    ['a file by a table function', "SELECT * FROM file('/etc/hostname', LineAsString)", 'READONLY'],
    ['a change', "INSERT INTO analytics.orders (tenant, id) VALUES ('a', 9)", 'READONLY'],
    ['the deleted rows', 'SELECT id FROM analytics.orders SETTINGS final = 0', 'READONLY'],
  ])('is refused %s', async (_case, sql, expected) => {
    expect(['ACCESS_DENIED', 'READONLY', expected]).toContain(await read('scope_a', sql))
  })

  it.each([['final'], ['readonly'], ['max_execution_time'], ['apply_row_policy_after_final']])(
    'cannot change %s',
    async (setting) => {
      expect(await ask('scope_a', 'pw', 'SELECT 1', { [setting]: '0' })).toBe('READONLY')
    },
  )

  it('needs its password', async () => {
    expect(await ask('scope_a', 'wrong', 'SELECT 1')).toBe('AUTHENTICATION_FAILED')
  })
})

describe('the scopes', () => {
  it('change with a restart that keeps the data, and without one when nothing changes', async () => {
    const restarts = (): number => handle.status().find(({ name }) => name === 'clickhouse')?.restarts ?? -1
    const before = restarts()
    expect(await handle.putScopes([scope('scope_b', "tenant = 'b'")])).toEqual({ changed: true })
    expect(await handle.putScopes([scope('scope_b', "tenant = 'b'")])).toEqual({ changed: false })
    expect(restarts()).toBe(before + 1)
    expect([await read('scope_a'), await read('scope_b')]).toEqual(['a\t1', 'b\t3'])
  })

  it.each([
    ['not one expression', "tenant = 'a') OR (1"],
    ['no expression', 'tenant = ('],
    ['two expressions', '1, 2'],
    ['followed by a comment', "tenant = 'a' -- "],
    ['followed by more', '1 GROUP BY tenant'],
  ])('are refused when a row filter is %s, since the engine would pass over it', async (_case, filter) => {
    await expect(handle.putScopes([scope('scope_bad', filter)])).rejects.toThrow(
      'the row filter of analytics.orders is not one expression',
    )
    expect(await read('scope_bad')).toBe('AUTHENTICATION_FAILED')
    expect(await read('scope_a')).toBe('a\t1')
  })

  it('may hold quotes, backslashes and letters of any script', async () => {
    for (const tenant of [
      "o'neill",
      'back\\slash',
      'tab\tbed',
      'line\nbreak',
      'müller & söhne <ü>',
      '日本',
    ]) {
      const literal = `'${tenant.replace(/[\\']/g, '\\$&').replace('\t', '\\t').replace('\n', '\\n')}'`
      await service('worker', `INSERT INTO analytics.orders VALUES (${literal}, 7, '', 1, 0)`)
      await handle.putScopes([scope('scope_quoted', `tenant = ${literal}`)])
      expect(await read('scope_quoted', 'SELECT id FROM analytics.orders')).toBe('7')
    }
  })

  it('are there again after everything was stopped', async () => {
    await handle.stop()
    handle = await start()
    expect([await read('scope_a'), await read('scope_b')]).toEqual(['a\t1', 'b\t3'])
  })
})

describe('the other users', () => {
  it('cannot be the session that keeps the engine alive, which has no password', async () => {
    expect(await ask('default', '', 'SELECT 1')).toBe('USER_SESSION_LIMIT_EXCEEDED')
  })

  it.each([
    ['query_api_gate', 'SELECT id FROM analytics.orders', 'ACCESS_DENIED'],
    ['query_api_gate', 'CREATE TABLE analytics.x (a UInt8) ENGINE = Memory', 'ACCESS_DENIED'],
    ['query_api_versions', 'CREATE TABLE analytics.x (a UInt8) ENGINE = Memory', 'ACCESS_DENIED'],
    ['query_api_versions', 'SELECT * FROM system.users', 'ACCESS_DENIED'],
    ['lineage', 'SELECT id FROM analytics.orders', 'ACCESS_DENIED'],
    ['lineage', 'CREATE TABLE analytics.x (a UInt8) ENGINE = Memory', 'ACCESS_DENIED'],
    ['worker', "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)", 'ACCESS_DENIED'],
    ['worker', 'SYSTEM SHUTDOWN', 'ACCESS_DENIED'],
  ])('%s may not: %s', async (user, sql, expected) => {
    expect(['READONLY', expected]).toContain(await service(user, sql))
  })

  it('query_api_gate may parse', async () => {
    expect(await service('query_api_gate', 'EXPLAIN AST SELECT secret FROM analytics.orders')).toContain(
      'Identifier secret',
    )
  })

  it('lineage may keep its own tables', async () => {
    await service('lineage', 'CREATE TABLE governance.edges (a UInt8) ENGINE = MergeTree ORDER BY a')
    await service('lineage', 'INSERT INTO governance.edges VALUES (1)')
    expect(await service('lineage', 'SELECT a FROM governance.edges')).toBe('1')
  })
})
