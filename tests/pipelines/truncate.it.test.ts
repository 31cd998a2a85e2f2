/**
 * A TRUNCATE is one record in one partition. Rows that were written before it may lie in others, which are perhaps read later: they must not come
 * back. In a transaction what came before it goes, and what came after it stays, in whichever partition it lies.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const ROWS = 60
const AFTER = 30
/** Rows before and after one in the middle of a transaction. */
const EACH = 24

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: 'create table logs (tenant text, id bigint, round int not null, primary key (tenant, id))',
    contracts: [
      {
        dataset: 'logs',
        table: 'public.logs',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'round', type: 'integer', required: true },
        ],
      },
    ],
    config: { kafka: { partitions: 3 } },
  })
  await pipeline.capture().apply()
})
afterAll(() => pipeline?.dispose())

it('removes what other workers bring later, and nothing that came after it', async () => {
  const workers = [await pipeline.spawnWorker(), await pipeline.spawnWorker()]
  let round = 0
  // Each of the two stands still in turn, since nobody knows in whose lane the TRUNCATE comes.
  for (const still of [workers[0], workers[1], workers[0], workers[1]]) {
    round++
    still?.kill('SIGSTOP')
    try {
      await sql(`insert into logs select 'a', n, ${round} from generate_series(1, ${ROWS}) n`)
      await sql(`truncate logs`)
      await sql(
        `insert into logs select 'a', ${1000 * round} + n, ${round} from generate_series(1, ${AFTER}) n`,
      )
      // The other one has gone on as far as it can.
      await pipeline.until(`SELECT count() > 0 FROM logs FINAL WHERE id > ${1000 * round}`, 1)
    } finally {
      still?.kill('SIGCONT')
    }
    await pipeline.until(
      `SELECT arrayStringConcat(arraySort(groupArray(toString(id))), ',') FROM logs FINAL`,
      Array.from({ length: AFTER }, (_, index) => String(1000 * round + index + 1)).join(','),
    )
  }
  // Nothing comes back with what is read after all that.
  await sql(`insert into logs values ('a', 9999, 9)`)
  await pipeline.until('SELECT count() FROM logs FINAL WHERE id = 9999', 1)
  expect(await pipeline.rows('SELECT count() AS n FROM logs FINAL')).toEqual([{ n: String(AFTER + 1) }])
}, 90_000)

it('in the middle of a transaction keeps what follows it, and nothing that stands before it', async () => {
  for (let round = 1; round <= 6; round++) {
    const [before, after] = [1000 * round, 1000 * round + 500]
    await sql(`
      begin;
      insert into logs select 'a', ${before} + n, ${round} from generate_series(1, ${EACH}) n;
      update logs set round = -1;
      truncate logs;
      insert into logs select 'a', ${after} + n, ${round} from generate_series(1, ${EACH}) n;
      commit`)
    await sql(
      `insert into logs select 'b', n, ${round} from generate_series(1, 3 * ${round}) n on conflict (tenant, id) do update set round = ${round}`,
    )
    await pipeline.until(`SELECT countIf(tenant = 'b' AND round = ${round}) FROM logs FINAL`, 3 * round)
    // What a lane brings after the TRUNCATE is seen for a moment, until it is removed once more.
    await pipeline.until(
      `SELECT arrayStringConcat(arraySort(groupArray(toString(id))), ',') FROM logs FINAL WHERE tenant = 'a'`,
      Array.from({ length: EACH }, (_, index) => String(after + index + 1)).join(','),
    )
  }
}, 90_000)
