/** Tables are read again on real servers: what was lost comes back, what is newer stays, and nobody is doubled. */
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import {
  planReplay,
  type ReplayDeps,
  type ReplayRequest,
  replayTable,
} from '#pipelines/replay/replay-table.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: /*sql*/ `create table notes (tenant text, id bigint, note text, primary key (tenant, id));
      insert into notes select 'a', n, 'note ' || n from generate_series(1, 500) n;`,
    contracts: [
      {
        dataset: 'notes',
        table: 'public.notes',
        tenant: 'tenant',
        columns: [
          { name: 'tenant', type: 'text', key: 1 },
          { name: 'id', type: 'bigint', key: 2 },
          { name: 'note', type: 'text' },
        ],
      },
    ],
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await pipeline.until(count('notes'), 500)
}, 120_000)
afterAll(async () => {
  await pipeline?.dispose()
})

const table = (name: string) => `${pipeline.project.analytics}.${name}`
const count = (name: string) => `SELECT count() FROM ${table(name)} FINAL`

function deps(): ReplayDeps {
  return {
    worker: { ...pipeline.workerOptions(), logger: pino({ level: 'silent' }) },
    admin: pipeline.project.settings.kafka('admin'),
    signal: new AbortController().signal,
  }
}

function request(rest: Partial<ReplayRequest> = {}): ReplayRequest {
  const [dataset] = loadContracts(pipeline.project.project.contractsDir)
  if (!dataset) throw new Error('no dataset')
  return { dataset, start: { kind: 'beginning' }, into: 'live', ...rest }
}

describe('a replay', () => {
  it('into the live table brings back what was lost, and leaves what is newer', async () => {
    await pipeline.project.postgres.query(/*sql*/ `update notes set note = 'newer' where id = 7`)
    await pipeline.project.postgres.query(/*sql*/ `delete from notes where id = 8`)
    await pipeline.until(`SELECT count() FROM ${table('notes')} FINAL WHERE note = 'newer'`, 1)
    await pipeline.until(count('notes'), 499)
    await pipeline.project.clickhouse.query(
      /*sql*/ `ALTER TABLE ${table('notes')} DELETE WHERE id BETWEEN 100 AND 300 SETTINGS mutations_sync = 2`,
    )
    await pipeline.until(count('notes'), 298)
    const { totals } = await replayTable(request(), deps())
    expect(totals).toMatchObject({ in: 502, stored: 502, quarantined: 0 })
    expect(await pipeline.rows(count('notes'))).toEqual([{ 'count()': '499' }])
    expect(await pipeline.rows(`SELECT note FROM ${table('notes')} FINAL WHERE id = 7`)).toEqual([
      { note: 'newer' },
    ])
    // The usual worker was not fenced off by it.
    await pipeline.project.postgres.query(/*sql*/ `insert into notes values ('b', 1, 'after')`)
    await pipeline.until(count('notes'), 500)
  })

  it('into a shadow table leaves the live one alone, and may be repeated', async () => {
    const counted = `SELECT sum(records_in) AS n FROM ${pipeline.project.governance}.pipeline_stats`
    // Each change, each as often as it was read into the live table: its counts are written once a second.
    await pipeline.until(counted, 502 + 502 + 1)
    await replayTable(request({ into: 'shadow' }), deps())
    await replayTable(request({ into: 'shadow' }), deps())
    // What is read into a table beside it is no work on the dataset.
    expect(await pipeline.rows(counted)).toEqual([{ n: String(502 + 502 + 1) }])
    expect(await pipeline.rows(count('notes__shadow'))).toEqual([{ 'count()': '500' }])
  })

  it('begins at an offset or a time, and says which offsets it would read', async () => {
    const from = (start: ReplayRequest['start']) => planReplay(request({ start }), deps())
    const { ranges } = await from({ kind: 'beginning' })
    expect(ranges).toMatchObject([{ partition: 0, first: 0n }])
    expect(await from({ kind: 'offset', partition: 0, offset: 40n })).toMatchObject({
      ranges: [{ first: 40n }],
    })
    const [tomorrow] = (await from({ kind: 'time', millis: Date.now() + 86_400_000 })).ranges
    expect(tomorrow?.first).toBe(tomorrow?.end)
    await expect(from({ kind: 'offset', partition: 9, offset: 0n })).rejects.toMatchObject({
      code: 'MOGO_REPLAY_RANGE',
    })
  })
})
