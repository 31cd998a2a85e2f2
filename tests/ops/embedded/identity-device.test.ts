/** Logging in by a device code at the embedded provider: the pages as forms, what they refuse, and the tokens that come of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GuessLimit } from '#ops/embedded/guess-limit.ts'
import { CLI_CLIENT_ID } from '#ops/embedded/identity-device-flow.ts'
import { type IdentityServer, startIdentityServer } from '#ops/embedded/identity-server.ts'
import { createIdentityStore } from '#ops/embedded/identity-store.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { createBearerAuth } from '#ops/runtime/bearer-auth.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { steadyFetch } from '#ops/runtime/steady-fetch.ts'
import { type Page, PageBrowser } from './page-browser.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-device-'))
const lines: string[] = []
const logger = createLogger('identity', 'debug', { write: (line: string) => void lines.push(line) })
let server: IdentityServer
let issuer = ''
const secretOf = (name: string): string =>
  readFileSync(join(dir, '.mogo', 'secrets', `identity.${name}`), 'utf8').trim()
const start = async (): Promise<void> => {
  server = await startIdentityServer(loadProject(dir), issuer, logger)
}

beforeAll(async () => {
  writeFileSync(join(dir, 'mogo.yaml'), 'identity: { people: p.yaml }\n')
  writeFileSync(
    join(dir, 'p.yaml'),
    'people: [{ username: ana, displayName: Ana, tenant: acme, roles: [analyst] }, { username: ben, displayName: Ben, tenant: globex, roles: [analyst] }]',
  )
  mkdirSync(join(dir, '.mogo'), { recursive: true })
})
// A provider of its own for each test, at a port of its own: guesses count for all that is asked of one.
const given = new Set<number>()
beforeEach(async () => {
  await server?.stop()
  lines.length = 0
  const port = await choosePort({ server: 'identity', path: 'identity.port', given })
  given.add(port)
  issuer = `http://127.0.0.1:${port}`
  await start()
})
afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

type Json = Readonly<Record<string, unknown>>
async function post(
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; body: Json }> {
  const response = await steadyFetch(`${issuer}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) }
}
const begin = async () => {
  const { status, body } = await post('/device/auth', {
    ...{ client_id: CLI_CLIENT_ID, scope: 'openid offline_access', resource: 'urn:mogo:audience:mogo' },
  })
  expect(status).toBe(200)
  return body as { device_code: string; user_code: string; verification_uri: string; expires_in: number }
}
const poll = (deviceCode: string) =>
  post('/token', {
    ...{ client_id: CLI_CLIENT_ID, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' },
    device_code: deviceCode,
  })
const refresh = (token: unknown) =>
  post('/token', { client_id: CLI_CLIENT_ID, grant_type: 'refresh_token', refresh_token: String(token) })

/** Types the code and compares it; shows the login. */
async function toLogin(browser: PageBrowser, userCode: string): Promise<Page> {
  const compared = await browser.submit(await browser.open(`${issuer}/device`), { user_code: userCode })
  expect(compared.text).toContain(`<code>${userCode}</code>`)
  return browser.submit(compared, { confirm: 'yes' })
}
async function logIn(username = 'ana') {
  const device = await begin()
  const browser = new PageBrowser()
  const login = await toLogin(browser, device.user_code)
  const done = await browser.submit(login, { username, secret: secretOf(username) })
  expect(done.text).toContain('Logged in')
  return (await poll(device.device_code)).body
}

test('whoever types code, name and secret is logged in on the command line, as themselves', async () => {
  const device = await begin()
  expect(device).toMatchObject({ verification_uri: `${issuer}/device`, expires_in: 600 })
  expect(device.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
  expect((await poll(device.device_code)).body).toMatchObject({ error: 'authorization_pending' })

  const browser = new PageBrowser()
  const login = await toLogin(browser, device.user_code)
  expect(login.text).toContain(device.user_code)
  const done = await browser.submit(login, { username: 'ana', secret: secretOf('ana') })
  expect([done.status, done.text]).toEqual([200, expect.stringContaining('Go back to your command line')])

  const { body } = await poll(device.device_code)
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900, refresh_token: expect.any(String) })
  const token = String(body['access_token'])
  const { iat = 0, exp = 0, ...claims } = decodeJwt(token)
  expect(exp - iat).toBe(900)
  expect(claims).toMatchObject({ iss: issuer, aud: 'mogo', sub: 'ana', tenant: 'acme', roles: ['analyst'] })
  const names = { tenant: 'tenant', roles: 'roles', attributes: 'attributes' }
  const auth = createBearerAuth({ issuer, audience: 'mogo', claims: names, logger })
  expect(await auth.verify(`Bearer ${token}`)).toMatchObject({ subject: 'ana', tenant: 'acme' })
  expect((await poll(device.device_code)).body).toMatchObject({ error: 'invalid_grant' })
  for (const secret of [secretOf('ana'), String(body['refresh_token']), device.device_code, device.user_code])
    expect(lines.join('')).not.toContain(secret)
})

