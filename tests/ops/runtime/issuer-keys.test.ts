/** How the keys of an issuer are followed: asked for once, found when new, gone when taken away, and never hammered for. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { type BearerAuth, createBearerAuth } from '#ops/runtime/bearer-auth.ts'
import { COOLDOWN_MILLIS, FRESH_MILLIS, LONGEST_MILLIS } from '#ops/runtime/issuer-keys.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const logger = createLogger('test', 'silent')
const NOW = Date.UTC(2026, 10, 1)
let clock = NOW
let server: Server
let issuer = ''
let asked: string[] = []
let isAway = false
let document: () => unknown
let published: { kid: string; key: { publicKey: CryptoKey; privateKey: CryptoKey } }[] = []

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push(request.url ?? '')
    const keys = await Promise.all(
      published.map(async ({ kid, key }) => ({ ...(await exportJWK(key.publicKey)), kid, alg: 'ES256' })),
    )
    response.statusCode = isAway ? 503 : 200
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : document()))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((done) => server.close(done)))

let auth: BearerAuth
beforeEach(async () => {
  clock = NOW
  asked = []
  isAway = false
  document = () => ({ issuer, jwks_uri: `${issuer}/jwks` })
  published = [{ kid: 'k1', key: await generateKeyPair('ES256') }]
  const claims = { tenant: 'tenant', roles: 'roles', attributes: 'attributes' }
  auth = createBearerAuth({ issuer, audience: 'mogo', claims, logger, now: () => clock })
})

const sign = (
  { kid, key }: { kid: string; key: { privateKey: CryptoKey } } = published[0] as never,
  sub = 'ana',
): Promise<string> =>
  new SignJWT({ tenant: 'acme', roles: ['analyst'] })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience('mogo')
    .setSubject(sub)
    .setExpirationTime(NOW / 1000 + 24 * 3600)
    .sign(key.privateKey)

const outcome = (token: string): Promise<string> =>
  auth.verify(`Bearer ${token}`).then(
    () => 'passed',
    (error: unknown) => (isMogoError(error) ? error.code : String(error)),
  )

test('a new key is found with the first token that it signs', async () => {
  expect(await outcome(await sign())).toBe('passed')
  const next = { kid: 'k2', key: await generateKeyPair('ES256') }
  published = [...published, next]
  expect(await outcome(await sign(next))).toBe('passed')
  expect(asked.filter((path) => path === '/jwks')).toHaveLength(2)
})

test('unknown key ids make us ask once per cooldown, however many there are', async () => {
  const forger = await generateKeyPair('ES256')
  expect(await outcome(await sign())).toBe('passed')
  const flood = await Promise.all(Array.from({ length: 100 }, (_, n) => sign({ kid: `f${n}`, key: forger })))
  expect(new Set(await Promise.all(flood.map(outcome)))).toEqual(new Set(['MOGO_AUTH_SIGNATURE']))
  for (const token of flood.slice(0, 20)) expect(await outcome(token)).toBe('MOGO_AUTH_SIGNATURE')
  expect(asked.filter((path) => path === '/jwks')).toHaveLength(2)
  clock += COOLDOWN_MILLIS
  for (const token of flood.slice(0, 20)) await outcome(token)
  expect(asked.filter((path) => path === '/jwks')).toHaveLength(3)
  expect(await outcome(await sign())).toBe('passed')
})

test('what a key that was taken away has signed is refused after its time, although it was verified before', async () => {
  const token = await sign()
  expect(await outcome(token)).toBe('passed')
  published = [{ kid: 'k2', key: await generateKeyPair('ES256') }]
  clock += FRESH_MILLIS - 1
  await outcome(token)
  clock += 1
  expect(await outcome(token)).toBe('MOGO_AUTH_SIGNATURE')
  expect(await outcome(await sign())).toBe('passed')
})

test('keys that stay the same are asked for again, and what was verified with them stays', async () => {
  const token = await sign()
  for (let minutes = 0; minutes < 30; minutes += 3) {
    clock = NOW + minutes * 60_000
    expect(await outcome(token)).toBe('passed')
  }
  expect(asked.filter((path) => path === '/jwks').length).toBeGreaterThanOrEqual(5)
})

describe('while the issuer is away', () => {
  test('known keys are used for a while, and not for good', async () => {
    const token = await sign()
    expect(await outcome(token)).toBe('passed')
    isAway = true
    clock = NOW + FRESH_MILLIS + 1
    expect(await outcome(token)).toBe('passed')
    clock = NOW + LONGEST_MILLIS - 1
    expect(await outcome(token)).toBe('passed')
    clock = NOW + LONGEST_MILLIS
    expect(await outcome(token)).toBe('MOGO_IDENTITY_UNREACHABLE')
    isAway = false
    clock += 60_000
    expect(await outcome(token)).toBe('passed')
  })

  test('it is asked after pauses, not with every token', async () => {
    isAway = true
    const token = await sign()
    for (let n = 0; n < 50; n++) expect(await outcome(token)).toBe('MOGO_IDENTITY_UNREACHABLE')
    expect(asked.length).toBe(2)
    isAway = false
    clock += 500
    expect(await outcome(token)).toBe('passed')
  })
})

test.each<readonly [string, () => unknown]>([
  ['of another issuer', () => ({ issuer: 'https://evil.example', jwks_uri: `${issuer}/jwks` })],
  ['without a key set', () => ({ issuer })],
  ['whose key set has no address', () => ({ issuer, jwks_uri: 'jwks' })],
  ['that is a list', () => []],
  ['that is null', () => null],
])('a discovery document %s is not believed', async (_what, made) => {
  document = made
  expect(await outcome(await sign())).toBe('MOGO_IDENTITY_UNREACHABLE')
})
