/** The sink on a real engine: what happens to inserts that meet their own repetition. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createClickHouseSink } from '#pipelines/clickhouse-sink.ts'
import type { RowSink } from '#pipelines/ports.ts'
import { createTestProject, type TestProject } from '#tests/support/test-project.ts'
import { contractText } from './support/contract-text.ts'

const ROWS = 40
let project: TestProject
let sink: RowSink

const lines = (first: number): Buffer =>
  Buffer.from(
    Array.from(
      { length: ROWS },
      (_, n) => `["a","${first + n}","x","${first + n}",0,"2026-01-01 00:00:00.000"]\n`,
    ).join(''),
  )
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
    const insert = () => sink.insert(dataset, lines(0), 'events:0:0-39:0')
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
    const holds = (key: readonly string[], version: string) => sink.holds(dataset, { key, version })
    expect(await holds(['"a"', '"39"'], '39')).toBe(true)
    expect(await holds(['"a"', '"39"'], '40')).toBe(false)
    expect(await holds(['"b"', '"39"'], '39')).toBe(false)
    expect(await sink.insert(dataset, lines(0), 'events:0:0-39:0')).toEqual({ kind: 'stored' })
    expect(await count('events')).toBe(String(ROWS))
    await project.clickhouse.query(`TRUNCATE TABLE ${project.analytics}.copy`)
  })

  it('of another range goes its own way meanwhile', async () => {
    const [dataset] = loadContracts(project.project.contractsDir)
    if (!dataset) throw new Error('no dataset')
    const both = await Promise.all([
      sink.insert(dataset, lines(100), 'events:0:100-139:100'),
      sink.insert(dataset, lines(200), 'events:0:200-239:200'),
    ])
    expect(both).toEqual([{ kind: 'stored' }, { kind: 'stored' }])
    expect([await count('events'), await count('copy')]).toEqual([String(3 * ROWS), String(2 * ROWS)])
  })
})
