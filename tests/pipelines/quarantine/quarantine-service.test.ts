/** What people do with quarantined records, on tables in memory. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { accessEventSchema } from '#contracts/events/governance-event.ts'
import { REPLAY_HEADERS } from '#pipelines/quarantine/replayed-record.ts'
import { entry, setUp } from '../support/memory-quarantine.ts'
import { record } from '../support/records.ts'

const ALL = { datasets: ['orders', 'people'] }
const PAGE = { limit: 100 }
const REPLAY = { by: 'dora', dryRun: false, waitMillis: 10_000 }
const place = (offset: number) => ({ topic: 't', partition: 0, offset: BigInt(offset) })
const cora = { subject: 'cora', tenant: 'platform', roles: ['compliance'], attributes: {} }
const OPENING = { principal: cora, role: 'compliance', purpose: 'case 4711', traceId: 'f'.repeat(32) }
const outcomes = (items: readonly { entry: { offset: bigint }; outcome: string }[]) =>
  Object.fromEntries(items.map(({ entry: each, outcome }) => [String(each.offset), outcome]))

/** An insert as Debezium writes it. */
const change = (offset: number, lsn: number, headers = {}) =>
  record(
    offset,
    JSON.stringify({
      op: 'c',
      before: null,
      after: { id: 'x' },
      source: { lsn, sequence: `["${lsn}","${lsn}"]` },
    }),
    headers,
  )

describe('a list', () => {
  it('comes page by page, the latest first, and ends', async () => {
    const { service } = setUp([1, 2, 3, 4, 5].map((offset) => entry(offset)))
    const seen: bigint[] = []
    let wanted: Parameters<typeof service.list>[1] = { limit: 2 }
    for (let pages = 0; pages < 3; pages++) {
      const { items, next } = await service.list(ALL, wanted)
      seen.push(...items.map(({ offset }) => offset))
      if (next === null) break
      wanted = { limit: 2, after: next }
    }
    expect(seen).toEqual([5n, 4n, 3n, 2n, 1n])
  })
})

describe('a record at a place', () => {
  it('is there once per dataset that reads its topic, and only for whom may see the dataset', async () => {
    const { service } = setUp([entry(1), entry(1, { dataset: 'people' })])
    expect((await service.show(['orders', 'people'], place(1))).length).toBe(2)
    expect((await service.show(['people'], place(1))).map(({ dataset }) => dataset)).toEqual(['people'])
    await expect(service.show(['elsewhere'], place(1))).rejects.toMatchObject({
      code: 'MOGO_QUARANTINE_UNKNOWN',
    })
    await expect(service.show(ALL.datasets, place(2))).rejects.toMatchObject({
      code: 'MOGO_QUARANTINE_UNKNOWN',
    })
  })
})

