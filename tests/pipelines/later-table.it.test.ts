/**
 * A table that comes under contract later is read beside the stream, in portions: where one ends is said by the key. All of it must come, whatever the key is
 * made of; what Debezium cannot compare it leaves out, and says so in its log alone.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareProject } from '#ops/compare/compare-project.ts'
import type { TestContract } from './support/contract-text.ts'
import { writeContract } from './support/moving-worker.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

/** More than a portion has. */
const ROWS = 8500

/** Type of the key, and its value in row n. */
const KEYS: Readonly<Record<string, string>> = {
  'timestamp without time zone': `timestamp '2026-01-01' + n * interval '1.000001 second'`,
  'timestamp with time zone': `timestamptz '2026-01-01 00:00+02' + n * interval '1.000001 second'`,
  'time without time zone': `time '00:00' + n * interval '1.000001 second'`,
  'time with time zone': `timetz '00:00+02' + n * interval '1.000001 second'`,
  'bit(16)': 'n::bit(16)',
  'numeric(12,2)': 'n / 4.0 - 1000',
  text: `case when n % 2 = 0 then 'Ä''k' else 'k "' end || n`,
}
const TABLES = Object.entries(KEYS).map(([type, value], index) => ({ table: `later_${index}`, type, value }))

let pipeline: Pipeline
const sql = (statement: string) => pipeline.project.postgres.query(statement)
const contract = (table: string, type: string): TestContract => ({
  ...{ dataset: table, table: `public.${table}`, tenant: '=x' },
  columns: [
    { name: 'k', type, key: 1 },
    { name: 'n', type: 'integer' },
  ],
})

beforeAll(async () => {
  const create = ({ table, type, value }: (typeof TABLES)[number]) =>
    `create table ${table} (k ${type} primary key, n int);
     insert into ${table} select ${value}, n from generate_series(1, ${ROWS}) n;`
  pipeline = await createPipeline({
    schema: `create table first (k integer primary key, n int); ${TABLES.map(create).join(' ')}
      create table paid (k money primary key, n int);`,
    contracts: [contract('first', 'integer')],
  })
  await pipeline.capture().apply()
})
afterAll(() => pipeline?.dispose())

it('is read to its end, whatever its key is made of', async () => {
  for (const { table, type } of TABLES) writeContract(pipeline, contract(table, type))
  const changes = await pipeline.capture().apply()
  expect(changes.filter(({ kind }) => kind === 'snapshot').map(({ object }) => object)).toEqual(
    TABLES.map(({ table }) => `public.${table}`),
  )
  await pipeline.startWorker()
  const counts = TABLES.map(({ table }) => `(SELECT count() FROM ${table} FINAL)`)
  await pipeline.until(`SELECT ${counts.join(' + ')}`, TABLES.length * ROWS, 60)
  const found = await compareProject(pipeline.project.settings)
  expect(
    found.flatMap(({ dataset, sourceRows, storedRows, explained, unexplained }) =>
      dataset === 'first' ? [] : [{ dataset, sourceRows, storedRows, explained, unexplained }],
    ),
  ).toEqual(
    TABLES.map(({ table }) => ({
      ...{ dataset: table, explained: 0, unexplained: 0 },
      ...{ sourceRows: ROWS, storedRows: ROWS },
    })),
  )
}, 120_000)

it('is refused if there is money in its key, with the way out, and then read with all others', async () => {
  writeContract(pipeline, contract('paid', 'money'))
  await sql(`insert into paid select n::money, n from generate_series(1, ${ROWS}) n`)
  await expect(pipeline.capture().apply()).rejects.toMatchObject({
    code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
    message: expect.stringMatching(/public\.paid: .*money in its key \(k\).*apply --resnapshot/),
  })
  await pipeline.endWorkers()
  await pipeline.startWorker()
  await pipeline.capture().apply({ resnapshot: true })
  await pipeline.until('SELECT count() FROM paid FINAL', ROWS, 60)
}, 120_000)
