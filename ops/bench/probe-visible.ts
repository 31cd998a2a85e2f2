/**
 * Freshness as a reader sees it: rows of their own are written, and ClickHouse is asked for them every few milliseconds until a SELECT has them.
 * The times include the pause between two questions and the answer's way, so they are never too good. Probes do not wait for each other: when
 * everything is slow, as many are written as when it is fast.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import type { PostgresSession } from '#ops/cli/postgres-session.ts'
import { PROBE, PROBE_TENANT } from './bench-table.ts'

/** What probes are written to and read from. */
export type ProbeSides = { readonly postgres: PostgresSession; readonly clickhouse: ClickHouseSession }

/** Milliseconds from commit to visible. */
export type ProbeTimes = { readonly millis: readonly number[]; readonly lost: number }

/** Writes and reads probes. */
export type Prober = {
  /** Writes one now; it is read from then on. */
  write(): Promise<void>
  /** Waits for those that are on their way; the times of all since the last call. */
  collect(): Promise<ProbeTimes>
  close(): Promise<void>
}

const POLL_MILLIS = 3
/** A probe that is not visible after this long counts as lost, and as this long. */
const GIVE_UP_MILLIS = 20_000
/** Beyond the ids of all other rows. */
const FIRST_ID = 1_000_000_000_000

/** Makes a prober. */
export function createProber({ postgres, clickhouse }: ProbeSides): Prober {
  /** Id -> when its commit was acknowledged. */
  const waiting = new Map<number, number>()
  let millis: number[] = []
  let lost = 0
  let nextId = FIRST_ID
  let wake = Promise.withResolvers<void>()
  let closed = false

  async function look(): Promise<void> {
    const ids = [...waiting.keys()].join(', ')
    const seen = await clickhouse.query(
      /*sql*/ `SELECT id FROM bench FINAL WHERE tenant_id = '${PROBE_TENANT}' AND id IN (${ids})`,
    )
    const now = performance.now()
    for (const { id } of seen.rows) settle(Number(id), now)
    for (const [id, committed] of waiting)
      if (now - committed > GIVE_UP_MILLIS) {
        lost += 1
        settle(id, now)
      }
  }

  function settle(id: number, now: number): void {
    const committed = waiting.get(id)
    if (committed === undefined) return
    waiting.delete(id)
    millis.push(now - committed)
  }

  async function read(): Promise<void> {
    while (!closed) {
      if (waiting.size === 0) await wake.promise
      else {
        await look()
        await delay(POLL_MILLIS)
      }
    }
  }

  const reading = read()
  reading.catch(() => {})
  return {
    async write() {
      const id = nextId++
      await postgres.query(PROBE, [id])
      waiting.set(id, performance.now())
      wake.resolve()
      wake = Promise.withResolvers()
    },
    async collect() {
      while (waiting.size > 0) await Promise.race([delay(POLL_MILLIS), reading])
      const times = { millis, lost }
      millis = []
      lost = 0
      return times
    },
    async close() {
      closed = true
      wake.resolve()
      await reading
    },
  }
}
