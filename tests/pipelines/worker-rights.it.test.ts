/** The sink under the worker's own identity at the embedded engine: it has every right that it needs, also for what is only done after a fault. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { readSecret } from '#ops/embedded/credentials.ts'
import { createClickHouseSink } from '#pipelines/clickhouse/clickhouse-sink.ts'
import type { RowSink } from '#pipelines/ports.ts'
import { createTestProject, type TestProject } from '#tests/support/test-project.ts'
import { createRowEncoder } from '#transforms/rowbinary/row-encoder.ts'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { contractText } from './support/contract-text.ts'

// The identities of the embedded engine know these databases only.
const DATABASE = 'analytics'
const TABLE = 'worker_rights'
let project: TestProject
let sink: RowSink
let dataset: CompiledDataset

beforeAll(async () => {
  const { stateDir, clickhouse } = inject('servers')
  const contract = contractText({
    dataset: TABLE,
    table: `public.${TABLE}`,
    tenant: 'tenant',
    columns: [
      { name: 'tenant', type: 'text', key: 1 },
      { name: 'id', type: 'bigint', key: 2 },
    ],
  })
  project = await createTestProject({ contracts: { [TABLE]: contract } })
  dataset = loadContracts(project.project.contractsDir)[0] as CompiledDataset
  sink = createClickHouseSink({
    connection: {
      url: clickhouse.url,
      username: 'worker',
      password: readSecret(join(stateDir, 'secrets'), 'clickhouse.worker'),
    },
    database: DATABASE,
    governanceDatabase: 'governance',
  })
  await sink.prepareGovernance()
  await sink.prepare(dataset)
})
afterAll(async () => {
  await sink?.close()
  await project?.clickhouse.query(`DROP TABLE IF EXISTS ${DATABASE}.${TABLE} SYNC`)
  await project?.dispose()
})

it('asks whether a batch is there before it repeats it', async () => {
  const writer = new RowWriter()
  createRowEncoder(dataset, new RowWriter()).encode(
    ['"a"', '"1"', '"7"', '0', '"2026-01-01 00:00:00.000"'],
    writer,
  )
  const claim = await sink.claim(dataset, { topic: TABLE, partition: 0 })
  const row = { key: ['"a"', '"1"'], version: '7' }
  expect(await sink.holds(dataset, row, `${TABLE}:0-0`)).toBe(false)
  expect(await sink.insert(dataset, writer.written(), `${TABLE}:0-0`, claim)).toEqual({ kind: 'stored' })
  expect(await sink.holds(dataset, row, `${TABLE}:0-0`)).toBe(true)
  expect(await sink.lookup(dataset, [row])).not.toEqual([null])
  expect(await sink.isStored(dataset, { ...row, version: '8' }, `${TABLE}:0-0`)).toBe(false)
  await sink.truncate(dataset, '8')
  expect(await sink.holds(dataset, row, `${TABLE}:0-0`)).toBe(false)
})
