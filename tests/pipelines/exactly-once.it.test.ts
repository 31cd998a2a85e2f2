/**
 * Exactly once, in numbers. Behind each dataset's table lies a plain MergeTree table, fed by a materialized view, which keeps every row that ever came: the
 * dataset's own table would hide a row that came twice, once it is merged.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { createClickHouseSink } from '#pipelines/clickhouse/clickhouse-sink.ts'
import { type BuiltWorker, buildWorker } from '#pipelines/worker/build-worker.ts'
import { type InsertGate, makeInsertGate } from './support/insert-gate.ts'
import { type OwnClickHouse, startOwnClickHouse } from './support/own-clickhouse.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'
import {
  groupPosition,
  makeRawTopic,
  partitionSizes,
  sendRows,
  setGroupPosition,
} from './support/raw-topic.ts'

const ROWS = 1000
/** So many of them come first, where they come in two parts. */
const HEAD = 11
const SPREAD_ROWS = 250
const RESTART_ROWS = 1500
/** Rows in an insert at most, while something is restarted. */
const BATCH = 100
/** Inserts that pass before the one that is broken off. */
const PASSING = 3

/** Their topics have one partition, and are filled by the test itself. */
const SENT = ['whole', 'split', 'again', 'fed_again', 'twice', 'head', 'restarted', 'torn'] as const
/** Their records come from Postgres, through Debezium; by the number of partitions. */
const CAPTURED = { spread_1: 1, spread_3: 3 } as const
const TABLES = [...SENT, ...Object.keys(CAPTURED)]
/** The plain tables behind these drop the repetition of a block: the worker feeds them again, in case that an engine died in between. */
const DROPPING: readonly string[] = ['fed_again', 'torn']
/** Tables whose inserts can be held up. */
const GATED = ['twice', 'head', 'restarted', 'torn'] as const

let clickhouse: OwnClickHouse
let pipeline: Pipeline
let gates: Readonly<Record<(typeof GATED)[number], InsertGate>>

beforeAll(async () => {
  clickhouse = await startOwnClickHouse()
  pipeline = await createPipeline({
    schema: TABLES.map(
      (table) => `create table ${table} (tenant text, id bigint, primary key (tenant, id));`,
    ).join(' '),
    contracts: TABLES.map((table) => ({
      ...{ dataset: table, table: `public.${table}`, tenant: 'tenant' },
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'bigint', key: 2 },
      ],
    })),
    config: { kafka: { partitions: CAPTURED.spread_3 } },
    clickhouse,
  })
  for (const table of [...SENT, 'spread_1']) await makeRawTopic(pipeline, table, 1)
  const [made] = await Promise.all([makeTables(), pipeline.capture().apply()])
  gates = made
}, 120_000)
afterEach(async () => {
  // What a failed test leaves behind would hold up, or take the lanes of, the next one.
  for (const gate of Object.values(gates ?? {})) gate.open()
  await pipeline?.endWorkers()
})
afterAll(async () => {
  await pipeline?.dispose()
  await clickhouse?.stop()
  await Promise.all(Object.values(gates ?? {}).map((gate) => gate.stop()))
})

/** The tables as a worker makes them, and the plain ones behind them. */
async function makeTables(): Promise<typeof gates> {
  const { settings, project, analytics, governance } = pipeline.project
  const sink = createClickHouseSink({
    connection: settings.clickhouse('worker'),
    ...{ database: analytics, governanceDatabase: governance },
  })
  await sink.prepareGovernance()
  const made = new Map<string, InsertGate>()
  for (const table of GATED) made.set(table, await makeInsertGate())
  for (const dataset of loadContracts(project.contractsDir)) {
    await sink.prepare(dataset)
    const { table } = dataset
    const passed = made.get(table)?.expression ?? '1'
    const settings = DROPPING.includes(table) ? 'SETTINGS non_replicated_deduplication_window = 1000' : ''
    await pipeline.rows(
      `CREATE TABLE ${analytics}.${table}_copy (tenant String, id Int64, passed UInt8) ENGINE = MergeTree ORDER BY id ${settings}`,
    )
    await pipeline.rows(
      `CREATE MATERIALIZED VIEW ${analytics}.${table}_view TO ${analytics}.${table}_copy AS
       SELECT tenant, id, toUInt8(${passed}) AS passed FROM ${analytics}.${table}`,
    )
  }
  await sink.close()
  return Object.fromEntries(made) as typeof gates
}

