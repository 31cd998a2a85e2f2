/** Workers share the partitions: while one joins and leaves again and again under load, no row is lost, none is doubled, and the counts say so. */
import { once } from 'node:events'
import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKafka } from '#pipelines/kafka/kafka-client.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const TABLES = ['letters', 'parcels'] as const
const PARTITIONS = 3
/** Rows of each table in one transaction. */
const ROWS = 30
/** Rows that the load is ahead of what is stored, at most. */
const AHEAD = 600
const CYCLES = 2

let pipeline: Pipeline
let admin: Admin

beforeAll(async () => {
  const ddl = (table: string) =>
    `create table ${table} (tenant text, id bigint, note text, primary key (tenant, id));`
  pipeline = await createPipeline({
    schema: TABLES.map(ddl).join(' '),
    contracts: TABLES.map((table) => ({
      dataset: table,
      table: `public.${table}`,
      tenant: 'tenant',
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
        { name: 'note', type: 'text', options: { maxLength: 10 } },
      ],
    })),
    config: { kafka: { partitions: PARTITIONS } },
  })
  await pipeline.capture().apply()
  admin = createKafka(pipeline.project.settings.kafka('admin'), 'test').admin()
  await admin.connect()
})
afterAll(async () => {
  await admin?.disconnect()
  await pipeline?.dispose()
})

/** So many workers have joined, and have their lanes. */
async function shared(workers: number): Promise<void> {
  const state = async () => {
    const [group] = (await admin.describeGroups([`mogo-worker-${pipeline.project.id}`])).groups
    return [group?.state, group?.members.length]
  }
  await expect.poll(state, { timeout: 40_000 }).toEqual(['Stable', workers])
}

/** A steady load on all lanes until it is told to stop. Every tenth row breaks the contract. */
function startLoad() {
  let running = true
  let rows = 0
  const isFarAhead = async () => {
    const [stored] = await pipeline.rows(`SELECT count() AS n FROM ${TABLES[0]}_copy`)
    return rows - Number(stored?.['n']) * (10 / 9) > AHEAD
  }
  const done = (async () => {
    for (; running; rows += ROWS) {
      while (running && (await isFarAhead()));
      for (const table of TABLES)
        await pipeline.project.postgres.query(
          `insert into ${table} select 'a', n, case when n % 10 = 0 then 'much too long' else 'x' end from generate_series(${rows + 1}, ${rows + ROWS}) n`,
        )
    }
  })()
  done.catch(() => {})
  return {
    async stop() {
      running = false
      await done
      return rows
    },
  }
}

it('loses and doubles nothing while a third worker comes and goes', async () => {
  const { analytics, governance } = pipeline.project
  const workers = [await pipeline.spawnWorker({ rows: 50 }), await pipeline.spawnWorker({ rows: 50 })]
  for (const table of TABLES) {
    await pipeline.until(`SELECT count() FROM ${table}`, 0)
    // No view is fed twice, whether its table drops repetitions or not.
    await pipeline.rows(
      `CREATE MATERIALIZED VIEW ${analytics}.${table}_copy ENGINE = MergeTree ORDER BY id AS SELECT id FROM ${analytics}.${table}`,
    )
  }
  const claims = async () => {
    const rows = await pipeline.rows(
      `SELECT lane, toUInt32(max(claim)) AS claim FROM ${governance}.lane_claims GROUP BY lane`,
    )
    return new Map(rows.map(({ lane, claim }) => [String(lane), Number(claim)]))
  }
  /** Each lane has been claimed anew: whoever has it now has loaded something. */
  const taken = (before: ReadonlyMap<string, number>) =>
    expect
      .poll(
        async () => [...(await claims())].filter(([lane, claim]) => claim > (before.get(lane) ?? 0)).length,
        { timeout: 60_000 },
      )
      .toBe(TABLES.length * PARTITIONS)
  const load = startLoad()
  await shared(2)
  await taken(new Map())
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const before = await claims()
    const third = await pipeline.spawnWorker({ rows: 50 })
    await shared(3)
    await taken(before)
    const joined = await claims()
    const ended = once(third, 'exit')
    third.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await shared(2)
    await taken(joined)
  }
  const rows = await load.stop()
  const good = rows - Math.floor(rows / 10)
  for (const table of TABLES) await pipeline.until(`SELECT count() FROM ${table} FINAL`, good, 60)
  for (const worker of workers) {
    const ended = once(worker, 'exit')
    worker.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }
  for (const table of TABLES) {
    expect(await pipeline.rows(`SELECT count() AS n, uniqExact(id) AS ids FROM ${table}_copy`)).toEqual([
      { n: String(good), ids: String(good) },
    ])
    const [counts] = await pipeline.rows(
      `SELECT toUInt32(sum(records_in)) AS records, toUInt32(sum(stored)) AS stored, toUInt32(sum(quarantined)) AS quarantined,
         toUInt32(sum(filtered)) AS filtered, toUInt32(sum(rows)) AS rows
       FROM ${governance}.pipeline_stats WHERE dataset = '${table}'`,
    )
    expect(counts).toEqual({
      records: rows,
      stored: good,
      quarantined: rows - good,
      filtered: 0,
      rows: good,
    })
    const [places] = await pipeline.rows(
      `SELECT toUInt32(count()) AS records FROM ${governance}.quarantine FINAL WHERE dataset = '${table}'`,
    )
    expect(places).toEqual({ records: rows - good })
  }
}, 180_000)
