/** `mogo login`, `logout` and `keys` as people call them, with the embedded provider and its pages; and as whom `mogo query` asks. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { addKeyCommands } from '#ops/cli/commands/keys.ts'
import { addLoginCommands } from '#ops/cli/commands/login.ts'
import { addQueryCommands } from '#ops/cli/commands/query.ts'
import { exitCodeOf, sayError } from '#ops/cli/exit-codes.ts'
import { type IdentityServer, startIdentityServer } from '#ops/embedded/identity-server.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { PageBrowser } from '../embedded/page-browser.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-login-'))
let identity: IdentityServer
let issuer = ''
let asked: { readonly what: string; readonly token: string; readonly body: unknown }[] = []
let answer: { readonly status: number; readonly body: object } = { status: 200, body: {} }
const api = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  asked.push({
    what: `${request.method} ${request.url}`,
    token: request.headers.authorization?.replace('Bearer ', '') ?? '',
    body: body === '' ? undefined : JSON.parse(body),
  })
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer.body))
})
const start = async (): Promise<void> => {
  identity = await startIdentityServer(loadProject(dir), issuer, createLogger('identity', 'silent'))
}

beforeAll(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const { port } = api.address() as AddressInfo
  writeFileSync(
    join(dir, 'mogo.yaml'),
    'identity: { people: p.yaml, issuers: [{ name: partners, issuer: "https://id.example", tenant: x }] }\n',
  )
  writeFileSync(
    join(dir, 'p.yaml'),
    `people:
  - { username: ana, displayName: Ana, tenant: acme, roles: [analyst] }
  - { username: dana, displayName: Dana, tenant: acme, roles: [analyst, data_engineer] }
`,
  )
  mkdirSync(join(dir, '.mogo', 'run'), { recursive: true })
  issuer = `http://127.0.0.1:${await choosePort({ server: 'identity', path: 'identity.port', given: new Set() })}`
  const endpoints = { api: { url: `http://127.0.0.1:${port}`, port }, identity: { issuer } }
  writeFileSync(join(dir, '.mogo', 'run', 'endpoints.json'), JSON.stringify(endpoints))
  await start()
})
afterAll(async () => {
  api.close()
  await identity.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  asked = []
  answer = { status: 200, body: { datasets: [] } }
  vi.stubEnv('XDG_CONFIG_HOME', join(dir, 'config'))
  vi.stubEnv('MOGO_TOKEN', '')
  vi.stubEnv('NO_COLOR', '1')
})
afterEach(() => vi.unstubAllEnvs())

/** Runs a command in this process, as ops/cli/main.ts does. `said` is called with what is written to standard error. */
async function mogo(args: readonly string[], said: (text: string) => void = () => {}) {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text)
      if (stream === 'stderr') said(written.stderr)
      return true
    }),
  )
  process.exitCode = 0
  const program = new Command('mogo').option('--project <dir>').exitOverride()
  addLoginCommands(program)
  addKeyCommands(program)
  addQueryCommands(program)
  try {
    await program.parseAsync(['node', 'mogo', '--project', dir, ...args])
  } catch (error) {
    sayError(error)
    process.exitCode = exitCodeOf(error)
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  const status = Number(process.exitCode)
  process.exitCode = 0
  return { status, ...written }
}

async function typeCode(code: string): Promise<void> {
  const browser = new PageBrowser()
  const compared = await browser.submit(await browser.open(`${issuer}/device`), { user_code: code })
  const login = await browser.submit(compared, { confirm: 'yes' })
  const secret = readFileSync(join(dir, '.mogo', 'secrets', 'identity.dana'), 'utf8').trim()
  expect((await browser.submit(login, { username: 'dana', secret })).text).toContain('Logged in')
}
const askedAs = async (...args: readonly string[]): Promise<string> => {
  const { stderr } = await mogo(['datasets', ...args])
  const token = asked.at(-1)?.token
  return token === undefined ? stderr : token.startsWith('eyJ') ? String(decodeJwt(token).sub) : token
}

