/** The book of queries, deadlines, events: without an engine, by a clock of the test's own. */
import { describe, expect, test } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { deadlineOf, startDeadline } from '#query-api/queries/deadline.ts'
import { createQueryBook } from '#query-api/queries/query-book.ts'
import { queryEvents } from '#query-api/queries/query-events.ts'
import { queryView } from '#query-api/queries/query-view.ts'
import { createStallGuard } from '#query-api/queries/stall-guard.ts'

const nora: Principal = { subject: 'nora', tenant: 'north', roles: ['analyst'], attributes: {} }
const noraOfSouth: Principal = { ...nora, tenant: 'south' }
const DONE = { decision: 'answered', reason: '', rows: 3, bytes: 10, truncated: false } as const

let ids = 0
const newId = () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`
const book = (options: { keepMillis?: number; most?: number; mostOfOne?: number } = {}) => {
  const clock = { now: 1_000 }
  const made = createQueryBook({ now: () => clock.now, ...options })
  const open = (principal = nora, clientQueryId?: string) =>
    made.open({ queryId: newId(), clientQueryId, principal, mediaType: 'text/csv' })
  return { clock, open, find: made.find }
}

describe('a query', () => {
  test('is found by its id and by its name, in any case, by its owner alone', () => {
    const { open, find } = book()
    const name = 'AAAAAAAA-0000-4000-8000-000000000000'.toLowerCase()
    const query = open(nora, name)
    expect(find(nora, query.queryId)).toBe(query)
    expect(find(nora, name.toUpperCase())).toBe(query)
    for (const other of [noraOfSouth, { ...nora, subject: 'nora2' }])
      expect([find(other, query.queryId), find(other, name)]).toEqual([undefined, undefined])
  })

  test('has a name of its own, for as long as the book has the one before; other people’s names are apart', () => {
    const { clock, open } = book({ keepMillis: 100 })
    const name = newId()
    const first = open(nora, name)
    expect(() => open(nora, name)).toThrow(expect.objectContaining({ code: 'MOGO_QUERY_ID_TAKEN' }))
    expect(open(noraOfSouth, name).clientQueryId).toBe(name)
    first.observer.ended(DONE)
    expect(() => open(nora, name)).toThrow(MogoError)
    clock.now += 101
    expect(open(nora, name)).not.toBe(first)
  })

  test('is kept while it runs, and for a while after', () => {
    const { clock, open, find } = book({ keepMillis: 100 })
    const query = open()
    clock.now += 1_000
    expect(find(nora, query.queryId)).toBe(query)
    query.observer.ended(DONE)
    clock.now += 100
    expect(find(nora, query.queryId)).toBe(query)
    clock.now += 1
    expect(find(nora, query.queryId)).toBeUndefined()
  })

  test('is forgotten in time, whoever else asks and ends in between', () => {
    const { clock, open, find } = book({ keepMillis: 100 })
    const old = open()
    old.observer.ended(DONE)
    clock.now += 60
    const others = open(noraOfSouth)
    others.observer.ended(DONE)
    clock.now += 30
    const newer = open()
    newer.observer.ended(DONE)
    clock.now += 11
    expect(find(noraOfSouth, others.queryId)).toBe(others)
    expect([find(nora, old.queryId), find(nora, newer.queryId)]).toEqual([undefined, newer])
    clock.now += 100
    expect([find(nora, newer.queryId), find(noraOfSouth, others.queryId)]).toEqual([undefined, undefined])
  })

  test('goes when there are too many, of its owner or of all; the newest stay', () => {
    const { open, find } = book({ mostOfOne: 3, most: 5 })
    const ended = (principal: Principal) => {
      const query = open(principal)
      query.observer.ended(DONE)
      return query
    }
    const own = [1, 2, 3, 4, 5].map(() => ended(nora))
    expect(own.map(({ queryId }) => find(nora, queryId) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ])
    const running = open()
    const others = [1, 2, 3].map(() => ended(noraOfSouth))
    expect(own.map(({ queryId }) => find(nora, queryId) !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    expect(others.every(({ queryId }) => find(noraOfSouth, queryId) !== undefined)).toBe(true)
    expect(find(nora, running.queryId)).toBe(running)
  })

  test('ends once: what comes later changes nothing', async () => {
    const { clock, open } = book()
    const query = open()
    let rows = 1
    query.observer.sending(() => ({ rows, bytes: rows * 10 }))
    rows = 2
    clock.now += 5
    expect(query.status()).toMatchObject({ phase: 'sending', rows: 2, bytes: 20, elapsedMs: 5 })
    query.observer.ended(DONE)
    query.observer.ended({ ...DONE, decision: 'failed', reason: 'MOGO_QUERY_FAILED' })
    await query.ended
    clock.now += 50
    expect(queryView(query, true)).toMatchObject({ state: 'answered', code: null, rows: 3, elapsedMs: 5 })
  })

  test('that was cancelled says so', () => {
    const query = book().open()
    query.cancel(new MogoError('MOGO_QUERY_CANCELLED'))
    expect(query.signal.reason).toMatchObject({ code: 'MOGO_QUERY_CANCELLED' })
    query.observer.ended({ ...DONE, decision: 'failed', reason: 'MOGO_QUERY_CANCELLED' })
    expect(queryView(query, true)).toMatchObject({ state: 'cancelled', code: 'MOGO_QUERY_CANCELLED' })
  })
})

test('events tell how far the answer is, and close with how it ended', async () => {
  const query = book().open()
  const events = queryEvents(query, true, 5)
  const next = async () => String((await events.next()).value)
  expect(await next()).toBe(
    'event: progress\ndata: {"phase":"checking","elapsedMs":0,"rows":0,"bytes":0}\n\n',
  )
  let rows = 7
  query.observer.sending(() => ({ rows, bytes: 70 }))
  expect(await next()).toContain('"phase":"sending","elapsedMs":0,"rows":7,"bytes":70}')
  rows = 9
  expect(await next()).toContain('"rows":9')
  const last = next()
  query.observer.ended(DONE)
  const end = await last
  expect(end).toMatch(/^event: end\ndata: \{.*"state":"answered".*\}\n\n$/)
  expect((await events.next()).done).toBe(true)
})

test('events of a query that has ended are its end', async () => {
  const query = book().open()
  query.observer.ended(DONE)
  const events: string[] = []
  for await (const event of queryEvents(query, true)) events.push(event)
  expect(events).toHaveLength(1)
  expect(events[0]).toContain('event: end')
})

describe('a deadline', () => {
  test.each([
    [undefined, undefined, undefined],
    [5, undefined, { seconds: 5, applied: undefined }],
    [undefined, 'wait=7', { seconds: 7, applied: 'wait=7' }],
    [5, 'wait=7', { seconds: 5, applied: undefined }],
    [9, 'respond-async, Wait = "7"; x', { seconds: 7, applied: 'wait=7' }],
    [undefined, ['return=minimal', 'wait=3'], { seconds: 3, applied: 'wait=3' }],
    [undefined, 'wait=1, wait=9', { seconds: 1, applied: 'wait=1' }],
    [undefined, 'wait=soon', undefined],
    [undefined, 'wait=-1', undefined],
    [undefined, 'wait=0', undefined],
    [2, 'wait', { seconds: 2, applied: undefined }],
  ])('of %j and Prefer: %j is %j', (seconds, prefer, deadline) => {
    expect(deadlineOf(seconds, prefer)).toEqual(deadline)
  })

  test('ends the query when its time is over, and not after it was stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<MogoError>()
    startDeadline(0.005, resolve)
    expect(await promise).toMatchObject({ code: 'MOGO_QUERY_DEADLINE', params: { seconds: 0.005 } })
    const stop = startDeadline(0.001, () => expect.unreachable())
    stop()
    await new Promise((done) => setTimeout(done, 5))
  })
})

test('a piece that nobody takes for too long ends the answer; one that is taken does not', async () => {
  const { promise, resolve } = Promise.withResolvers<MogoError>()
  const guard = createStallGuard(5, resolve)
  guard.begin()
  guard.end()
  guard.begin()
  expect(await promise).toMatchObject({ code: 'MOGO_QUERY_STALLED', params: { seconds: 0.005 } })
})
