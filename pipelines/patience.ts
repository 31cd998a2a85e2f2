/**
 * Patience with a dependency that is away: try again until it is back, with growing, jittered pauses and a circuit breaker that all
 * lanes share, so that an outage costs a probe a second and not one per lane. Said once when it begins and once when it ends.
 *
 * There is no budget of tries: the records are safe in Kafka, and giving up would only trade waiting for a restart. What
 * bounds the wait is the abort signal.
 */
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel'
import { isMogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'

/** Runs work until it succeeds, fails for good, or the signal aborts (then the last fault is thrown). */
export type Patience = {
  <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** True while the dependency is away. */
  isAway(): boolean
}

const FAILURES_TO_OPEN = 5
const HALF_OPEN_MILLIS = 1000
const FIRST_PAUSE_MILLIS = 50
const LONGEST_PAUSE_MILLIS = 3000

/** Makes patience with one dependency; `name` is for the log. */
export function createPatience(name: string, logger: Logger): Patience {
  let away = false
  const retriable = (error: unknown): boolean => isMogoError(error) && error.class === 'retriable'
  const breaker = circuitBreaker(handleWhen(retriable), {
    halfOpenAfter: HALF_OPEN_MILLIS,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  })
  const again = retry(
    handleWhen((error) => {
      if (error instanceof BrokenCircuitError) return true
      if (!retriable(error)) return false
      if (!away)
        logger.warn({ dependency: name, err: error }, 'a dependency is away; trying until it is back')
      away = true
      return true
    }),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new ExponentialBackoff({ initialDelay: FIRST_PAUSE_MILLIS, maxDelay: LONGEST_PAUSE_MILLIS }),
    },
  )
  const policy = wrap(again, breaker)
  const patience = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const result = await policy.execute(work, signal)
    if (away) logger.info({ dependency: name }, 'the dependency is back')
    away = false
    return result
  }
  return Object.assign(patience, { isAway: () => away })
}
