/**
 * Between the breakers of this worker and the book in the governance database: every trip is written there, so that people see it, and a
 * worker with a paused dataset looks there whether somebody let it go on. So it does not matter which of several workers was asked.
 *
 * Clocks do not count: a dataset goes on once the book holds more resumptions of it than when it was paused.
 */
import type { Logger } from '#ops/runtime/logger.ts'
import type { QuarantineBreaker, TrippedDataset } from './quarantine-breaker.ts'
import type { QuarantineStore } from './quarantine-ports.ts'

/** The book. */
export type BreakerBook = Pick<QuarantineStore, 'paused' | 'resumptions' | 'noteBreaker'>

/** See {@link createBreakerWatch}. */
export type BreakerWatch = {
  /** A worker that has just started pauses nothing: what the book says of these datasets is over. */
  restarted(datasets: readonly string[]): Promise<void>
  /** One look; call it every second or so. Does nothing while no dataset is paused. Never rejects: the next look tries again. */
  look(): Promise<void>
}

/** Makes the watch. */
export function createBreakerWatch(deps: {
  readonly breaker: QuarantineBreaker
  readonly book: BreakerBook
  /** Name of this worker. */
  readonly worker: string
  readonly logger: Logger
}): BreakerWatch {
  const { breaker, book, worker, logger } = deps
  /** Resumptions of each paused dataset when it was paused. */
  const before = new Map<string, number>()
  let looking = false

  async function lookAt(paused: TrippedDataset): Promise<void> {
    const { dataset } = paused
    const resumptions = await book.resumptions(dataset)
    const known = before.get(dataset)
    if (known === undefined) {
      await book.noteBreaker({ ...paused, event: 'paused', worker })
      before.set(dataset, resumptions)
    } else if (resumptions > known) {
      before.delete(dataset)
      breaker.resume(dataset)
    }
  }

  breaker.onChange((dataset, tripped) => {
    if (tripped)
      logger.error(
        { dataset, code: 'MOGO_QUARANTINE_FLOOD' },
        'paused: most of its records break the contract; the other tables go on',
      )
    else {
      before.delete(dataset)
      logger.info({ dataset }, 'resumed')
    }
  })

  return {
    async restarted(datasets) {
      for (const { dataset } of await book.paused())
        if (datasets.includes(dataset)) await book.noteBreaker({ dataset, event: 'resumed', worker })
    },
    async look() {
      if (looking) return
      looking = true
      try {
        for (const paused of breaker.paused()) await lookAt(paused)
      } catch (error) {
        logger.warn({ err: error }, 'the book of paused datasets cannot be read; trying again')
      } finally {
        looking = false
      }
    },
  }
}
