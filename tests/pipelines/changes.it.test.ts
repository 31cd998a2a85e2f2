/** Changes as Postgres makes them, on real servers: what is live in the source is live in ClickHouse, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const SCHEMA = /*sql*/ `
create table docs (tenant text, id bigint, note text, body text, primary key (tenant, id));
create table items (id uuid primary key, tenant text not null, amount numeric(12,2), body text);
create table "Odd Table" ("Ten""ant" text, "Order Id" int, "naïve, col" text, primary key ("Ten""ant", "Order Id"));
create table events (tenant text, id bigint, at date not null, note text, primary key (tenant, id, at)) partition by range (at);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
create table logs (tenant text, id bigint, note text, primary key (tenant, id));
alter table docs alter column body set storage external;
alter table items alter column body set storage external;
insert into docs values ('a', 1, 'first', repeat('x', 10000)), ('b', 1, 'other tenant', null);
`

const text = (name: string, rest: object = {}) => ({ name, type: 'text', ...rest })
let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: SCHEMA,
    contracts: [
      {
        dataset: 'docs',
        table: 'public.docs',
        tenant: 'tenant',
        columns: [
          text('tenant', { key: 1 }),
          { name: 'id', type: 'bigint', key: 2 },
          text('note', { options: { maxLength: 20 } }),
          text('body'),
        ],
      },
      {
        dataset: 'items',
        table: 'public.items',
        tenant: 'tenant',
        columns: [
          { name: 'id', type: 'uuid', key: 1 },
          text('tenant', { required: true }),
          { name: 'amount', type: 'numeric(12,2)' },
          text('body'),
        ],
      },
      {
        dataset: 'odd',
        table: 'public."Odd Table"',
        tenant: 'Ten"ant',
        columns: [
          text('Ten"ant', { property: 'tenant', key: 1 }),
          { name: 'Order Id', property: 'order_id', type: 'integer', key: 2 },
          text('naïve, col', { property: 'note' }),
        ],
      },
      {
        dataset: 'events',
        table: 'public.events',
        tenant: 'tenant',
        columns: [
          text('tenant', { key: 1 }),
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'at', type: 'date', key: 3 },
          text('note'),
        ],
      },
      {
        dataset: 'logs',
        table: 'public.logs',
        tenant: 'tenant',
        columns: [text('tenant', { key: 1 }), { name: 'id', type: 'bigint', key: 2 }, text('note')],
      },
    ],
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await pipeline.until('SELECT count() FROM docs FINAL', 2)
})
afterAll(() => pipeline?.dispose())

const sql = (statement: string) => pipeline.project.postgres.query(statement)
const BIG = 'x'.repeat(10_000)

