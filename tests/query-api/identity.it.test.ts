/**
 * Who asks, tried on every door of the API on a real engine: tokens that are forged, stale, or of an issuer that may not sign for the tenant; API keys
 * that are guessed, ended, or of another tenant; names that are put into headers. Nothing of the other tenant gets out, and nothing is answered.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createIssuersAuth } from '#ops/runtime/bearer-auth.ts'
import { parseConfig } from '#ops/runtime/load-config.ts'
import { issuersOf } from '#ops/runtime/trusted-issuers.ts'
import { type AccessKeys, createAccessKeys } from '#query-api/access/access-keys.ts'
import { newAccessKey } from '#query-api/access/key-format.ts'
import { MemoryKeyTopic } from './support/key-topic.ts'
import { SOUTH_MARKER, SOUTH_NUMBER, startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
let url = ''
let partner: Server
let partnerIssuer = ''
let keys: AccessKeys
let clock = Date.now()
const topic = new MemoryKeyTopic()
const signing = await generateKeyPair('ES256')
const forger = await generateKeyPair('ES256')

beforeAll(async () => {
  tenants = await startTenants()
  const jwk = { ...(await exportJWK(signing.publicKey)), kid: 'p1', alg: 'ES256' }
  partner = createServer((request, response) => {
    const isKeys = request.url === '/jwks'
    const discovery = { issuer: partnerIssuer, jwks_uri: `${partnerIssuer}/jwks` }
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : discovery))
  })
  await new Promise<void>((done) => partner.listen(0, '127.0.0.1', done))
  partnerIssuer = `http://127.0.0.1:${(partner.address() as AddressInfo).port}`
  const config = `identity: { issuers: [{ name: partner, issuer: "${partnerIssuer}", tenants: [south] }] }`
  const { identity } = parseConfig(config, 'mogo.yaml')
  const { logger } = tenants
  keys = createAccessKeys({
    ...{ open: topic.open, secret: 'secret', mostDays: 365, logger, now: () => clock },
  })
  const app = await tenants.build({
    auth: createIssuersAuth({ issuers: issuersOf(identity, tenants.issuer), logger }),
    accessKeys: { keys, roles: ['data_engineer'] },
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await keys?.close()
  await new Promise((done) => partner.close(done))
  await tenants?.dispose()
})
beforeEach(() => {
  clock = Date.now()
  tenants.records.length = 0
})

const sign = (claims: JWTPayload = {}, key = signing.privateKey, head = {}): Promise<string> =>
  new SignJWT({
    ...{ iss: partnerIssuer, aud: 'mogo', sub: 'pat', tenant: 'south', roles: ['analyst'] },
    ...{ exp: Math.floor(Date.now() / 1000) + 60, ...claims },
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'p1', typ: 'at+jwt', ...head })
    .sign(key)

type Headers = Readonly<Record<string, string>>
const SQL = JSON.stringify({ sql: 'SELECT DISTINCT tenant_id, name FROM clients ORDER BY ALL LIMIT 3' })
const DOORS: readonly (readonly [string, (headers: Headers) => Promise<Response>])[] = [
  [
    'SQL',
    (headers) =>
      fetch(`${url}/v1/query`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: SQL,
      }),
  ],
  ['rows', (headers) => fetch(`${url}/v1/datasets/clients/rows?select=tenant_id,name&limit=3`, { headers })],
  ['datasets', (headers) => fetch(`${url}/v1/datasets`, { headers })],
  ['me', (headers) => fetch(`${url}/v1/me`, { headers })],
  ['keys', (headers) => fetch(`${url}/v1/keys`, { headers })],
]
const MARKERS = new RegExp(`${SOUTH_MARKER}|${SOUTH_NUMBER}|north-`)

/** Status and code at every door; nothing may be in the answers. */
async function refusals(headers: Headers): Promise<string[]> {
  const seen = await Promise.all(
    DOORS.map(async ([, ask]) => {
      const response = await ask(headers)
      const text = `${await response.text()}${JSON.stringify([...response.headers])}`
      expect(text).not.toMatch(MARKERS)
      return `${response.status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`
    }),
  )
  return [...new Set(seen)]
}
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const seconds = (more: number): number => Math.floor(Date.now() / 1000) + more

