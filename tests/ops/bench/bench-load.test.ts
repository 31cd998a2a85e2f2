/** What the benchmark writes and how it reads, on sessions that only note what they are asked. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import { parseContract } from '#contracts/parse.ts'
import { CREATE_TABLE } from '#ops/bench/bench-table.ts'
import { startLoad } from '#ops/bench/change-load.ts'
import { createProber } from '#ops/bench/probe-visible.ts'
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import { ROOT } from '#ops/cli/find-project.ts'
import type { PostgresSession } from '#ops/cli/postgres-session.ts'

const DONE = { command: '', columns: [], rows: [], count: 0 }

function postgresOf(asked: (parameters: readonly unknown[]) => void): PostgresSession {
  return {
    async query(_sql, parameters = []) {
      asked(parameters)
      return DONE
    },
    close: async () => {},
  }
}

describe('the table in Postgres', () => {
  it('has the columns of the contract, in its order and with its types', () => {
    const text = readFileSync(join(ROOT, 'pipelines/bench/bench.odcs.yaml'), 'utf8')
    const [dataset] = compileContract(parseContract(text)).datasets
    const columns = [...CREATE_TABLE.matchAll(/^ {4}([a-z_]+) ([a-z]+(?:\[\]|\([\d, ]+\))?)( not null)?,$/gm)]
    expect(columns.map(([, name, type, required]) => [name, type?.replace(' ', ''), !required])).toEqual(
      dataset?.columns.map(({ source, sourceType, nullable }) => [source, sourceType, nullable]),
    )
  })
})

describe('the load', () => {
  it('adds rows without gaps, updates only what is there, and counts both', async () => {
    const stop = new AbortController()
    const asked: (readonly unknown[])[] = []
    const postgres = postgresOf((parameters) => {
      asked.push(parameters)
      if (asked.length === 5) stop.abort()
    })
    const load = startLoad({ postgres, ratePerSecond: 20_000, rows: 1000, signal: stop.signal })
    await load.done
    let next = 1001
    let changes = 0
    for (const [keys, first, last] of asked as (readonly [readonly number[], number, number])[]) {
      expect(first).toBe(next)
      next = last + 1
      expect(keys.every((key) => key >= 1 && key <= 1000)).toBe(true)
      expect(new Set(keys).size).toBe(keys.length)
      changes += keys.length + (last - first + 1)
    }
    expect(load.changes()).toBe(changes)
    expect(load.rows()).toBe(next - 1)
  })
  it('fails as the database does', async () => {
    const postgres: PostgresSession = {
      ...postgresOf(() => {}),
      query: () => Promise.reject(new Error('no')),
    }
    const { signal } = new AbortController()
    await expect(startLoad({ postgres, ratePerSecond: 5000, rows: 10, signal }).done).rejects.toThrow('no')
  })
})

describe('a probe', () => {
  it('ends when a SELECT has its row, each by itself', async () => {
    const written: unknown[] = []
    let questions = 0
    const clickhouse: ClickHouseSession = {
      // The second probe is visible at once, the first one at the third question.
      async query(sql) {
        questions += 1
        const visible = written.filter((_id, index) => index === 1 || questions >= 3)
        const rows = visible.filter((id) => sql.includes(String(id))).map((id) => ({ id: String(id) }))
        return { columns: ['id'], rows }
      },
      close: async () => {},
    }
    const prober = createProber({ postgres: postgresOf(([id]) => void written.push(id)), clickhouse })
    await Promise.all([prober.write(), prober.write()])
    const { millis, lost } = await prober.collect()
    expect([millis.length, lost, new Set(written).size]).toEqual([2, 0, 2])
    expect(questions).toBeGreaterThanOrEqual(3)
    expect((await prober.collect()).millis).toEqual([])
    await prober.close()
  })
  it('fails as ClickHouse does', async () => {
    const clickhouse: ClickHouseSession = {
      query: () => Promise.reject(new Error('away')),
      close: async () => {},
    }
    const prober = createProber({ postgres: postgresOf(() => {}), clickhouse })
    await prober.write()
    await expect(prober.collect()).rejects.toThrow('away')
    await expect(prober.close()).rejects.toThrow('away')
  })
})
