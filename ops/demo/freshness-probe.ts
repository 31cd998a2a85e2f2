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

const POLL_MILLIS = 5
const PAUSE_MILLIS = 60
/** A change that is not visible after this long counts as lost. */
const GIVE_UP_MILLIS = 10_000

/** Probes until the signal aborts. */
export async function probeFreshness(options: ProbeOptions): Promise<FreshnessSamples> {
  const { postgres, clickhouse, signal, now = () => performance.now() } = options
  const { rows } = await postgres.query(
    /*sql*/ `select tenant_id, id from customers where tenant_id = 'acme' order by id limit 1`,
  )
  const probe = rows[0]
  if (!probe) return { millis: [], lost: 0 }
  const millis: number[] = []
  let lost = 0
  let mark = Number(
    (
      await postgres.query(/*sql*/ `select loyalty_points from customers where tenant_id = $1 and id = $2`, [
        probe['tenant_id'],
        probe['id'],
      ])
    ).rows[0]?.['loyalty_points'],
  )
  while (!signal.aborted) {
    mark = (mark + 1) % 1_000_000
    await postgres.query(
      /*sql*/ `update customers set loyalty_points = $3 where tenant_id = $1 and id = $2`,
      [probe['tenant_id'], probe['id'], mark],
    )
    const committed = now()
    for (;;) {
      const seen = await clickhouse.query(/*sql*/ `
        SELECT argMax(loyalty_points, _version) AS mark FROM customers
        WHERE tenant_id = '${String(probe['tenant_id'])}' AND id = ${String(probe['id'])}`)
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