describe('a token', () => {
  test.each<readonly [string, () => Promise<string> | string, string]>([
    ['of an issuer for a tenant of another', () => sign({ tenant: 'north' }), '403 MOGO_AUTH_TENANT'],
    ['for every tenant at once', () => sign({ tenant: ['south', 'north'] }), '403 MOGO_AUTH_CLAIM'],
    ['that is forged', () => sign({}, forger.privateKey), '401 MOGO_AUTH_SIGNATURE'],
    [
      'forged under a key id of its own',
      () => sign({}, forger.privateKey, { kid: 'f' }),
      '401 MOGO_AUTH_SIGNATURE',
    ],
    [
      'that names where its key is',
      () => sign({}, forger.privateKey, { jku: 'https://x/jwks' }),
      '401 MOGO_AUTH_SIGNATURE',
    ],
    [
      'that brings its key',
      async () => sign({}, forger.privateKey, { jwk: await exportJWK(forger.publicKey) }),
      '401 MOGO_AUTH_SIGNATURE',
    ],
    ['in the name of the first issuer', () => sign({ iss: tenants.issuer }), '401 MOGO_AUTH_SIGNATURE'],
    ['of nobody that is trusted', () => sign({ iss: 'https://evil.example' }), '401 MOGO_AUTH_ISSUER'],
    ['for another audience', () => sign({ aud: 'other' }), '401 MOGO_AUTH_AUDIENCE'],
    ['that has expired', () => sign({ exp: seconds(-60) }), '401 MOGO_AUTH_EXPIRED'],
    ['that never expires', () => sign({ exp: undefined } as never), '403 MOGO_AUTH_CLAIM'],
    ['of a time to come', () => sign({ nbf: seconds(60) }), '401 MOGO_AUTH_NOT_YET'],
    [
      'without a signature',
      () => new UnsecuredJWT({ iss: partnerIssuer, tenant: 'south', roles: ['analyst'] }).encode(),
      '401 MOGO_AUTH_MALFORMED',
    ],
  ])('%s is refused at every door', async (_what, made, expected) => {
    expect(await refusals(bearer(await made()))).toEqual([expected])
    expect(tenants.records).toEqual([])
  })

  test('of the first issuer for the tenant that is bound to another is refused', async () => {
    const sam = await tenants.token('sam')
    expect(decodeJwt(sam)['tenant']).toBe('south')
    expect(await refusals(bearer(sam))).toEqual(['403 MOGO_AUTH_TENANT'])
  })
})

/** Tenants in the answers of the doors that give rows. */
async function tenantsSeen(headers: Headers): Promise<string[]> {
  const texts = await Promise.all(
    DOORS.slice(0, 2).map(async ([, ask]) => {
      const response = await ask(headers)
      const text = await response.text()
      expect(response.status, text).toBe(200)
      return text
    }),
  )
  return [...new Set([...texts.join('').matchAll(/"(north|south)"/g)].map((match) => match[1] ?? ''))]
}

test('controls: each good token and each key sees its own tenant, and the records say who', async () => {
  const analyst = { roles: ['analyst'], attributes: {} }
  const own = { account: 'loader', roles: ['analyst'], days: 1, description: '' }
  const south = await keys.create({ ...analyst, subject: 'issuer:partner:pat', tenant: 'south' }, own)
  const north = await keys.create({ ...analyst, subject: 'nora', tenant: 'north' }, own)
  expect(await tenantsSeen(bearer(await sign()))).toEqual(['south'])
  expect(await tenantsSeen(bearer(await tenants.token('nora')))).toEqual(['north'])
  expect(await tenantsSeen(bearer(south.text))).toEqual(['south'])
  expect(await tenantsSeen(bearer(north.text))).toEqual(['north'])
  const said = new Set(tenants.records.map(({ tenant, subject }) => `${tenant} ${subject}`))
  expect([...said].toSorted()).toEqual([
    'north nora',
    'north service-account:loader',
    'south issuer:partner:pat',
    'south service-account:loader',
  ])
})

