/**
 * A table that was renamed away, or dropped, while no worker ran: the worker that starts then does not put an empty one in its place, says so, and goes on by
 * itself when it is there again. Where a new table lacks nothing it is made as ever.
 */
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { replayTable } from '#pipelines/replay/replay-table.ts'
import { type BuiltWorker, buildWorker } from '#pipelines/worker/build-worker.ts'
import type { TestContract } from './support/contract-text.ts'
import { writeContract } from './support/moving-worker.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const contract = (name: string, version = '1.0.0'): TestContract => ({
  ...{ dataset: name, table: `public.${name}`, tenant: 'tenant', version },
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'note', type: 'text' },
  ],
})
const ddl = (name: string) =>
  `create table ${name} (tenant text, id bigint, note text, primary key (tenant, id));`

let pipeline: Pipeline
let worker: BuiltWorker | undefined
let log: string[] = []

const sql = (statement: string) => pipeline.project.postgres.query(statement)
const analytics = (name: string) => `${pipeline.project.analytics}.${name}`

async function start(): Promise<BuiltWorker> {
  log = []
  const logger = createLogger('worker', 'info', { write: (line: string) => void log.push(line) })
  const datasets = loadContracts(pipeline.project.project.contractsDir)
  worker = buildWorker({ ...pipeline.workerOptions(), datasets, logger })
  await worker.start()
  return worker
}
async function stop(): Promise<void> {
  await worker?.stop()
  worker = undefined
}
const tables = async () =>
  (
    await pipeline.rows(
      `SELECT name FROM system.tables WHERE database = '${pipeline.project.analytics}' ORDER BY name`,
    )
  ).map(({ name }) => name)
const ids = async (name: string) =>
  (await pipeline.rows(`SELECT toUInt32(id) AS id FROM ${name} FINAL ORDER BY id`)).map(({ id }) => id)
const numbers = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
const said = (text: string) => log.filter((line) => line.includes(text)).map((line) => JSON.parse(line))

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `${ddl('orders')} ${ddl('others')} insert into orders values ('a', 1, 'first'); insert into others values ('a', 1, 'first');`,
    contracts: [contract('orders'), contract('others')],
    config: { kafka: { partitions: 3 } },
  })
  await pipeline.capture().apply()
}, 120_000)
afterEach(stop)
afterAll(() => pipeline?.dispose())

describe('a worker', () => {
  it('makes the tables when it starts for the first time', async () => {
    await start()
    await pipeline.until('SELECT count() FROM orders', 1)
    await pipeline.until('SELECT count() FROM others', 1)
    expect(said('gone')).toEqual([])
  })

  it('does not make an empty table in the place of one that is gone, and goes on when it is back', async () => {
    await pipeline.rows(`RENAME TABLE ${analytics('orders')} TO ${analytics('elsewhere')}`)
    await sql(
      `insert into orders select 'a', n, 'meanwhile' from generate_series(2, 20) n; insert into others values ('a', 2, 'meanwhile')`,
    )
    const started = await start()
    // The other dataset goes on.
    await pipeline.until('SELECT count() FROM others FINAL', 2)
    await expect.poll(() => said('a table is gone')).toHaveLength(1)
    expect(said('a table is gone')).toMatchObject([
      {
        level: 50,
        dataset: 'orders',
        err: { code: 'MOGO_TABLE_GONE', message: expect.stringContaining(analytics('orders')) },
        remedy: expect.stringMatching(
          /Rename it back.*mogo pipeline replay orders.*mogo capture apply --resnapshot/,
        ),
      },
    ])
    await expect(started.checks.lanes()).rejects.toMatchObject({ code: 'MOGO_TABLE_GONE', status: 503 })
    expect(started.waiting()).toEqual([{ dataset: 'orders', state: 'stopped', code: 'MOGO_TABLE_GONE' }])
    // Another change, and another look at the table, later: there is none yet.
    await sql(`insert into orders values ('a', 21, 'later'); insert into others values ('a', 3, 'later')`)
    await pipeline.until('SELECT count() FROM others FINAL', 3)
    expect(await tables()).toEqual(['elsewhere', 'others'])
    // One that starts beside it, or after it, makes none, either.
    await stop()
    const again = await start()
    await expect.poll(() => said('a table is gone')).toHaveLength(1)
    await pipeline.rows(`RENAME TABLE ${analytics('elsewhere')} TO ${analytics('orders')}`)
    await pipeline.until('SELECT count() FROM orders FINAL', 21)
    expect(await ids('orders')).toEqual(numbers(21))
    await expect(again.checks.lanes()).resolves.toBeUndefined()
    expect(again.waiting()).toEqual([])
    expect(said('the table is there')).toHaveLength(1)
    await sql(`delete from orders where id = 20; insert into orders values ('a', 22, 'after')`)
    await pipeline.until('SELECT count() FROM orders FINAL WHERE id IN (20, 22)', 1)
    expect(said('a table is gone')).toHaveLength(1)
  })

  it('goes on with a table that was dropped on purpose, once a replay has made it anew', async () => {
    await pipeline.rows(`DROP TABLE ${analytics('orders')} SYNC`)
    await sql(`insert into orders values ('a', 20, 'again')`)
    const started = await start()
    await expect.poll(() => said('a table is gone')).toHaveLength(1)
    expect(await tables()).toEqual(['others'])
    const [dataset] = loadContracts(pipeline.project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    await replayTable(
      { dataset, start: { kind: 'beginning' }, into: 'live' },
      {
        worker: { ...pipeline.workerOptions(), logger: pino({ level: 'silent' }) },
        admin: pipeline.project.settings.kafka('admin'),
        signal: new AbortController().signal,
      },
    )
    await expect.poll(() => started.waiting(), { timeout: 10_000 }).toEqual([])
    await sql(`insert into orders values ('a', 23, 'after')`)
    await pipeline.until('SELECT count() FROM orders FINAL', 23)
    expect(await ids('orders')).toEqual(numbers(23))
  })

  it('makes the table of a new major version, and of a topic of which the group has read nothing', async () => {
    writeContract(pipeline, contract('orders', '2.0.0'))
    const dataset = loadContracts(pipeline.project.project.contractsDir)[0]
    expect(dataset?.table).not.toBe('orders')
    await start()
    await sql(`insert into orders values ('a', 24, 'new version')`)
    await pipeline.until(`SELECT count() FROM ${dataset?.table} FINAL WHERE id = 24`, 1)
    expect(said('gone')).toEqual([])
    await stop()

    const admin = createKafka(pipeline.project.settings.kafka('admin'), 'test').admin()
    await admin.connect()
    await admin.deleteGroups([`mogo-worker-${pipeline.project.id}`])
    await admin.disconnect()
    await pipeline.rows(`DROP TABLE ${analytics(dataset?.table ?? '')} SYNC`)
    await start()
    await pipeline.until(`SELECT count() FROM ${dataset?.table} FINAL`, 24)
    expect(said('a table is gone')).toEqual([])
  })
})
