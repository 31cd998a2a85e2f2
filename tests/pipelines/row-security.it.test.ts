/** Tables whose rows Postgres itself hides from others: the copy has all of them all the same, for what the contract says decides who sees what there. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import type { TestContract } from './support/contract-text.ts'
import { writeContract } from './support/moving-worker.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const contract = (table: string): TestContract => ({
  ...{ dataset: table, table: `public.${table}`, tenant: 'tenant' },
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'integer', key: 2 },
    { name: 'note', type: 'text' },
  ],
})
const COLUMNS = 'tenant text, id int, note text, primary key (tenant, id)'

let pipeline: Pipeline
const sql = async (statement: string) => (await pipeline.project.postgres.query(statement)).rows
/** As a tenant: where they are forced, policies hold for the owner, too. */
async function as(tenant: string, statement: string): Promise<void> {
  await sql(`select set_config('app.tenant', '${tenant}', false)`)
  await sql(statement)
}
const fill = (table: string, tenant: string, from: number) =>
  as(
    tenant,
    `insert into ${table} select '${tenant}', n, 'note ' || n from generate_series(${from}, ${from + 49}) n`,
  )

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table letters (${COLUMNS}); create table parcels (${COLUMNS}); create table later (${COLUMNS});
      alter table letters enable row level security; alter table letters force row level security;
      create policy own on letters using (tenant = current_setting('app.tenant', true));
      alter table parcels enable row level security;
      create policy part on parcels using (tenant = 'a');
      create table family (${COLUMNS}); create table child () inherits (family);`,
    contracts: ['letters', 'parcels'].map(contract),
  })
  for (const table of ['letters', 'parcels', 'later'])
    for (const tenant of ['a', 'b']) await fill(table, tenant, 1)
})
afterAll(() => pipeline?.dispose())

it('are read whole, whatever their policies, and followed', async () => {
  const { settings } = pipeline.project
  await pipeline.capture().apply()
  expect(await pipeline.capture().plan()).toEqual([])
  await pipeline.startWorker()
  await compareUntilEqual(settings, 30_000, new AbortController().signal)
  for (const table of ['letters', 'parcels']) {
    await pipeline.until(`SELECT count() FROM ${table} FINAL`, 100)
    await fill(table, 'c', 1)
    for (const tenant of ['a', 'b', 'c'])
      await as(tenant, `delete from ${table} where tenant = '${tenant}' and id = 7`)
    await pipeline.until(`SELECT count() FROM ${table} FINAL`, 147)
  }
}, 90_000)

it('are read whole when they come under contract later, and when it is switched on later', async () => {
  const { settings } = pipeline.project
  await sql(`alter table later enable row level security; alter table later force row level security`)
  writeContract(pipeline, contract('later'))
  await pipeline.capture().apply()
  await pipeline.endWorkers()
  await pipeline.startWorker()
  await compareUntilEqual(settings, 30_000, new AbortController().signal)
  await pipeline.until('SELECT count() FROM later FINAL', 100)
}, 90_000)

it('with children by INHERITS are refused by name: what is read of them is more than what is told of them', async () => {
  writeContract(pipeline, contract('family'))
  await expect(pipeline.capture().plan()).rejects.toMatchObject({
    code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
    message: expect.stringMatching(/public\.family.*INHERITS/s),
  })
})
