/**
 * Patience with a dependency that is away: try again until it is back, with growing, jittered pauses and a circuit breaker that all
 * lanes share, so that an outage costs a probe a second and not one per lane. Said once when it begins and once when nobody waits any more: the
 * engine may refuse one table and take the others.
 *
 * There is no budget of tries: the records are safe in Kafka, and giving up would only trade waiting for a restart. What
 * bounds the wait is the abort signal.
 */
import { BrokenCircuitError, ExponentialBackoff, halfJitterGenerator, handleWhen, retry } from 'cockatiel'
import { isMogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'

/** Runs work until it succeeds, fails for good, or the signal aborts (then the last fault is thrown). */
export type Patience = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

const FAILURES_TO_OPEN = 5
const HALF_OPEN_MILLIS = 1000
const FIRST_PAUSE_MILLIS = 50
const LONGEST_PAUSE_MILLIS = 3000

/** Makes patience with one dependency; `name` is for the log. */
export function createPatience(name: string, logger: Logger): Patience {
  /** Calls that have failed, and go on. */
  let waiting = 0
  const throughCircuit = createCircuit()
  const again = retry(
    handleWhen((error) => error instanceof BrokenCircuitError || isRetriable(error)),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new ExponentialBackoff({
        initialDelay: FIRST_PAUSE_MILLIS,
        maxDelay: LONGEST_PAUSE_MILLIS,
        // Long pauses differ, too: in step with a call that goes on failing, another one would find the circuit open each time.
        generator: halfJitterGenerator,
      }),
    },
  )

  return async (work, signal) => {
    let waits = false
    const tried = async () => {
      try {
        return await throughCircuit(work)
      } catch (error) {
        if (!waits && isRetriable(error)) {
          waits = true
          waiting += 1
          if (waiting === 1)
            logger.warn({ dependency: name, err: error }, 'a dependency is away; trying until it is back')
        }
        throw error
      }
    }
    try {
      return await again.execute(tried, signal)
    } finally {
      if (waits) {
        waiting -= 1
        if (waiting === 0 && !signal.aborted) logger.info({ dependency: name }, 'the dependency is back')
      }
    }
  }
}

function isRetriable(error: unknown): boolean {
  return isMogoError(error) && error.class === 'retriable'
}

/**
 * Lets work through until some has failed in a row, and then one a second, to probe. By a clock that is never set back: that of cockatiel asks for the time
 * of day, and probes no more for an hour if that goes back by one.
 */
function createCircuit(): <T>(work: () => Promise<T>) => Promise<T> {
  let failures = 0
  let probeAt = 0
  let probing = false
  return async (work) => {
    const isProbe = failures >= FAILURES_TO_OPEN
    if (isProbe && (probing || performance.now() < probeAt)) throw new BrokenCircuitError()
    if (isProbe) probing = true
    try {
      const result = await work()
      failures = 0
      return result
    } catch (error) {
      failures = isRetriable(error) ? failures + 1 : 0
      probeAt = performance.now() + HALF_OPEN_MILLIS
      throw error
    } finally {
      if (isProbe) probing = false
    }
  }
}
