/** Writes changes of alerts into the governance database; while it is away they wait, the latest of them, and go with the next. */
import type { ClickHouseSession } from '#ops/cli/clickhouse-session.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { type AlertRow, alertsTable, noteAlerts } from './alert-statements.ts'

/** Rows that may wait. Of older ones the log tells. */
const MOST_WAITING = 1000

/** Writes what is given and what waits; never rejects. */
export type WriteAlerts = (rows: readonly AlertRow[]) => Promise<void>

/** Makes it. The table is made with the first rows. */
export function createWriteAlerts(
  session: Pick<ClickHouseSession, 'query'>,
  database: string,
  logger: Logger,
): WriteAlerts {
  let waiting: readonly AlertRow[] = []
  let isMade = false
  return async (rows) => {
    waiting = [...waiting, ...rows].slice(-MOST_WAITING)
    if (waiting.length === 0) return
    try {
      if (!isMade) await session.query(alertsTable(database))
      isMade = true
      await session.query(noteAlerts(database, waiting))
      waiting = []
    } catch (error) {
      logger.warn({ err: error, waiting: waiting.length }, 'alerts were not written down; trying again')
    }
  }
}
