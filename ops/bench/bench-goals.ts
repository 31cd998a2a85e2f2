/** What the figures are held against. */
import type { BenchFigures } from './bench-figures.ts'

/** A figure and its goal. */
export type Goal = {
  readonly key: string
  readonly unit: string
  readonly value: (figures: BenchFigures) => number | undefined
  readonly least?: number
  readonly most?: number
}

/** All goals, in the order of the workloads. */
export const GOALS: readonly Goal[] = [
  { key: 'w1.rows_per_s', unit: 'rows/s', value: ({ w1 }) => w1?.rows_per_s, least: 120_000 },
  { key: 'w1.peer_ratio', unit: 'of the peer', value: ({ w1 }) => w1?.peer_ratio, least: 1 },
  { key: 'w1.cpu_s_total', unit: 'CPU s a million', value: ({ w1 }) => w1?.cpu_s_total, most: 16 },
  { key: 'w1.rss_mb', unit: 'MiB', value: ({ w1 }) => w1?.rss_mb, most: 400 },
  { key: 'w1.validation_pct', unit: '%', value: ({ w1 }) => w1?.validation_pct, most: 10 },
  { key: 'w2_500.p50_ms', unit: 'ms', value: ({ w2_500 }) => w2_500?.p50_ms, most: 150 },
  { key: 'w2_500.p99_ms', unit: 'ms', value: ({ w2_500 }) => w2_500?.p99_ms, most: 400 },
  { key: 'w2_2500.p99_ms', unit: 'ms', value: ({ w2_2500 }) => w2_2500?.p99_ms, most: 1000 },
  { key: 'w2_silence.p50_ms', unit: 'ms', value: ({ w2_silence }) => w2_silence?.p50_ms, most: 150 },
  { key: 'w3.seconds', unit: 's', value: ({ w3 }) => w3?.seconds, most: 60 },
]

/** Is the goal reached? */
export function isReached({ least, most }: Goal, value: number): boolean {
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}
