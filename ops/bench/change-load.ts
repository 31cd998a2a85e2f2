/**
 * A steady load on the source table: every 10 ms a transaction with the changes that are due, half of them updates of rows that are there, half new
 * rows.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresSession } from '#ops/cli/postgres-session.ts'
import { createPacer } from '#ops/demo/pacer.ts'
import { CHANGE } from './bench-table.ts'

/** What it runs on. */
export type LoadOptions = {
  readonly postgres: PostgresSession
  readonly ratePerSecond: number
  /** Ids of the table: 1 to this number. */
  readonly rows: number
  readonly signal: AbortSignal
}

/** A running load. */
export type ChangeLoad = {
  /** Changes committed so far. */
  changes(): number
  /** Rows that the table has now, without probes. */
  rows(): number
  /** Settles when the signal has stopped it. */
  readonly done: Promise<void>
}

const TICK_MILLIS = 10
const MOST_IN_TRANSACTION = 200
/** A prime, so that the updates go all over the table. */
const STRIDE = 7919

/** Starts it. */
export function startLoad({ postgres, ratePerSecond, rows, signal }: LoadOptions): ChangeLoad {
  const pacer = createPacer(ratePerSecond, performance.now())
  let changes = 0
  let last = rows
  let position = 0

  function nextKeys(count: number): readonly number[] {
    return Array.from({ length: count }, () => {
      position = (position + STRIDE) % rows
      return position + 1
    })
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const due = Math.min(MOST_IN_TRANSACTION, Math.floor(pacer.due(performance.now())))
      if (due > 0) {
        const added = due >> 1
        await postgres.query(CHANGE, [nextKeys(due - added), last + 1, last + added])
        last += added
        changes += due
        pacer.spend(due)
      }
      await delay(TICK_MILLIS, undefined, { signal }).catch(() => {})
    }
  }

  const done = run()
  // The caller looks at it at the end; until then a failure must not count as unhandled.
  done.catch(() => {})
  return { changes: () => changes, rows: () => last, done }
}
