/** The parts of the benchmark that need no server: what it measures must be what it says. */
import { describe, expect, it } from 'vitest'
import { createTableStatement } from '#contracts/compile/clickhouse-ddl.ts'
import { benchDataset, withoutPlans, withoutRules } from '#pipelines/bench/bench-dataset.ts'
import { type BenchRow, benchRecord } from '#pipelines/bench/bench-records.ts'
import { createExpectedRows } from '#pipelines/bench/expected-rows.ts'
import type { MoverRun } from '#pipelines/bench/measure-mover.ts'
import { median } from '#pipelines/bench/median.ts'
import { recordsInMemory, STEP_VARIANTS, stepVariant } from '#pipelines/bench/step-variants.ts'
import { w1Figures } from '#pipelines/bench/w1-figures.ts'

const dataset = benchDataset()
const SECRET = 'a secret of the benchmark, long enough'

describe('the records', () => {
  it('are the same in every run, of about the size of real ones', () => {
    expect(benchRecord(7)).toEqual(benchRecord(7))
    const sizes = Array.from({ length: 100 }, (_, index) => benchRecord(index).value.length)
    expect(median(sizes)).toBeGreaterThan(1000)
    expect(median(sizes)).toBeLessThan(1300)
  })
  it('have 300 characters of text, and JSON with escapes', () => {
    const { row, value } = benchRecord(123)
    expect(row.notes.length).toBeGreaterThanOrEqual(298)
    expect(row.notes.length).toBeLessThanOrEqual(302)
    expect(JSON.parse(row.preferences)).toMatchObject({ greeting: 'Dear "M"' })
    expect(value).toContain('\\"greeting\\": \\"Dear \\\\\\"M\\\\\\"\\"')
  })
})

describe('the contract', () => {
  it('has a rule on each of twelve columns, and three tokens', () => {
    expect(dataset.columns.map(({ rules }) => rules.length > 0)).toEqual(Array(12).fill(true))
    expect(dataset.columns.filter(({ pii }) => pii?.method === 'hmac')).toHaveLength(3)
  })
  it('without its rules is the same table', () => {
    expect(createTableStatement(withoutRules(dataset), 'd')).toBe(createTableStatement(dataset, 'd'))
  })
  it('leaves out what it says', () => {
    const rules = (of: typeof dataset) => of.columns.flatMap((column) => column.rules)
    expect(rules(withoutRules(dataset))).toEqual([])
    expect(rules(withoutPlans(dataset))).toEqual(rules(dataset))
    expect(withoutPlans(dataset).columns.filter(({ pii }) => pii !== null)).toEqual([])
  })
})

describe('the steps', () => {
  const records = recordsInMemory(700)
  it.each(STEP_VARIANTS)('%s leaves no record to the plain path', (variant) => {
    const work = stepVariant(variant, SECRET, records)
    expect([work(), work()]).toEqual([0, 0])
  })
})

describe('the expected sums', () => {
  const sums = (change: Partial<BenchRow>, place: { readonly lsn?: number } = {}) => {
    const expected = createExpectedRows(dataset, SECRET)
    const record = benchRecord(16)
    expected.add({ ...record, ...place, row: { ...record.row, ...change } })
    return expected.sums()
  }
  const right = sums({})
  const differing = (wrong: ReturnType<typeof sums>) =>
    Object.keys(right).filter((column) => wrong[column] !== right[column])

  it.each<readonly [string, Partial<BenchRow>]>([
    ['email_token', { email: 'other@mail.example' }],
    ['phone_token', { phone: null }],
    ['full_name_token', { full_name: 'Another' }],
    ['born', { born: null }],
    ['balance', { balance: '0.01' }],
    ['tags', { tags: ['x'] }],
    ['preferences', { preferences: '{}' }],
    ['notes', { notes: '' }],
    ['created_at', { created_at: '2025-10-09T08:53:20.000001Z' }],
    ['updated_at', { updated_at: '2025-10-09T08:53:20.000001Z' }],
  ])('tell a wrong value of %s', (column, change) => {
    expect(differing(sums(change))).toEqual([column])
  })
  it('tell a wrong version, and values that lie in another row', () => {
    expect(differing(sums({}, { lsn: 5 }))).toEqual(['_version'])
    expect(differing(sums({ id: 99 }))).toEqual(Object.keys(right))
  })
})

describe('the figures', () => {
  const run = (seconds: number, cpuSeconds: number, clickhouseCpuSeconds: number): MoverRun => ({
    ...{ seconds, cpuSeconds, clickhouseCpuSeconds, kafkaCpuSeconds: 1, peakMb: seconds * 10 },
  })
  const steps = { fetch: 1, transcode: 2, validation: 0.5, tokens: 1.5, batch: 0.25, insert: 3 }
  it('are medians, ratios of the same turn, and shares of the CPU time of a row', () => {
    const figures = w1Figures(
      500_000,
      1200,
      {
        worker: [run(4, 5, 2), run(5, 5, 2), run(8, 6, 3)],
        peer: [run(8, 0, 8), run(5, 0, 8), run(4, 0, 8)],
        naive: [run(8, 8, 2), run(10, 8, 2), run(16, 8, 2)],
        workers2: [run(2, 6, 2), run(3, 6, 2), run(4, 6, 2)],
      },
      steps,
    )
    expect(figures).toMatchObject({
      ...{ rows_per_s: 100_000, rows_per_cpu_s: 100_000, rss_mb: 80, cpu_s_total: 14, worker_us: 10 },
      ...{ peer_ratio: 1, naive_ratio: 2, validation_pct: 5, steps },
      workers2: { rows_per_s: 166_667, rss_mb: 40 },
      peer: { cpu_s_total: 16 },
    })
  })
})

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[], Number.NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})
