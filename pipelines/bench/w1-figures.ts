/** What the first workload comes to: medians of the runs, as the keys of `mogo bench pipeline --json`. */
import type { MoverRun } from './measure-mover.ts'
import type { StepTimes } from './measure-steps.ts'
import { median } from './median.ts'

/** Runs of each kind. */
export type W1Runs = {
  readonly worker: readonly MoverRun[]
  readonly peer: readonly MoverRun[]
  readonly naive: readonly MoverRun[]
  readonly workers2: readonly MoverRun[]
}

const MILLION = 1_000_000

/** Joins everything. `steps`: microseconds a record. */
export function w1Figures(
  rows: number,
  recordBytes: number,
  runs: W1Runs,
  steps: StepTimes & { readonly fetch: number },
) {
  const worker = moverFigures(rows, runs.worker)
  const peer = moverFigures(rows, runs.peer)
  const naive = moverFigures(rows, runs.naive)
  const micros = worker.cpu_s * (MILLION / rows)
  const inTurn = (other: readonly MoverRun[]) =>
    round(median(runs.worker.map((run, turn) => (other[turn]?.seconds ?? Number.NaN) / run.seconds)), 3)
  return {
    rows,
    record_bytes: recordBytes,
    runs: runs.worker.length,
    ...worker,
    rows_per_cpu_s: Math.round(rows / worker.cpu_s),
    /** Worker and ClickHouse, a million rows. */
    cpu_s_total: round(((worker.cpu_s + worker.clickhouse_cpu_s) * MILLION) / rows, 2),
    peer_ratio: inTurn(runs.peer),
    naive_ratio: inTurn(runs.naive),
    /** Of the CPU time that the worker needs for a row. */
    validation_pct: round((steps.validation / micros) * 100, 1),
    steps: Object.fromEntries(Object.entries(steps).map(([step, time]) => [step, round(time, 2)])),
    worker_us: round(micros, 2),
    workers2: moverFigures(rows, runs.workers2),
    peer: { ...peer, cpu_s_total: round((peer.clickhouse_cpu_s * MILLION) / rows, 2) },
    naive: { ...naive, cpu_s_total: round(((naive.cpu_s + naive.clickhouse_cpu_s) * MILLION) / rows, 2) },
  }
}

function moverFigures(rows: number, runs: readonly MoverRun[]) {
  const of = (value: (run: MoverRun) => number) => median(runs.map(value))
  return {
    rows_per_s: Math.round(rows / of((run) => run.seconds)),
    seconds: round(
      of((run) => run.seconds),
      3,
    ),
    cpu_s: round(
      of((run) => run.cpuSeconds),
      2,
    ),
    clickhouse_cpu_s: round(
      of((run) => run.clickhouseCpuSeconds),
      2,
    ),
    kafka_cpu_s: round(
      of((run) => run.kafkaCpuSeconds),
      2,
    ),
    rss_mb: Math.max(...runs.map((run) => run.peakMb)),
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
