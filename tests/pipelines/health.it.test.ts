/** The health of a real pipeline: what is told of it while it runs, waits, is paused, and has lost its slot. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type PipelineHealth, pipelineHealthSchema } from '#contracts/events/pipeline-health.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { alertsTable, noteAlerts } from '#ops/alerts/alert-statements.ts'
import { keepVerification } from '#ops/alerts/keep-verification.ts'
import { ROOT } from '#ops/cli/find-project.ts'
import { troubles } from '#ops/cli/pipeline-report.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import { connectorName } from '#pipelines/capture/connector-config.ts'
import { readHealth } from '#pipelines/health/read-health.ts'
import type { TestContract } from './support/contract-text.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const COUNTED: TestContract = {
  dataset: 'counted',
  table: 'public.counted',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'note', type: 'text' },
  ],
}

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)
const look = () => {
  const { settings, project } = pipeline.project
  return readHealth(settings, loadContracts(project.contractsDir))
}
const dataset = (health: PipelineHealth) => {
  const [found] = health.datasets
  if (!found) throw new Error('no dataset')
  return found
}

/** Looks until it is as it should be; the last look if it never is. */
async function lookUntil(isSo: (health: PipelineHealth) => boolean): Promise<PipelineHealth> {
  const deadline = Date.now() + 40_000
  for (;;) {
    const health = await look()
    if (isSo(health) || Date.now() > deadline) return health
    await delay(200)
  }
}

/** The command line, as a person calls it. */
async function mogo(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(
    process.execPath,
    [`${ROOT}/ops/cli/main.ts`, '--project', pipeline.project.project.dir, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}

async function connect(action: 'pause' | 'resume' | 'stop'): Promise<void> {
  const { settings, id } = pipeline.project
  const { url, username, password } = settings.connect()
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  await fetch(`${url}/connectors/${connectorName(id)}/${action}`, {
    method: 'PUT',
    headers: { authorization },
  })
}

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: 'create table counted (tenant text, id bigint, note text, primary key (tenant, id));',
    contracts: [COUNTED],
    // The command line is a process of its own: it logs in by what the configuration says.
    config: {
      clickhouse: {
        url: inject('servers').clickhouse.url,
        login: { username: 'admin', passwordFile: '.mogo/secrets/clickhouse.admin' },
      },
    },
  })
  await pipeline.capture().apply()
})
afterAll(() => pipeline?.dispose())

