/** Access scopes: their SQL for a real server, their passwords, roles, slots, and the store that asks the supervisor. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import { passwordHash, scopePassword } from '#ops/runtime/scope-password.ts'
import { gateStatements, isSafeVersion, scopeStatements } from '#query-api/access/scope-statements.ts'
import { createSupervisorScopeStore } from '#query-api/access/supervisor-scope-store.ts'

const scope: EngineScope = {
  name: 'scope_1',
  grants: ['GRANT SELECT(`id`, `name`) ON `analytics`.`orders`'],
  rowFilters: [{ database: 'analytics', table: 'orders', filter: "`tenant_id` = 'o\\'neil'" }],
}

test('a scope as SQL: user with constants, two policies before the grants', () => {
  expect(scopeStatements(scope, 'ab12', { readonly: 1, timeout_overflow_mode: 'throw' })).toEqual([
    "CREATE USER IF NOT EXISTS `scope_1` IDENTIFIED WITH sha256_hash BY 'ab12' SETTINGS `readonly` = 1 CONST, `timeout_overflow_mode` = 'throw' CONST",
    "CREATE ROW POLICY IF NOT EXISTS `scope_1_open` ON `analytics`.`orders` FOR SELECT USING `tenant_id` = 'o\\'neil' AS PERMISSIVE TO `scope_1`",
    "CREATE ROW POLICY IF NOT EXISTS `scope_1_only` ON `analytics`.`orders` FOR SELECT USING `tenant_id` = 'o\\'neil' AS RESTRICTIVE TO `scope_1`",
    'GRANT SELECT(`id`, `name`) ON `analytics`.`orders` TO `scope_1`',
  ])
})

test('a granted table without a row filter is refused', () => {
  expect(() => scopeStatements({ ...scope, rowFilters: [] }, 'ab12', {})).toThrow(
    'every granted table needs a row filter',
  )
})

test('the gate has no right at all', () => {
  expect(gateStatements('mogo_gate', 'ab12').at(-1)).toBe('REVOKE ALL ON *.* FROM `mogo_gate`')
})

test.each([
  ['26.7.7.84', true],
  ['26.7.7.83', false],
  ['26.7.2.1', false],
  ['26.6.5.113', true],
  ['26.6.5.112', false],
  ['26.8.3.74', true],
  ['26.8.2.99', false],
  ['26.9.1.1', true],
  ['27.1.1.1', true],
  ['26.5.9.999', false],
  ['25.8.1.1', false],
  ['nonsense', false],
])('row security of version %s can be relied on: %s', (version, safe) => {
  expect(isSafeVersion(version)).toBe(safe)
})

test('passwords follow from the secret and the name', () => {
  expect(scopePassword('s', 'scope_1')).toMatch(/^[\w-]{43}$/)
  expect(scopePassword('s', 'scope_1')).not.toBe(scopePassword('s', 'scope_2'))
  expect(scopePassword('s', 'scope_1')).not.toBe(scopePassword('t', 'scope_1'))
  expect(passwordHash('a')).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb')
})

test('scopes asked for together are sent together, once, and without their passwords', async () => {
  const bodies: string[] = []
  let status = 200
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    expect(request.headers.authorization).toBe('Bearer control-token')
    bodies.push(body)
    response.statusCode = status
    response.end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const dir = mkdtempSync(join(tmpdir(), 'mogo-scopes-'))
  const controlFile = join(dir, 'control.json')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = createSupervisorScopeStore({
    controlFile,
    secret: 's',
    gate: { username: 'g', password: 'p' },
  })
  try {
    await expect(store.ensure([scope])).rejects.toMatchObject({ code: 'MOGO_NOT_RUNNING' })
    writeFileSync(controlFile, JSON.stringify({ url, token: 'control-token' }))
    const other = { ...scope, name: 'scope_2' }
    const [first] = await Promise.all([
      store.ensure([scope]),
      store.ensure([scope, other]),
      store.ensure([other]),
    ])
    expect(first).toEqual([{ username: 'scope_1', password: scopePassword('s', 'scope_1') }])
    expect(bodies.map((body) => JSON.parse(body).scopes.map(({ name }: { name: string }) => name))).toEqual([
      ['scope_1', 'scope_2'],
    ])
    expect(bodies[0]).not.toContain(scopePassword('s', 'scope_1'))
    await store.ensure([scope, other])
    expect(bodies.length).toBe(1)
    store.forget(['scope_1'])
    status = 503
    await expect(store.ensure([scope])).rejects.toMatchObject({ code: 'MOGO_UNAVAILABLE' })
    status = 200
    await store.ensure([scope])
    expect(bodies.length).toBe(3)
  } finally {
    server.close()
    rmSync(dir, { recursive: true })
  }
})
