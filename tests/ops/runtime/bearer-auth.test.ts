/** Bearer tokens against a local key set: what passes, and by which code each other one is refused. */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { type BearerAuth, createBearerAuth } from '#ops/runtime/bearer-auth.ts'
import { createLogger } from '#ops/runtime/logger.ts'

const ISSUER = 'https://issuer.example'
const NOW = Date.UTC(2026, 10, 1)
const SECONDS = NOW / 1000
const logger = createLogger('test', 'silent')
const claimNames = { tenant: 'tenant', roles: 'roles', attributes: 'attributes' }

const own = await generateKeyPair('ES256')
const other = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
let clock = NOW
const auth: BearerAuth = createBearerAuth({
  issuer: ISSUER,
  audience: 'mogo',
  claims: claimNames,
  logger,
  now: () => clock,
  keys: createLocalJWKSet({ keys: [jwk] }),
})

const CLAIMS: JWTPayload = {
  iss: ISSUER,
  aud: 'mogo',
  sub: 'ana',
  iat: SECONDS - 10,
  exp: SECONDS + 900,
  tenant: 'acme',
  roles: ['analyst'],
  attributes: { department: 'marketing', regions: ['eu', 'us'] },
}

type Made = {
  readonly claims?: JWTPayload
  readonly head?: Record<string, unknown>
  readonly key?: CryptoKey
}
const token = ({ claims = {}, head = {}, key = own.privateKey }: Made = {}): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...head })
    .sign(key)

const code = async (header: string | undefined): Promise<string> => {
  try {
    await auth.verify(header)
    return 'passed'
  } catch (error) {
    expect(error).toBeInstanceOf(MogoError)
    return (error as MogoError).code
  }
}

test('a good token becomes a principal', async () => {
  expect(await auth.verify(`Bearer ${await token()}`)).toEqual({
    subject: 'ana',
    tenant: 'acme',
    roles: ['analyst'],
    attributes: { department: 'marketing', regions: ['eu', 'us'] },
  })
})

test.each<readonly [string, Made, string]>([
  ['expired', { claims: { exp: SECONDS - 31 } }, 'MOGO_AUTH_EXPIRED'],
  ['expired within the skew', { claims: { exp: SECONDS - 29 } }, 'passed'],
  ['not valid yet', { claims: { nbf: SECONDS + 31 } }, 'MOGO_AUTH_NOT_YET'],
  ['not valid yet, within the skew', { claims: { nbf: SECONDS + 29 } }, 'passed'],
  ['for another audience', { claims: { aud: 'other' } }, 'MOGO_AUTH_AUDIENCE'],
  ['for several audiences', { claims: { aud: ['other', 'mogo'] } }, 'passed'],
  ['of another issuer', { claims: { iss: 'https://evil.example' } }, 'MOGO_AUTH_ISSUER'],
  ['signed by another key', { key: other.privateKey }, 'MOGO_AUTH_SIGNATURE'],
  ['with an unknown key id', { head: { kid: 'k2' }, key: other.privateKey }, 'MOGO_AUTH_SIGNATURE'],
  ['an identity token by its type', { head: { typ: 'logout+jwt' } }, 'MOGO_AUTH_MALFORMED'],
  ['typ JWT', { head: { typ: 'JWT' } }, 'passed'],
  ['without an expiry', { claims: { exp: undefined } as never }, 'MOGO_AUTH_CLAIM'],
  ['without a subject', { claims: { sub: undefined } as never }, 'MOGO_AUTH_CLAIM'],
  ['without a tenant', { claims: { tenant: undefined } }, 'MOGO_AUTH_CLAIM'],
  ['with an empty tenant', { claims: { tenant: '' } }, 'MOGO_AUTH_CLAIM'],
  ['with a blank tenant', { claims: { tenant: '  ' } }, 'MOGO_AUTH_CLAIM'],
  ['with a list of tenants', { claims: { tenant: ['acme'] } }, 'MOGO_AUTH_CLAIM'],
  ['with a control character in the tenant', { claims: { tenant: 'ac\u0000me' } }, 'MOGO_AUTH_CLAIM'],
  ['with an invisible character in the tenant', { claims: { tenant: 'ac\u200bme' } }, 'MOGO_AUTH_CLAIM'],
  ['with a tenant of 201 characters', { claims: { tenant: 'x'.repeat(201) } }, 'MOGO_AUTH_CLAIM'],
  ['with roles as text', { claims: { roles: 'analyst' } }, 'MOGO_AUTH_CLAIM'],
  ['without roles', { claims: { roles: undefined } }, 'MOGO_AUTH_CLAIM'],
  ['with a number among the roles', { claims: { roles: ['analyst', 1] } }, 'MOGO_AUTH_CLAIM'],
  ['with attributes as a list', { claims: { attributes: ['x'] } }, 'MOGO_AUTH_CLAIM'],
  ['with a nested attribute', { claims: { attributes: { a: { b: 1 } } } }, 'MOGO_AUTH_CLAIM'],
  ['without attributes', { claims: { attributes: undefined } }, 'passed'],
])('a token %s', async (_what, made, expected) => {
  expect(await code(`Bearer ${await token(made)}`)).toBe(expected)
})

