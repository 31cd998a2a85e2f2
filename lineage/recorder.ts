/**
 * Feed -> store. A batch is stored before it is acknowledged.
 *
 * Faults: retriable (the store is away) -> wait and try again for as long as it takes, said once, and not ready meanwhile; bad
 * events were skipped and counted by the feed; anything else -> reject, which ends the process before the offset is committed.
 */
import { type Attributes, metrics } from '@opentelemetry/api'
import { isMogoError, type MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { EventBatch, EventFeed, LineageStore } from './ports.ts'

/** What a recorder is made of; clock and chance are given so that tests need not wait. */
export type RecorderOptions = {
  readonly feed: EventFeed
  readonly store: LineageStore
  readonly logger: Logger
  readonly random?: () => number
  readonly sleep?: (millis: number, signal: AbortSignal) => Promise<void>
}

/** Records until it is stopped. */
export type Recorder = {
  /** Makes the tables and connects the feed; waits while either is away. Resolves when both are there. */
  start(): Promise<void>
  /** Rejects while a batch waits for the store. */
  check(): Promise<void>
  stop(): Promise<void>
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000

/** Makes a recorder; `start` resolves when the feed is connected. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { feed, store, logger, random = Math.random, sleep = abortableSleep } = options
  const meter = metrics.getMeter('lineage')
  const counted = meter.createCounter('mogo.lineage.events', {
    description: 'Governance events, by type and outcome (stored, skipped).',
  })
  const duration = meter.createHistogram('mogo.lineage.store.duration', {
    unit: 's',
    description: 'Time to store a batch of events.',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30] },
  })
  const stopping = new AbortController()

  let waiting: MogoError | undefined

  return {
    async start() {
      await persist(() => store.prepare(), 'the tables of lineage cannot be made; trying again')
      await persist(() => feed.start(storeBatch), 'the governance topic cannot be read; trying again')
    },
    async check() {
      if (waiting) throw waiting
    },
    async stop() {
      stopping.abort()
      await feed.stop()
    },
  }

  async function storeBatch({ events, skipped }: EventBatch): Promise<void> {
    if (skipped > 0) count(skipped, { type: 'unknown', outcome: 'skipped' })
    if (events.length === 0) return
    const started = performance.now()
    await persist(() => store.record(events), 'lineage cannot be stored; trying again')
    duration.record((performance.now() - started) / 1000)
    for (const type of ['contract', 'access'] as const) {
      const stored = events.filter((event) => event.type === type).length
      if (stored > 0) count(stored, { type, outcome: 'stored' })
    }
  }

  async function persist(attemptOnce: () => Promise<void>, complaint: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await attemptOnce()
        waiting = undefined
        return
      } catch (error) {
        if (!isMogoError(error) || error.class !== 'retriable') throw error
        if (attempt === 0) logger.warn({ err: error }, complaint)
        waiting = error
        await sleep(pause(attempt), stopping.signal)
        if (stopping.signal.aborted) throw error
      }
    }
  }

  function count(many: number, attributes: Attributes): void {
    counted.add(many, attributes)
  }

  /** Doubles up to ten seconds, with full jitter (Brooker, "Exponential backoff and jitter", 2015). */
  function pause(attempt: number): number {
    return Math.ceil(random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt, 20)))
  }
}

function abortableSleep(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, millis)
    signal.addEventListener('abort', done)
  })
}
