/** Rows of tens of megabytes, from Postgres on: they come as they are, once and in full, and so do their neighbours. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const MB = 1_000_000

let pipeline: Pipeline
const sql = async (statement: string) => (await pipeline.project.postgres.query(statement)).rows

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table docs (tenant text, id int, brief text, body text, file bytea, primary key (tenant, id));
      insert into docs select 'a', n, 'small', 'text', 'bytes' from generate_series(1, 100) n;
      insert into docs values ('a', 101, 'before capture', repeat('ä€x\\', ${4 * MB}), null)`,
    contracts: [
      {
        dataset: 'docs',
        table: 'public.docs',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'integer', key: 2 },
          { name: 'brief', type: 'text' },
          { name: 'body', type: 'text' },
          { name: 'file', type: 'bytea' },
        ],
      },
    ],
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
}, 120_000)
afterAll(() => pipeline?.dispose())

it('are read and streamed whole, also when another column of them changes', async () => {
  const { settings } = pipeline.project
  await sql(`insert into docs values ('a', 102, 'text', repeat('0123456789', ${4 * MB}), null),
    ('a', 103, 'bytes', null, decode(repeat('00ff10', ${5 * MB}), 'hex')), ('a', 104, 'last', 'y', 'z')`)
  await sql(`update docs set brief = 'changed' where id in (101, 102, 103)`)
  await pipeline.until(`SELECT countIf(brief = 'changed') FROM docs FINAL`, 3, 90)
  await pipeline.until('SELECT count() FROM docs FINAL', 104)
  expect(
    await pipeline.rows(
      'SELECT id, toUInt32(length(body)) AS body FROM docs FINAL WHERE id IN (101, 102) ORDER BY id',
    ),
  ).toEqual([
    { id: 101, body: 4 * MB * 7 },
    { id: 102, body: 40 * MB },
  ])
  await compareUntilEqual(settings, 60_000, new AbortController().signal)
  expect(
    await pipeline.rows(`SELECT toUInt32(count()) AS bad FROM ${pipeline.project.governance}.quarantine`),
  ).toEqual([{ bad: 0 }])
}, 240_000)
