/** The second workload: commit in Postgres -> visible in ClickHouse, under a steady load, and after a silence. */
import { setTimeout as delay } from 'node:timers/promises'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import type { Stack } from '#ops/cli/stack.ts'
import { percentile } from '#ops/demo/freshness-probe.ts'
import { createRandom } from '#ops/demo/random.ts'
import { startLoad } from './change-load.ts'
import { createProber, type Prober } from './probe-visible.ts'
import type { Say } from './say.ts'
import { type ByProcess, peakMemory, startUsage } from './server-usage.ts'

/** Keys of a result under load. */
export type FreshnessFigures = {
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
  readonly max_ms: number
  readonly probes: number
  /** Probes that were not visible after 20 s; they count with that time. */
  readonly lost: number
  /** Changes a second that the load has made, without the probes. */
  readonly changes_per_s: number
  readonly seconds: number
  readonly cpu_s: ByProcess
  readonly rss_mb: ByProcess
}

/** Keys of the result after silences. */
export type SilenceFigures = { readonly p50_ms: number; readonly max_ms: number; readonly probes: number }

/** Results of the workload. */
export type W2Figures = {
  readonly w2_500: FreshnessFigures
  readonly w2_2500: FreshnessFigures
  readonly w2_silence: SilenceFigures
}

/** What it runs on. */
export type FreshnessOptions = {
  readonly stack: Stack
  /** Rows that the table has. */
  readonly rows: number
  /** How long is measured at each rate. */
  readonly seconds: number
  readonly signal: AbortSignal
  readonly say: Say
}

/** Before measuring, at most: fresh Java programs take some seconds to keep up. */
const WARM_UP_SECONDS = 10
const PROBE_MILLIS = 100
const SILENCE_MILLIS = 10_000
const SECONDS_PER_SILENCE = 6
const SEED = 5

/** Runs it. */
export async function measureFreshness(options: FreshnessOptions): Promise<W2Figures> {
  const { stack, seconds, signal, say } = options
  const { settings } = stack
  const postgres = await openPostgres(settings.postgres('app'))
  const clickhouse = openClickHouse(settings.clickhouse('admin'), settings.project.config.clickhouse.database)
  const prober = createProber({ postgres, clickhouse })
  try {
    say('W2: 500 changes a second')
    const slow = await underLoad(options, prober, 500, options.rows)
    say('W2: 2,500 changes a second')
    const fast = await underLoad(options, prober, 2500, slow.rows)
    const silences = Math.max(1, Math.round(seconds / SECONDS_PER_SILENCE))
    say(`W2: ${silences} silences of 10 s`)
    const w2_silence = await afterSilence(prober, silences, signal)
    return { w2_500: slow.figures, w2_2500: fast.figures, w2_silence }
  } finally {
    await prober.close()
    await postgres.close()
    await clickhouse.close()
  }
}

/** Measures at a rate; `rows`: those of the table before, and after. */
async function underLoad(
  { stack, seconds, signal }: FreshnessOptions,
  prober: Prober,
  ratePerSecond: number,
  rows: number,
): Promise<{ readonly figures: FreshnessFigures; readonly rows: number }> {
  const postgres = await openPostgres(stack.settings.postgres('app'))
  const stop = new AbortController()
  try {
    const load = startLoad({
      ...{ postgres, ratePerSecond, rows },
      signal: AbortSignal.any([signal, stop.signal]),
    })
    await Promise.race([load.done, delay(Math.min(WARM_UP_SECONDS, seconds) * 1000, undefined, { signal })])
    const usage = startUsage(stack.handle)
    const before = load.changes()
    const started = performance.now()
    await writeProbes(prober, seconds * 1000, signal)
    const measured = (performance.now() - started) / 1000
    const changes = load.changes() - before
    const cpu_s = usage()
    const { millis, lost } = await prober.collect()
    stop.abort()
    await load.done
    const figures = {
      p50_ms: round(percentile(millis, 0.5)),
      p95_ms: round(percentile(millis, 0.95)),
      p99_ms: round(percentile(millis, 0.99)),
      max_ms: round(percentile(millis, 1)),
      probes: millis.length,
      lost,
      changes_per_s: Math.round(changes / measured),
      seconds: round(measured),
      ...{ cpu_s, rss_mb: peakMemory(stack.handle) },
    }
    return { figures, rows: load.rows() }
  } finally {
    stop.abort()
    await postgres.close()
  }
}

/** Writes them at uneven times, so that they do not fall in step with anything. */
async function writeProbes(prober: Prober, millis: number, signal: AbortSignal): Promise<void> {
  const random = createRandom(SEED)
  const end = performance.now() + millis
  let next = performance.now()
  while (next < end) {
    await delay(Math.max(0, next - performance.now()), undefined, { signal })
    await prober.write()
    next += PROBE_MILLIS * (0.5 + random.next())
  }
}

async function afterSilence(prober: Prober, silences: number, signal: AbortSignal): Promise<SilenceFigures> {
  const all: number[] = []
  for (let count = 0; count < silences; count++) {
    await delay(SILENCE_MILLIS, undefined, { signal })
    await prober.write()
    all.push(...(await prober.collect()).millis)
  }
  return { p50_ms: round(percentile(all, 0.5)), max_ms: round(percentile(all, 1)), probes: all.length }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
