import { describe, expect, it } from 'vitest'
import type { BenchFigures } from '#ops/bench/bench-figures.ts'
import { GOALS, isReached } from '#ops/bench/bench-goals.ts'
import { benchReport } from '#ops/bench/bench-report.ts'

const machine = { cpu: 'a CPU', cores: 2, memory_gb: 8, load_before: 0.5, node: 'v24' }
const mover = {
  ...{ rows_per_s: 100_000, seconds: 10, cpu_s: 8, clickhouse_cpu_s: 6, kafka_cpu_s: 1, rss_mb: 300 },
}
const by = (value: number) => ({ worker: value, clickhouse: value, kafka: value, connect: value })
const freshness = {
  ...{ p50_ms: 90, p95_ms: 200, p99_ms: 401, max_ms: 500, probes: 300, lost: 0, changes_per_s: 499 },
  ...{ seconds: 30, cpu_s: by(3), rss_mb: by(200) },
}
const figures: BenchFigures = {
  machine,
  w1: {
    ...mover,
    ...{ rows: 1_000_000, record_bytes: 1200, runs: 3, rows_per_cpu_s: 125_000, cpu_s_total: 14 },
    ...{ peer_ratio: 1.25, naive_ratio: 1.5, validation_pct: 4, worker_us: 8 },
    steps: { fetch: 1, transcode: 2, validation: 0.5, tokens: 1.5, batch: 0.5, insert: 3 },
    workers2: { ...mover, rows_per_s: 150_000 },
    peer: { ...mover, cpu_s: 0, cpu_s_total: 6, rows_per_s: 80_000 },
    naive: { ...mover, cpu_s_total: 14, rows_per_s: 66_000 },
  },
  w2_500: freshness,
  w2_2500: { ...freshness, lost: 2 },
  w2_silence: { p50_ms: 60, max_ms: 80, probes: 5 },
  w3: { rows: 1_000_000, seconds: 61, rows_per_s: 16_393, rss_mb: by(250) },
}

describe('the report', () => {
  const lines = benchReport(figures).split('\n')
  const lineOf = (start: string) => lines.find((line) => line.trimStart().startsWith(start))?.trim() ?? ''

  it('shows the worker beside its peer and its floor', () => {
    expect(lineOf('worker ').split(/\s{2,}/)).toEqual([
      ...['worker', '100,000', '10.00', '8.00', '6.00', '14.0', '300 MB'],
    ])
    expect(lineOf('two workers')).toContain('150,000')
    expect(lineOf("peer: ClickHouse's")).toContain('80,000')
    expect(lineOf('the worker does')).toContain("125 % of the peer's and 150 % of the floor's")
  })
  it('says what the steps leave unexplained', () => {
    expect(lineOf('the rest').split(/\s{2,}/)[1]).toBe('2.50')
  })
  it('shows lost probes', () => {
    expect(lineOf('500 changes/s')).not.toContain('lost')
    expect(lineOf('2,500 changes/s')).toContain('(2 lost)')
  })
  it.each([
    ['w1.rows_per_s', 'not reached'],
    ['w1.cpu_s_total', 'reached'],
    ['w2_500.p50_ms', 'reached'],
    ['w2_500.p99_ms', 'not reached'],
    ['w3.seconds', 'not reached'],
  ])('holds %s against its goal: %s', (key, expected) => {
    expect(
      lineOf(key)
        .split(/\s{2,}/)
        .at(-1),
    ).toBe(expected)
  })
  it('leaves out what was not measured', () => {
    const text = benchReport({ machine, w3: figures.w3! })
    expect(text).toContain('W3')
    expect(text).not.toMatch(/W1|W2|w1\.|w2_/)
  })
})

describe('a goal', () => {
  it('is reached at its bound', () => {
    for (const goal of GOALS) {
      const bound = goal.least ?? goal.most ?? Number.NaN
      const beyond = goal.least === undefined ? bound * 1.01 : bound * 0.99
      expect([goal.key, isReached(goal, bound), isReached(goal, beyond)]).toEqual([goal.key, true, false])
    }
  })
})
