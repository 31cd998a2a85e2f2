/** The sink on a real engine: what happens to inserts that meet their own repetition. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createClickHouseSink } from '#pipelines/clickhouse/clickhouse-sink.ts'
import type { LaneClaim, RowSink } from '#pipelines/ports.ts'
import { createTestProject, type TestProject } from '#tests/support/test-project.ts'
import { createRowEncoder } from '#transforms/rowbinary/row-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { compiled } from './support/catalog.ts'
import { contractText } from './support/contract-text.ts'

const ROWS = 40
let project: TestProject
let sink: RowSink

function lines(first: number): Buffer {
  const [dataset] = loadContracts(project.project.contractsDir)
  if (!dataset) throw new Error('no dataset')
  const writer = new RowWriter()
  const encoder = createRowEncoder(dataset, new RowWriter())
  for (let id = first; id < first + ROWS; id++)
    encoder.encode(['"a"', `"${id}"`, '"x"', `"${id}"`, '0', '"2026-01-01 00:00:00.000"'], writer)
  return writer.written()
}
const claim = async (): Promise<LaneClaim> => {
  const [dataset] = loadContracts(project.project.contractsDir)
  if (!dataset) throw new Error('no dataset')
  return sink.claim(dataset, { topic: 'events', partition: 0 })
}
const count = async (table: string): Promise<unknown> =>
  (await project.clickhouse.query(`SELECT count() AS n FROM ${table}`)).rows[0]?.['n']

beforeAll(async () => {
  const contract = contractText({
    dataset: 'events',
    table: 'public.events',
    tenant: 'tenant',
    columns: [
      { name: 'tenant', type: 'text', key: 1 },
      { name: 'id', type: 'bigint', key: 2 },
      { name: 'note', type: 'text' },
    ],
  })
  project = await createTestProject({ contracts: { events: contract } })
  sink = createClickHouseSink({
    connection: project.settings.clickhouse('worker'),
    database: project.analytics,
    governanceDatabase: project.governance,
  })
  const [dataset] = loadContracts(project.project.contractsDir)
  if (!dataset) throw new Error('no dataset')
  await sink.prepareGovernance()
  await sink.prepare(dataset)
  // A view that takes its time: the insert is under way for as long as it does.
  await project.clickhouse.query(
    `CREATE MATERIALIZED VIEW ${project.analytics}.copy ENGINE = MergeTree ORDER BY id AS
     SELECT id, note, sleepEachRow(0.02) AS waited FROM ${project.analytics}.events`,
  )
}, 120_000)
afterAll(async () => {
  await sink?.close()
  await project?.dispose()
})

describe('an insert', () => {
  it('that is repeated while the first one is still under way is refused for now, and stored once', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const mine = await claim()
    const insert = () => sink.insert(dataset, lines(0), 'events:0:0-39:0', mine)
    const outcomes = await Promise.allSettled([insert(), insert(), insert()])
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'MOGO_CLICKHOUSE_UNREACHABLE', class: 'retriable' })
    expect([await count('events'), await count('copy')]).toEqual([String(ROWS), String(ROWS)])
  })

  it('that is repeated is stored once in the table; whether it is there can be asked before', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const holds = (key: readonly string[], version: string) =>
      sink.holds(dataset, { key, version }, 'events:0:0-39:0')
    expect(await holds(['"a"', '"39"'], '39')).toBe(true)
    expect(await holds(['"a"', '"39"'], '40')).toBe(false)
    expect(await holds(['"b"', '"39"'], '39')).toBe(false)
    expect(await sink.insert(dataset, lines(0), 'events:0:0-39:0', await claim())).toEqual({ kind: 'stored' })
    expect(await count('events')).toBe(String(ROWS))
    await project.clickhouse.query(`TRUNCATE TABLE ${project.analytics}.copy`)
  })

  it('of another range goes its own way meanwhile', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const both = await Promise.all([
      sink.insert(dataset, lines(100), 'events:0:100-139:100', await claim()),
      sink.insert(dataset, lines(200), 'events:0:200-239:200', await claim()),
    ])
    expect(both).toEqual([{ kind: 'stored' }, { kind: 'stored' }])
    expect([await count('events'), await count('copy')]).toEqual([String(3 * ROWS), String(2 * ROWS)])
  })

  it('of a worker whose lane was claimed by another one stores nothing', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const before = await count('events')
    const former = await claim()
    const other = await sink.claim(dataset, { topic: 'events', partition: 1 })
    const mine = await claim()
    expect(await sink.insert(dataset, lines(300), 'events:0:300-339:300', former)).toEqual({ kind: 'fenced' })
    expect(await count('events')).toBe(before)
    expect(await sink.insert(dataset, lines(300), 'events:0:300-339:300', mine)).toEqual({ kind: 'stored' })
    expect(await sink.insert(dataset, lines(400), 'events:1:0-39:400', other)).toEqual({ kind: 'stored' })
  })

  it('of which the engine has fed the table and not the view fills the view when it is repeated, once', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const { analytics } = project
    await project.clickhouse.query(`DROP VIEW ${analytics}.copy`)
    const token = 'events:0:500-539:500'
    const mine = await claim()
    const insert = () => sink.insert(dataset, lines(500), token, mine)
    const holds = () => sink.holds(dataset, { key: ['"a"', '"539"'], version: '539' }, token)
    await insert()
    expect(await holds()).toBe(true)
    await project.clickhouse.query(
      `CREATE TABLE ${analytics}.kept (id Int64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`,
    )
    await project.clickhouse.query(
      `CREATE MATERIALIZED VIEW ${analytics}.keeping TO ${analytics}.kept AS SELECT id FROM ${analytics}.events`,
    )
    // Its table can be fed again without harm, so it is.
    expect(await holds()).toBe(false)
    await insert()
    await insert()
    expect(await count('kept')).toBe(String(ROWS))
    expect(await count(`(SELECT DISTINCT id FROM ${analytics}.events WHERE id BETWEEN 500 AND 539)`)).toBe(
      String(ROWS),
    )
    expect(await count(`(SELECT id FROM ${analytics}.events WHERE id BETWEEN 500 AND 539)`)).toBe(
      String(ROWS),
    )
  })
})

describe('a table whose contract has widened types', () => {
  const NUMBERS = [1, 2_000_000_000, -2_000_000_000]
  const typesOf = async (table: string) =>
    (
      await project.clickhouse.query(
        `SELECT name, type FROM system.columns WHERE database = '${project.analytics}' AND table = '${table}' AND position BETWEEN 3 AND 5 ORDER BY position`,
      )
    ).rows.map(({ name, type }) => `${name} ${type}`)
  const version = (amount: string, price: string, required: boolean, id = 'integer') =>
    compiled({
      ...{ dataset: 'priced', table: 'public.priced', tenant: 'tenant' },
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: id, key: 2 },
        { name: 'amount', type: amount, required: true },
        { name: 'price', type: price },
        { name: 'note', type: 'text', required },
      ],
    })
  const stored = async () =>
    (
      await project.clickhouse.query(
        `SELECT toString(id), toString(amount), toString(price), note FROM ${project.analytics}.priced FINAL ORDER BY id`,
      )
    ).rows.map((row) => Object.values(row).join(' '))
  const insert = async (
    dataset: CompiledDataset,
    id: number,
    amount: string,
    price: string,
    note: string,
  ) => {
    const writer = new RowWriter()
    const cells = ['"a"', String(id), amount, price, note, `"${id}"`, '0', '"2026-01-01 00:00:00.000"']
    createRowEncoder(dataset, new RowWriter()).encode(cells, writer)
    const mine = await sink.claim(dataset, { topic: 'priced', partition: 0 })
    return sink.insert(dataset, writer.written(), `priced:0:${id}-${id}:${id}`, mine)
  }

  it('is widened with it, keeps what it holds, and takes rows of either contract', async () => {
    const former = version('integer', 'numeric(12,2)', true)
    const moved = version('bigint', 'numeric(30,2)', false)
    await sink.prepare(former)
    for (const [id, amount] of NUMBERS.entries())
      await insert(former, id, String(amount), '"9999999999.99"', '"x"')
    await sink.prepare(moved)
    await sink.prepare(moved)
    expect(await typesOf('priced')).toEqual([
      'amount Int64',
      'price Nullable(Decimal(30, 2))',
      'note Nullable(String)',
    ])
    await insert(moved, 3, '"9000000000000000000"', '"1234567890123456789012345678.90"', 'null')
    // Another worker may not have moved yet.
    await insert(former, 4, '7', '"0.10"', '"y"')
    expect(await stored()).toEqual([
      ...NUMBERS.map((amount, id) => `${id} ${amount} 9999999999.99 x`),
      '3 9000000000000000000 1234567890123456789012345678.9 ',
      '4 7 0.1 y',
    ])
  })

  it('tells since which version a column has values, and that one has none', async () => {
    const moved = version('bigint', 'numeric(30,2)', false)
    const first = (column: string, below: string) => sink.firstValue(moved, column, below)
    // The rows have the versions 0 to 4; the note of 3 is NULL.
    expect([await first('note', '4'), await first('note', '0'), await first('amount', '1')]).toEqual([
      expect.stringMatching(/^[012]$/),
      '0',
      '0',
    ])
    const more = compiled({
      ...{ dataset: 'priced', table: 'public.priced', tenant: 'tenant' },
      columns: [
        { name: 'tenant', type: 'text', key: 1 },
        { name: 'id', type: 'integer', key: 2 },
        { name: 'amount', type: 'bigint', required: true },
        { name: 'price', type: 'numeric(30,2)' },
        { name: 'note', type: 'text' },
        ...['text', 'integer', 'uuid', 'date', 'timestamptz', 'boolean', 'integer[]', 'jsonb'].flatMap(
          (type, index) => [
            { name: `needed_${index}`, type, required: true },
            { name: `free_${index}`, type },
          ],
        ),
      ],
    })
    await sink.prepare(more)
    // What the engine gives rows that are older than a column is no value.
    const found: string[] = []
    for (const { source, targetType } of more.columns.slice(5))
      if ((await sink.firstValue(more, source, '9')) !== null) found.push(`${source} ${targetType}`)
    expect(found).toEqual([])
  })

  it('is refused, and left as it is, where the engine sorts by the column', async () => {
    const before = await typesOf('priced')
    await expect(sink.prepare(version('bigint', 'numeric(34,2)', false, 'bigint'))).rejects.toMatchObject({
      code: 'MOGO_TABLE_MISMATCH',
      message: expect.stringContaining('column id is Int32'),
    })
    expect(await typesOf('priced')).toEqual(before)
  })
})
