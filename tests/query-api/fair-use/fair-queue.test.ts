/** The queue: bounds that always hold, turns that are fair, waits that end. */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFairQueue, type QueueLimits } from '#query-api/fair-use/fair-queue.ts'
import type { Urgency } from '#query-api/fair-use/urgency.ts'
import { createTimers } from '../support/timers.ts'

const LIMITS: QueueLimits = {
  total: 4,
  tenant: 4,
  principal: 4,
  routes: new Map(),
  waitMillis: 10_000,
  waiting: 1_000,
}

function start(limits: Partial<QueueLimits> = {}) {
  const timers = createTimers()
  const waits: number[] = []
  const queue = createFairQueue({ ...LIMITS, ...limits }, timers.now, timers.timer, {
    waited: (_urgency, millis) => void waits.push(millis),
  })
  const begun: string[] = []
  const leaves: (() => void)[] = []
  const ask = (
    tenant: string,
    options: {
      subject?: string
      route?: string
      urgency?: Urgency
      signal?: AbortSignal
      name?: string
    } = {},
  ) => {
    const {
      subject = 'x',
      urgency = 1,
      route = '/v1/query',
      signal = new AbortController().signal,
      name = tenant,
    } = options
    return queue.enter({ tenant, subject, urgency, route }, signal).then((leave) => {
      begun.push(name)
      leaves.push(leave)
      return leave
    })
  }
  /** Ends the one that has run longest. */
  const endOne = async () => {
    leaves.shift()?.()
    await turn()
  }
  return { ...timers, queue, ask, begun, waits, endOne, leaves }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'runs',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )

describe('bounds', () => {
  test('hold whatever happens, and everybody runs, is refused or leaves; nothing is left behind', async () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('ask' as const),
        tenant: fc.constantFrom('a', 'b', 'c'),
        subject: fc.constantFrom('x', 'y'),
        urgency: fc.constantFrom<Urgency>(0, 1, 2),
        route: fc.constantFrom('q', 'r'),
        leaves: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('end' as const) }),
      fc.record({ kind: fc.constant('pass' as const), millis: fc.nat(6_000) }),
    )
    const limits = fc.record({
      total: fc.integer({ min: 1, max: 6 }),
      tenant: fc.integer({ min: 1, max: 5 }),
      principal: fc.integer({ min: 1, max: 4 }),
      waiting: fc.integer({ min: 1, max: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(limits, fc.array(event, { maxLength: 60 }), async (some, events) => {
        const { pass, now, timer, pending } = start()
        const limit: QueueLimits = { ...some, routes: new Map([['r', 2]]), waitMillis: 10_000 }
        const tested = createFairQueue(limit, now, timer, {
          waited: (_u, millis) => expect(millis).toBeLessThanOrEqual(10_000),
        })
        const running = new Map<
          () => void,
          { tenant: string; person: string; urgency: Urgency; route: string }
        >()
        let settled = 0
        let asked = 0
        const check = () => {
          const all = [...running.values()]
          expect(tested.running()).toBe(all.length)
          expect(all.length).toBeLessThanOrEqual(limit.total)
          expect(all.filter(({ urgency }) => urgency === 2).length).toBeLessThanOrEqual(
            Math.max(1, Math.floor(limit.total * 0.75)),
          )
          for (const of of Map.groupBy(all, ({ tenant }) => tenant).values())
            expect(of.length).toBeLessThanOrEqual(limit.tenant)
          for (const of of Map.groupBy(all, ({ person }) => person).values())
            expect(of.length).toBeLessThanOrEqual(limit.principal)
          expect(all.filter(({ route }) => route === 'r').length).toBeLessThanOrEqual(2)
          expect(tested.waiting()).toBeLessThanOrEqual(limit.waiting)
        }
        for (const each of events) {
          if (each.kind === 'ask') {
            asked++
            const caller = new AbortController()
            const { tenant, subject, urgency, route } = each
            tested.enter({ tenant, subject, urgency, route }, caller.signal).then(
              (leave) => {
                settled++
                running.set(leave, { tenant, person: `${tenant} ${subject}`, urgency, route })
              },
              () => {
                settled++
              },
            )
            if (each.leaves) caller.abort(new Error('gone'))
          } else if (each.kind === 'end') {
            const [leave] = running.keys()
            if (leave) {
              running.delete(leave)
              leave()
              leave()
            }
          } else pass(each.millis)
          await turn()
          check()
        }
        pass(10_001)
        await turn()
        expect(settled).toBe(asked)
        for (const leave of [...running.keys()]) {
          running.delete(leave)
          leave()
          await turn()
        }
        expect([tested.running(), tested.waiting(), tested.tenants(), pending()]).toEqual([0, 0, 0, 0])
      }),
      { numRuns: 150 },
    )
  })

  test('of a person, a tenant and all give different refusals, after the wait', async () => {
    const { ask, pass } = start({ total: 3, tenant: 2, principal: 1 })
    await ask('a', { subject: 'x' })
    const person = codeOf(ask('a', { subject: 'x' }))
    await ask('a', { subject: 'y' })
    const tenant = codeOf(ask('a', { subject: 'z' }))
    await ask('b')
    const all = codeOf(ask('c'))
    pass(9_999)
    await turn()
    pass(1)
    expect(await person).toBe('MOGO_QUERY_BUSY')
    expect(await tenant).toBe('MOGO_TENANT_BUSY')
    expect(await all).toBe('MOGO_OVERLOADED')
  })

  test('a full queue refuses at once, and a tenant fills a quarter of it', async () => {
    const { ask, queue } = start({ total: 1, waiting: 8 })
    await ask('a')
    const waiting = Array.from({ length: 20 }, () => codeOf(ask('a')))
    expect(queue.waiting()).toBe(2)
    expect(await waiting.at(-1)).toBe('MOGO_TENANT_BUSY')
    for (const tenant of ['b', 'c', 'd']) for (let asked = 0; asked < 2; asked++) void codeOf(ask(tenant))
    expect(queue.waiting()).toBe(8)
    expect(await codeOf(ask('e'))).toBe('MOGO_OVERLOADED')
  })

  test('a refusal says when to come back', async () => {
    const { ask, pass } = start({ total: 1, principal: 1 })
    await ask('a')
    const refused = ask('a')
    pass(10_000)
    await expect(refused).rejects.toMatchObject({ params: { seconds: expect.any(Number) } })
    await refused.catch(({ params }) => {
      expect(params.seconds).toBeGreaterThanOrEqual(1)
      expect(params.seconds).toBeLessThanOrEqual(60)
    })
  })

  test('who leaves gives up the place in the queue', async () => {
    const { ask, queue, endOne, begun } = start({ total: 1 })
    await ask('a')
    const caller = new AbortController()
    const left = codeOf(ask('b', { signal: caller.signal }))
    void ask('c')
    caller.abort(new Error('gone'))
    expect(await left).toBe('gone')
    await endOne()
    expect(begun).toEqual(['a', 'c'])
    expect(queue.waiting()).toBe(0)
    await expect(ask('d', { signal: caller.signal })).rejects.toThrow('gone')
  })
})

