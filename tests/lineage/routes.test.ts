import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { GovernanceEvent } from '#contracts/events/governance-event.ts'
import { buildApp } from '#lineage/app.ts'
import { accessEvent, contractEvent, datasets } from './facts.ts'
import { memoryStore } from './memory-store.ts'

const PEOPLE: Readonly<Record<string, Principal>> = {
  ana: { subject: 'ana', tenant: 'acme', roles: ['analyst'], attributes: {} },
  abe: { subject: 'abe', tenant: 'acme', roles: ['analyst'], attributes: {} },
  ben: { subject: 'ben', tenant: 'globex', roles: ['analyst'], attributes: {} },
  dora: { subject: 'dora', tenant: 'platform', roles: ['data_engineer'], attributes: {} },
  cora: { subject: 'cora', tenant: 'platform', roles: ['compliance'], attributes: {} },
  guest: { subject: 'guest', tenant: 'acme', roles: ['guest'], attributes: {} },
}

async function app(
  events: readonly GovernanceEvent[] = [
    ...datasets.map((dataset) => contractEvent(dataset)),
    accessEvent('q1'),
  ],
) {
  const server = await buildApp({
    logger: pino({ level: 'silent' }),
    telemetry: { prometheusText: async () => '' },
    checks: {},
    store: memoryStore(events),
    datasets,
    database: 'analytics',
    project: 'shop',
    addresses: { postgres: 'postgres://db:5432', kafka: 'kafka://k:9092', clickhouse: 'clickhouse://c:8123' },
    verify: async (header) => {
      const principal = PEOPLE[header?.replace('Bearer ', '') ?? '']
      if (!principal) throw new MogoError('MOGO_AUTH_MISSING')
      return principal
    },
    now: () => Date.UTC(2026, 4, 1),
  })
  return async (person: string, url: string, accept = '*/*') => {
    const response = await server.inject({ url, headers: { authorization: `Bearer ${person}`, accept } })
    return { status: response.statusCode, body: response.body, type: response.headers['content-type'] }
  }
}

describe('every route', () => {
  it.each(['/v1/lineage/orders', '/v1/lineage/queries/q1', '/v1/lineage/openlineage/orders'])(
    '%s refuses a caller without a token',
    async (url) => {
      const ask = await app()
      expect((await ask('', url)).status).toBe(401)
    },
  )
  it.each([
    ['/v1/lineage/orders', 'guest'],
    ['/v1/lineage/openlineage/orders', 'guest'],
    ['/v1/lineage/nothing', 'ana'],
  ])(
    '%s says the same of a dataset that is not granted and of one that is not there',
    async (url, person) => {
      const ask = await app()
      const { status, body } = await ask(person, url)
      expect([status, JSON.parse(body).code]).toEqual([404, 'MOGO_DATASET_UNKNOWN'])
    },
  )
})

