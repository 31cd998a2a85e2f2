/** What the process prints that measures the worker alone (`pipelines/bench-main.ts`). */
import { z } from 'zod'

const mover = z.object({
  rows_per_s: z.number(),
  seconds: z.number(),
  /** Of its own processes; 0 where ClickHouse itself does the work. */
  cpu_s: z.number(),
  clickhouse_cpu_s: z.number(),
  kafka_cpu_s: z.number(),
  /** The most that its processes had together; of ClickHouse where that does the work. */
  rss_mb: z.number(),
})

/** Figures of one mover. */
export type MoverFigures = z.output<typeof mover>

/** Figures of the first workload: the worker's own, and those of what it is compared with. */
export const w1Schema = mover.extend({
  rows: z.number(),
  record_bytes: z.number(),
  runs: z.number(),
  rows_per_cpu_s: z.number(),
  /** CPU seconds of worker and ClickHouse for a million rows. */
  cpu_s_total: z.number(),
  /** Rows a second, as a share of the peer's and of the floor's in the same turn: the median. */
  peer_ratio: z.number(),
  naive_ratio: z.number(),
  /** Validation, as a share of the CPU time that the worker needs for a row. */
  validation_pct: z.number(),
  /** Microseconds a row of each step alone. */
  steps: z.object({
    fetch: z.number(),
    transcode: z.number(),
    validation: z.number(),
    tokens: z.number(),
    batch: z.number(),
    insert: z.number(),
  }),
  /** Microseconds of CPU time of the worker for a row. */
  worker_us: z.number(),
  workers2: mover,
  peer: mover.extend({ cpu_s_total: z.number() }),
  naive: mover.extend({ cpu_s_total: z.number() }),
})

/** See {@link w1Schema}. */
export type W1Figures = z.output<typeof w1Schema>
