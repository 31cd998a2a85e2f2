/** Logging in by a device code, as RFC 8628 wants it asked; and the login that is kept: private, renewed once, never replaced by somebody else's. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { type DeviceCode, deviceLogin } from '#ops/cli/device-login.ts'
import { type Login, LoginFiles, loginFolder } from '#ops/cli/login-files.ts'
import { accessTokenOf, latestLogin } from '#ops/cli/login-token.ts'

const folder = mkdtempSync(join(tmpdir(), 'mogo-logins-'))
let server: Server
let issuer = ''
/** Answers of the token endpoint, in order. `away`: the connection breaks. */
let answers: (Readonly<Record<string, unknown>> | 'away')[] = []
let asked: { readonly path: string; readonly form: Readonly<Record<string, string>> }[] = []
let device: Readonly<Record<string, unknown>> = {}
let discovery: Readonly<Record<string, unknown>> = {}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const path = request.url ?? ''
    const send = (body: Readonly<Record<string, unknown>>) => {
      response.writeHead('error' in body ? 400 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (path.startsWith('/.well-known')) return send(discovery)
    asked.push({ path, form: Object.fromEntries(new URLSearchParams(text)) })
    if (path === '/device') return send(device)
    const answer = answers.shift() ?? { error: 'invalid_grant' }
    if (answer === 'away') return void request.socket.destroy()
    return send(answer)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true, force: true })
})

let now = 0
let slept: number[] = []
let shown: DeviceCode[] = []
beforeEach(() => {
  answers = []
  asked = []
  slept = []
  shown = []
  now = 1_000_000
  device = {
    ...{ device_code: 'secret-device', user_code: 'ABCD-EFGH', verification_uri: `${issuer}/type` },
    ...{ expires_in: 600 },
  }
  discovery = {
    ...{ issuer, token_endpoint: `${issuer}/token`, device_authorization_endpoint: `${issuer}/device` },
  }
})
const TOKENS = { access_token: 'a1', refresh_token: 'r1', expires_in: 900 }
const PENDING = { error: 'authorization_pending' }

const logIn = () =>
  deviceLogin(
    { issuer, clientId: 'cli', audience: 'mogo', scope: 'openid offline_access' },
    (code) => void shown.push(code),
    {
      now: () => now,
      sleep: async (millis) => {
        slept.push(millis / 1000)
        now += millis
      },
    },
  )
const codeOf = (made: Promise<unknown>): Promise<unknown> =>
  made.then(
    () => 'passed',
    (error: unknown) => (isMogoError(error) ? error.code : error),
  )

describe('the command line', () => {
  test('shows the code, and asks until it was typed', async () => {
    answers = [PENDING, PENDING, TOKENS]
    expect(await logIn()).toEqual({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 })
    expect(shown).toEqual([{ url: `${issuer}/type`, code: 'ABCD-EFGH', seconds: 600 }])
    expect(slept).toEqual([5, 5, 5])
    expect(asked[0]).toEqual({
      path: '/device',
      form: {
        ...{ client_id: 'cli', scope: 'openid offline_access' },
        ...{ resource: 'urn:mogo:audience:mogo', audience: 'mogo' },
      },
    })
    expect(asked[1]?.form).toEqual({
      ...{ client_id: 'cli', device_code: 'secret-device' },
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    })
  })

  test('keeps to the interval, goes slower when told to, and for good', async () => {
    device = { ...device, interval: 2 }
    answers = [PENDING, { error: 'slow_down' }, PENDING, { error: 'slow_down' }, TOKENS]
    await logIn()
    expect(slept).toEqual([2, 2, 7, 7, 12])
  })

  test('asks more and more seldom while the provider is away', async () => {
    answers = ['away', 'away', 'away', TOKENS]
    await logIn()
    expect(slept).toEqual([5, 10, 20, 40])
  })

  test('ends when the code does', async () => {
    device = { ...device, expires_in: 12 }
    answers = Array.from({ length: 50 }, () => PENDING)
    expect(await codeOf(logIn())).toBe('MOGO_LOGIN_LATE')
    expect(asked).toHaveLength(3)
  })

  test.each([
    ['access_denied', 'MOGO_LOGIN_STOPPED'],
    ['expired_token', 'MOGO_LOGIN_LATE'],
    ['invalid_client', 'MOGO_LOGIN_REFUSED'],
  ])('ends at %s with %s', async (error, code) => {
    answers = [{ error }]
    expect(await codeOf(logIn())).toBe(code)
    expect(asked).toHaveLength(2)
  })

  test.each<readonly [string, () => void, string]>([
    [
      'offers no device login',
      () => (discovery = { issuer, token_endpoint: 'x:' }),
      'MOGO_LOGIN_UNSUPPORTED',
    ],
    [
      'is another one',
      () => (discovery = { ...discovery, issuer: 'https://x' }),
      'MOGO_IDENTITY_UNREACHABLE',
    ],
    ['gives no code', () => (device = {}), 'MOGO_LOGIN_REFUSED'],
    [
      'leads elsewhere than to a page',
      () => (device = { ...device, verification_uri: 'file:///x' }),
      'MOGO_LOGIN_REFUSED',
    ],
    ['does not know the client', () => (device = { error: 'invalid_client' }), 'MOGO_LOGIN_REFUSED'],
  ])('says so when the provider %s', async (_what, change, code) => {
    change()
    expect(await codeOf(logIn())).toBe(code)
  })

  test('prints nothing that steers a terminal', async () => {
    device = { ...device, user_code: 'AB\u001b[2JCD', verification_uri: `${issuer}/\u001b[31mx` }
    answers = [TOKENS]
    await logIn()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
    expect(JSON.stringify(shown.map(({ url, code }) => url + code))).not.toMatch(/\\u001b|\u001b/)
  })
})