/** Sends rows `first` to `last`; where the topic is filled from 0 on, these are their offsets, too. */
const send = (table: string, first: number, last: number) =>
  sendRows(
    pipeline,
    table,
    Array.from({ length: last - first + 1 }, (_, index) => ({ tenant: 'a', id: first + index })),
  )
const untilCopied = (table: string, rows: number) => pipeline.until(`SELECT count() FROM ${table}_copy`, rows)
const countOf = async (table: string) =>
  Number((await pipeline.rows(`SELECT count() AS n FROM ${table}`))[0]?.['n'])
/** Waits until the worker has committed all up to an offset, and has nothing under way; if it does not, its log says why. */
const untilCommitted = (table: string, next: number, log: readonly string[] = []) =>
  vi.waitFor(
    async () =>
      expect(await groupPosition(pipeline, table), log.slice(-30).join('')).toEqual({
        ...{ next, pendingLast: null },
      }),
    { timeout: 40_000, interval: 100 },
  )
/** Starts a worker in this process whose log is added to `log`. */
async function startLoggedWorker(log: string[]): Promise<BuiltWorker> {
  const logger = createLogger('worker', 'info', { write: (line: string) => void log.push(line) })
  const worker = buildWorker({ ...pipeline.workerOptions(), logger })
  await worker.start()
  return worker
}
/** Records that the workers say to have stored, of those that could still say it. */
const recordsRead = async (table: string) => {
  const { governance } = pipeline.project
  const [sums] = await pipeline.rows(
    `SELECT toUInt32(sum(records_in)) AS records, toUInt32(sum(stored)) AS stored FROM ${governance}.pipeline_stats WHERE dataset = '${table}'`,
  )
  return sums
}
async function kill(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
}

/** Every row is there, and none twice: in the table, also before it is merged, and in the plain table behind it. */
async function expectOnce(table: string, rows: number): Promise<void> {
  const look = async (from: string) =>
    (
      await pipeline.rows(
        `SELECT toUInt32(count()) AS rows, toUInt32(count() - uniqExact(tenant, id)) AS duplicates FROM ${from}`,
      )
    )[0]
  const once = { rows, duplicates: 0 }
  expect({
    table: await look(table),
    final: await look(`${table} FINAL`),
    plain: await look(`${table}_copy`),
  }).toEqual({ table: once, final: once, plain: once })
}

describe(`${ROWS} records are ${ROWS} rows`, () => {
  it('if they come all at once', async () => {
    await send('whole', 0, ROWS - 1)
    const worker = await pipeline.startWorker()
    await untilCopied('whole', ROWS)
    await untilCommitted('whole', ROWS)
    await worker.stop()
    await expectOnce('whole', ROWS)
    expect(await recordsRead('whole')).toEqual({ records: ROWS, stored: ROWS })
  })

  it(`if they come as ${HEAD} and ${ROWS - HEAD}`, async () => {
    const worker = await pipeline.startWorker()
    await send('split', 0, HEAD - 1)
    await untilCopied('split', HEAD)
    await expectOnce('split', HEAD)
    await send('split', HEAD, ROWS - 1)
    await untilCopied('split', ROWS)
    await untilCommitted('split', ROWS)
    await worker.stop()
    await expectOnce('split', ROWS)
  })

  it.each([
    ['which is not fed again', 'again'],
    ['which is fed again, and drops it', 'fed_again'],
  ])(
    'if the batch is loaded again and again, and the table is merged meanwhile (a view %s)',
    async (_case, table) => {
      await send(table, 0, ROWS - 1)
      for (const round of [1, 2, 3]) {
        await setGroupPosition(pipeline, table, { next: 0, pendingLast: ROWS - 1 })
        const worker = await pipeline.startWorker()
        await untilCommitted(table, ROWS)
        await worker.stop()
        await expectOnce(table, ROWS)
        // It was read each time: the counts are those of loading it.
        expect(await recordsRead(table)).toEqual({ records: round * ROWS, stored: round * ROWS })
        await pipeline.rows(`OPTIMIZE TABLE ${pipeline.project.analytics}.${table} FINAL`)
      }
    },
  )

  describe('if a worker is killed after its insert, before its commit', () => {
    let second: BuiltWorker

    beforeAll(async () => {
      await send('twice', 0, ROWS - 1)
      await send('head', 0, HEAD - 1)
      // The next worker takes just this for one batch.
      await setGroupPosition(pipeline, 'twice', { next: 0, pendingLast: ROWS - 1 })
      for (const table of ['twice', 'head'] as const) gates[table].shutAfter(0)
      const first = await pipeline.spawnWorker()
      await Promise.all([gates.twice.arrived(), gates.head.arrived()])
      await kill(first)
      expect([await groupPosition(pipeline, 'twice'), await groupPosition(pipeline, 'head')]).toEqual([
        { next: 0, pendingLast: ROWS - 1 },
        { next: 0, pendingLast: HEAD - 1 },
      ])
      expect([await countOf('twice_copy'), await countOf('head_copy')]).toEqual([0, 0])
      // The insert of the head ends now, and more comes behind it. That of the whole ends when the second worker has met it.
      gates.head.open()
      await untilCopied('head', HEAD)
      await send('head', HEAD, ROWS - 1)
      const log: string[] = []
      second = await startLoggedWorker(log)
      await vi.waitFor(() => expect(log.join('')).toContain('is still being loaded'), { timeout: 40_000 })
      expect(await countOf('twice_copy')).toBe(0)
      gates.twice.open()
      await Promise.all([untilCommitted('twice', ROWS, log), untilCommitted('head', ROWS, log)])
      await second.stop()
    }, 120_000)
    afterAll(() => second?.stop().catch(() => {}))

    it.each([
      ['and the whole batch comes again, while its first insert is under way', 'twice'],
      [`and of what comes again the first ${HEAD} are stored`, 'head'],
    ])('%s', async (_case, table) => {
      await expectOnce(table, ROWS)
      // All by the second worker: the first one had no time to count.
      expect(await recordsRead(table)).toEqual({ records: ROWS, stored: ROWS })
    })
  })
})