describe('a change in the source', () => {
  it('leaves an unchanged large text as it was, under REPLICA IDENTITY DEFAULT', async () => {
    await sql("update docs set note = 'second' where tenant = 'a' and id = 1")
    await pipeline.until("SELECT note FROM docs FINAL WHERE tenant = 'a' AND id = 1", 'second')
    expect(await pipeline.rows("SELECT body FROM docs FINAL WHERE tenant = 'a' AND id = 1")).toEqual([
      { body: BIG },
    ])
  })

  it('keeps one live row when the key changes, with its unchanged large text', async () => {
    await sql("update docs set id = 2 where tenant = 'a' and id = 1")
    await pipeline.until("SELECT count() FROM docs FINAL WHERE tenant = 'a' AND id = 2", 1)
    expect(await pipeline.rows("SELECT id, note, body FROM docs FINAL WHERE tenant = 'a'")).toEqual([
      { id: '2', note: 'second', body: BIG },
    ])
  })

  it('fills large texts of rows that were made, changed and renumbered in one transaction', async () => {
    await sql(`begin; insert into docs values ('a', 10, 'new', repeat('y', 9000));
      update docs set note = 'changed' where tenant = 'a' and id = 10;
      update docs set id = 11 where tenant = 'a' and id = 10;
      update docs set note = 'last' where tenant = 'a' and id = 11; commit`)
    await pipeline.until("SELECT note FROM docs FINAL WHERE tenant = 'a' AND id = 11", 'last')
    expect(
      await pipeline.rows("SELECT id, length(body) AS n FROM docs FINAL WHERE tenant = 'a' AND id >= 10"),
    ).toEqual([{ id: '11', n: '9000' }])
  })

  it('deletes for the right tenant where the tenant is in the key', async () => {
    await sql(
      "insert into docs values ('a', 1, 'again', null); delete from docs where tenant = 'b' and id = 1",
    )
    await pipeline.until("SELECT count() FROM docs FINAL WHERE tenant = 'b'", 0)
    await pipeline.until("SELECT count() FROM docs FINAL WHERE tenant = 'a' AND id = 1", 1)
  })

  it('deletes for the right tenant where the tenant is not in the key', async () => {
    const id = '00000000-0000-4000-8000-000000000001'
    await sql(`insert into items values ('${id}', 'a', 1.50, 'x')`)
    await pipeline.until(`SELECT count() FROM items FINAL WHERE tenant = 'a'`, 1)
    await sql(`delete from items where id = '${id}'`)
    await pipeline.until(`SELECT count() FROM items FINAL WHERE tenant = 'a'`, 0)
  })

  it('moves a row to another tenant: gone for the old one', async () => {
    const id = '00000000-0000-4000-8000-000000000002'
    await sql(`insert into items values ('${id}', 'a', -0.01, repeat('z', 9000))`)
    await pipeline.until(`SELECT count() FROM items FINAL WHERE tenant = 'a'`, 1)
    await sql(`update items set tenant = 'b' where id = '${id}'`)
    await pipeline.until(`SELECT count() FROM items FINAL WHERE tenant = 'b'`, 1)
    expect(
      await pipeline.rows('SELECT tenant, toString(amount) AS amount, length(body) AS n FROM items FINAL'),
    ).toEqual([{ tenant: 'b', amount: '-0.01', n: '9000' }])
  })

  it('keeps a row alive that is deleted and inserted again in one transaction, and drops one that is inserted and deleted', async () => {
    await sql(`insert into logs values ('a', 1, 'old');
      begin; delete from logs where id = 1; insert into logs values ('a', 1, 'new'); commit;
      begin; insert into logs values ('a', 2, 'short'); delete from logs where id = 2; commit;
      insert into logs values ('a', 3, 'end')`)
    await pipeline.until('SELECT count() FROM logs FINAL WHERE id = 3', 1)
    expect(await pipeline.rows('SELECT id, note FROM logs FINAL ORDER BY id')).toEqual([
      { id: '1', note: 'new' },
      { id: '3', note: 'end' },
    ])
  })

  it('empties the table at a TRUNCATE and keeps what comes after it', async () => {
    await sql("insert into logs select 'a', n, 'many' from generate_series(100, 1099) n; truncate logs")
    await sql("insert into logs values ('a', 7, 'after')")
    await pipeline.until('SELECT count() FROM logs FINAL WHERE id = 7', 1)
    expect(await pipeline.rows('SELECT id, note FROM logs FINAL')).toEqual([{ id: '7', note: 'after' }])
  })

  it('reads names with blanks, quotes, commas, capitals and accents', async () => {
    await sql(`insert into "Odd Table" values ('a', 1, 'x'), ('b', 2, null)`)
    await sql(`update "Odd Table" set "Ten""ant" = 'c' where "Order Id" = 2`)
    await pipeline.until("SELECT count() FROM odd FINAL WHERE tenant = 'c'", 1)
    expect(await pipeline.rows('SELECT tenant, order_id, note FROM odd FINAL ORDER BY order_id')).toEqual([
      { tenant: 'a', order_id: 1, note: 'x' },
      { tenant: 'c', order_id: 2, note: null },
    ])
  })

  it('brings rows of every partition into one dataset, also of one that is attached while streaming', async () => {
    await sql("insert into events values ('a', 1, '2026-01-05', 'one')")
    await sql(`create table events_2 (like events including all);
      insert into events_2 values ('a', 2, '2026-02-05', 'before');
      alter table events attach partition events_2 for values from ('2026-02-01') to ('2026-03-01');
      insert into events values ('a', 3, '2026-02-06', 'two')`)
    // What the partition has brought along is read when capture sees it: the operations process looks, and so does whoever applies.
    await pipeline.capture().apply()
    await pipeline.until('SELECT count() FROM events FINAL WHERE id IN (1, 2, 3)', 3)
    await sql("delete from events where id = 3; update events set at = '2026-01-06' where id = 1")
    await pipeline.until('SELECT count() FROM events FINAL WHERE id = 3', 0)
    await pipeline.until('SELECT toString(at) FROM events FINAL WHERE id = 1', '2026-01-06')
  })

  it('quarantines just the one bad record among ten thousand', async () => {
    await sql(`insert into docs select 'bulk', n, case when n = 5000 then repeat('too long ', 9) else 'fine' end, null
      from generate_series(1, 10000) n`)
    await pipeline.until("SELECT count() FROM docs FINAL WHERE tenant = 'bulk'", 9999)
    const { governance } = pipeline.project
    expect(
      await pipeline.rows(
        `SELECT dataset, codes, columns, payload LIKE '%too long%' AS clear FROM ${governance}.quarantine FINAL`,
      ),
    ).toEqual([{ dataset: 'docs', codes: ['maxLength'], columns: ['note'], clear: 0 }])
  })

  it('accounts for every record: in = stored + quarantined + filtered', async () => {
    const { governance } = pipeline.project
    await pipeline.until(
      `SELECT sum(records_in) = sum(stored) + sum(quarantined) + sum(filtered) AND sum(quarantined) = 1 AND sum(records_in) > 11000 FROM ${governance}.pipeline_stats`,
      1,
    )
  })

  it.each(['in one batch', 'one batch after the other'])(
    'fills a large text with what a quarantined change has set, %s',
    async (how) => {
      const { governance } = pipeline.project
      const count = `SELECT count() FROM ${governance}.quarantine FINAL`
      const quarantined = (records: number) => pipeline.until(count, records)
      const quarantinedBefore = Number(Object.values((await pipeline.rows(count))[0] ?? {})[0])
      const tenant = how === 'in one batch' ? 'q1' : 'q2'
      const steps = [
        // One row is bad from its first day on, the other was good before.
        `insert into docs values ('${tenant}', 1, repeat('too long ', 9), repeat('n', 9000)), ('${tenant}', 2, 'good', repeat('o', 9000))`,
        `update docs set note = repeat('too long ', 9), body = repeat('p', 9000) where tenant = '${tenant}' and id = 2`,
        `update docs set note = 'mended' where tenant = '${tenant}'`,
      ]
      if (how === 'in one batch') await sql(`begin; ${steps.join('; ')}; commit`)
      else
        for (const [index, step] of steps.entries()) {
          await sql(step)
          if (index < 2) await quarantined(quarantinedBefore + index + 1)
        }
      await pipeline.until(`SELECT count() FROM docs FINAL WHERE tenant = '${tenant}' AND note = 'mended'`, 2)
      expect(
        await pipeline.rows(
          `SELECT id, substring(body, 1, 1) AS first, length(body) AS n FROM docs FINAL WHERE tenant = '${tenant}' ORDER BY id`,
        ),
      ).toEqual([
        { id: '1', first: 'n', n: '9000' },
        { id: '2', first: 'p', n: '9000' },
      ])
      await quarantined(quarantinedBefore + 2)
    },
  )
})
