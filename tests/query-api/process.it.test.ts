/** The process as the supervisor starts it: ready, answers, records to Kafka, drains on a signal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { type AccessEvent, governanceEventSchema } from '#contracts/events/governance-event.ts'
import { governanceTopic } from '#contracts/events/topics.ts'
import { writePrivateFile } from '#ops/embedded/credentials.ts'
import { choosePort } from '#ops/embedded/ports.ts'
import { readSecret, resolveSettings, secretFile } from '#ops/runtime/settings.ts'
import { startTenants, type Tenants } from './support/tenants.ts'

let tenants: Tenants
let child: ChildProcess
let url = ''
let output = ''

beforeAll(async () => {
  tenants = await startTenants({
    people: `people:
  - { username: nora, displayName: Nora, tenant: north, roles: [analyst] }
  - { username: dana, displayName: Dana, tenant: north, roles: [analyst, data_engineer] }
`,
  })
  const { project, servers } = tenants
  const shared = inject('servers')
  // The engine is the file's own, Kafka that of the run.
  for (const name of ['kafka.query-api', 'kafka.lineage'])
    writePrivateFile(secretFile(project.stateDir, name), readSecret(secretFile(shared.stateDir, name), name))
  const port = await choosePort({ server: 'query-api', path: 'api.port', given: new Set() })
  url = `http://127.0.0.1:${port}`
  const endpoints = {
    kafka: { brokers: [...shared.kafka.brokers] },
    clickhouse: { url: servers.endpoints.clickhouse?.url ?? '' },
    identity: { issuer: tenants.issuer },
    api: { url, port },
  }
  writeFileSync(join(project.stateDir, 'run', 'endpoints.json'), JSON.stringify(endpoints))
  child = spawn(process.execPath, [fileURLToPath(new URL('../../query-api/main.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'], MOGO_PROJECT: project.dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += String(chunk)
    })
  const ready = () =>
    fetch(`${url}/healthz`).then(
      ({ status }) => status,
      () => 0,
    )
  await vi.waitUntil(async () => (await ready()) === 200, { timeout: 20_000, interval: 100 })
})
afterAll(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL')
  await tenants?.dispose()
})

async function ask(sql: string): Promise<Response> {
  return fetch(`${url}/v1/query`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tenants.token('nora')}`,
      'content-type': 'application/json',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
    body: JSON.stringify({ sql, purpose: 'test' }),
  })
}

test('is ready when engine, Kafka and identity provider are', async () => {
  await expect
    .poll(async () => (await fetch(`${url}/readyz`)).json(), { timeout: 10_000 })
    .toMatchObject({
      status: 'ready',
      checks: { clickhouse: { status: 'ok' }, kafka: { status: 'ok' }, identity: { status: 'ok' } },
    })
})

test('answers, and the access record is on the governance topic with the trace of the caller', async () => {
  const answer = await ask('SELECT count() AS n FROM clients')
  const body = (await answer.json()) as { queryId: string; rows: unknown }
  expect(body.rows).toEqual([['50']])
  expect(answer.headers.get('traceparent')).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
  const refused = await ask('SELECT secret_note FROM clients')
  expect(refused.status).toBe(403)
  const refusedId = refused.headers.get('x-mogo-query-id')

  const { brokers, sasl } = resolveSettings(tenants.project).kafka('lineage')
  if (sasl?.mechanism !== 'plain') throw new Error('no login')
  const kafka = new Kafka({
    brokers: [...brokers],
    sasl: { ...sasl, mechanism: 'plain' },
    logLevel: logLevel.NOTHING,
  })
  const { topicPrefix } = tenants.project.config.kafka
  const consumer = kafka.consumer({ groupId: `mogo-lineage-${topicPrefix}` })
  const events: AccessEvent[] = []
  const traces: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic: governanceTopic(topicPrefix), fromBeginning: true })
  await consumer.run({
    async eachMessage({ message }) {
      const event = governanceEventSchema.parse(JSON.parse(String(message.value)))
      expect(String(message.key)).toBe(event.id)
      if (event.type === 'access') events.push(event)
      traces.push(String(message.headers?.['traceparent'] ?? ''))
    },
  })
  try {
    // One while the engine works, one with the counts, and one of the refusal.
    await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
  } finally {
    await consumer.disconnect()
  }
  expect(events.filter(({ id }) => id === body.queryId).map(({ rows }) => rows)).toEqual([-1, 1])
  expect(events.findLast(({ id }) => id === body.queryId)).toMatchObject({
    subject: 'nora',
    decision: 'answered',
    rows: 1,
    purpose: 'test',
    traceId: '0af7651916cd43dd8448eb211c80319c',
  })
  expect(events.find(({ id }) => id === refusedId)).toMatchObject({
    decision: 'refused',
    reason: 'MOGO_QUERY_COLUMN_DENIED',
  })
  expect(traces[0]).toContain('0af7651916cd43dd8448eb211c80319c')
})

test('counts its requests for Prometheus', async () => {
  const text = await (await fetch(`${url}/metrics`)).text()
  expect(text).toMatch(/http_server_request_duration_count\{[^}]*http_route="\/v1\/query"[^}]*\} \d+/)
})

test('lineage is away without its service, and says so', async () => {
  const answer = await fetch(`${url}/v1/lineage/clients`, {
    headers: { authorization: `Bearer ${await tenants.token('nora')}` },
  })
  expect(await answer.json()).toMatchObject({ code: 'MOGO_UNAVAILABLE', status: 503 })
})

test('takes an API key as its service account until it is revoked', async () => {
  const keys = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/v1/keys${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tenants.token('dana')}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const made = await keys('POST', '', { account: 'nightly', roles: ['analyst'], days: 1 })
  expect(made.status, output).toBe(201)
  const askAs = (key: string) =>
    fetch(`${url}/v1/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sql: 'SELECT DISTINCT tenant_id FROM clients' }),
    })
  const key = String(made.body['key'])
  expect(await (await askAs(key)).json()).toMatchObject({ rows: [['north']] })
  const lineage = await fetch(`${url}/v1/lineage/clients`, { headers: { authorization: `Bearer ${key}` } })
  expect(lineage.status).toBe(503)
  expect((await keys('DELETE', `/${made.body['id']}`)).body['state']).toBe('revoked')
  const refused = await askAs(key)
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
    401,
    'MOGO_KEY_REVOKED',
  ])
  expect(output).not.toContain(key.slice(18))
})

test('drains on SIGTERM: the running query is answered, then it ends with 0', async () => {
  const running = ask(
    'SELECT count() FROM clients a, clients b, clients c WHERE a.name != concat(b.name, c.name)',
  )
  await expect
    .poll(() => tenants.admin("SELECT count() FROM system.processes WHERE query LIKE '%concat(b.name%'"))
    .not.toBe('0\n')
    .catch(() => undefined)
  child.kill('SIGTERM')
  expect((await running).status).toBe(200)
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode, output).toBe(0)
  expect(output).not.toMatch(/SELECT |eyJ/)
})