test('each device is logged in on its own, in the same browser too', async () => {
  const browser = new PageBrowser()
  const one = await begin()
  await browser.submit(await toLogin(browser, one.user_code), { username: 'ana', secret: secretOf('ana') })
  const other = await begin()
  const login = await toLogin(browser, other.user_code)
  expect(login.text).toContain('name="secret"')
  await browser.submit(login, { username: 'ben', secret: secretOf('ben') })
  expect(decodeJwt(String((await poll(other.device_code)).body['access_token'])).sub).toBe('ben')
  expect(decodeJwt(String((await poll(one.device_code)).body['access_token'])).sub).toBe('ana')
})

test.each(['the code', 'the login'])('who stops at %s is not logged in', async (where) => {
  const device = await begin()
  const browser = new PageBrowser()
  if (where === 'the code') {
    const compared = await browser.submit(await browser.open(`${issuer}/device`), {
      user_code: device.user_code,
    })
    expect((await browser.submit(compared, { abort: 'yes' })).text).toContain('Stopped')
  } else await browser.submit(await toLogin(browser, device.user_code), { abort: 'yes' })
  expect((await poll(device.device_code)).body).toMatchObject({ error: 'access_denied' })
})

describe('refresh tokens', () => {
  test('are another one after each use', async () => {
    const first = await logIn()
    const second = await refresh(first['refresh_token'])
    expect(second).toMatchObject({ status: 200, body: { expires_in: 900 } })
    expect(second.body['refresh_token']).not.toBe(first['refresh_token'])
    expect(decodeJwt(String(second.body['access_token']))).toMatchObject({
      sub: 'ana',
      aud: 'mogo',
      tenant: 'acme',
    })
    expect((await refresh(second.body['refresh_token'])).status).toBe(200)
  })

  test('that are used twice end the login', async () => {
    const first = await logIn()
    const second = await refresh(first['refresh_token'])
    expect(await refresh(first['refresh_token'])).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await refresh(second.body['refresh_token'])).toMatchObject({ body: { error: 'invalid_grant' } })
  })

  test('can be given back', async () => {
    const { refresh_token: token } = await logIn()
    expect((await post('/token/revocation', { client_id: CLI_CLIENT_ID, token: String(token) })).status).toBe(
      200,
    )
    expect((await refresh(token)).body).toMatchObject({ error: 'invalid_grant' })
  })

  test('are nothing to another client', async () => {
    const { refresh_token: token } = await logIn()
    const asBen = { client_id: 'ben', client_secret: secretOf('ben') }
    const answer = await post('/token', {
      ...asBen,
      grant_type: 'refresh_token',
      refresh_token: String(token),
    })
    expect(answer.status).toBe(400)
  })

  test('end with the process', async () => {
    const { refresh_token: token } = await logIn()
    await server.stop()
    await start()
    expect((await refresh(token)).body).toMatchObject({ error: 'invalid_grant' })
  })
})

describe('guesses', () => {
  test('of a secret are bounded for each name, known or not, and the right one does not help then', async () => {
    const device = await begin()
    const browser = new PageBrowser()
    let page = await toLogin(browser, device.user_code)
    for (const username of ['ana', 'eve']) {
      for (let n = 0; n < 5; n++) {
        page = await browser.submit(page, { username, secret: `guess${n}` })
        expect([page.status, page.text]).toEqual([401, expect.stringContaining('This is no user name')])
      }
      page = await browser.submit(page, { username, secret: username === 'ana' ? secretOf('ana') : 'x' })
      expect([page.status, page.text]).toEqual([429, expect.stringContaining('Wait five minutes')])
    }
    expect((await browser.submit(page, { username: 'ben', secret: secretOf('ben') })).text).toContain(
      'Logged in',
    )
    expect(lines.join('')).not.toMatch(/guess\d|"eve"/)
  })

  test('of codes are bounded', async () => {
    const browser = new PageBrowser()
    const page = await browser.open(`${issuer}/device`)
    let answer = page
    for (let n = 0; n < 20; n++) {
      const again = await browser.open(`${issuer}/device`)
      answer = await browser.submit(again, { user_code: 'BBBB-BBBB' })
      expect(answer.text).toContain('There is no such code')
    }
    const { user_code: code } = await begin()
    answer = await browser.submit(await browser.open(`${issuer}/device`), { user_code: code })
    expect(answer.status).toBe(429)
  })

  test('are forgotten after their time', () => {
    let now = 0
    const limit = new GuessLimit({ most: 2, millis: 1000 }, () => now)
    limit.count('a')
    now = 600
    limit.count('a')
    expect([limit.isSpent('a'), limit.isSpent('b')]).toEqual([true, false])
    now = 1000
    expect(limit.isSpent('a')).toBe(false)
    for (let n = 0; n < 5000; n++) limit.count(`n${n}`)
    expect(limit.isSpent('a')).toBe(false)
  })
})