test('who logs in asks from then on, after --as and MOGO_TOKEN, until they log out', async () => {
  expect(await askedAs()).toBe('ana')
  let typed: Promise<void> | undefined
  const { status, stdout, stderr } = await mogo(['login'], (text) => {
    const code = /Type {3}([A-Z]{4}-[A-Z]{4})/.exec(text)?.[1]
    if (code !== undefined) typed ??= typeCode(code)
  })
  await typed
  expect([status, stdout]).toEqual([0, 'Logged in as dana (tenant acme; roles analyst, data_engineer).\n'])
  expect(stderr).toContain(`Open   ${issuer}/device`)
  expect(stdout + stderr).not.toContain('eyJ')

  expect(await askedAs()).toBe('dana')
  expect(await askedAs('--as', 'ana')).toBe('ana')
  vi.stubEnv('MOGO_TOKEN', 'own')
  expect(await askedAs()).toBe('own')
  vi.stubEnv('MOGO_TOKEN', '')

  const [name = ''] = readdirSync(join(dir, 'config', 'mogo', 'logins'))
  const file = join(dir, 'config', 'mogo', 'logins', name)
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { accessToken: string; refreshToken: string }
  writeFileSync(file, JSON.stringify({ ...kept, expiresAt: 0 }))
  expect(await askedAs()).toBe('dana')
  const renewed = JSON.parse(readFileSync(file, 'utf8')) as typeof kept
  expect(renewed.refreshToken).not.toBe(kept.refreshToken)

  expect((await mogo(['logout'])).stdout).toBe('Logged out.\n')
  expect((await mogo(['logout'])).stdout).toBe('You were not logged in.\n')
  expect(await askedAs()).toBe('ana')
  // Given back at the provider too.
  writeFileSync(file, JSON.stringify({ ...renewed, expiresAt: 0 }))
  asked = []
  expect(await askedAs()).toContain('MOGO_LOGIN_EXPIRED')
  expect(asked).toEqual([])
  await mogo(['logout'])
})

test.each([
  [['login', '--issuer', 'nobody'], 1, 'MOGO_LOGIN_UNKNOWN'],
  [['login', '--issuer', 'partners'], 1, 'MOGO_LOGIN_NO_CLIENT'],
])('mogo %j ends with %i and %s', async (args, status, code) => {
  const ended = await mogo(args)
  expect([ended.status, ended.stderr]).toEqual([status, expect.stringContaining(code)])
})

const KEY = {
  ...{ id: 'k1', account: 'nightly', roles: ['analyst'], attributes: {}, description: '', state: 'active' },
  ...{ createdBy: 'dana', createdAt: '2026-11-01T00:00:00.000Z', expiresAt: '2026-12-01T00:00:00.000Z' },
  ...{ lastUsedAt: null, revokedBy: null, revokedAt: null },
}

test('keys are made, listed and revoked as the first person who may', async () => {
  answer = { status: 201, body: { ...KEY, key: 'mogo_x' } }
  const made = await mogo(['keys', 'create', 'nightly', '--role', 'analyst', '--days', '30'])
  expect([made.status, made.stdout]).toEqual([0, 'mogo_x\n'])
  expect(made.stderr).toContain('it cannot be shown again')
  expect(asked[0]).toMatchObject({
    what: 'POST /v1/keys',
    body: { account: 'nightly', roles: ['analyst'], days: 30 },
  })
  expect(decodeJwt(asked[0]?.token ?? '').sub).toBe('dana')

  answer = { status: 200, body: { keys: [KEY] } }
  expect((await mogo(['keys', 'ls'])).stdout).toMatch(/k1 +nightly +analyst +active +2026-12-01 +never +dana/)
  expect(JSON.parse((await mogo(['keys', 'ls', '--format', 'json'])).stdout)).toEqual([KEY])

  answer = { status: 200, body: { ...KEY, state: 'revoked' } }
  expect((await mogo(['keys', 'revoke', 'k1'])).stdout).toBe('k1 of nightly is revoked.\n')
  expect(asked.at(-1)?.what).toBe('DELETE /v1/keys/k1')

  answer = { status: 404, body: { code: 'MOGO_KEY_UNKNOWN', detail: 'There is none.', remedy: 'Look.' } }
  const refused = await mogo(['keys', 'revoke', 'k/2'])
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('MOGO_KEY_UNKNOWN')])
  expect(asked.at(-1)?.what).toBe('DELETE /v1/keys/k%2F2')
})