describe('GET /v1/lineage/{dataset}', () => {
  it('leads each granted column down to Postgres and leaves out the others', async () => {
    const ask = await app()
    const { status, body } = await ask('ana', '/v1/lineage/orders')
    const answer = JSON.parse(body)
    expect(status).toBe(200)
    expect(answer).toMatchObject({
      dataset: 'orders',
      table: 'analytics.orders',
      recorded: { current: true },
    })
    const columns = answer.columns.map(({ column }: { column: string }) => column)
    expect(columns).toContain('total')
    expect(columns).not.toContain('client_ip_token')
    expect(body).not.toMatch(/client_ip|shipping_name|shipping_street/)
    expect(
      answer.columns.find(({ column }: { column: string }) => column === 'total').downstream.queries,
    ).toBe(1)
  })

  it('shows the masking of a token column', async () => {
    const ask = await app()
    const { body, type } = await ask(
      'ana',
      '/v1/lineage/customers?column=email_token&direction=upstream',
      'text/plain',
    )
    expect(type).toBe('text/plain; charset=utf-8')
    expect(body).toBe(
      [
        'customers.email_token  (clickhouse analytics)',
        '└─ hmac(email) ← mogo.public.customers email  (kafka)',
        '   └─ public.customers.email  (postgres shop)',
        '',
      ].join('\n'),
    )
    const json = JSON.parse((await ask('ana', '/v1/lineage/customers?column=email_token')).body)
    expect(json.columns[0].masking).toEqual(['hmac(email)'])
  })

  it('shows what was made of a column, of the own tenant only', async () => {
    const ask = await app()
    const url = '/v1/lineage/orders?column=total&direction=downstream&format=text'
    expect((await ask('ana', url)).body).toBe(
      'orders.total  (clickhouse analytics)  read by 1 query\n└─ aggregated → revenue  (query q1)\n',
    )
    expect((await ask('ben', url)).body).toBe('orders.total  (clickhouse analytics)  read by 0 queries\n')
    expect((await ask('cora', url)).body).toContain('read by 1 query')
  })

  it('says that nothing is known yet instead of showing nothing', async () => {
    const ask = await app([])
    const { body } = await ask('ana', '/v1/lineage/orders?column=total&direction=upstream&format=text')
    expect(body).toBe(
      'The lineage of orders has not been reported yet; the worker does that when it starts.\n\n' +
        'orders.total  (clickhouse analytics)  [origin unknown]\n',
    )
  })

  it.each([
    ['ordres', 'MOGO_DATASET_UNKNOWN', 'the nearest name is orders.'],
    ['customers?column=email', 'MOGO_COLUMN_UNKNOWN', 'the nearest name is email_token.'],
    ['orders?column=client_ip_token', 'MOGO_COLUMN_UNKNOWN', 'GET /v1/datasets/orders lists yours.'],
    ['orders?depth=0', 'MOGO_REQUEST_INVALID', ''],
    ['orders?colunm=total', 'MOGO_REQUEST_INVALID', ''],
  ])('helps with %s', async (path, code, remedy) => {
    const ask = await app()
    const problem = JSON.parse((await ask('ana', `/v1/lineage/${path}`)).body)
    expect(problem.code).toBe(code)
    expect(problem.remedy).toContain(remedy)
  })
})

describe('GET /v1/lineage/queries/{id}', () => {
  it('leads result columns down to Postgres and hides the name of a column that is not granted', async () => {
    const ask = await app()
    expect((await ask('ana', '/v1/lineage/queries/q1?format=text')).body).toBe(
      [
        'revenue  (query q1)',
        '├─ aggregated ← orders.total  (clickhouse analytics)',
        '│  └─ mogo.public.orders total  (kafka)',
        '│     └─ public.orders.total  (postgres shop)',
        '└─ filtered by ← orders.status  (clickhouse analytics)',
        '   └─ mogo.public.orders status  (kafka)',
        '      └─ public.orders.status  (postgres shop)',
        '',
        'ip  (query q1)',
        '└─ a column that you may not read',
        '',
      ].join('\n'),
    )
    expect((await ask('ana', '/v1/lineage/queries/q1')).body).not.toContain('client_ip')
    expect((await ask('cora', '/v1/lineage/queries/q1')).body).toContain('client_ip_token')
  })

  it.each([
    ['ana', 200],
    ['abe', 200],
    ['cora', 200],
    ['ben', 404],
    ['dora', 404],
  ])('answers %s with %i', async (person, status) => {
    const ask = await app()
    expect((await ask(person, '/v1/lineage/queries/q1')).status).toBe(status)
  })

  it('tells who asked and why to the asker and the audit role alone', async () => {
    const ask = await app()
    const asker = async (person: string) =>
      JSON.parse((await ask(person, '/v1/lineage/queries/q1')).body).query
    expect(await asker('ana')).toMatchObject({ subject: 'ana', purpose: 'reporting' })
    expect(await asker('cora')).toMatchObject({ subject: 'ana', purpose: 'reporting' })
    expect(await asker('abe')).toMatchObject({ subject: null, purpose: null })
  })

  it('says the same of a query of others and of one that is not there', async () => {
    const ask = await app()
    const problem = async (url: string) => {
      const { instance: _, traceId: __, ...rest } = JSON.parse((await ask('ben', url)).body)
      return JSON.stringify(rest).replaceAll(/q[12]/g, 'q')
    }
    expect(await problem('/v1/lineage/queries/q1')).toBe(await problem('/v1/lineage/queries/q2'))
  })

  it('says of a refused query that it was refused', async () => {
    const ask = await app([accessEvent('q9', { decision: 'refused', reason: 'MOGO_QUERY_TABLE', edges: [] })])
    expect((await ask('ana', '/v1/lineage/queries/q9?format=text')).body).toBe(
      'Query q9 was refused (MOGO_QUERY_TABLE); none of its result columns comes from a dataset.\n',
    )
  })
})

