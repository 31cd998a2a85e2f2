/**
 * The audit of what callers could reach in the engine (`ops/runtime/exposure.ts`): before the first query, and again and again.
 *
 * It fails closed. Data is served while the last audit that could be made is recent and found nothing. Something found closes it until an
 * audit finds it mended; an audit that cannot be made leaves it open only as long as the last good one is recent. Callers are told that
 * it is closed; what was found is named in the log, for the operator alone, since names of objects are nobody else's.
 */
import { MogoError } from '#contracts/errors.ts'
import type { Exposure } from '#ops/runtime/exposure.ts'
import { errorFields, type Logger } from '#ops/runtime/logger.ts'
import type { createScopeSession } from './scope-session.ts'

/** What the watch needs. */
export type ExposureWatchOptions = {
  /** Makes one audit; rejects if it cannot be made. */
  readonly audit: () => Promise<readonly Exposure[]>
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>
  /** Milliseconds, never set back. */
  readonly now: () => number
  /** Milliseconds between audits; default 30,000. */
  readonly everyMillis?: number
  /** Milliseconds between audits while something is found, or none can be made; default 3,000. */
  readonly soonMillis?: number
}

/** See the header. */
export type ExposureWatch = {
  /** Resolves if data may be served; audits first if there is no recent audit. @throws MogoError MOGO_EXPOSED, or why there is no audit */
  assertNothingExposed(): Promise<void>
  /** Begins to audit periodically. */
  start(): void
  stop(): void
}

const EVERY = 30_000
const SOON = 3_000
/** A good audit counts for so many periods. */
const PERIODS = 4

/** Makes the watch. Nothing is asked before it is started or needed. */
export function createExposureWatch(options: ExposureWatchOptions): ExposureWatch {
  const { audit, logger, now, everyMillis = EVERY, soonMillis = SOON } = options
  let last: { readonly at: number; readonly found: readonly Exposure[] } | undefined
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  return {
    assertNothingExposed,
    start() {
      void once().catch(() => undefined)
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }

  async function assertNothingExposed(): Promise<void> {
    if (!last || now() - last.at > everyMillis * PERIODS) await once()
    if (last && last.found.length > 0)
      throw new MogoError('MOGO_EXPOSED', { seconds: Math.ceil(soonMillis / 1000) })
  }

  /** One audit at a time; whoever asks meanwhile gets its outcome. */
  function once(): Promise<void> {
    clearTimeout(timer)
    running ??= look().finally(() => {
      running = undefined
      schedule()
    })
    return running
  }

  async function look(): Promise<void> {
    const at = now()
    let found: readonly Exposure[]
    try {
      found = await audit()
    } catch (error) {
      logger.warn({ err: errorFields(error) }, 'what callers could reach cannot be audited')
      throw error
    }
    tell(last?.found ?? [], found)
    last = { at, found }
  }

  function tell(before: readonly Exposure[], found: readonly Exposure[]): void {
    if (JSON.stringify(before) === JSON.stringify(found)) return
    if (found.length === 0) logger.info('what callers could reach is closed again; data is served')
    else logger.error({ code: 'MOGO_EXPOSED', exposed: found }, 'callers could reach this; no data is served')
  }

  function schedule(): void {
    if (isStopped) return
    const isGood = last !== undefined && last.found.length === 0 && now() - last.at < everyMillis
    timer = setTimeout(() => void once().catch(() => undefined), isGood ? everyMillis : soonMillis)
    timer.unref()
  }
}

/** A session that runs nothing as a scope while something is exposed. */
export function unexposedSession(
  session: ReturnType<typeof createScopeSession>,
  exposure: Pick<ExposureWatch, 'assertNothingExposed'>,
): ReturnType<typeof createScopeSession> {
  return {
    async run(scope, work) {
      await exposure.assertNothingExposed()
      return session.run(scope, work)
    },
  }
}
