/** Transactions of a hundred thousand rows, on real servers: all of each is there, once, and equal to the source. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareProject } from '#ops/compare/compare-project.ts'
import { type CopyRow, copyChunks } from '#ops/demo/copy-text.ts'
import { openShop } from '#ops/demo/postgres-shop.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'
import { makeRawTopic, partitionSizes } from './support/raw-topic.ts'

const ROWS = 100_000
/** Each so many rows has a text that Postgres keeps beside the row, and does not send again. */
const LARGE_EVERY = 100
/** Each so many rows is changed once more in the same transaction. */
const AGAIN_EVERY = 10
const PARTITIONS = 3
const TABLES = ['inserted', 'copied'] as const

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: TABLES.map(
      (
        table,
      ) => `create table ${table} (tenant text, id bigint, amount numeric(12,2) not null, note text, body text, primary key (tenant, id));
        alter table ${table} alter column body set storage external;`,
    ).join(' '),
    contracts: TABLES.map((table) => ({
      ...{ dataset: table, table: `public.${table}`, tenant: 'tenant' },
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
        { name: 'amount', type: 'numeric(12,2)', required: true },
        { name: 'note', type: 'text' },
        { name: 'body', type: 'text' },
      ],
    })),
    config: { kafka: { partitions: PARTITIONS } },
  })
  // With one partition the table keeps its REPLICA IDENTITY: an UPDATE leaves out the large texts that it does not change.
  await makeRawTopic(pipeline, 'inserted', 1)
  await pipeline.capture().apply()
  await pipeline.startWorker()
  const { analytics } = pipeline.project
  for (const table of TABLES) {
    await pipeline.until(`SELECT count() FROM ${table}`, 0)
    await pipeline.rows(
      `CREATE MATERIALIZED VIEW ${analytics}.${table}_copy ENGINE = MergeTree ORDER BY id AS SELECT tenant, id, _version FROM ${analytics}.${table}`,
    )
  }
})
afterAll(() => pipeline?.dispose())

/** What came of a table in all: changes, those of them that came twice, and the transactions that they were made in. */
async function arrived(table: string): Promise<unknown> {
  const [found] = await pipeline.rows(
    `SELECT toUInt32(count()) AS changes, toUInt32(count() - uniqExact(tenant, id, _version)) AS twice,
       toUInt32(uniqExact(bitShiftRight(_version, 48))) AS transactions FROM ${table}_copy`,
  )
  return found
}

/** As `mogo verify` compares: counts, and every value of every row. */
async function expectEqual(rows: Readonly<Record<(typeof TABLES)[number], number>>): Promise<void> {
  const found = await compareProject(pipeline.project.settings)
  expect(
    found.map(({ dataset, sourceRows, storedRows, explained, unexplained }) => ({
      ...{ dataset, sourceRows, storedRows, explained, unexplained },
    })),
  ).toEqual(
    ['copied', 'inserted'].map((dataset) => ({
      ...{ dataset, explained: 0, unexplained: 0 },
      sourceRows: rows[dataset as keyof typeof rows],
      storedRows: rows[dataset as keyof typeof rows],
    })),
  )
}

it(`brings ${ROWS} rows that are inserted in one transaction, and nothing of what is rolled back`, async () => {
  const insert = (first: number, last: number) =>
    `insert into inserted select 'tenant ' || n % 7, n, n / 100.0, 'note ' || n,
       case when n % ${LARGE_EVERY} = 0 then repeat(md5(n::text), 100) end from generate_series(${first}, ${last}) n`
  await sql(`begin; ${insert(2 * ROWS, 2.5 * ROWS)}; rollback`)
  await sql(`begin; ${insert(1, ROWS / 2)}; savepoint half; ${insert(4 * ROWS, 4.5 * ROWS)};
    rollback to half; ${insert(ROWS / 2 + 1, ROWS)}; commit`)
  await pipeline.until('SELECT count() FROM inserted_copy', ROWS, 60)
  await expectEqual({ inserted: ROWS, copied: 0 })
  expect(await arrived('inserted')).toEqual({ changes: ROWS, twice: 0, transactions: 1 })
}, 90_000)

it(`brings ${ROWS} rows that one COPY has written, to ${PARTITIONS} partitions`, async () => {
  const session = await openShop(pipeline.project.settings.postgres('app'), 'test')
  function* rows(): Generator<CopyRow> {
    for (let id = 1; id <= ROWS; id++)
      yield [
        `tenant ${id % 7}`,
        ...[id, `-${id}.50`, `a\tb "c\\" é ${id}`],
        id % LARGE_EVERY === 0 ? 'd\\\n'.repeat(1000) : null,
      ]
  }
  await session.copyIn('copied', ['tenant', 'id', 'amount', 'note', 'body'], copyChunks(rows()))
  await session.close()
  await pipeline.until('SELECT count() FROM copied_copy', ROWS, 60)
  await expectEqual({ inserted: ROWS, copied: ROWS })
  expect(await arrived('copied')).toEqual({ changes: ROWS, twice: 0, transactions: 1 })
  const sizes = await partitionSizes(pipeline, 'copied')
  expect(sizes).toHaveLength(PARTITIONS)
  expect(Math.min(...sizes)).toBeGreaterThan(ROWS / PARTITIONS / 2)
}, 90_000)

it(`brings ${ROWS} rows that are updated in one transaction, some of them again, and the large texts that it leaves alone`, async () => {
  const changes = 2 * ROWS + ROWS / AGAIN_EVERY
  const { rows: identity } = await sql("select relreplident from pg_class where relname = 'inserted'")
  expect(identity).toEqual([{ relreplident: 'd' }])
  await sql(`begin; update inserted set amount = amount + 1, note = 'changed ' || id;
    update inserted set note = 'changed again' where id % ${AGAIN_EVERY} = 0; commit`)
  await pipeline.until('SELECT count() FROM inserted_copy', changes, 60)
  await expectEqual({ inserted: ROWS, copied: ROWS })
  expect(await arrived('inserted')).toEqual({ changes, twice: 0, transactions: 2 })
  const again = await pipeline.rows(
    `SELECT count() AS rows FROM inserted FINAL WHERE note = 'changed again' AND length(body) = 3200`,
  )
  expect(again).toEqual([{ rows: String(ROWS / LARGE_EVERY) }])
  const { governance } = pipeline.project
  expect(await pipeline.rows(`SELECT count() AS records FROM ${governance}.quarantine`)).toEqual([
    { records: '0' },
  ])
}, 90_000)
