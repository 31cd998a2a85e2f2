/**
 * Partitions that come and go while their table is captured: all rows are in one dataset, also those that a partition brings along, and no tenant keeps
 * seeing a row that has gone to another one.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareProject, compareUntilEqual } from '#ops/compare/compare-project.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const COLUMNS = 'tenant text not null, id int not null, at date not null, note text, primary key (id, at)'

let pipeline: Pipeline
const sql = async (statement: string) => (await pipeline.project.postgres.query(statement)).rows
/** Source and copy become equal in every value. */
async function expectEqual(): Promise<void> {
  const { settings } = pipeline.project
  await compareUntilEqual(settings, 30_000, new AbortController().signal)
  for (const { dataset, sourceRows, storedRows, unexplained } of await compareProject(settings))
    expect({ dataset, storedRows, unexplained }).toEqual({ dataset, storedRows: sourceRows, unexplained: 0 })
}
const planned = async () =>
  (await pipeline.capture().plan()).map(({ kind, object, change }) => `${kind} ${object}: ${change}`)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `create table events (${COLUMNS}) partition by range (at);
      create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
      create table "By Hash" (${COLUMNS.replace('primary key (id, at)', 'primary key (id)')}) partition by hash (id);
      create table hash_0 partition of "By Hash" for values with (modulus 2, remainder 0);
      create table empty_root (${COLUMNS}) partition by list (at);
      insert into events values ('a', 1, '2026-01-05', 'one');
      insert into "By Hash" select 'a', n, '2026-01-05', 'even' from generate_series(1, 100) n
        where satisfies_hash_partition('"By Hash"'::regclass, 2, 0, n);`,
    // The tenant is not in the key: an update has to tell the row before it.
    contracts: [
      { dataset: 'events', table: 'public.events', keys: ['id', 'at'] },
      { dataset: 'by_hash', table: 'public.By Hash', keys: ['id'] },
      { dataset: 'empty_root', table: 'public.empty_root', keys: ['id', 'at'] },
    ].map(({ keys, ...names }) => ({
      ...{ ...names, tenant: 'tenant' },
      columns: [
        { name: 'tenant', type: 'text', required: true },
        ...[
          { name: 'id', type: 'integer' },
          { name: 'at', type: 'date' },
        ].map((column) => ({
          ...column,
          ...(keys.includes(column.name) ? { key: keys.indexOf(column.name) + 1 } : {}),
        })),
        { name: 'note', type: 'text' },
      ],
    })),
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await expectEqual()
}, 120_000)
afterAll(() => pipeline?.dispose())

it('rows that an attached partition brings along are read, just those, and its changes are followed', async () => {
  await sql(`create table events_2 (like events including all);
    insert into events_2 select 'b', n, '2026-02-05', 'brought along' from generate_series(1, 3000) n;
    alter table events attach partition events_2 for values from ('2026-02-01') to ('2026-03-01');
    insert into events values ('a', 9000, '2026-02-06', 'streamed')`)
  expect(await planned()).toEqual([
    expect.stringMatching(/^partition public\.events_2: REPLICA IDENTITY FULL/),
    'partition public.events_2: read the rows that it brings along to public.events',
  ])
  await pipeline.capture().apply()
  expect(await planned()).toEqual([])
  await pipeline.until('SELECT count() FROM events FINAL', 3002)
  await sql(
    `update events set tenant = 'c' where id = 7; delete from events where id = 8; update events set note = 'x' where id = 9`,
  )
  await pipeline.until(`SELECT count() FROM events FINAL WHERE tenant = 'b'`, 2998)
  await expectEqual()
}, 120_000)