describe(`${SPREAD_ROWS} records from Postgres`, () => {
  it.each(Object.entries(CAPTURED))(
    `are ${SPREAD_ROWS} rows in %s: %d partition(s), and a worker that is followed by another one`,
    async (table, partitions) => {
      const insert = (first: number, last: number) =>
        pipeline.project.postgres.query(
          `insert into ${table} select 'a', n from generate_series(${first}, ${last}) n`,
        )
      const first = await pipeline.startWorker()
      await insert(1, 100)
      await pipeline.until(`SELECT count() > 0 FROM ${table}_copy`, 1)
      await Promise.all([first.stop(), insert(101, SPREAD_ROWS)])
      const second = await pipeline.startWorker()
      await untilCopied(table, SPREAD_ROWS)
      await second.stop()
      await expectOnce(table, SPREAD_ROWS)
      const sizes = await partitionSizes(pipeline, table)
      expect(sizes).toHaveLength(partitions)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      expect(await recordsRead(table)).toEqual({ records: SPREAD_ROWS, stored: SPREAD_ROWS })
    },
  )
})

describe(`${RESTART_ROWS} records, while ClickHouse and the worker are killed in the middle, twice,`, () => {
  let last: BuiltWorker

  beforeAll(async () => {
    for (const table of ['restarted', 'torn']) await send(table, 0, RESTART_ROWS - 1)
    let stored = 0
    for (let round = 0; round < 2; round++) {
      for (const table of ['restarted', 'torn'] as const) gates[table].shutAfter(PASSING)
      const worker = await pipeline.spawnWorker({ rows: BATCH })
      await Promise.all([gates.restarted.arrived(), gates.torn.arrived()])
      await kill(worker)
      // One insert ends before the engine does; the other one is in its table, and not behind it.
      gates.restarted.open()
      await pipeline.until('SELECT (SELECT count() FROM restarted) = (SELECT count() FROM restarted_copy)', 1)
      await pipeline.until("SELECT count() FROM system.processes WHERE query_kind = 'Insert'", 1)
      await clickhouse.kill()
      gates.torn.open()
      const [whole, torn, fed] = [
        await countOf('restarted'),
        await countOf('torn'),
        await countOf('torn_copy'),
      ]
      expect(whole).toBeGreaterThan(stored)
      expect(torn).toBeGreaterThan(fed)
      expect(Math.max(whole, torn)).toBeLessThan(RESTART_ROWS)
      stored = whole
    }
    const log: string[] = []
    last = await startLoggedWorker(log)
    await Promise.all(['restarted', 'torn'].map((table) => untilCommitted(table, RESTART_ROWS, log)))
    await last.stop()
  }, 120_000)
  afterAll(() => last?.stop().catch(() => {}))

  it.each([
    ['after the insert that the worker has left', 'restarted'],
    ['between an insert into the table and what it does behind it', 'torn'],
  ])(`are ${RESTART_ROWS} rows: the engine %s`, (_case, table) => expectOnce(table, RESTART_ROWS))
})
