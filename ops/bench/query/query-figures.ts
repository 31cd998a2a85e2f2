/** The result of `mogo bench query --json`, and what its figures are held against. */
import type { Machine } from '../bench-figures.ts'
import type { Compared, Throughput } from './measure.ts'

/** A question at one connection, and at sixteen. */
export type QuestionFigures = {
  readonly direct_p50_ms: number
  readonly api_p50_ms: number
  readonly p50_ratio: number
  readonly p50_added_ms: number
  readonly direct_rps_c16: number
  readonly api_rps_c16: number
  readonly rps_ratio_c16: number
}

/** See above. */
export type QueryFigures = {
  readonly machine: Machine
  readonly rows: number
  readonly tenants: number
  readonly q0: QuestionFigures
  readonly q1: QuestionFigures
  readonly q2: QuestionFigures
  /** One million rows out. */
  readonly q3: {
    readonly rows: number
    readonly ndjson_ratio: number
    readonly arrow_ratio: number
    readonly parquet_ratio: number
    /** Of NDJSON. */
    readonly first_byte_added_ms: number
    readonly ndjson_direct_ms: number
    readonly arrow_direct_ms: number
    readonly parquet_direct_ms: number
    /** The most that the API ever had resident, MiB. */
    readonly rss_mb: number
  }
  /** A text that was not asked before. */
  readonly cold: { readonly added_ms: number; readonly direct_p50_ms: number }
  /** The second question, answered from the cache. */
  readonly cache: { readonly p50_ratio: number; readonly p50_ms: number }
  /** The row filter of the scope, against the same condition in the text; both at ClickHouse. */
  readonly filter: { readonly ratio: number; readonly by_hand_ms: number; readonly by_filter_ms: number }
}

/** Joins what was measured of a question. */
export function questionFigures(times: Compared, throughput: Throughput): QuestionFigures {
  return {
    direct_p50_ms: times.direct_ms,
    api_p50_ms: times.api_ms,
    p50_ratio: times.ratio,
    p50_added_ms: times.added_ms,
    direct_rps_c16: throughput.direct_rps,
    api_rps_c16: throughput.api_rps,
    rps_ratio_c16: throughput.ratio,
  }
}

/** A figure and its goal. */
export type QueryGoal = {
  readonly key: string
  readonly value: (figures: QueryFigures) => number
  readonly least?: number
  readonly most?: number
}

/** All goals. */
export const QUERY_GOALS: readonly QueryGoal[] = [
  { key: 'q0.p50_added_ms', value: ({ q0 }) => q0.p50_added_ms, most: 0.4 },
  { key: 'q1.p50_added_ms', value: ({ q1 }) => q1.p50_added_ms, most: 0.4 },
  { key: 'q2.p50_ratio', value: ({ q2 }) => q2.p50_ratio, most: 1.03 },
  { key: 'cold.added_ms', value: ({ cold }) => cold.added_ms, most: 3 },
  { key: 'q0.rps_ratio_c16', value: ({ q0 }) => q0.rps_ratio_c16, least: 0.65 },
  { key: 'q1.rps_ratio_c16', value: ({ q1 }) => q1.rps_ratio_c16, least: 0.85 },
  { key: 'q2.rps_ratio_c16', value: ({ q2 }) => q2.rps_ratio_c16, least: 0.97 },
  { key: 'cache.p50_ratio', value: ({ cache }) => cache.p50_ratio, most: 0.5 },
  { key: 'q3.ndjson_ratio', value: ({ q3 }) => q3.ndjson_ratio, most: 1.7 },
  { key: 'q3.arrow_ratio', value: ({ q3 }) => q3.arrow_ratio, most: 2 },
  { key: 'q3.parquet_ratio', value: ({ q3 }) => q3.parquet_ratio, most: 2 },
  { key: 'q3.rss_mb', value: ({ q3 }) => q3.rss_mb, most: 200 },
  { key: 'q3.first_byte_added_ms', value: ({ q3 }) => q3.first_byte_added_ms, most: 2 },
  { key: 'filter.ratio', value: ({ filter }) => filter.ratio, most: 1.1 },
]
