/** A fresh database with the benchmark's table, and the check that everything arrived. */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import { createClickHouseSink } from '../clickhouse-sink.ts'
import type { RowSink } from '../ports.ts'

/** See {@link createBenchDatabase}. */
export type BenchDatabase = {
  readonly name: string
  readonly sink: RowSink
  /** @throws MogoError if a row is missing or doubled */
  expectRows(rows: number): Promise<void>
  drop(): Promise<void>
}

/** Makes it. */
export async function createBenchDatabase(
  connection: ClickHouseConnection,
  name: string,
  dataset: CompiledDataset,
): Promise<BenchDatabase> {
  const sink = createClickHouseSink({ connection, database: name, governanceDatabase: name })
  const client = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    log: { level: ClickHouseLogLevel.OFF },
  })
  await sink.prepareGovernance()
  await sink.prepare(dataset)
  return {
    name,
    sink,
    async expectRows(rows) {
      const query = /*sql*/ `SELECT count() AS n FROM ${name}.${dataset.table}`
      const result = await client.query({ query, format: 'JSONEachRow' })
      const [row] = await result.json<{ n: string | number }>()
      if (Number(row?.n) !== rows)
        throw new MogoError('MOGO_INTERNAL', { where: 'the benchmark: not every record arrived once' })
    },
    async drop() {
      await client.command({ query: /*sql*/ `DROP DATABASE IF EXISTS ${name} SYNC` })
      await client.close()
      await sink.close()
    },
  }
}
