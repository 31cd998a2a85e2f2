/** The embedded identity provider: people, keys, and tokens that the verifier believes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchAccessToken } from '#ops/embedded/identity-client.ts'
import { ensureSigningKeys } from '#ops/embedded/identity-keys.ts'
import { DEFAULT_PEOPLE, loadPeople } from '#ops/embedded/identity-people.ts'
import { type IdentityServer, startIdentityServer } from '#ops/embedded/identity-server.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { createBearerAuth } from '#ops/runtime/bearer-auth.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const dir = mkdtempSync(join(tmpdir(), 'mogo-identity-'))
const lines: string[] = []
const logger = createLogger('identity', 'debug', { write: (line: string) => void lines.push(line) })
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('people', () => {
  const file = (text: string): string => {
    const path = join(dir, 'people.yaml')
    writeFileSync(path, text)
    return path
  }

  test('come from the file; without one there is somebody', () => {
    expect(
      loadPeople(file('people: [{ username: ana, displayName: Ana, tenant: acme, roles: [analyst] }]')),
    ).toEqual([{ username: 'ana', displayName: 'Ana', tenant: 'acme', roles: ['analyst'], attributes: {} }])
    expect(loadPeople(undefined)).toBe(DEFAULT_PEOPLE)
  })

  test.each([
    ['people: []', 'people'],
    ['people: [{ username: "A B", displayName: x, tenant: t, roles: [r] }]', 'people.0.username'],
    ['people: [{ username: a, displayName: x, tenant: t, roles: [r], password: p }]', 'password'],
    [
      'people: [{ username: a, displayName: x, tenant: t, roles: [r] }, { username: a, displayName: y, tenant: t, roles: [r] }]',
      'a is there twice',
    ],
    ['people: [', 'cannot be read'],
  ])('a fault is named: %s', (text, place) => {
    expect(() => loadPeople(file(text))).toThrow(place)
  })
})

describe('a running provider', () => {
  let server: IdentityServer
  let issuer = ''
  const start = async (): Promise<void> => {
    server = await startIdentityServer(loadProject(dir), issuer, logger)
  }
  const secretOf = (name: string): string =>
    readFileSync(join(dir, '.mogo', 'secrets', `identity.${name}`), 'utf8').trim()

  beforeAll(async () => {
    writeFileSync(join(dir, 'mogo.yaml'), 'identity: { people: p.yaml }\n')
    writeFileSync(
      join(dir, 'p.yaml'),
      'people: [{ username: ana, displayName: Ana, tenant: acme, roles: [analyst], attributes: { department: sales } }]',
    )
    mkdirSync(join(dir, '.mogo'), { recursive: true })
    issuer = `http://127.0.0.1:${await choosePort({ server: 'identity', path: 'identity.port', given: new Set() })}`
    await start()
  })
  afterAll(() => server.stop())

  test('issues tokens of 15 minutes with tenant, roles and attributes', async () => {
    const { token, expiresIn } = await fetchAccessToken({
      issuer,
      username: 'ana',
      secret: secretOf('ana'),
      audience: 'mogo',
    })
    expect(expiresIn).toBe(900)
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(decodeJwt(token)).toMatchObject({
      iss: issuer,
      aud: 'mogo',
      sub: 'ana',
      tenant: 'acme',
      roles: ['analyst'],
      attributes: { department: 'sales' },
    })
  })

  test('tokens are believed by the verifier, also after a restart of the provider', async () => {
    const { token } = await fetchAccessToken({ issuer, username: 'ana', secret: secretOf('ana') })
    await server.stop()
    await start()
    const claims = { tenant: 'tenant', roles: 'roles', attributes: 'attributes' }
    const auth = createBearerAuth({ issuer, audience: 'mogo', claims, logger })
    expect(await auth.verify(`Bearer ${token}`)).toMatchObject({ subject: 'ana', tenant: 'acme' })
  })

  test('a token for another audience is for that audience', async () => {
    const { token } = await fetchAccessToken({
      issuer,
      username: 'ana',
      secret: secretOf('ana'),
      audience: 'https://other.example',
    })
    expect(decodeJwt(token).aud).toBe('https://other.example')
  })

  test('refuses a wrong secret and an unknown person alike', async () => {
    for (const [username, secret] of [
      ['ana', 'wrong'],
      ['eve', 'wrong'],
    ] as const)
      await expect(fetchAccessToken({ issuer, username, secret })).rejects.toMatchObject({
        code: 'MOGO_IDENTITY_REFUSED',
        message: `The identity provider ${issuer} refuses to give ${username} a token (invalid_client).`,
      })
  })

  test('an address where nobody listens', async () => {
    await expect(
      fetchAccessToken({ issuer: 'http://127.0.0.1:9', username: 'ana', secret: 'x' }),
    ).rejects.toMatchObject({
      code: 'MOGO_IDENTITY_UNREACHABLE',
    })
  })

  test('a port that is taken', async () => {
    await expect(startIdentityServer(loadProject(dir), issuer, logger)).rejects.toMatchObject({
      code: 'MOGO_PORT_TAKEN',
    })
  })

  test('is ready by discovery and by /healthz', async () => {
    expect(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()).toMatchObject({ issuer })
    expect(await (await fetch(`${issuer}/healthz`)).json()).toMatchObject({ status: 'alive' })
  })

  test('keeps keys and secrets for its owner alone, and out of its log', () => {
    for (const path of ['data/identity/jwks.json', 'secrets/identity.ana'])
      expect(statSync(join(dir, '.mogo', path)).mode & 0o777).toBe(0o600)
    expect(lines.join('')).not.toContain(secretOf('ana'))
    expect(lines.join('')).not.toMatch(/eyJ|wrong/)
    expect(lines.join('')).toContain('token issued')
  })
})

test('broken keys are not replaced silently', async () => {
  const data = join(dir, 'broken')
  mkdirSync(data)
  writeFileSync(join(data, 'jwks.json'), '{')
  await expect(ensureSigningKeys(data)).rejects.toMatchObject({ code: 'MOGO_SECRET_MISSING' })
})
