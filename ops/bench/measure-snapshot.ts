/** The third workload: a table full of rows is captured for the first time; seconds until ClickHouse has them all, and proof that they are equal. */
import { setTimeout as delay } from 'node:timers/promises'
import { MogoError } from '#contracts/errors.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import type { Stack } from '#ops/cli/stack.ts'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import type { Say } from './say.ts'
import { type ByProcess, peakMemory } from './server-usage.ts'

/** Keys of the result. */
export type W3Figures = {
  readonly rows: number
  readonly seconds: number
  readonly rows_per_s: number
  readonly rss_mb: ByProcess
}

/** When capture began. */
export type SnapshotStart = { readonly at: number; readonly rows: number }

const POLL_MILLIS = 50
const STALLED_MILLIS = 90_000

/** Waits for the last row and compares. @throws MogoError if rows are missing or differ */
export async function measureSnapshot(
  stack: Stack,
  start: SnapshotStart,
  signal: AbortSignal,
  say: Say,
): Promise<W3Figures> {
  const { rows } = start
  const seconds = (await untilThere(stack, rows, signal, say)) - start.at / 1000
  const rss_mb = peakMemory(stack.handle)
  say('W3: comparing source and destination')
  await expectEqual(stack, signal)
  return {
    rows,
    seconds: Math.round(seconds * 100) / 100,
    rows_per_s: Math.round(rows / seconds),
    rss_mb,
  }
}

/** @throws MogoError if source and destination differ */
export async function expectEqual(stack: Stack, signal: AbortSignal): Promise<void> {
  const [comparison] = await compareUntilEqual(stack.settings, 60_000, signal)
  if (!comparison || comparison.unexplained > 0 || comparison.explained > 0)
    throw new MogoError('MOGO_INTERNAL', { where: 'the benchmark: source and destination differ' })
}

/** The moment, in seconds, at which all rows are visible. */
async function untilThere(stack: Stack, rows: number, signal: AbortSignal, say: Say): Promise<number> {
  const { database } = stack.settings.project.config.clickhouse
  const clickhouse = openClickHouse(stack.settings.clickhouse('admin'), 'default')
  // What a SELECT counts, also before the worker has made the table.
  const query = /*sql*/ `SELECT sum(rows) AS found FROM system.parts WHERE active AND database = '${database}' AND table = 'bench'`
  let seen = 0
  let lastNew = performance.now()
  let told = 0
  try {
    for (;;) {
      const answer = await clickhouse.query(query)
      const found = Number(answer.rows[0]?.['found'] ?? 0)
      const now = performance.now()
      if (found >= rows) return now / 1000
      if (found > seen) lastNew = now
      seen = found
      if (now - lastNew > STALLED_MILLIS)
        throw new MogoError('MOGO_INTERNAL', { where: `the benchmark: ${found} of ${rows} rows arrived` })
      if (found >= told + rows / 4) {
        told = found
        say(`  ${found.toLocaleString('en-US')} rows`)
      }
      await delay(POLL_MILLIS, undefined, { signal })
    }
  } finally {
    await clickhouse.close()
  }
}
