/**
 * Probes: rows of a tenant of their own, many enough for every partition to have some, whose balance is raised to the number of the round.
 * Where the last ones are visible, everything that was committed before them in their partition is done with.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import { TABLES } from './chaos-tables.ts'
import type { Statement } from './draw-transaction.ts'

/** Ids of the probes of each table. */
export const PROBES: readonly number[] = Array.from({ length: 24 }, (_, index) => index + 1)
/** Other rows have ids from here on. */
export const FIRST_ID = 1000

const TENANT = 'probe'
const POLL_MILLIS = 50
/** Between two looks at the source. */
const LOOK_MILLIS = 2000

/** Is this the tenant of the probes? */
export const isProbe = (tenant: unknown): boolean => tenant === TENANT

/** Raises the probes of all tables to a number. */
export function probeStatements(mark: number): readonly Statement[] {
  return TABLES.map(({ name, key }) => ({
    sql: /*sql*/ `
      insert into public.${name} (tenant, id, state, balance, note, changed)
      select '${TENANT}', id, 'probe', $1, '', clock_timestamp() from unnest($2::bigint[]) as id
      on conflict (${key.join(', ')}) do update set balance = excluded.balance, changed = excluded.changed`,
    parameters: [mark, PROBES],
  }))
}

/** How they are waited for. */
export type ProbeWait = {
  readonly deadlineMillis: number
  readonly signal: AbortSignal
  /** The number that they have now: the workload may have emptied a table, so that they had to be raised anew. */
  readonly renewed: () => Promise<number>
}

/** Finds out at the source whether all probes are still there. */
export function probesAtSource(): string {
  const counts = TABLES.map(
    ({ name }) => /*sql*/ `(select count(*) from public.${name} where tenant = '${TENANT}')`,
  )
  return /*sql*/ `select least(${counts.join(', ')}) as n`
}

/** Waits until all probes are seen. Resolves to the tables that still lack some when the time is over: none if all is well. */
export async function untilProbesVisible(
  clickhouse: ClickHouseSession,
  first: number,
  { deadlineMillis, signal, renewed }: ProbeWait,
): Promise<readonly string[]> {
  const end = performance.now() + deadlineMillis
  let mark = first
  let looked = performance.now()
  let missing: readonly string[] = TABLES.map(({ name }) => name)
  for (;;) {
    const late: string[] = []
    for (const table of missing) {
      const sql = /*sql*/ `SELECT count() AS n FROM ${table} FINAL WHERE tenant = '${TENANT}' AND balance >= ${mark}`
      // The engine may just be away.
      const seen = await clickhouse.query(sql).catch(() => null)
      if (Number(seen?.rows[0]?.['n'] ?? 0) < PROBES.length) late.push(table)
    }
    missing = late
    if (missing.length === 0 || performance.now() > end) return missing
    if (performance.now() - looked > LOOK_MILLIS) {
      const now = await renewed()
      if (now !== mark) missing = TABLES.map(({ name }) => name)
      mark = now
      looked = performance.now()
    }
    await delay(POLL_MILLIS, undefined, { signal })
  }
}
