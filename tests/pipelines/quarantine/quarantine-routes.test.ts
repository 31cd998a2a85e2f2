/** The routes of quarantined records: who may what, what is answered, what is refused. */
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { createHttpServer } from '#ops/runtime/http-server.ts'
import { quarantineRoutes } from '#pipelines/quarantine/quarantine-routes.ts'
import { datasets, entry, setUp } from '../support/memory-quarantine.ts'

const person = (subject: string, ...roles: string[]): Principal => ({
  subject,
  tenant: 'platform',
  roles,
  attributes: {},
})
const PEOPLE: Readonly<Record<string, Principal>> = {
  ana: person('ana', 'analyst'),
  dora: person('dora', 'data_engineer'),
  cora: person('cora', 'analyst', 'compliance'),
}

/** Orders give every row to engineers and compliance; people give engineers those of their tenant alone. */
const roled: readonly CompiledDataset[] = datasets.map((dataset) => ({
  ...dataset,
  roles: [
    { role: 'analyst', columns: [], rowFilter: 'all' },
    { role: 'compliance', columns: [], rowFilter: 'all' },
    {
      ...{ role: 'data_engineer', columns: [] },
      rowFilter: dataset.name === 'orders' ? 'all' : [],
    },
  ],
}))

function app(entries = [entry(1), entry(2, { dataset: 'people' }), entry(3)]) {
  const parts = setUp(entries)
  const server = createHttpServer({
    ...{ logger: pino({ level: 'silent' }), name: 'worker', checks: {} },
    telemetry: { prometheusText: async () => '' },
  })
  quarantineRoutes(server, {
    ...{ service: parts.service, datasets: roled },
    roles: { operatorRoles: ['data_engineer', 'compliance'], payloadRoles: ['compliance'] },
    verify: async (header) => {
      const principal = PEOPLE[header?.replace('Bearer ', '') ?? '']
      if (!principal) throw new MogoError('MOGO_AUTH_MISSING')
      return principal
    },
  })
  const ask = async (who: string, method: 'GET' | 'POST', url: string, body?: object) => {
    const answer = await server.inject({
      ...{ method, url, headers: { authorization: `Bearer ${who}` } },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, body: JSON.parse(answer.body), type: answer.headers['content-type'] }
  }
  return { ...parts, ask }
}

const ONE = '/v1/quarantine/t/0/1'
const ROUTES: readonly (readonly ['GET' | 'POST', string, object | undefined])[] = [
  ['GET', '/v1/quarantine', undefined],
  ['GET', ONE, undefined],
  ['POST', `${ONE}/open`, { purpose: 'case 4711' }],
  ['POST', `${ONE}/replay`, {}],
  ['POST', `${ONE}/drop`, { purpose: 'test data' }],
  ['POST', '/v1/quarantine/replay', { dataset: 'orders' }],
  ['POST', '/v1/quarantine/drop', { dataset: 'orders', purpose: 'test data' }],
  ['POST', '/v1/quarantine/resume', { dataset: 'orders' }],
]

describe('every route', () => {
  it.each(ROUTES)(
    '%s %s is refused without a token, and without a role that may',
    async (method, url, body) => {
      const { ask, rows, sent, recorded } = app()
      const [nobody, ana] = [await ask('', method, url, body), await ask('ana', method, url, body)]
      expect([nobody.status, nobody.body.code]).toEqual([401, 'MOGO_AUTH_MISSING'])
      expect([ana.status, ana.body.code, ana.type]).toEqual([
        ...[403, 'MOGO_ACCESS_NO_ROLE', expect.stringMatching(/^application\/problem\+json/)],
      ])
      expect([rows.every(({ status }) => status === 'open'), sent, recorded]).toEqual([true, [], []])
    },
  )
})

describe('GET /v1/quarantine', () => {
  it('lists records of datasets whose contract gives the role every row', async () => {
    const { ask } = app()
    const places = async (who: string, query = '') =>
      (await ask(who, 'GET', `/v1/quarantine${query}`)).body.records.map(
        ({ place }: { place: string }) => place,
      )
    expect(await places('dora')).toEqual(['t/0/3', 't/0/1'])
    expect(await places('cora')).toEqual(['t/0/3', 't/0/2', 't/0/1'])
    expect(await places('cora', '?dataset=people&reason=maxLength&status=open')).toEqual(['t/0/2'])
    expect(await places('cora', '?reason=pattern')).toEqual([])
    expect(await places('cora', `?since=${encodeURIComponent('1970-01-01T00:00:01.003Z')}`)).toEqual([
      't/0/3',
    ])
  })

  it('says what is wrong, and never what is in a record', async () => {
    const { ask } = app()
    const { body } = await ask('dora', 'GET', '/v1/quarantine?limit=1')
    expect(body).toMatchObject({
      total: 2,
      paused: [],
      records: [
        {
          ...{ place: 't/0/3', dataset: 'orders', status: 'open', attempts: 0, changedBy: '', purpose: '' },
          faults: [{ code: 'maxLength', column: 'email', rule: 'at most 20 characters' }],
          quarantinedAt: '1970-01-01T00:00:01.003Z',
        },
      ],
    })
    expect(JSON.stringify(body)).not.toContain('payload')
    const next = await ask('dora', 'GET', `/v1/quarantine?limit=1&cursor=${body.next}`)
    expect([next.body.records[0].place, next.body.next]).toEqual(['t/0/1', null])
  })

  it.each([
    ['?cursor=nonsense', 400],
    ['?cursor=WyJ4Il0', 400],
    ['?limit=0', 400],
    ['?limit=501', 400],
    ['?status=gone', 400],
    ['?since=yesterday', 400],
    ['?dataset=people', 404],
    ['?dataset=nothing', 404],
  ])('%s is refused with %i', async (query, status) =>
    expect((await app().ask('dora', 'GET', `/v1/quarantine${query}`)).status).toBe(status),
  )
})

describe('one place', () => {
  it('is shown, or not there', async () => {
    const { ask } = app()
    expect((await ask('dora', 'GET', ONE)).body.records).toHaveLength(1)
    for (const url of ['/v1/quarantine/t/0/2', '/v1/quarantine/t/0/9'])
      expect((await ask('dora', 'GET', url)).body.code).toBe('MOGO_QUARANTINE_UNKNOWN')
    expect((await ask('dora', 'GET', '/v1/quarantine/t/0/x')).status).toBe(400)
  })

  it('is opened by the payload roles alone, for a purpose, under the role that may', async () => {
    const { ask, recorded } = app()
    expect((await ask('dora', 'POST', `${ONE}/open`, { purpose: 'case 4711' })).status).toBe(403)
    for (const body of [{}, { purpose: '  ' }, { purpose: 'x'.repeat(201) }])
      expect((await ask('cora', 'POST', `${ONE}/open`, body)).status).toBe(400)
    expect(recorded).toEqual([])
    const { status, body } = await ask('cora', 'POST', `${ONE}/open`, { purpose: 'case 4711' })
    expect([status, body.key, body.value, body.headers]).toEqual([200, null, 'ana', {}])
    expect(recorded).toMatchObject([{ subject: 'cora', role: 'compliance', purpose: 'case 4711' }])
  })

  it('is replayed, and dropped with a purpose', async () => {
    const { ask, rows } = app()
    const { body } = await ask('dora', 'POST', `${ONE}/replay`, {})
    expect(body).toMatchObject({
      stored: 1,
      records: [{ place: 't/0/1', dataset: 'orders', outcome: 'stored' }],
    })
    expect((await ask('dora', 'POST', `${ONE}/replay`, {})).body.code).toBe('MOGO_QUARANTINE_SETTLED')
    expect((await ask('dora', 'POST', '/v1/quarantine/t/0/3/drop', {})).status).toBe(400)
    const dropped = await ask('dora', 'POST', '/v1/quarantine/t/0/3/drop', { purpose: 'test data' })
    expect(dropped.body).toMatchObject({ dropped: 1, matched: 0, records: [{ place: 't/0/3' }] })
    expect(rows.map(({ status }) => status)).toEqual(['replayed', 'open', 'dropped'])
  })
})

describe('several', () => {
  it('must be chosen, by places or by a dataset', async () => {
    const { ask, sent } = app()
    for (const body of [
      {},
      { reason: 'maxLength' },
      { places: ['t/0/1'], dataset: 'orders' },
      { places: [] },
      { places: ['t/0'] },
    ])
      expect((await ask('cora', 'POST', '/v1/quarantine/replay', body)).status).toBe(400)
    expect(sent).toEqual([])
  })

  it('are replayed by their places, all of them, or by filters, a page at a time', async () => {
    const { ask } = app()
    const places = ['t/0/1', 't/0/2']
    const named = await ask('cora', 'POST', '/v1/quarantine/replay', { places, limit: 1, dryRun: true })
    expect([named.body.matched, named.body.next]).toEqual([2, null])
    const first = await ask('cora', 'POST', '/v1/quarantine/replay', { dataset: 'orders', limit: 1 })
    expect([first.body.stored, first.body.records[0].place]).toEqual([1, 't/0/3'])
    const cursor = first.body.next
    const second = await ask('cora', 'POST', '/v1/quarantine/replay', { dataset: 'orders', limit: 1, cursor })
    expect([second.body.stored, second.body.next]).toEqual([1, null])
  })

  it('of another dataset are not touched', async () => {
    const { ask, rows } = app()
    const theirs = await ask('dora', 'POST', '/v1/quarantine/drop', {
      places: ['t/0/2'],
      purpose: 'test data',
    })
    expect(theirs.body.code).toBe('MOGO_QUARANTINE_UNKNOWN')
    const named = await ask('dora', 'POST', '/v1/quarantine/resume', { dataset: 'people' })
    expect(named.body.code).toBe('MOGO_DATASET_UNKNOWN')
    expect(rows.every(({ status }) => status === 'open')).toBe(true)
  })
})

describe('a paused dataset', () => {
  it('is told in the list, and goes on', async () => {
    const { ask, book } = app()
    book.push({ dataset: 'orders', event: 'paused' })
    expect((await ask('dora', 'GET', '/v1/quarantine')).body.paused).toEqual([
      { dataset: 'orders', since: '1970-01-01T00:00:00.000Z', records: 1000, quarantined: 900 },
    ])
    const resume = () => ask('dora', 'POST', '/v1/quarantine/resume', { dataset: 'orders' })
    expect((await resume()).body).toEqual({ dataset: 'orders', resumed: true })
    expect((await resume()).body).toEqual({ dataset: 'orders', resumed: false })
  })
})
