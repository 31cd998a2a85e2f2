/** A TRUNCATE in the middle of a transaction: what came before it in the transaction goes, what came after it stays, in whichever partition it lies. */
import { afterAll, beforeAll, it } from 'vitest'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const ROWS = 24

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
  await pipeline.startWorker()
})
afterAll(() => pipeline?.dispose())

it('keeps what follows it, and nothing that stands before it', async () => {
  for (let round = 1; round <= 6; round++) {
    const [before, after] = [1000 * round, 1000 * round + 500]
    await sql(`
      begin;
      insert into logs select 'a', ${before} + n, ${round} from generate_series(1, ${ROWS}) n;
      update logs set round = -1;
      truncate logs;
      insert into logs select 'a', ${after} + n, ${round} from generate_series(1, ${ROWS}) n;
      commit`)
    await sql(
      `insert into logs select 'b', n, ${round} from generate_series(1, 3 * ${round}) n on conflict (tenant, id) do update set round = ${round}`,
    )
    await pipeline.until(`SELECT countIf(tenant = 'b' AND round = ${round}) FROM logs FINAL`, 3 * round)
    // What a lane brings after the TRUNCATE is seen for a moment, until it is removed once more.
    await pipeline.until(
      `SELECT arrayStringConcat(arraySort(groupArray(toString(id))), ',') FROM logs FINAL WHERE tenant = 'a'`,
      Array.from({ length: ROWS }, (_, index) => String(after + index + 1)).join(','),
    )
  }
}, 90_000)