describe('an API key', () => {
  const maker = { subject: 'pat', tenant: 'south', roles: ['analyst', 'gardener'], attributes: {} }
  const request = { account: 'loader', roles: ['analyst'], days: 1, description: '' }

  test('that is guessed, ended or revoked is refused at every door', async () => {
    const { text, known } = await keys.create(maker, request)
    const [, id = '', secret = ''] = /^mogo_(\w{12})_(\w+)$/.exec(text) ?? []
    for (const [shown, expected] of [
      [newAccessKey().text, '401 MOGO_KEY_REFUSED'],
      [`mogo_${id}_${[...secret].toReversed().join('')}`, '401 MOGO_KEY_MALFORMED'],
      [`${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`, '401 MOGO_KEY_MALFORMED'],
      [`${text}.a.b`, '401 MOGO_KEY_MALFORMED'],
    ] as const)
      expect(await refusals(bearer(shown))).toEqual([expected])
    clock += 24 * 3600 * 1000
    expect(await refusals(bearer(text))).toEqual(['401 MOGO_KEY_EXPIRED'])
    clock = Date.now()
    await keys.revoke(maker, known.definition.id)
    expect(await refusals(bearer(text))).toEqual(['401 MOGO_KEY_REVOKED'])
    expect(tenants.records).toEqual([])
  })

  test('has no role but its own, although its maker has more', async () => {
    const { text } = await keys.create(maker, request)
    for (const role of ['gardener', 'engineer']) {
      const response = await fetch(`${url}/v1/datasets/clients/rows?role=${role}`, { headers: bearer(text) })
      expect(response.status).toBe(403)
      expect(await response.text()).not.toMatch(MARKERS)
    }
  })

  test("cannot go on with another tenant's cursor", async () => {
    const page = async (headers: Headers, cursor = ''): Promise<{ status: number; text: string }> => {
      const response = await fetch(`${url}/v1/datasets/clients/rows?select=id&limit=2${cursor}`, { headers })
      return { status: response.status, text: await response.text() }
    }
    const first = await page(bearer(await tenants.token('nora')))
    const next = /"next":"([^"]+)"/.exec(first.text)?.[1]
    expect(next).toBeDefined()
    const cursor = new URL(next ?? '', url).searchParams.get('cursor') ?? next ?? ''
    const { text } = await keys.create(maker, request)
    const other = await page(bearer(text), `&cursor=${encodeURIComponent(cursor)}`)
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('MOGO_ROWS_CURSOR')])
  })
})

test.each<readonly [string, (token: string) => Headers, string]>([
  ['no header at all', () => ({}), '401 MOGO_AUTH_MISSING'],
  [
    'names in other headers',
    () => ({ 'x-forwarded-user': 'nora', 'x-mogo-tenant': 'north' }),
    '401 MOGO_AUTH_MISSING',
  ],
  ['a token in a cookie', (token) => ({ cookie: `authorization=Bearer ${token}` }), '401 MOGO_AUTH_MISSING'],
  [
    'a token in another header',
    (token) => ({ 'x-authorization': `Bearer ${token}` }),
    '401 MOGO_AUTH_MISSING',
  ],
  [
    'a token as a password',
    (token) => ({ authorization: `Basic ${btoa(`nora:${token}`)}` }),
    '401 MOGO_AUTH_MISSING',
  ],
  [
    'two tokens',
    (token) => ({ authorization: `Bearer ${token}, Bearer ${token}` }),
    '401 MOGO_AUTH_MALFORMED',
  ],
  [
    'more after the token',
    (token) => ({ authorization: `Bearer ${token} tenant=south` }),
    '401 MOGO_AUTH_MALFORMED',
  ],
])('%s is nobody', async (_what, headersOf, expected) => {
  expect(await refusals(headersOf(await tenants.token('nora')))).toEqual([expected])
})
