/** Faults on real servers: whatever happens to worker and engine, no row is lost and none is doubled. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { contractText, type TestContract } from './support/contract-text.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const table = (name: string): TestContract => ({
  dataset: name,
  table: `public.${name}`,
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'note', type: 'text' },
  ],
})
const ddl = (name: string) =>
  `create table ${name} (tenant text, id bigint, note text, primary key (tenant, id));`

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)

beforeAll(async () => {
  pipeline = await createPipeline({
    // With several partitions capture wants the table so, and cannot make it so while somebody writes to it.
    schema: `${ddl('counted')} ${ddl('renamed')} ${ddl('later')} alter table later replica identity full;
      insert into later select 'a', n, 'old' from generate_series(1, 3000) n;`,
    contracts: [table('counted'), table('renamed')],
    config: { kafka: { partitions: 3 } },
  })
  await pipeline.capture().apply()
})
// A worker that a failed test leaves behind would take the lanes of the next one.
afterEach(() => pipeline?.endWorkers())
afterAll(() => pipeline?.dispose())

describe('the worker', () => {
  it('loses and doubles nothing when it is killed again and again while it loads', async () => {
    // A plain copy behind the table shows every row that was ever stored: none may be missing, none be there twice.
    let worker = await pipeline.spawnWorker({ rows: 40 })
    await pipeline.until('SELECT count() FROM counted', 0)
    const { analytics } = pipeline.project
    await pipeline.rows(
      `CREATE MATERIALIZED VIEW ${analytics}.copy ENGINE = MergeTree ORDER BY id AS SELECT tenant, id, note FROM ${analytics}.counted`,
    )
    const total = 4000
    const writing = (async () => {
      for (let first = 1; first <= total; first += 50)
        await sql(`insert into counted select 'a', n, 'x' from generate_series(${first}, ${first + 49}) n`)
    })()
    for (const pause of [700, 400, 900]) {
      await delay(pause)
      const ended = once(worker, 'exit')
      worker.kill('SIGKILL')
      await ended
      worker = await pipeline.spawnWorker({ rows: 40 })
    }
    await writing
    await pipeline.until('SELECT count() FROM counted FINAL', total, 60)
    expect(await pipeline.rows('SELECT count() AS n, uniqExact(id) AS ids FROM counted FINAL')).toEqual([
      { n: String(total), ids: String(total) },
    ])
    expect(await pipeline.rows('SELECT count() AS n, uniqExact(id) AS ids FROM copy')).toEqual([
      { n: String(total), ids: String(total) },
    ])
    const ended = once(worker, 'exit')
    worker.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }, 120_000)

  it('waits while its table is away, stays alive, and goes on when it is back', async () => {
    const worker = await pipeline.startWorker()
    await sql("insert into renamed values ('a', 1, 'before')")
    await pipeline.until('SELECT count() FROM renamed', 1)
    const { analytics } = pipeline.project
    await pipeline.rows(`RENAME TABLE ${analytics}.renamed TO ${analytics}.elsewhere`)
    await sql(
      "insert into renamed values ('a', 2, 'while away'); insert into counted values ('b', 1, 'other lane')",
    )
    await pipeline.until("SELECT count() FROM counted FINAL WHERE tenant = 'b'", 1)
    await delay(500)
    await pipeline.rows(`RENAME TABLE ${analytics}.elsewhere TO ${analytics}.renamed`)
    await pipeline.until('SELECT count() FROM renamed', 2)
    await expect(worker.checks.lanes()).resolves.toBeUndefined()
    await worker.stop()
  })

  it('reads the rows of a table that comes under contract later, beside the stream', async () => {
    const file = join(pipeline.project.project.contractsDir, 'later.odcs.yaml')
    writeFileSync(file, contractText(table('later')))
    const reconciler = pipeline.capture()
    const plan = await reconciler.plan()
    expect(plan.map(({ kind, object }) => `${kind} ${object}`)).toContain('snapshot public.later')
    const { openPostgres } = await import('#ops/cli/postgres-session.ts')
    const other = await openPostgres(pipeline.project.settings.postgres('app'))
    // A transaction that wrote before the table was published is not streamed: the snapshot waits for its end.
    await other.query('begin')
    await other.query("update later set note = 'early' where id = 3")
    let applied = false
    const applying = reconciler.apply().then(() => {
      applied = true
    })
    while (!(await reconciler.plan()).every(({ kind }) => kind === 'snapshot')) await delay(100)
    expect(applied).toBe(false)
    await other.query('commit')
    await applying
    await pipeline.startWorker()
    await sql("update later set note = 'new' where id = 1; delete from later where id = 2")
    await pipeline.until('SELECT count() FROM later FINAL', 2999)
    await pipeline.until("SELECT count() FROM later FINAL WHERE note = 'early'", 1)
    // One that is open while a snapshot reads its old rows has lower LSNs than these, and counts all the same.
    await other.query('begin')
    await other.query("update later set note = 'open' where id = 4")
    await other.query('delete from later where id = 5')
    const [moment] = await pipeline.rows("SELECT toString(now64(3, 'UTC')) AS now")
    const owner = await openPostgres(pipeline.project.settings.postgres('superuser'))
    await owner.query(
      `insert into mogo.signal (id, type, data) values ('again', 'execute-snapshot', '{"data-collections": ["public.later"], "type": "INCREMENTAL"}')`,
    )
    await owner.close()
    await pipeline.until(`SELECT count() FROM later FINAL WHERE _loaded_at > '${moment?.['now']}'`, 2999)
    await other.query('commit')
    await other.close()
    await pipeline.until('SELECT count() FROM later FINAL', 2998)
    await pipeline.until("SELECT count() FROM later FINAL WHERE note = 'open'", 1)
    await pipeline.until("SELECT count() FROM later FINAL WHERE note = 'new'", 1)
    expect(await reconciler.plan()).toEqual([])
  }, 120_000)
})

describe('capture', () => {
  it('says that it is healthy, and stops when its slot is gone', async () => {
    const reconciler = pipeline.capture()
    expect(await reconciler.status()).toMatchObject({ state: 'RUNNING', healthy: true, pending: [] })
    const { id, settings } = pipeline.project
    const { openPostgres } = await import('#ops/cli/postgres-session.ts')
    const superuser = await openPostgres(settings.postgres('superuser'))
    await superuser.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${id}'`,
    )
    let gone = false
    for (let tries = 0; tries < 100 && !gone; tries++)
      gone = await superuser.query(`select pg_drop_replication_slot('${id}')`).then(
        () => true,
        () => delay(20, false),
      )
    await superuser.close()
    expect(gone).toBe(true)
    await expect(reconciler.apply()).rejects.toMatchObject({ code: 'MOGO_SLOT_LOST' })
  })

  it('starts anew when told to, in a higher epoch, and rows that went meanwhile are gone', async () => {
    await sql(
      "delete from renamed where id = 1; update renamed set note = 'after' where id = 2; delete from counted",
    )
    await pipeline.startWorker()
    await pipeline.capture().apply({ resnapshot: true })
    await pipeline.until('SELECT note FROM renamed FINAL WHERE id = 2', 'after')
    await pipeline.until('SELECT toString(bitShiftRight(_version, 112)) FROM renamed FINAL WHERE id = 2', '2')
    await pipeline.until('SELECT count() FROM renamed FINAL', 1)
    // A table without rows has no last row of its snapshot.
    await pipeline.until('SELECT count() FROM counted FINAL', 0)
    await sql("insert into counted values ('a', 1, 'new')")
    await pipeline.until('SELECT count() FROM counted FINAL', 1)
  }, 120_000)
})
