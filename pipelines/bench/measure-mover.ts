/**
 * One measured run, the same way for everything that moves records: from its first record until a SELECT sees all rows.
 *
 * The count is asked for every 40 ms, which a MergeTree answers from its parts without reading.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { MogoError } from '#contracts/errors.ts'
import { cpuSeconds, peakMb, residentMb } from '#ops/runtime/process-usage.ts'
import type { Mover } from './mover.ts'

/** What a run took. */
export type MoverRun = {
  readonly seconds: number
  /** Of its own processes. */
  readonly cpuSeconds: number
  readonly clickhouseCpuSeconds: number
  readonly kafkaCpuSeconds: number
  /** Of its own processes together; of ClickHouse for one that has none. */
  readonly peakMb: number
}

/** What is measured beside the mover. */
export type MeasureOptions = {
  readonly rows: number
  /** Rows that a SELECT sees now. */
  readonly count: () => Promise<number>
  readonly clickhousePid: number
  readonly kafkaPid: number
  readonly signal: AbortSignal
}

const POLL_MILLIS = 40
/** Without a new row for this long a run has failed. */
const STALLED_MILLIS = 60_000

/** Runs it. @throws MogoError if it fails or stalls */
export async function measureMover(mover: Mover, options: MeasureOptions): Promise<MoverRun> {
  const { clickhousePid, kafkaPid } = options
  try {
    await Promise.race([mover.begin(), mover.failed])
    const pids = mover.pids()
    const usage = () => [sum(pids, cpuSeconds), cpuSeconds(clickhousePid), cpuSeconds(kafkaPid)] as const
    const before = usage()
    const started = performance.now()
    const enginePeak = await Promise.race([untilComplete(options), mover.failed])
    const seconds = (performance.now() - started) / 1000
    const after = usage()
    return {
      seconds,
      cpuSeconds: after[0] - before[0],
      clickhouseCpuSeconds: after[1] - before[1],
      kafkaCpuSeconds: after[2] - before[2],
      peakMb: pids.length > 0 ? sum(pids, peakMb) : enginePeak,
    }
  } finally {
    await mover.end()
  }
}

/** Waits for the last row; the most memory that ClickHouse had meanwhile. */
async function untilComplete({ rows, count, clickhousePid, signal }: MeasureOptions): Promise<number> {
  let seen = 0
  let lastNew = performance.now()
  let peak = 0
  for (;;) {
    const found = await count()
    peak = Math.max(peak, residentMb(clickhousePid))
    if (found >= rows) return peak
    if (found > seen) lastNew = performance.now()
    else if (performance.now() - lastNew > STALLED_MILLIS)
      throw new MogoError('MOGO_INTERNAL', { where: `the benchmark: ${found} of ${rows} rows arrived` })
    seen = found
    await delay(POLL_MILLIS, undefined, { signal })
  }
}

function sum(pids: readonly number[], measure: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + measure(pid), 0)
}