describe('turns', () => {
  test('tenants that wait take them, however many queries each has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 }),
        async (total, flood, others) => {
          const { ask, begun, endOne, leaves } = start({ total, principal: 100, tenant: 100 })
          for (let asked = 0; asked < flood + total; asked++) void ask('flood')
          await turn()
          begun.length = 0
          const wanted = new Map(others.map((count, index) => [`t${index}`, count]))
          for (const [tenant, count] of wanted) for (let asked = 0; asked < count; asked++) void ask(tenant)
          while (leaves.length > 0) await endOne()
          const given = new Map<string, number>()
          for (const tenant of begun) {
            given.set(tenant, (given.get(tenant) ?? 0) + 1)
            const least = Math.min(
              ...[...wanted]
                .filter(([name, count]) => (given.get(name) ?? 0) < count)
                .map(([name]) => given.get(name) ?? 0),
            )
            // Nobody is given more than one turn more than one who still waits.
            if (Number.isFinite(least)) expect(given.get(tenant) ?? 0).toBeLessThanOrEqual(least + 1)
          }
          expect(begun.length).toBe(flood + others.reduce((sum, count) => sum + count, 0))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('the urgent ones of a tenant go first, and exports leave a place', async () => {
    const { ask, begun, endOne, leaves } = start({ total: 4 })
    for (let asked = 0; asked < 6; asked++) void ask('a', { urgency: 2, name: 'export' })
    await turn()
    expect(begun.length).toBe(3)
    await ask('a', { urgency: 1, name: 'screen' })
    void ask('a', { urgency: 1, name: 'screen 2' })
    void ask('a', { urgency: 0, name: 'page' })
    while (leaves.length > 0) await endOne()
    expect(begun).toEqual([
      'export',
      'export',
      'export',
      'screen',
      'page',
      'screen 2',
      'export',
      'export',
      'export',
    ])
  })

  test('one that has waited for half of its time goes before more urgent ones', async () => {
    const { ask, begun, endOne, pass } = start({ total: 1 })
    await ask('a')
    void ask('a', { urgency: 2, name: 'export' })
    pass(5_000)
    void ask('a', { urgency: 0, name: 'page' })
    await endOne()
    expect(begun).toEqual(['a', 'export'])
  })

  test('an export counts as four', async () => {
    const { ask, begun, endOne, leaves } = start({ total: 1 })
    await ask('first')
    for (let asked = 0; asked < 3; asked++) void ask('exporter', { urgency: 2 })
    for (let asked = 0; asked < 8; asked++) void ask('reader')
    while (leaves.length > 0) await endOne()
    const order = begun
      .slice(1)
      .map((name) => (name === 'exporter' ? 'E' : 'r'))
      .join('')
    expect(order).toMatch(/^r?Er{4}Er{3,4}E?r?$/)
  })

  test('a person at the limit does not hold up others of the tenant', async () => {
    const { ask, begun, endOne } = start({ total: 2, principal: 1 })
    await ask('a', { subject: 'x', name: 'x1' })
    await ask('b')
    void ask('a', { subject: 'x', name: 'x2' })
    void ask('a', { subject: 'y', name: 'y1' })
    await endOne()
    await endOne()
    expect(begun).toEqual(['x1', 'b', 'x2', 'y1'])
  })
})