describe('the health of a pipeline', () => {
  it('tells what waits while no worker reads, and for how long', async () => {
    await sql("insert into counted select 'a', n, 'x' from generate_series(1, 40) n")
    const health = await lookUntil((each) => dataset(each).lagEvents === 40)
    expect(pipelineHealthSchema.parse(health)).toEqual(health)
    expect(health).toMatchObject({ workers: 0, workerAnswers: false, faults: [] })
    expect(dataset(health)).toMatchObject({ state: 'unread', lagEvents: 40, lastLoadedAt: null })
    expect(dataset(health).lagSeconds).toBeGreaterThan(0)
    expect(dataset(health).lagSeconds).toBeLessThan(60)
  })

  it('tells of one that flows how far and how fast, and of marks of transactions nothing', async () => {
    await pipeline.startWorker()
    await sql("insert into counted values ('a', 41, 'x')")
    await pipeline.until('SELECT count() FROM counted', 41)
    const health = await lookUntil(
      (each) => (dataset(each).freshnessP95Ms ?? 0) > 0 && dataset(each).lagEvents === 0,
    )
    expect(dataset(health)).toMatchObject({
      ...{
        state: 'flowing',
        lagEvents: 0,
        lagSeconds: 0,
        expiredEvents: 0,
        quarantined: 0,
        quarantinedShare: 0,
      },
    })
    expect(dataset(health).rowsPerSecond).toBeGreaterThan(0.5)
    expect(Date.now() - Date.parse(dataset(health).lastLoadedAt ?? '')).toBeLessThan(60_000)
    expect(dataset(health).lagBytes).toBeGreaterThanOrEqual(0)
    expect(health.capture).toMatchObject({ state: 'RUNNING', healthy: true, faults: [], identities: [] })
    expect(health.capture?.slot).toMatchObject({ active: true, walStatus: 'reserved', inactiveSeconds: null })
    expect(health.capture?.slot?.retainedBytes).toBeGreaterThan(0)
    expect(BigInt(health.capture?.position ?? '0')).toBeGreaterThan(0n)
    expect(troubles(health)).toEqual([])
  })

  it('knows positions of rows that were loaded from the stream', async () => {
    await pipeline.until(
      `SELECT max(last_position) > 0 FROM ${pipeline.project.governance}.pipeline_stats`,
      1,
    )
  })

  it('is what the command prints, for programs and for people', async () => {
    const { code, output } = await mogo('pipeline', 'status', '--format', 'json')
    expect(pipelineHealthSchema.parse(JSON.parse(output)).datasets).toMatchObject([{ dataset: 'counted' }])
    expect(code).toBe(0)
    const table = await mogo('pipeline', 'status')
    expect(table.output).toMatch(
      /^dataset +state +lag events[\s\S]*\ncounted +flowing +0 [\s\S]*\nconnector +\S+ +RUNNING\n/,
    )
  }, 120_000)

  it('tells of tables behind the dataset’s that would keep a batch twice', async () => {
    const { analytics } = pipeline.project
    await pipeline.rows(`CREATE TABLE ${analytics}.copies (id Int64) ENGINE = MergeTree ORDER BY id`)
    await pipeline.rows(
      `CREATE MATERIALIZED VIEW ${analytics}.copy TO ${analytics}.copies AS SELECT id FROM ${analytics}.counted`,
    )
    const [found] = dataset(await look()).doubling
    expect(found?.table).toBe(`${analytics}.copies`)
    await pipeline.rows(found?.statement?.replace(/;$/, '') ?? '')
    expect(dataset(await look()).doubling).toEqual([])
  })

  it('tells of alerts that fire, and of what was compared', async () => {
    const { governance, settings } = pipeline.project
    const row = { alert: 'lag', severity: 'warning', value: 9.5, message: "it's late", remedy: 'look' }
    await pipeline.rows(alertsTable(governance))
    await pipeline.rows(
      noteAlerts(governance, [
        { ...row, at: 1_700_000_000_000, subject: 'counted', state: 'firing' },
        { ...row, at: 1_700_000_000_000, subject: 'other', state: 'firing' },
        { ...row, at: 1_700_000_001_000, subject: 'other', state: 'resolved' },
      ]),
    )
    await keepVerification(settings, [
      { dataset: 'counted', sourceRows: 41, storedRows: 41, explained: 1, unexplained: 0 },
    ])
    const health = await look()
    expect(health.alerts).toEqual([
      {
        ...{ alert: 'lag', subject: 'counted', severity: 'warning', since: '2023-11-14T22:13:20.000Z' },
        ...{ message: "it's late", remedy: 'look' },
      },
    ])
    expect(dataset(health).verified).toMatchObject({ different: 0, explained: 1 })
    expect((await mogo('pipeline', 'status')).code).toBe(1)
  }, 120_000)

  it('names the table whose identity is not enough, and what to run', async () => {
    const owner = await openPostgres(pipeline.project.settings.postgres('superuser'))
    await owner.query('alter table counted replica identity nothing')
    const { capture } = await look()
    expect(capture?.identities).toMatchObject([
      { table: 'public.counted', statement: 'ALTER TABLE "public"."counted" REPLICA IDENTITY FULL;' },
    ])
    await owner.query(capture?.identities[0]?.statement ?? '')
    await owner.close()
    expect((await look()).capture?.identities).toEqual([])
  })

  it('tells that the connector is paused', async () => {
    await connect('pause')
    const health = await lookUntil(({ capture }) => capture?.tasks[0]?.state === 'PAUSED')
    expect(health.capture).toMatchObject({ state: 'PAUSED', healthy: false, faults: [] })
    expect(troubles(health).map(({ code }) => code)).toContain('MOGO_CONNECTOR_FAILED')
    await connect('resume')
    expect((await lookUntil(({ capture }) => capture?.healthy === true)).capture?.healthy).toBe(true)
  }, 120_000)

  it('tells that nobody reads the slot, and since when', async () => {
    await connect('stop')
    const health = await lookUntil(({ capture }) => capture?.slot?.active === false)
    expect(health.capture).toMatchObject({ state: 'STOPPED', healthy: false })
    expect(health.capture?.slot?.active).toBe(false)
    expect(health.capture?.slot?.inactiveSeconds).toBeGreaterThanOrEqual(0)
  }, 120_000)

  it('says loudly that the slot is lost, with the way out, and that the datasets are cut off', async () => {
    const { id, settings } = pipeline.project
    const superuser = await openPostgres(settings.postgres('superuser'))
    await superuser.query(`select pg_drop_replication_slot('${id}')`)
    await superuser.close()
    const health = await look()
    expect(health.capture).toMatchObject({ slot: null, slotName: id, healthy: false })
    expect(health.capture?.faults).toMatchObject([{ code: 'MOGO_SLOT_LOST', passing: false }])
    expect(dataset(health).state).toBe('cut off')
    const { code, output } = await mogo('pipeline', 'status')
    expect(code).toBe(1)
    expect(output).toContain('MOGO_SLOT_LOST')
    expect(output).toContain('mogo capture apply --resnapshot')
  }, 120_000)
})
