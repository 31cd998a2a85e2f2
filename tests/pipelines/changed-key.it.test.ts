/**
 * A key that changes may take its row to another partition, and with that to another worker. A large text that the change leaves out is that of the
 * old key, which the other lane may not have loaded yet: an older text must not be taken for it.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const ROWS = 40
/** One more in each partition, most likely: what comes before them has been read when they are there. */
const MARKS = 12
const MARK = 1000

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table parcels (tenant text, id bigint, body text not null, primary key (tenant, id));
      alter table parcels alter column body set storage external;`,
    contracts: [
      {
        dataset: 'parcels',
        table: 'public.parcels',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'body', type: 'text', required: true },
        ],
      },
    ],
    config: { kafka: { partitions: 3 } },
  })
  await pipeline.capture().apply()
})
afterAll(() => pipeline?.dispose())

it('takes along no older text than the one that the row had', async () => {
  const workers = [await pipeline.spawnWorker(), await pipeline.spawnWorker()]
  await sql(
    `insert into parcels select 'a', n, repeat(md5('old' || n), 100) from generate_series(1, ${ROWS}) n`,
  )
  await pipeline.until('SELECT count() FROM parcels', ROWS)
  // Its lanes stand still, for less than its session lasts; those of the other one go on.
  workers[0]?.kill('SIGSTOP')
  try {
    await sql(`update parcels set body = repeat(md5('new' || id), 90)`)
    await sql(`update parcels set id = id + 100`)
    await sql(`insert into parcels select 'a', ${MARK} + n, '' from generate_series(1, ${MARKS}) n`)
    await pipeline.until(`SELECT count() > 0 FROM parcels WHERE id > ${MARK}`, 1)
  } finally {
    workers[0]?.kill('SIGCONT')
  }
  await pipeline.until(`SELECT count() FROM parcels FINAL WHERE id > ${MARK}`, MARKS)
  const older = await pipeline.rows(
    `SELECT id FROM parcels FINAL WHERE id BETWEEN 101 AND ${100 + ROWS} AND length(body) != 90 * 32`,
  )
  expect(older).toEqual([])
}, 60_000)
