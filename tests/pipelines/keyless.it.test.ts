/**
 * Tables without a primary key, on real servers. Postgres tells of their changes only under REPLICA IDENTITY FULL, and what tells the rows apart is the
 * key of the contract.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareProject, compareUntilEqual } from '#ops/compare/compare-project.ts'
import type { TestContract } from './support/contract-text.ts'
import { writeContract } from './support/moving-worker.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const COLUMNS =
  'tenant text not null, sensor int not null, at timestamptz not null, value numeric(12,2), note text'
const contract = (table: string): TestContract => ({
  ...{ dataset: table, table: `public.${table}`, tenant: 'tenant' },
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'sensor', type: 'integer', key: 2 },
    { name: 'at', type: 'timestamptz', key: 3 },
    { name: 'value', type: 'numeric(12,2)' },
    { name: 'note', type: 'text' },
  ],
})

let pipeline: Pipeline
const sql = async (statement: string) => (await pipeline.project.postgres.query(statement)).rows
const insert = (table: string, first: number, last: number) =>
  sql(`insert into ${table} select 'a', n % 5, timestamptz '2026-01-01 00:00+00' + n * interval '1 second', n / 4.0, 'note ' || n
    from generate_series(${first}, ${last}) n`)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table readings (${COLUMNS});
      create table meters (${COLUMNS}); create unique index on meters (sensor, at);
      create table later (${COLUMNS}); alter table later replica identity full;`,
    contracts: [contract('readings'), contract('meters')],
    // The changes of a row have to stay together.
    config: { kafka: { partitions: 3 } },
  })
  await insert('readings', 1, 100)
  await insert('meters', 1, 100)
})
afterAll(() => pipeline?.dispose())

/** Source and destination become equal in every value of every row. */
async function expectEqual(tables: readonly string[]): Promise<void> {
  const { settings } = pipeline.project
  await compareUntilEqual(settings, 30_000, new AbortController().signal)
  // What counts is a comparison in which nothing is on its way any more.
  const found = await compareProject(settings)
  expect(found.map(({ dataset }) => dataset)).toEqual(tables.toSorted())
  for (const { dataset, sourceRows, storedRows, explained, unexplained } of found)
    expect({ dataset, storedRows, explained, unexplained }).toEqual({
      ...{ dataset, storedRows: sourceRows, explained: 0, unexplained: 0 },
    })
}

describe('a table without a primary key', () => {
  it.each(['default', 'nothing'])(
    'is refused under REPLICA IDENTITY %s, by name and with the ways out, before anything is changed',
    async (identity) => {
      await sql(`alter table readings replica identity ${identity}`)
      const { id } = pipeline.project
      for (const act of ['plan', 'apply'] as const)
        await expect(pipeline.capture()[act]()).rejects.toMatchObject({
          code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
          message: expect.stringMatching(
            /public\.readings: it has no primary key: add one, or .*ALTER TABLE.* REPLICA IDENTITY FULL/,
          ),
        })
      expect(await sql(`select pubname from pg_publication`)).toEqual([])
      expect(await sql(`select slot_name from pg_replication_slots where slot_name = '${id}'`)).toEqual([])
      // In a publication it could not be written any more.
      await sql(
        `update readings set note = 'written' where sensor = 1; delete from readings where sensor = 2`,
      )
    },
  )

  it('is refused if rows are the same in what the contract takes for their key, before anything is changed', async () => {
    await sql(`alter table readings replica identity full;
      insert into readings values ('c', 1, '2026-02-01', 1, 'one'), ('c', 1, '2026-02-01', 2, 'other')`)
    await expect(pipeline.capture().apply()).rejects.toMatchObject({
      code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
      message: expect.stringMatching(
        /public\.readings: .*no primary key.*the same.*\(tenant, sensor, at\).*Name more columns as the key/,
      ),
    })
    expect(await sql('select pubname from pg_publication')).toEqual([])
    // The same sensor and time of another tenant is another row.
    await sql("update readings set tenant = 'd' where note = 'other'")
  })

  it('is captured under REPLICA IDENTITY FULL; one with a unique index is given it', async () => {
    const changes = await pipeline.capture().apply()
    expect(changes.filter(({ kind }) => kind === 'identity').map(({ object }) => object)).toEqual([
      'public.meters',
    ])
    await pipeline.startWorker()
    await pipeline.until('SELECT count() FROM readings FINAL', 82)
    await pipeline.until('SELECT count() FROM meters FINAL', 100)
    await expectEqual(['readings', 'meters'])
  })

  it.each(['readings', 'meters'])(
    'follows inserts, updates and deletes, and changes of the key (%s)',
    async (table) => {
      await insert(table, 101, 200)
      await sql(`begin; update ${table} set value = 1, note = 'first' where sensor = 3;
        update ${table} set value = 2 where sensor = 3; update ${table} set value = null, note = 'changed' where sensor = 3; commit`)
      await sql(`update ${table} set at = at + interval '1 hour' where sensor = 4`)
      await sql(`update ${table} set tenant = 'b', note = 'moved' where sensor = 0 and value > 30`)
      await sql(`delete from ${table} where sensor = 1 and tenant = 'a'`)
      await sql(`begin; delete from ${table} where sensor = 3 and at < '2026-01-01 00:01+00';
        insert into ${table} values ('a', 3, '2026-01-01 00:00:03+00', -1, 'again');
        commit`)
      await expectEqual(['readings', 'meters'])
      const counts = `count(*) filter (where note = 'changed') as changed, count(*) filter (where note = 'moved') as moved, count(*) filter (where note = 'again') as again`
      expect(await sql(`select ${counts} from ${table}`)).toEqual([
        { changed: '28', moved: '16', again: '1' },
      ])
      expect(
        await pipeline.rows(
          `SELECT countIf(note = 'changed') AS changed, countIf(note = 'moved') AS moved, countIf(note = 'again') AS again FROM ${table} FINAL`,
        ),
      ).toEqual([{ changed: '28', moved: '16', again: '1' }])
    },
  )

  it('is read beside the stream if it comes under contract later, while it is written', async () => {
    await insert('later', 1, 20_000)
    writeContract(pipeline, contract('later'))
    const changes = await pipeline.capture().apply()
    expect(changes.map(({ kind, object }) => `${kind} ${object}`)).toContain('snapshot public.later')
    await pipeline.endWorkers()
    await pipeline.startWorker()
    await sql(`update later set note = 'changed' where sensor = 1; delete from later where sensor = 2`)
    await pipeline.until('SELECT count() FROM later FINAL', 16_000, 60)
    await pipeline.until("SELECT count() FROM later FINAL WHERE note = 'changed'", 4000)
    await expectEqual(['readings', 'meters', 'later'])
  }, 120_000)

  it('has one row for those that become the same while it is streamed, and the comparison says so', async () => {
    await sql(`insert into later values ('c', 1, '2026-02-01', 1, 'one'), ('c', 1, '2026-02-01', 2, 'other')`)
    await pipeline.until("SELECT count() FROM later FINAL WHERE note = 'other'", 1)
    expect(await pipeline.rows("SELECT count() AS n FROM later FINAL WHERE tenant = 'c'")).toEqual([
      { n: '1' },
    ])
    const compared = await compareProject(pipeline.project.settings)
    expect(compared.filter(({ unexplained }) => unexplained > 0)).toMatchObject([
      { dataset: 'later', badTenants: ['c'], unexplained: 1 },
    ])
  })
})
