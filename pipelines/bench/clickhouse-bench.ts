/** A fresh database with the benchmark's table, and what is asked of it: how many rows are visible, and whether they are the right ones. */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'
import { clickhouseFault } from '../clickhouse/clickhouse-errors.ts'
import { createClickHouseSink } from '../clickhouse/clickhouse-sink.ts'
import type { RowSink } from '../ports.ts'
import type { ExpectedRows } from './expected-rows.ts'

/** See {@link createBenchDatabase}. */
export type BenchDatabase = {
  readonly name: string
  readonly sink: RowSink
  /** Runs a statement. Faults do not quote it: it may hold a password. */
  run(statement: string): Promise<void>
  /** The first value of the first row, as a number. */
  number(query: string): Promise<number>
  /** Rows that a SELECT sees now. */
  count(): Promise<number>
  /** @throws MogoError if a row is missing or doubled */
  expectRows(rows: number): Promise<void>
  /** @throws MogoError with the columns whose values are not those that were sent */
  expectSums(expected: ExpectedRows): Promise<void>
  drop(): Promise<void>
}

/** Makes it. */
export async function createBenchDatabase(
  connection: ClickHouseConnection,
  name: string,
  dataset: CompiledDataset,
): Promise<BenchDatabase> {
  const { url, username, password } = connection
  const sink = createClickHouseSink({ connection, database: name, governanceDatabase: name })
  const client = createClient({ url, username, password, log: { level: ClickHouseLogLevel.OFF } })
  const table = `${name}.${dataset.table}`

  async function run(statement: string): Promise<void> {
    try {
      await client.command({ query: statement })
    } catch (error) {
      throw clickhouseFault(error, url, name)
    }
  }

  async function firstRow(query: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const result = await client.query({ query, format: 'JSONEachRow' })
      const [row] = await result.json<Readonly<Record<string, unknown>>>()
      return row ?? {}
    } catch (error) {
      throw clickhouseFault(error, url, name)
    }
  }

  const number = async (query: string) => Number(Object.values(await firstRow(query))[0] ?? Number.NaN)
  await sink.prepareGovernance()
  await sink.prepare(dataset)
  return {
    ...{ name, sink, run, number },
    count: () => number(/*sql*/ `SELECT count() FROM ${table}`),
    async expectRows(rows) {
      const found = await number(/*sql*/ `SELECT count() FROM ${table} FINAL`)
      const ids = await number(/*sql*/ `SELECT sum(id) FROM ${table}`)
      if (found !== rows || ids !== (rows * (rows + 1)) / 2)
        throw new MogoError('MOGO_INTERNAL', {
          where: `the benchmark (${name}): not every record arrived once`,
        })
    },
    async expectSums(expected) {
      const found = await firstRow(expected.statement(name))
      const sums = Object.entries(expected.sums())
      const wrong = sums.filter(([column, sum]) => Number(found[column]) !== sum).map(([column]) => column)
      if (wrong.length > 0)
        throw new MogoError('MOGO_INTERNAL', {
          where: `the benchmark (${name}): other values than were sent in ${wrong.join(', ')}`,
        })
    },
    async drop() {
      await run(/*sql*/ `DROP DATABASE IF EXISTS ${name} SYNC`)
      await client.close()
      await sink.close()
    },
  }
}
