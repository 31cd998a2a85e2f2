/** Figures of a soak, and whether they are good: memory that does not grow, a lag that has an end. Pure. */
import { percentile } from '#ops/demo/freshness-probe.ts'
import { inQuarter, type MemoryFigures, MOST_GROWTH, memoryGrowth, tenths } from './memory-growth.ts'

/** What is seen each second. */
export type SoakSample = {
  /** Seconds from the start. */
  readonly at: number
  /** MiB (PSS) by process; only those that run. */
  readonly memory: Readonly<Record<string, number>>
  /** Seconds since the commit of the latest change that is visible. */
  readonly lag: number
}

/** Keys of the result. */
export type SoakFigures = {
  readonly seconds: number
  readonly changes: number
  readonly changes_per_s: number
  readonly columns_added: number
  readonly memory_mb: Readonly<Record<string, MemoryFigures>>
  readonly lag_s: {
    readonly p50_second: number
    readonly p50_last: number
    readonly p99: number
    readonly max: number
  }
  readonly equal: boolean
  /** What is not as it should be; empty if all is well. */
  readonly faults: readonly string[]
}

/** The process whose memory is judged: it has run through all that is measured. */
const JUDGED = 'worker-1'
/** Seconds. A restart of a server takes some; at rest there is nothing to wait for. */
const MOST_LAG = 120
const MOST_USUAL_LAG = 2

/** Sums up. */
export function soakFigures(
  samples: readonly SoakSample[],
  facts: Pick<SoakFigures, 'seconds' | 'changes' | 'columns_added' | 'equal'>,
): SoakFigures {
  const second = inQuarter(samples, facts.seconds, 2)
  const last = inQuarter(samples, facts.seconds, 4)
  const names = [...new Set(samples.flatMap(({ memory }) => Object.keys(memory)))]
  const memory_mb = Object.fromEntries(
    names.map((name) => {
      const of = (quarter: readonly SoakSample[]) => quarter.flatMap(({ memory }) => memory[name] ?? [])
      return [name, memoryGrowth(of(second), of(last))]
    }),
  )
  const lags = (of: readonly SoakSample[]) => of.map(({ lag }) => lag)
  const lag_s = {
    p50_second: tenths(percentile(lags(second), 0.5)),
    p50_last: tenths(percentile(lags(last), 0.5)),
    p99: tenths(percentile(lags(samples), 0.99)),
    max: tenths(percentile(lags(samples), 1)),
  }
  const growth = memory_mb[JUDGED]?.growth_pct ?? Number.NaN
  const faults = [
    ...(growth <= MOST_GROWTH ? [] : [`the memory of ${JUDGED} has grown by ${growth} %`]),
    ...(lag_s.max <= MOST_LAG ? [] : [`the lag was ${lag_s.max} s`]),
    ...(lag_s.p50_last <= Math.max(MOST_USUAL_LAG, 1.5 * lag_s.p50_second)
      ? []
      : [`the lag rises: ${lag_s.p50_second} s in the second quarter, ${lag_s.p50_last} s in the last`]),
    ...(facts.equal ? [] : ['source and destination differ']),
  ]
  const changes_per_s = Math.round(facts.changes / facts.seconds)
  return { ...facts, changes_per_s, memory_mb, lag_s, faults }
}

/** The figures as lines for people. */
export function soakLines(figures: SoakFigures): readonly string[] {
  const { memory_mb, lag_s } = figures
  return [
    `${figures.changes.toLocaleString('en-US')} changes in ${Math.round(figures.seconds)} s (${figures.changes_per_s}/s), ${figures.columns_added} columns added`,
    ...Object.entries(memory_mb).map(
      ([name, { second, last, growth_pct }]) =>
        `  ${name.padEnd(12)} ${String(second).padStart(6)} MiB -> ${String(last).padStart(6)} MiB  (${growth_pct} %)`,
    ),
    `  lag          p50 ${lag_s.p50_second} s -> ${lag_s.p50_last} s, p99 ${lag_s.p99} s, most ${lag_s.max} s`,
    `  source and destination are ${figures.equal ? 'equal' : 'different'}`,
    ...(figures.faults.length === 0 ? ['well'] : figures.faults.map((fault) => `not well: ${fault}`)),
  ]
}