describe('a record that is opened', () => {
  it('is recorded before it is answered: who, why, which columns', async () => {
    const { service, recorded } = setUp([entry(1)])
    const opened = await service.open(ALL.datasets, place(1), OPENING)
    expect(opened.record.value?.toString()).toBe('ana')
    expect(
      JSON.stringify(opened.entry, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('payload')
    expect(recorded.map((event) => accessEventSchema.parse(event))).toEqual([
      expect.objectContaining({
        ...{
          subject: 'cora',
          tenant: 'platform',
          role: 'compliance',
          purpose: 'case 4711',
          decision: 'answered',
        },
        ...{ columnsRead: ['orders.id', 'orders.email', 'orders.quarantine'], rows: 1, bytes: 3 },
        sqlHash: createHash('sha256').update('quarantine t/0/1').digest('hex'),
      }),
    ])
    expect(JSON.stringify(recorded)).not.toContain('ana')
  })

  it('is not answered if that cannot be recorded', async () => {
    const { service, state } = setUp([entry(1)])
    state.recording = false
    await expect(service.open(ALL.datasets, place(1), OPENING)).rejects.toThrow('away')
  })

  it.each([
    ['settled', entry(1, { status: 'dropped', payload: '' }), 'MOGO_QUARANTINE_SETTLED'],
    ['sealed for another place', entry(1, { payload: entry(2).payload }), 'MOGO_QUARANTINE_SEALED'],
    ['of another dataset', entry(1, { dataset: 'elsewhere' }), 'MOGO_QUARANTINE_UNKNOWN'],
  ])('is refused, and no access recorded, if it is %s', async (_why, each, code) => {
    const { service, recorded } = setUp([each])
    await expect(service.open(ALL.datasets, place(1), OPENING)).rejects.toMatchObject({ code })
    expect(recorded).toEqual([])
  })
})

describe('a replay', () => {
  it('sends records in the order of their places, and says what became of each', async () => {
    const { service, rows, sent } = setUp([entry(3), entry(1, { attempts: 4 }), entry(2)], (each) =>
      each.headers[REPLAY_HEADERS.offset]?.toString() === '2' ? 'quarantined' : 'stored',
    )
    const { items } = await service.replay(ALL, PAGE, REPLAY)
    expect(outcomes(items)).toEqual({ 1: 'stored', 2: 'quarantined', 3: 'stored' })
    expect(sent.map(({ headers }) => headers[REPLAY_HEADERS.offset]?.toString())).toEqual(['1', '2', '3'])
    expect(sent.map(({ headers }) => headers[REPLAY_HEADERS.attempt]?.toString())).toEqual(['5', '1', '1'])
    expect(rows.map(({ status, changedBy }) => `${status} ${changedBy}`)).toEqual([
      ...['replayed dora', 'replayed dora', 'open dora'],
    ])
  })

  it('sends a record of two datasets once, and settles both', async () => {
    const { service, sent } = setUp([entry(1, { attempts: 2 }), entry(1, { dataset: 'people' })])
    const { items } = await service.replay(ALL, PAGE, REPLAY)
    expect(items.map(({ outcome }) => outcome)).toEqual(['stored', 'stored'])
    expect(sent.map(({ headers }) => headers[REPLAY_HEADERS.attempt]?.toString())).toEqual(['3'])
  })

  it('says so if the worker does not come to it in time', async () => {
    const { service, state } = setUp([entry(1)], () => undefined)
    const { items } = await service.replay(ALL, PAGE, { ...REPLAY, waitMillis: 1000 })
    expect(outcomes(items)).toEqual({ 1: 'waiting' })
    expect(state.now).toBeGreaterThanOrEqual(1000)
    expect(state.now).toBeLessThan(2000)
  })

  it('does nothing on a dry run', async () => {
    const { service, rows, sent, removals } = setUp([entry(1), entry(2, {}, change(2, 5))])
    removals.set('orders', 1n << 120n)
    const { items } = await service.replay(ALL, PAGE, { ...REPLAY, dryRun: true })
    expect(outcomes(items)).toEqual({ 1: 'matched', 2: 'superseded' })
    expect([sent, rows.map(({ status, changedBy }) => status + changedBy)]).toEqual([[], ['open', 'open']])
  })

  it('leaves out what cannot be opened, and takes the rest', async () => {
    const { service, rows } = setUp([entry(1, { payload: entry(2).payload }), entry(3)])
    const { items } = await service.replay(ALL, PAGE, REPLAY)
    expect(outcomes(items)).toEqual({ 1: 'unreadable', 3: 'stored' })
    expect(rows[0]?.status).toBe('open')
  })

  it('drops what a TRUNCATE has removed since, and nothing that is newer', async () => {
    const { service, rows, sent, removals, wiped } = setUp([
      entry(1, {}, change(1, 5)),
      entry(2, {}, change(2, 7)),
      entry(3, {}, change(3, 5, { 'mogo.epoch': Buffer.from('2') })),
    ])
    // Of the first epoch, at the position 6.
    removals.set('orders', (1n << 112n) | (6n << 48n))
    const { items } = await service.replay(ALL, PAGE, REPLAY)
    expect(items[2]?.entry.offset).toBe(1n)
    expect(outcomes(items)).toMatchObject({ 1: 'superseded', 2: 'stored' })
    expect([rows[0]?.status, rows[0]?.payload, rows[0]?.purpose]).toEqual([
      ...['dropped', '', expect.stringContaining('superseded')],
    ])
    expect([sent.length, wiped]).toEqual([2, ['t/0/1']])
  })

  it.each([
    ['is not there', 7, 'MOGO_QUARANTINE_UNKNOWN'],
    ['is settled', 2, 'MOGO_QUARANTINE_SETTLED'],
  ])('of a place that %s is refused, and nothing is sent', async (_why, offset, code) => {
    const { service, sent } = setUp([entry(1), entry(2, { status: 'replayed', payload: '' })])
    const asked = service.replay({ ...ALL, places: [place(1), place(offset)] }, PAGE, REPLAY)
    await expect(asked).rejects.toMatchObject({ code })
    expect(sent).toEqual([])
  })

  it('by filters takes open records alone, page by page', async () => {
    const { service, sent } = setUp([
      ...[1, 2, 3].map((offset) => entry(offset)),
      entry(4, { status: 'dropped', payload: '' }),
      entry(5, { faults: [{ code: 'pattern', column: 'email', rule: 'matches x' }] }),
    ])
    const first = await service.replay({ ...ALL, reason: 'maxLength' }, { limit: 2 }, REPLAY)
    expect(outcomes(first.items)).toEqual({ 2: 'stored', 3: 'stored' })
    const after = first.next ?? undefined
    const second = await service.replay(
      { ...ALL, reason: 'maxLength' },
      { limit: 2, ...(after ? { after } : {}) },
      REPLAY,
    )
    expect([outcomes(second.items), second.next]).toEqual([{ 1: 'stored' }, null])
    expect(sent.length).toBe(3)
  })
})

describe('dropped records', () => {
  const DROP = { by: 'dora', purpose: 'test data', dryRun: false }
  it('stay in the list, with who and why, and without what was in them', async () => {
    const { service, rows, wiped } = setUp([entry(1), entry(2)])
    const { items } = await service.drop({ ...ALL, places: [place(1)] }, PAGE, DROP)
    expect(items.map(({ offset }) => offset)).toEqual([1n])
    expect(
      rows.map(({ status, payload, changedBy, purpose }) => [status, payload === '', changedBy, purpose]),
    ).toEqual([
      ['dropped', true, 'dora', 'test data'],
      ['open', false, '', ''],
    ])
    expect(wiped).toEqual(['t/0/1'])
    await expect(service.drop({ ...ALL, places: [place(1)] }, PAGE, DROP)).rejects.toMatchObject({
      code: 'MOGO_QUARANTINE_SETTLED',
      message: expect.stringContaining('t/0/1 is dropped'),
    })
  })

  it('are left alone on a dry run', async () => {
    const { service, rows, wiped } = setUp([entry(1)])
    expect((await service.drop(ALL, PAGE, { ...DROP, dryRun: true })).items.length).toBe(1)
    expect([rows[0]?.status, wiped]).toEqual(['open', []])
  })
})

describe('a paused dataset', () => {
  it('is shown to whom may see it, and goes on once', async () => {
    const { service, book } = setUp([])
    book.push({ dataset: 'orders', event: 'paused' })
    expect((await service.paused(['people'])).length).toBe(0)
    expect((await service.paused(['orders'])).map(({ dataset }) => dataset)).toEqual(['orders'])
    expect([await service.resume('people', 'dora'), await service.resume('orders', 'dora')]).toEqual([
      false,
      true,
    ])
    expect(await service.resume('orders', 'dora')).toBe(false)
    expect(book.at(-1)).toEqual({ dataset: 'orders', event: 'resumed', by: 'dora' })
  })
})