describe('a login that is kept', () => {
  let files: LoginFiles
  let login: Login
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true })
    files = new LoginFiles(folder)
    login = {
      issuer,
      clientId: 'cli',
      accessToken: 'a0',
      refreshToken: 'r0',
      expiresAt: 900_000,
      loggedInAt: 1,
    }
    now = 0
  })
  const token = (other: LoginFiles = files) => accessTokenOf(other, files.read(login) ?? login, () => now)

  test('is for its owner alone', () => {
    files.write(login)
    files.write({ ...login, accessToken: 'a1' })
    const [name = '', ...rest] = readdirSync(folder)
    expect(rest).toEqual([])
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(files.read(login)).toEqual({ ...login, accessToken: 'a1' })
  })

  test('is used as it is while it is valid, then renewed, and both tokens are replaced', async () => {
    files.write(login)
    now = 869_000
    expect(await token()).toBe('a0')
    expect(asked).toEqual([])
    now = 871_000
    answers = [TOKENS]
    expect(await token()).toBe('a1')
    expect(asked[0]?.form).toEqual({ client_id: 'cli', grant_type: 'refresh_token', refresh_token: 'r0' })
    expect(files.read(login)).toMatchObject({ accessToken: 'a1', refreshToken: 'r1', expiresAt: 1_771_000 })
  })

  test('keeps its refresh token where the provider does not rotate', async () => {
    files.write(login)
    now = 900_000
    answers = [{ access_token: 'a1', expires_in: 60 }]
    expect(await token()).toBe('a1')
    expect(files.read(login)?.refreshToken).toBe('r0')
  })

  test('is renewed once by many commands at the same time', async () => {
    files.write(login)
    now = 900_000
    answers = [TOKENS]
    const tokens = await Promise.all(Array.from({ length: 12 }, () => token(new LoginFiles(folder))))
    expect(new Set(tokens)).toEqual(new Set(['a1']))
    expect(asked).toHaveLength(1)
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test('that has ended says so, again and again, and is not forgotten', async () => {
    files.write(login)
    now = 900_000
    for (const _time of [1, 2]) {
      answers = [{ error: 'invalid_grant' }]
      expect(await codeOf(token())).toBe('MOGO_LOGIN_EXPIRED')
    }
    expect(latestLogin(files, [{ issuer, clientId: 'cli' }])).toEqual(login)
    const { refreshToken: _none, ...without } = login
    files.write(without)
    expect(await codeOf(token())).toBe('MOGO_LOGIN_EXPIRED')
  })

  test('whose provider is away is kept', async () => {
    files.write(login)
    now = 900_000
    answers = ['away']
    expect(await codeOf(token())).toBe('MOGO_IDENTITY_UNREACHABLE')
    answers = [TOKENS]
    expect(await token()).toBe('a1')
  })

  test('is renewed although a command was killed while it did', async () => {
    files.write(login)
    const [name = ''] = readdirSync(folder)
    const lock = join(folder, `${name}.lock`)
    writeFileSync(lock, '1\n')
    const long = new Date(Date.now() - 120_000)
    utimesSync(lock, long, long)
    now = 900_000
    answers = [TOKENS]
    expect(await token()).toBe('a1')
  })

  test('is one for each issuer and client; the latest counts', () => {
    files.write(login)
    files.write({ ...login, clientId: 'other', loggedInAt: 2 })
    const names = [
      { issuer, clientId: 'cli' },
      { issuer, clientId: 'other' },
      { issuer: 'https://x', clientId: undefined },
    ]
    expect(latestLogin(files, names)?.clientId).toBe('other')
    expect([
      files.remove({ issuer, clientId: 'other' }),
      files.remove({ issuer, clientId: 'other' }),
    ]).toEqual([true, false])
    expect(latestLogin(files, names)?.clientId).toBe('cli')
  })

  test('that was damaged is none', () => {
    files.write(login)
    mkdirSync(folder, { recursive: true })
    const [name = ''] = readdirSync(folder)
    for (const text of ['{', '{}', JSON.stringify({ ...login, issuer: 'https://evil.example' })]) {
      writeFileSync(join(folder, name), text)
      expect(files.read(login)).toBeUndefined()
    }
    expect(readFileSync(join(folder, name), 'utf8')).toContain('evil')
  })
})

test.each([
  [{ XDG_CONFIG_HOME: '/c', HOME: '/h' }, '/c/mogo/logins'],
  [{ XDG_CONFIG_HOME: 'c', HOME: '/h' }, '/h/.config/mogo/logins'],
  [{ HOME: '/h' }, '/h/.config/mogo/logins'],
])('logins of %j are in %s', (environment, expected) => {
  expect(loginFolder(environment)).toBe(expected)
})
