/**
 * Measures freshness from the outside: commits a change in Postgres, then reads ClickHouse until it is visible there, again
 * and again while other traffic runs. The time includes the reader's own polling interval, so it is never too good.
 */
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import type { PostgresSession } from '#ops/cli/postgres-session.ts'

/** Milliseconds from commit to visible, of every probe. */
export type FreshnessSamples = { readonly millis: readonly number[]; readonly lost: number }

/** What the probe needs. `database` is that of the datasets. */
export type ProbeOptions = {
  readonly postgres: PostgresSession
  readonly clickhouse: ClickHouseSession
  readonly signal: AbortSignal
  readonly now?: () => number
}

const POLL_MILLIS = 15
const PAUSE_MILLIS = 60
/** A change that is not visible after this long counts as lost. */
const GIVE_UP_MILLIS = 10_000

/** Probes until the signal aborts. */
export async function probeFreshness(options: ProbeOptions): Promise<FreshnessSamples> {
  const { postgres, clickhouse, signal, now = () => performance.now() } = options
  const { rows } = await postgres.query(/*sql*/ `select seats from tenants where id = 'acme'`)
  let mark = Number(rows[0]?.['seats'])
  if (!Number.isInteger(mark)) return { millis: [], lost: 0 }
  const millis: number[] = []
  let lost = 0
  while (!signal.aborted) {
    // The contract allows 1 to 5000 seats; live traffic leaves this row alone.
    mark = (mark % 5000) + 1
    await postgres.query(/*sql*/ `update tenants set seats = $1 where id = 'acme'`, [mark])
    const committed = now()
    for (;;) {
      const seen = await clickhouse.query(/*sql*/ `SELECT seats AS mark FROM tenants FINAL WHERE id = 'acme'`)
      const waited = now() - committed
      if (Number(seen.rows[0]?.['mark']) === mark) {
        millis.push(waited)
        break
      }
      if (waited > GIVE_UP_MILLIS) {
        lost++
        break
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLIS))
  }
  return { millis, lost }
}

/** The value below which `share` of the samples lie (nearest rank); NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