test('a refusal names the claim and no value of it', async () => {
  const made = await token({ claims: { tenant: 'secret\u0000tenant' } })
  await expect(auth.verify(`Bearer ${made}`)).rejects.toThrow('The token has no usable claim tenant.')
})

describe('what is no token at all', () => {
  test.each([
    [undefined, 'MOGO_AUTH_MISSING'],
    ['', 'MOGO_AUTH_MISSING'],
    ['Basic YTpi', 'MOGO_AUTH_MISSING'],
    ['Bearer', 'MOGO_AUTH_MALFORMED'],
    ['Bearer abc', 'MOGO_AUTH_MALFORMED'],
    ['Bearer a.b.c', 'MOGO_AUTH_MALFORMED'],
    [`Bearer ${'a'.repeat(20_000)}.b.c`, 'MOGO_AUTH_MALFORMED'],
  ])('%j', async (header, expected) => {
    expect(await code(header)).toBe(expected)
  })

  test('unsigned', async () => {
    expect(await code(`Bearer ${new UnsecuredJWT(CLAIMS).encode()}`)).toBe('MOGO_AUTH_MALFORMED')
  })

  test('signed with the public key as a secret', async () => {
    const secret = await exportSPKI(own.publicKey)
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${encode({ alg: 'HS256', kid: 'k1', typ: 'JWT' })}.${encode(CLAIMS)}`
    const mac = createHmac('sha256', secret).update(signed).digest('base64url')
    expect(await code(`Bearer ${signed}.${mac}`)).toBe('MOGO_AUTH_MALFORMED')
  })

  test('anything else is refused, with a code, and never hangs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(await code(`Bearer ${text}`)).toMatch(/^MOGO_AUTH_(MALFORMED|MISSING)$/)
      }),
      { numRuns: 200 },
    )
  })

  test('a good token with one character changed', async () => {
    const good = await token()
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...'ABCxyz019_-'), async (at, char) => {
        const changed = good.slice(0, at) + char + good.slice(at + 1)
        // The last characters of a part may hold bits that are not used.
        if (
          changed === good ||
          (Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
            Buffer.from(good.split('.')[2] ?? '', 'base64url'),
          ) &&
            changed.split('.')[1] === good.split('.')[1] &&
            changed.split('.')[0] === good.split('.')[0])
        )
          return
        expect(await code(`Bearer ${changed}`)).not.toBe('passed')
      }),
      { numRuns: 100 },
    )
  })
})

test('a verified token is kept no longer than it is valid', async () => {
  const short = `Bearer ${await token({ claims: { exp: SECONDS + 60 } })}`
  expect(await code(short)).toBe('passed')
  clock = NOW + 89_000
  expect(await code(short)).toBe('passed')
  clock = NOW + 91_000
  expect(await code(short)).toBe('MOGO_AUTH_EXPIRED')
  clock = NOW
})

describe('keys by discovery', () => {
  let server: Server
  let base = ''
  let document: (path: string) => unknown = () => undefined
  let asked = 0
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked++
      const body = document(request.url ?? '')
      response.statusCode = body === undefined ? 404 : 200
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body ?? {}))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await new Promise((done) => server.close(done))
  })
  const discovering = () =>
    createBearerAuth({ issuer: base, audience: 'mogo', claims: claimNames, logger, now: () => NOW })

  test('are fetched once for many tokens', async () => {
    document = (path) =>
      path === '/.well-known/openid-configuration'
        ? { issuer: base, jwks_uri: `${base}/jwks` }
        : { keys: [jwk] }
    asked = 0
    const verifier = discovering()
    for (const sub of ['a', 'b', 'c'])
      expect((await verifier.verify(`Bearer ${await token({ claims: { iss: base, sub } })}`)).subject).toBe(
        sub,
      )
    expect(asked).toBe(2)
    await expect(verifier.check()).resolves.toBeUndefined()
  })

  test('of a document that names another issuer are not believed', async () => {
    document = () => ({ issuer: 'https://evil.example', jwks_uri: `${base}/jwks` })
    await expect(
      discovering().verify(`Bearer ${await token({ claims: { iss: base } })}`),
    ).rejects.toMatchObject({
      code: 'MOGO_IDENTITY_UNREACHABLE',
    })
  })

  test('that cannot be had are asked for again', async () => {
    const verifier = discovering()
    document = () => undefined
    const header = `Bearer ${await token({ claims: { iss: base } })}`
    await expect(verifier.verify(header)).rejects.toMatchObject({ code: 'MOGO_IDENTITY_UNREACHABLE' })
    document = (path) =>
      path === '/.well-known/openid-configuration'
        ? { issuer: base, jwks_uri: `${base}/jwks` }
        : { keys: [jwk] }
    expect((await verifier.verify(header)).subject).toBe('ana')
  })
})
