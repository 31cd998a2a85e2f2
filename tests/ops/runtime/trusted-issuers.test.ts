/** Several issuers: whose token is verified with whose keys, and which tenants each may give. */
import fc from 'fast-check'
import { type CryptoKey, createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { createIssuersAuth } from '#ops/runtime/bearer-auth.ts'
import { fixedKeys, type IssuerKeys } from '#ops/runtime/issuer-keys.ts'
import { parseConfig } from '#ops/runtime/load-config.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { issuersOf } from '#ops/runtime/trusted-issuers.ts'

const NOW = Date.UTC(2026, 10, 1)
const HOME = 'https://home.example'
const NORTH = 'https://north.example'
const MANY = 'https://many.example'
const CONFIG = `
identity:
  issuers:
    - { name: north, issuer: "${NORTH}", tenant: north, audience: north-api, claims: { roles: groups } }
    - { name: many, issuer: "${MANY}", tenants: [east, west] }
`
const pairs = Object.fromEntries(
  await Promise.all(
    [HOME, NORTH, MANY].map(async (issuer) => [issuer, await generateKeyPair('ES256')] as const),
  ),
)
const used: string[] = []
const keysOf = (issuer: string): IssuerKeys => ({
  async current() {
    used.push(issuer)
    const jwk = await exportJWK((pairs[issuer] as { publicKey: CryptoKey }).publicKey)
    return fixedKeys(createLocalJWKSet({ keys: [{ ...jwk, kid: 'k', alg: 'ES256' }] })).current()
  },
})
const { identity } = parseConfig(CONFIG, 'mogo.yaml')
const auth = createIssuersAuth({
  issuers: issuersOf(identity, HOME),
  logger: createLogger('test', 'silent'),
  now: () => NOW,
  keysOf,
})

const token = (issuer: string, claims: JWTPayload = {}, signer = issuer): Promise<string> =>
  new SignJWT({
    ...{ aud: 'mogo', sub: 'ana', tenant: 'acme', roles: ['analyst'], exp: NOW / 1000 + 60, iss: issuer },
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
    .sign((pairs[signer] as { privateKey: CryptoKey }).privateKey)

const outcome = async (made: Promise<string>): Promise<unknown> => {
  try {
    const { subject, tenant, roles } = await auth.verify(`Bearer ${await made}`)
    return { subject, tenant, roles }
  } catch (error) {
    return isMogoError(error) ? error.code : error
  }
}
beforeEach(() => {
  used.length = 0
})

describe('a token', () => {
  const north = { aud: 'north-api', groups: ['analyst'] }
  test.each<readonly [string, Promise<string>, unknown]>([
    ['of the first issuer', token(HOME), { subject: 'ana', tenant: 'acme', roles: ['analyst'] }],
    [
      'of an issuer with a fixed tenant',
      token(NORTH, { ...north, tenant: undefined }),
      { subject: 'issuer:north:ana', tenant: 'north', roles: ['analyst'] },
    ],
    [
      'of an issuer with a fixed tenant that names another one',
      token(NORTH, { ...north, tenant: 'acme' }),
      { subject: 'issuer:north:ana', tenant: 'north', roles: ['analyst'] },
    ],
    [
      'of an issuer with a list, of one of its tenants',
      token(MANY, { tenant: 'west' }),
      { subject: 'issuer:many:ana', tenant: 'west', roles: ['analyst'] },
    ],
    ['of an issuer with a list, of no tenant of its', token(MANY), 'MOGO_AUTH_TENANT'],
    [
      "of an issuer with a list, of another issuer's tenant",
      token(MANY, { tenant: 'north' }),
      'MOGO_AUTH_TENANT',
    ],
    ["of the first issuer, of another issuer's tenant", token(HOME, { tenant: 'north' }), 'MOGO_AUTH_TENANT'],
    ["of the first issuer, of another issuer's list", token(HOME, { tenant: 'east' }), 'MOGO_AUTH_TENANT'],
    ["with another issuer's audience", token(NORTH, { ...north, aud: 'mogo' }), 'MOGO_AUTH_AUDIENCE'],
    ["with another issuer's claims", token(NORTH, { aud: 'north-api' }), 'MOGO_AUTH_CLAIM'],
    ["signed by another issuer's key", token(NORTH, north, HOME), 'MOGO_AUTH_SIGNATURE'],
    ['of the first issuer signed by a further one', token(HOME, {}, MANY), 'MOGO_AUTH_SIGNATURE'],
    [
      'whose subject looks like one of a further issuer',
      token(HOME, { sub: 'issuer:north:ana' }),
      'MOGO_AUTH_CLAIM',
    ],
    [
      'whose subject looks like a service account',
      token(HOME, { sub: 'service-account:x' }),
      'MOGO_AUTH_CLAIM',
    ],
  ])('%s', async (_what, made, expected) => {
    expect(await outcome(made)).toEqual(expected)
  })

  test.each([
    'https://evil.example',
    `${HOME}/`,
    HOME.toUpperCase(),
    `${NORTH}.evil.example`,
    '',
    '__proto__',
  ])('of the issuer %j is refused without asking for keys', async (iss) => {
    expect(await outcome(token(HOME, { iss }))).toBe('MOGO_AUTH_ISSUER')
    expect(used).toEqual([])
  })

  test('without an issuer, or with one that is no text, is refused without asking for keys', async () => {
    for (const iss of [undefined, 1, [HOME], { a: HOME }])
      expect(await outcome(token(HOME, { iss } as never))).toBe('MOGO_AUTH_ISSUER')
    expect(used).toEqual([])
  })
})

test('no two people of different issuers have the same name here', () => {
  const issuers = issuersOf(identity, HOME)
  const part = fc.oneof(
    fc.string(),
    fc
      .constantFrom('issuer:', 'issuer:north:', 'issuer:many:', ':', 'service-account:')
      .chain((head) => fc.string().map((rest) => head + rest)),
  )
  fc.assert(
    fc.property(part, part, fc.nat(2), fc.nat(2), (one, two, first, second) => {
      const names = [issuers[first]?.subjectOf(one), issuers[second]?.subjectOf(two)]
      if (names[0] === undefined || names[0] !== names[1]) return
      expect([first, one]).toEqual([second, two])
    }),
  )
})

describe('mogo.yaml', () => {
  const faults = (issuers: string, rest = ''): unknown => {
    try {
      parseConfig(`identity: { ${rest} issuers: [${issuers}] }`, 'mogo.yaml')
      return []
    } catch (error) {
      return isMogoError(error) ? String(error.params['faults']).trim() : error
    }
  }
  test.each([
    [
      '{ name: a, issuer: "https://a", tenants: [x] }, { name: a, issuer: "https://b" }',
      '',
      'issuers.1.name',
    ],
    ['{ name: a, issuer: "https://a" }, { name: b, issuer: "https://a" }', '', 'issuers.1.issuer'],
    ['{ name: a, issuer: "https://a" }', 'issuer: "https://a",', 'issuers.0.issuer'],
    ['{ name: a, issuer: "https://a", tenant: x, tenants: [y] }', '', 'not both'],
    [
      '{ name: a, issuer: "https://a", tenant: x }, { name: b, issuer: "https://b", tenants: [y, x] }',
      '',
      'issuers.1.tenants',
    ],
    ['{ name: a, issuer: "https://a", tenant: x }', 'tenants: [x],', 'issuers.0.tenant'],
    ['{ name: a, issuer: "https://u:hunter2@a" }', '', 'holds a password'],
    ['{ name: "A:b", issuer: "https://a" }', '', 'issuers.0.name'],
  ])('refuses %s %s', (issuers, rest, place) => {
    expect(faults(issuers, rest)).toContain(place)
  })
  test('takes several issuers without tenants, which tell their people apart', () => {
    expect(faults('{ name: a, issuer: "https://a" }, { name: b, issuer: "https://b" }')).toEqual([])
  })
})