it('the first one of a table that had none, too; one of which Debezium cannot be asked is told, and does not hold up others', async () => {
  await sql(`create table hash_1 (like "By Hash" including all);
    insert into hash_1 select 'a', n, '2026-01-05', 'odd' from generate_series(1, 100) n
      where satisfies_hash_partition('"By Hash"'::regclass, 2, 1, n);
    alter table "By Hash" attach partition hash_1 for values with (modulus 2, remainder 1);
    create table list_1 (like empty_root including all);
    insert into list_1 values ('a', 1, '2026-03-01', 'first');
    alter table empty_root attach partition list_1 for values in ('2026-03-01');
    create table rest partition of empty_root default`)
  const done = (await pipeline.capture().apply()).map(({ object, change }) => `${object}: ${change}`)
  expect(done).toContainEqual(expect.stringMatching(/^public\.hash_1: not done \(.*By Hash.*rename it/s))
  expect(done).toContain('public.list_1: read the rows that it brings along to public.empty_root')
  await pipeline.until('SELECT count() FROM empty_root FINAL', 1)
  await sql(`insert into empty_root values ('b', 2, '2027-01-01', 'in the rest')`)
  await pipeline.until('SELECT count() FROM empty_root FINAL', 2)
  expect(await planned()).toEqual([
    'partition public.hash_1: read the rows that it brings along to public.By Hash',
  ])
  await sql(`alter table "By Hash" detach partition hash_1`)
  await pipeline.capture().apply()
  await expectEqual()
}, 120_000)

it('an update of a new partition that does not tell the row before it is put aside, and says so, until the partition is seen', async () => {
  await sql(`create table events_3 partition of events for values from ('2026-03-01') to ('2026-04-01');
    insert into events values ('a', 9100, '2026-03-02', 'mine')`)
  await pipeline.until(`SELECT count() FROM events FINAL WHERE id = 9100`, 1)
  await sql(`update events set tenant = 'b' where id = 9100`)
  const { governance } = pipeline.project
  await pipeline.until(
    `SELECT count() FROM ${governance}.quarantine FINAL WHERE dataset = 'events' AND has(codes, 'former_row_missing')
       AND has(arrayMap(rule -> rule LIKE '%REPLICA IDENTITY FULL%--resnapshot%', rules), 1)`,
    1,
  )
  // Nothing but partitions is taken in, whatever else differs.
  const followed = await pipeline.capture().followPartitions()
  expect(followed.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
    'partition public.events_3',
    'partition public.events_3',
  ])
  expect(await planned()).toEqual([])
  await sql(`update events set tenant = 'c' where id = 9100`)
  await pipeline.until(`SELECT count() FROM events FINAL WHERE id = 9100 AND tenant = 'c'`, 1)
}, 120_000)

it('a partition that goes is told by name, and is known again when it comes back', async () => {
  await sql('alter table events detach partition events_2')
  expect(await planned()).toEqual([
    expect.stringMatching(/^partition public\.events_2: forget it: it has left public\.events.*--resnapshot/),
  ])
  await pipeline.capture().apply()
  expect(await planned()).toEqual([])
  await sql(`insert into events_2 values ('b', 9999, '2026-02-20', 'while it was away');
    alter table events attach partition events_2 for values from ('2026-02-01') to ('2026-03-01')`)
  await pipeline.capture().apply()
  await pipeline.until(`SELECT count() FROM events FINAL WHERE id = 9999`, 1)
}, 120_000)

it('one that is refilled, or replaced under the same name, between two looks is read again; one that is renamed is not', async () => {
  await sql(`begin; alter table events detach partition events_2;
    insert into events_2 values ('b', 10000, '2026-02-21', 'refilled');
    alter table events attach partition events_2 for values from ('2026-02-01') to ('2026-03-01'); commit`)
  expect(await planned()).toEqual([
    'partition public.events_2: read the rows that it brings along to public.events',
  ])
  await pipeline.capture().apply()
  await pipeline.until('SELECT count() FROM events FINAL WHERE id = 10000', 1)
  await sql(`begin; create table events_2_new (like events_2 including all); alter table events_2_new replica identity full;
    insert into events_2_new select * from events_2; insert into events_2_new values ('b', 10001, '2026-02-22', 'in the new one');
    alter table events detach partition events_2; alter table events_2 rename to events_2_old;
    alter table events_2_new rename to events_2;
    alter table events attach partition events_2 for values from ('2026-02-01') to ('2026-03-01'); commit`)
  expect(await planned()).toEqual([
    'partition public.events_2: read the rows that it brings along to public.events',
  ])
  await pipeline.capture().followPartitions()
  await pipeline.until('SELECT count() FROM events FINAL WHERE id = 10001', 1)
  await sql('alter table events_2 rename to events_february')
  expect(await planned()).toEqual([])
}, 120_000)
