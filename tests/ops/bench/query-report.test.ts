/** The query benchmark: taking turns, medians and ratios, and the table with its goals. */
import { describe, expect, it } from 'vitest'
import type { Door, Question } from '#ops/bench/query/doors.ts'
import { compareThroughput, compareTimes } from '#ops/bench/query/measure.ts'
import { QUERY_GOALS, type QueryFigures, questionFigures } from '#ops/bench/query/query-figures.ts'
import { queryReport } from '#ops/bench/query/query-report.ts'

const { signal } = new AbortController()

/** A door that says it took so long, and notes who was asked what. */
function doorOf(name: string, millis: number, asked: string[]): Door {
  return {
    name,
    close() {},
    async ask({ sql }: Question) {
      asked.push(`${name} ${sql}`)
      return { millis, firstMillis: millis / 2, bytes: 10 }
    },
  }
}

describe('two doors', () => {
  it('are asked the same in turn, the first changes, and what warms up does not count', async () => {
    const asked: string[] = []
    const doors: [Door, Door] = [doorOf('direct', 2, asked), doorOf('api', 3, asked)]
    const compared = await compareTimes(doors, (index) => ({ sql: String(index) }), {
      ...{ count: 2, warmUp: 1, signal },
    })
    expect(asked).toEqual(['api -1', 'direct -1', 'direct 0', 'api 0', 'api 1', 'direct 1'])
    expect(compared).toEqual({
      ...{ direct_ms: 2, api_ms: 3, ratio: 1.5, added_ms: 1, first_added_ms: 0.5, bytes: 10 },
    })
  })

  it('are asked over many connections for a while each', async () => {
    const open = { direct: 0, api: 0 }
    const most = { direct: 0, api: 0 }
    const door = (name: 'direct' | 'api'): Door => ({
      name,
      close() {},
      async ask() {
        most[name] = Math.max(most[name], ++open[name])
        await new Promise(setImmediate)
        open[name]--
        return { millis: 1, firstMillis: 1, bytes: 1 }
      },
    })
    const rates = await compareThroughput(
      [door('direct'), door('api')],
      { sql: 'x' },
      {
        ...{ connections: 16, windows: 1, millis: 5, signal },
      },
    )
    expect(most).toEqual({ direct: 16, api: 16 })
    expect(open).toEqual({ direct: 0, api: 0 })
    expect(rates.ratio).toBeCloseTo(rates.api_rps / rates.direct_rps)
  })
})

describe('the report', () => {
  const question = questionFigures(
    { direct_ms: 3, api_ms: 3.3, ratio: 1.1, added_ms: 0.3, first_added_ms: 0.2, bytes: 100 },
    { direct_rps: 1000, api_rps: 900, ratio: 0.9 },
  )
  const figures: QueryFigures = {
    machine: { cpu: 'a CPU', cores: 2, memory_gb: 8, load_before: 0.5, node: 'v24' },
    ...{ rows: 10_000_000, tenants: 10, q0: question, q1: question, q2: question },
    q3: {
      ...{ rows: 1_000_000, ndjson_ratio: 1.5, arrow_ratio: 2.5, parquet_ratio: 1.2, first_byte_added_ms: 1 },
      ...{ ndjson_direct_ms: 900, arrow_direct_ms: 300, parquet_direct_ms: 500, rss_mb: 150 },
    },
    cold: { added_ms: 2, direct_p50_ms: 3 },
    cache: { p50_ratio: 0.4, p50_ms: 1.2 },
    filter: { ratio: 1.01, by_hand_ms: 20, by_filter_ms: 20.2 },
  }

  it('has every figure that has a goal, and says whether it is reached', () => {
    const text = queryReport(figures)
    for (const { key } of QUERY_GOALS) expect(text).toMatch(new RegExp(`[✓✗] ${key.replace('.', '\\.')} `))
    expect(text).toMatch(/✗ q3\.arrow_ratio +2\.50 +at most 2/)
    expect(text).toMatch(/✗ q2\.rps_ratio_c16 +0\.90 +at least 0\.97/)
    expect(text.match(/✗/g)).toHaveLength(3)
  })
})