describe('a page', () => {
  test('is in no frame, runs nothing, and is kept nowhere', async () => {
    const { user_code: code } = await begin()
    const browser = new PageBrowser()
    const first = await browser.open(`${issuer}/device`)
    for (const page of [
      first,
      await browser.submit(first, { user_code: code }),
      await toLogin(browser, code),
    ]) {
      expect(page.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'/,
      )
      expect(page.headers.get('x-frame-options')).toBe('DENY')
      expect(page.headers.get('cache-control')).toContain('no-store')
      expect(page.text).not.toMatch(/<script|\son\w+=/)
    }
  })

  test('does not take a code from its address, which somebody may have sent', async () => {
    const { user_code: code } = await begin()
    const page = await new PageBrowser().open(`${issuer}/device?user_code=${code}`)
    expect(page.text).not.toContain(code)
    expect(page.text).toContain('name="user_code"')
  })

  test.each([
    ['without the cookie of the login', (_: PageBrowser) => new PageBrowser(), {}, 400],
    ['without the proof of our page', (same: PageBrowser) => same, { proof: '' }, 403],
    [
      'from another origin',
      (same: PageBrowser) => Object.assign(same, { headers: { origin: 'https://evil.example' } }),
      {},
      403,
    ],
    [
      'from another site',
      (same: PageBrowser) => Object.assign(same, { headers: { 'sec-fetch-site': 'cross-site' } }),
      {},
      403,
    ],
    ['that is too large', (same: PageBrowser) => same, { more: 'x'.repeat(5000) }, 403],
  ])('refuses a form %s', async (_what, browserOf, fields, status) => {
    const device = await begin()
    const browser = new PageBrowser()
    const login = await toLogin(browser, device.user_code)
    const typed = { username: 'ana', secret: secretOf('ana'), ...fields }
    expect((await browserOf(browser).submit(login, typed)).status).toBe(status)
    expect((await poll(device.device_code)).body).toMatchObject({ error: 'authorization_pending' })
  })

  test('refuses a code whose form is not ours', async () => {
    const device = await begin()
    const browser = new PageBrowser()
    const page = await browser.open(`${issuer}/device`)
    const answer = await browser.submit(page, { xsrf: 'x', user_code: device.user_code, confirm: 'yes' })
    expect(answer.text).not.toContain('name="secret"')
  })

  test('is not given under another host name', async () => {
    const { port } = new URL(issuer)
    const status = await new Promise((done) =>
      httpRequest(
        { host: '127.0.0.1', port, path: '/device', headers: { host: 'evil.example' } },
        ({ statusCode }) => done(statusCode),
      ).end(),
    )
    expect(status).toBe(421)
  })

  test('shows what was typed as text', async () => {
    const browser = new PageBrowser()
    const answer = await browser.submit(await browser.open(`${issuer}/device`), {
      user_code: '"><script>1</script>',
    })
    expect(answer.text).not.toContain('<script')
  })
})

test('the store forgets what has expired, and is bounded', async () => {
  let now = 0
  const store = createIdentityStore(() => now)('DeviceCode')
  await store.upsert('a', { userCode: 'X' }, 10)
  expect(await store.findByUserCode('X')).toEqual({ userCode: 'X' })
  now = 10_000
  expect([await store.findByUserCode('X'), await store.find('a')]).toEqual([undefined, undefined])
  for (let n = 0; n < 10_050; n++) await store.upsert(String(n), { uid: String(n) }, 10)
  expect([await store.find('0'), await store.find('10049')]).toEqual([undefined, { uid: '10049' }])
})
