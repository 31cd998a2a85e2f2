/** Token buckets, what is kept of them, and limits made of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MogoError } from '#contracts/errors.ts'
import { createLoginGuard, networkOf } from '#query-api/fair-use/login-guard.ts'
import { createMemoryUsageStore } from '#query-api/fair-use/memory-usage-store.ts'
import { createRateLimits } from '#query-api/fair-use/rate-limits.ts'
import { tokensNow } from '#query-api/fair-use/token-bucket.ts'

const MINUTE = 60_000
const rule = (quota: number, windowMillis = MINUTE) => ({ quota, windowMillis })
const someone = (subject: string, tenant = 'north') => ({ subject, tenant, roles: [], attributes: {} })

function clock() {
  let time = 1_000_000
  return {
    now: () => time,
    pass: (millis: number) => {
      time += millis
    },
  }
}

describe('a bucket', () => {
  test('gives no more than its quota and what came back, whenever it is asked, and nothing for a clock that goes back', () => {
    const step = fc.record({ millis: fc.integer({ min: -5_000, max: 20_000 }), asks: fc.nat(30) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(step, { maxLength: 30 }), (quota, steps) => {
        const { now, pass } = clock()
        const store = createMemoryUsageStore(now)
        let given = 0
        let forward = 0
        for (const { millis, asks } of steps) {
          pass(millis)
          forward += Math.max(0, millis)
          for (let ask = 0; ask < asks; ask++) {
            const verdict = store.take([{ key: 'a', rule: rule(quota) }])
            if ('left' in verdict) given++
            expect(given).toBeLessThanOrEqual(quota + (forward * quota) / MINUTE + 1e-6)
          }
        }
      }),
    )
  })

  test('says how long to wait: a moment less is too early', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(100_000), (quota, idle) => {
        const { now, pass } = clock()
        const store = createMemoryUsageStore(now)
        const claims = [{ key: 'a', rule: rule(quota) }]
        pass(idle)
        for (let asked = 0; asked < quota; asked++)
          expect(store.take(claims)).toMatchObject({ isTaken: true })
        const refused = store.take(claims)
        if (!('waitMillis' in refused)) throw new Error('taken')
        pass(refused.waitMillis - 0.01)
        expect(store.take(claims)).toMatchObject({ isTaken: false })
        pass(0.02)
        expect(store.take(claims)).toMatchObject({ isTaken: true })
      }),
    )
  })

  test('begins full, and holds no more than its quota', () => {
    expect(tokensNow(undefined, rule(7), 5)).toBe(7)
    expect(tokensNow({ tokens: 3, at: 0 }, rule(60), 1_000)).toBe(4)
    expect(tokensNow({ tokens: 3, at: 0 }, rule(60), 1e9)).toBe(60)
    expect(tokensNow({ tokens: 3, at: 5_000 }, rule(60), 1_000)).toBe(3)
  })
})

describe('the store', () => {
  test('takes of all buckets or of none', () => {
    const { now } = clock()
    const store = createMemoryUsageStore(now)
    const claims = [
      { key: 'a', rule: rule(5) },
      { key: 'b', rule: rule(2) },
    ]
    expect(store.take(claims)).toEqual({ isTaken: true, left: 4 })
    expect(store.take(claims)).toEqual({ isTaken: true, left: 3 })
    expect(store.take(claims)).toEqual({ isTaken: false, refused: 1, waitMillis: 30_000 })
    expect(store.take([{ key: 'a', rule: rule(5) }])).toEqual({ isTaken: true, left: 2 })
  })

  test('forgets buckets that are full again, and never holds more than it may', () => {
    const { now, pass } = clock()
    const store = createMemoryUsageStore(now, 100)
    for (let key = 0; key < 500; key++) {
      store.take([{ key: `k${key}`, rule: rule(60) }])
      expect(store.size()).toBeLessThanOrEqual(100)
      pass(key % 2 === 0 ? 0 : 500)
    }
    const used = { key: 'used', rule: rule(2) }
    store.take([used])
    store.take([used])
    pass(1_000)
    for (let key = 0; key < 99; key++) store.take([{ key: `other${key}`, rule: rule(60_000) }])
    pass(1)
    store.take([{ key: 'one more', rule: rule(60) }])
    expect(store.take([used])).toMatchObject({ isTaken: false })
  })
})

describe('requests', () => {
  function limits(routes: Readonly<Record<string, number>> = {}) {
    const { now, pass } = clock()
    const rates = createRateLimits(createMemoryUsageStore(now), {
      ...{ principal: rule(3), tenant: rule(5), read: rule(10e9, 3_600_000) },
      routes: new Map(Object.entries(routes).map(([route, quota]) => [route, rule(quota)])),
    })
    let headers: Readonly<Record<string, string>> = {}
    const ask = (subject: string, tenant?: string, route = '/v1/query') =>
      rates.request(someone(subject, tenant), route, (set) => {
        headers = set
      })
    return { rates, ask, pass, headers: () => headers }
  }

  test('of a person are bounded, and an answer says what is left', async () => {
    const { ask, headers, pass } = limits()
    await ask('nora')
    expect(headers()).toEqual({
      'ratelimit-policy': '"principal";q=3;w=60',
      ratelimit: '"principal";r=2;t=20',
    })
    await ask('nora')
    await ask('nora')
    await expect(ask('nora')).rejects.toMatchObject({
      code: 'MOGO_RATE_LIMITED',
      status: 429,
      message: 'Too many requests of yours; 3 a minute may be sent.',
      params: { seconds: 20 },
    })
    expect(headers()).toEqual({
      'ratelimit-policy': '"principal";q=3;w=60',
      ratelimit: '"principal";r=0;t=20',
    })
    await ask('olga')
    pass(20_000)
    await ask('nora')
  })

  test('of a tenant are bounded, those of another are not', async () => {
    const { ask, headers } = limits()
    for (const subject of ['a', 'b', 'c', 'd', 'e']) await ask(subject)
    await expect(ask('f')).rejects.toMatchObject({
      code: 'MOGO_RATE_LIMITED',
      message: expect.stringContaining('your tenant'),
    })
    expect(headers()['ratelimit']).toBe('"tenant";r=0;t=12')
    await ask('a', 'south')
  })

  test('on a route are bounded for each person', async () => {
    const { ask } = limits({ '/v1/query': 1 })
    await ask('nora')
    await expect(ask('nora')).rejects.toMatchObject({ message: expect.stringContaining('on this route') })
    await ask('nora', 'north', '/v1/datasets')
    await ask('olga')
  })

  test('a name that holds a separator is no other person', async () => {
    const { ask } = limits()
    for (let asked = 0; asked < 3; asked++) await ask('b","c', 'a')
    await ask('c', 'a","b')
  })
})

describe('what a tenant reads', () => {
  test('is bounded by the hour; a query that has begun is never cut, the next one waits', async () => {
    const { now, pass } = clock()
    const rates = createRateLimits(createMemoryUsageStore(now), {
      ...{ principal: rule(1e6), tenant: rule(1e6), routes: new Map() },
      read: rule(36e9, 3_600_000),
    })
    await rates.mayRead(someone('nora'))
    rates.hasRead(someone('nora'), 35e9)
    await rates.mayRead(someone('olga'))
    rates.hasRead(someone('olga'), 3e9)
    await expect(rates.mayRead(someone('nora'))).rejects.toMatchObject({
      code: 'MOGO_READ_BUDGET',
      status: 429,
      params: { limit: 36, seconds: 200 },
    })
    await rates.mayRead(someone('sam', 'south'))
    pass(200_001)
    await rates.mayRead(someone('nora'))
  })
})

describe('logins', () => {
  const invalid = async () => {
    throw new MogoError('MOGO_AUTH_EXPIRED')
  }
  const valid = async () => undefined

  test('that fail too often are refused unread, by address; who was valid before comes in', async () => {
    const { now, pass } = clock()
    const guard = createLoginGuard(createMemoryUsageStore(now), rule(60))
    await guard.login('10.0.0.1', 'Bearer good', valid)
    for (let tried = 0; tried < 60; tried++)
      await expect(guard.login('10.0.0.1', `Bearer ${tried}`, invalid)).rejects.toMatchObject({
        code: 'MOGO_AUTH_EXPIRED',
      })
    let isRead = false
    const reads = async () => {
      isRead = true
    }
    await expect(guard.login('10.0.0.1', 'Bearer new', reads)).rejects.toMatchObject({
      code: 'MOGO_LOGIN_FLOOD',
      status: 429,
      params: { seconds: 1 },
    })
    expect(isRead).toBe(false)
    await guard.login('10.0.0.1', 'Bearer good', valid)
    await guard.login('10.0.0.2', 'Bearer new', valid)
    pass(1_001)
    await guard.login('10.0.0.1', 'Bearer other', valid)
  })

  test('a token that is no longer valid counts again', async () => {
    const { now } = clock()
    const guard = createLoginGuard(createMemoryUsageStore(now), rule(1))
    await guard.login('10.0.0.1', 'Bearer good', valid)
    await expect(guard.login('10.0.0.1', 'Bearer good', invalid)).rejects.toMatchObject({ status: 401 })
    await expect(guard.login('10.0.0.1', 'Bearer good', valid)).rejects.toMatchObject({
      code: 'MOGO_LOGIN_FLOOD',
    })
  })

  test('an identity provider that is away is nobody’s failure', async () => {
    const { now } = clock()
    const guard = createLoginGuard(createMemoryUsageStore(now), rule(1))
    const away = async () => {
      throw new MogoError('MOGO_UNAVAILABLE', { what: 'x' })
    }
    for (let tried = 0; tried < 5; tried++)
      await expect(guard.login('10.0.0.1', `Bearer ${tried}`, away)).rejects.toMatchObject({ status: 503 })
  })

  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('the address %s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