describe('OpenLineage', () => {
  const specs =
    process.env['OPENLINEAGE_SPECS'] ?? new URL('../../../shared/specs/openlineage', import.meta.url).pathname
  const read = (file: string): object | undefined => {
    try {
      return JSON.parse(readFileSync(`${specs}/${file}`, 'utf8')) as object
    } catch {
      return undefined
    }
  }
  const event = read('OpenLineage.json')
  const facet = read('facets/ColumnLineageDatasetFacet.json')

  it.runIf(event && facet)('is valid by the schemas of the standard', async () => {
    const require = createRequire(import.meta.url)
    const { default: Ajv } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
    const { default: formats } = require('ajv-formats') as typeof import('ajv-formats')
    const ajv = new Ajv({ strict: false, allErrors: true })
    formats.default(ajv)
    ajv.addSchema([event as object, facet as object])
    const ask = await app()
    for (const name of datasets.map((dataset) => dataset.name)) {
      const { body } = await ask('cora', `/v1/lineage/openlineage/${name}`)
      const written = JSON.parse(body)
      ajv.validate('https://openlineage.io/spec/2-0-2/OpenLineage.json', written)
      expect(ajv.errors).toBeNull()
      for (const output of written.outputs) {
        ajv.validate('https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json', output.facets)
        expect(ajv.errors).toBeNull()
      }
    }
  })

  it('names systems, columns and maskings', async () => {
    const ask = await app()
    const written = JSON.parse((await ask('ana', '/v1/lineage/openlineage/customers')).body)
    expect(written.inputs).toEqual([{ namespace: 'postgres://db:5432', name: 'shop.public.customers' }])
    expect(written.outputs.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      'analytics.customers',
      'mogo.public.customers',
    ])
    const stored = written.outputs.find(({ name }: { name: string }) => name === 'analytics.customers')
    expect(stored.facets.columnLineage.fields.email_token).toEqual({
      inputFields: [
        {
          namespace: 'kafka://k:9092',
          name: 'mogo.public.customers',
          field: 'email',
          transformations: [
            { type: 'DIRECT', subtype: 'TRANSFORMATION', description: 'hmac(email)', masking: true },
          ],
        },
      ],
    })
  })

  it('gives the same run id for the same state of a contract', async () => {
    const id = async () =>
      JSON.parse((await (await app())('ana', '/v1/lineage/openlineage/orders')).body).run.runId
    expect(await id()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(await id()).toBe(await id())
  })
})

it('describes its routes as OpenAPI 3.1', async () => {
  const ask = await app()
  const document = JSON.parse((await ask('', '/v1/lineage/openapi.json')).body)
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths).toSorted()).toEqual([
    '/v1/lineage/openlineage/{dataset}',
    '/v1/lineage/queries/{queryId}',
    '/v1/lineage/{dataset}',
  ])
})
