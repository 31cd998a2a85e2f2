/**
 * A clock that is set back by an hour, as a time server does it, while a worker is at work: nothing waits for the hour to pass, the worker keeps its lanes, and
 * what is live in the source is live in ClickHouse.
 */
import type { ChildProcess } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

/** A session of the group lasts 8 s: without heartbeats the lanes are gone after that. */
const SESSION_SECONDS = 8
const ROWS = 20

let pipeline: Pipeline
let worker: ChildProcess
let log = ''
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table visits (tenant text, id bigint, seen int not null, note text, primary key (tenant, id));`,
    contracts: [
      {
        dataset: 'visits',
        table: 'public.visits',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'seen', type: 'integer', required: true },
          { name: 'note', type: 'text', options: { maxLength: 10 } },
        ],
      },
    ],
  })
  await pipeline.capture().apply()
  log = join(pipeline.project.project.dir, 'worker.log')
  const preload = new URL('support/shifted-clock.ts', import.meta.url).href
  worker = await pipeline.spawnWorker({ rows: 50 }, { log, preload })
  await pipeline.until('SELECT count() FROM visits', 0)
  await pipeline.rows(
    `CREATE MATERIALIZED VIEW ${pipeline.project.analytics}.copy ENGINE = MergeTree ORDER BY id AS SELECT id, seen, _version FROM ${pipeline.project.analytics}.visits`,
  )
}, 120_000)
afterAll(async () => {
  try {
    copyFileSync(log, '/tmp/clock.log')
  } catch {}
  await pipeline?.dispose()
})

let changes = 0
/** Rows come, change, go, and break their contract. */
async function change(): Promise<void> {
  const first = ++changes * ROWS
  await sql(
    `insert into visits select 'a', n, 0, 'new' from generate_series(${first}, ${first + ROWS - 1}) n`,
  )
  await sql(`update visits set seen = seen + 1 where tenant = 'a' and id >= ${first - ROWS} and id % 3 = 0`)
  await sql(
    `delete from visits where tenant = 'a' and id between ${first - ROWS} and ${first} and id % 5 = 0`,
  )
  await sql(`insert into visits values ('b', ${first}, 0, 'much too long')`)
}

/** Source = destination. Rows whose only change broke the contract are in neither. */
async function expectSame(): Promise<void> {
  await sql(`delete from visits where tenant = 'b'`)
  const { rows: source } = await pipeline.project.postgres.query(
    `select id::text, seen::text, note from visits order by visits.id`,
  )
  await pipeline.until('SELECT count() FROM visits FINAL', source.length)
  await pipeline.until(
    `SELECT sum(seen) FROM visits FINAL`,
    source.reduce((sum, row) => sum + Number(row['seen']), 0),
  )
  expect(
    await pipeline.rows(
      'SELECT toString(id) AS id, toString(seen) AS seen, note FROM visits FINAL ORDER BY visits.id',
    ),
  ).toEqual(source)
  expect(
    await pipeline.rows('SELECT toUInt32(count() - uniqExact(id, seen, _version)) AS twice FROM copy'),
  ).toEqual([{ twice: 0 }])
  expect([worker.exitCode, worker.signalCode]).toEqual([null, null])
}

const said = (text: string) =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text)).length
/** The time of the worker, by the last line that it has written about itself, seconds before that of the machine. */
async function behind(): Promise<number> {
  const [row] = await pipeline.rows(
    `SELECT argMax(dateDiff('second', at, now64(3, 'UTC')), rowNumberInAllBlocks()) AS seconds FROM ${pipeline.project.governance}.pipeline_stats`,
  )
  return Number(row?.['seconds'])
}

/** The worker is a member of its group, and stays it for so long. */
async function expectMember(seconds: number): Promise<void> {
  const { settings, id } = pipeline.project
  const admin = createKafka(settings.kafka('admin'), 'test').admin()
  await admin.connect()
  try {
    for (const until = performance.now() + seconds * 1000; performance.now() < until; await delay(250)) {
      const { groups } = await admin.describeGroups([`mogo-worker-${id}`])
      expect(groups[0]).toMatchObject({ state: 'Stable', members: [{}] })
    }
  } finally {
    await admin.disconnect()
  }
}

it('keeps its lanes, and loads what comes', async () => {
  await change()
  await pipeline.until(`SELECT count() > 0 FROM ${pipeline.project.governance}.pipeline_stats`, 1)
  expect(Math.abs(await behind())).toBeLessThan(60)
  worker.kill('SIGUSR2')
  for (let times = 0; times < 5; times++) await change()
  // Nothing is committed meanwhile, which would count as a heartbeat.
  await expectMember(SESSION_SECONDS + 3)
  for (let times = 0; times < 5; times++) await change()
  await expectSame()
  await pipeline.until(
    `SELECT count() > 0 FROM ${pipeline.project.governance}.pipeline_stats WHERE at < now64(3, 'UTC') - INTERVAL 59 MINUTE`,
    1,
  )
  expect(said('the group was lost')).toBe(0)
  expect(said('lanes assigned')).toBe(1)
})

it('goes on at once when the engine is well again, though the clock was set back while it was not', async () => {
  const { analytics, governance } = pipeline.project
  const readonly = (value: number) =>
    pipeline.rows(`ALTER TABLE ${analytics}.visits MODIFY SETTING table_readonly = ${value}`)
  const refused = async () =>
    Number(
      (
        await pipeline.rows(
          `SELECT sum(value) AS n FROM system.errors WHERE name = 'TABLE_IS_PERMANENTLY_READ_ONLY'`,
        )
      )[0]?.['n'],
    )
  const before = await refused()
  await readonly(1)
  try {
    await change()
    // So often that the circuit breaker is open.
    await pipeline.until(
      `SELECT sum(value) >= ${before + 6} FROM system.errors WHERE name = 'TABLE_IS_PERMANENTLY_READ_ONLY'`,
      1,
    )
    worker.kill('SIGUSR2')
    await change()
  } finally {
    await readonly(0)
  }
  await pipeline.until(`SELECT count() FROM visits FINAL WHERE id = ${changes * ROWS + 1}`, 1, 15)
  await expectSame()
  await pipeline.until(
    `SELECT count() > 0 FROM ${governance}.pipeline_stats WHERE at < now64(3, 'UTC') - INTERVAL 119 MINUTE`,
    1,
  )
})

it('accounts for every record, and quarantines once', async () => {
  const { governance } = pipeline.project
  await pipeline.until(
    `SELECT sum(records_in) = sum(stored) + sum(quarantined) + sum(filtered) AND sum(quarantined) = ${changes} FROM ${governance}.pipeline_stats`,
    1,
  )
  expect(await pipeline.rows(`SELECT toUInt32(count()) AS n FROM ${governance}.quarantine`)).toEqual([
    { n: changes },
  ])
})
