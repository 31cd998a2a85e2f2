/** Does memory grow? Medians of a process' memory in the second and in the last quarter of a run. Pure. */
import { percentile } from '#ops/demo/freshness-probe.ts'

/** MiB in both quarters, and by how many percent the last is above the second. */
export type MemoryFigures = { readonly second: number; readonly last: number; readonly growth_pct: number }

/** Percent by which the last quarter may be above the second. */
export const MOST_GROWTH = 10

/** Samples of a quarter, 1 to 4, of a run of so many seconds. */
export function inQuarter<T extends { readonly at: number }>(
  samples: readonly T[],
  seconds: number,
  number: number,
): readonly T[] {
  return samples.filter(({ at }) => Math.min(4, Math.floor((4 * at) / seconds) + 1) === number)
}

/** Sums up values, MiB, of both quarters. */
export function memoryGrowth(second: readonly number[], last: readonly number[]): MemoryFigures {
  const [early, late] = [tenths(percentile(second, 0.5)), tenths(percentile(last, 0.5))]
  return { second: early, last: late, growth_pct: tenths((100 * (late - early)) / early) }
}

/** To one digit after the point. */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
