/**
 * How a query goes on, as server-sent events (WHATWG HTML, "Server-sent events"): `progress` when something has changed, a comment now and
 * then so that proxies keep the connection, and `end`.
 *
 * Told are the phase, the time, and how much of the answer has been written. How many rows the engine has read is not: it counts them
 * before the row filter, so it would tell how many rows other tenants have.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { BookedQuery } from './query-book.ts'
import { queryView } from './query-view.ts'

/** How often it is looked, milliseconds. */
const LOOK_MILLIS = 500
const LOOKS_BETWEEN_COMMENTS = 30

/** Events until the query has ended. */
export async function* queryEvents(
  query: BookedQuery,
  withNames: boolean,
  lookMillis = LOOK_MILLIS,
): AsyncGenerator<string> {
  let last = ''
  const ended = query.ended.then(() => true as const)
  for (let look = 1; ; look++) {
    const { phase, elapsedMs, rows, bytes, end } = query.status()
    if (end) break
    const now = `${phase} ${rows} ${bytes}`
    if (now !== last || phase === 'running') yield event('progress', { phase, elapsedMs, rows, bytes })
    else if (look % LOOKS_BETWEEN_COMMENTS === 0) yield ': still there\n\n'
    last = now
    const over = new AbortController()
    const pause = wait(lookMillis, false as const, { signal: over.signal }).catch(() => false as const)
    if (await Promise.race([ended, pause])) {
      over.abort()
      break
    }
  }
  yield event('end', queryView(query, withNames))
}

const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
