/**
 * Fair use, all of it together:
 *
 *   request   process too late? (load-watch)       -> 503
 *             address with failed logins? (login-guard) -> 429
 *             login
 *             requests of person, tenant, route (rate-limits) -> 429
 *   query     what the tenant has read (rate-limits) -> 429
 *             a place among those that run (fair-queue) -> runs, waits, 429, 503
 *
 * Whatever is refused says when to come back (Retry-After), is counted, and is recorded together with others like it (refusal-records).
 */
import type { Principal } from '#contracts/compile/access-scope.ts'
import { type ErrorCode, isMogoError, MogoError } from '#contracts/errors.ts'
import type { FairUseConfig } from '#ops/runtime/config-model.ts'
import type { AccessRecorder } from '../ports.ts'
import { createFairQueue, type Timer } from './fair-queue.ts'
import { createFairUseMetrics } from './fair-use-metrics.ts'
import type { LoadWatch } from './load-watch.ts'
import { createLoginGuard } from './login-guard.ts'
import { createMemoryUsageStore } from './memory-usage-store.ts'
import { createRateLimits, type SetHeaders } from './rate-limits.ts'
import { createRefusalRecords } from './refusal-records.ts'
import type { BucketRule } from './token-bucket.ts'
import type { Urgency } from './urgency.ts'

/** What it is made of. */
export type FairUseOptions = {
  readonly limits: FairUseConfig
  readonly recorder: Pick<AccessRecorder, 'record'>
  readonly load: Pick<LoadWatch, 'delay'>
  readonly now: () => number
  readonly timer?: Timer
}

/** A query that is under way. */
export type Place = {
  /** What the engine has read for it. */
  hasRead(bytes: number): void
  /** It has ended. May be called again. */
  leave(): void
}

/** See the header. */
export type FairUse = ReturnType<typeof createFairUse>

const MINUTE = 60_000
const HOUR = 3_600_000
const GB = 1e9
/** Seconds after which a process that was late may be asked again. */
const LATE_SECONDS = 2

/** Faults that come from here, and are recorded from here. */
const CODES: ReadonlySet<ErrorCode> = new Set([
  'MOGO_QUERY_BUSY',
  'MOGO_TENANT_BUSY',
  'MOGO_RATE_LIMITED',
  'MOGO_READ_BUDGET',
  'MOGO_OVERLOADED',
])

/** Makes it, in the memory of this process. */
export function createFairUse(options: FairUseOptions) {
  const { limits, recorder, load, now, timer = setTimer } = options
  const metrics = createFairUseMetrics()
  const store = createMemoryUsageStore(now)
  const { principal, tenant, routes } = limits.requestsPerMinute
  const perMinute = (quota: number): BucketRule => ({ quota, windowMillis: MINUTE })
  const rates = createRateLimits(store, {
    ...{ principal: perMinute(principal), tenant: perMinute(tenant) },
    routes: new Map(Object.entries(routes).map(([route, quota]) => [route, perMinute(quota)])),
    read: { quota: limits.readGbPerHour * GB, windowMillis: HOUR },
  })
  const queue = createFairQueue(
    {
      ...limits.concurrency,
      routes: new Map(Object.entries(limits.concurrency.routes)),
      ...{ waitMillis: limits.queueSeconds * 1000, waiting: limits.queueLength },
    },
    now,
    timer,
    metrics,
  )
  metrics.watch(queue)
  const guard = createLoginGuard(store, perMinute(limits.failedLoginsPerMinute))
  const refusals = createRefusalRecords(recorder, now, timer)
  return { takeRequest, login, countRequest, enter, isRefusal, noteRefusal, close: refusals.flush }

  /** Before anything is done for a request. @throws MogoError MOGO_OVERLOADED */
  function takeRequest(): void {
    if (load.delay() > limits.overloadMillis) throw late('requests')
  }

  /** Runs a login. @throws MogoError MOGO_LOGIN_FLOOD, and whatever it throws */
  function login(
    address: string,
    authorization: string | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    return guard.login(address, authorization, work).catch((error: unknown) => {
      if (isMogoError(error, 'MOGO_LOGIN_FLOOD')) metrics.refused(error.code)
      throw error
    })
  }

  /** Counts a request of somebody; a refusal is recorded. @throws MogoError MOGO_RATE_LIMITED */
  async function countRequest(who: Principal, route: string, setHeaders: SetHeaders): Promise<void> {
    try {
      await rates.request(who, route, setHeaders)
    } catch (error) {
      if (isRefusal(error)) noteRefusal(who, '', error)
      throw error
    }
  }

  /**
   * Takes a place for a query, or waits for one. Refusals are not recorded yet: call {@link noteRefusal}.
   *
   * @throws MogoError MOGO_READ_BUDGET, MOGO_QUERY_BUSY, MOGO_TENANT_BUSY, MOGO_OVERLOADED; the signal's reason
   */
  async function enter(
    who: Principal,
    { urgency, route }: { readonly urgency: Urgency; readonly route: string },
    signal: AbortSignal,
  ): Promise<Place> {
    if (urgency === 2 && load.delay() > limits.overloadMillis / 2) throw late('exports')
    await rates.mayRead(who)
    const leave = await queue.enter({ tenant: who.tenant, subject: who.subject, urgency, route }, signal)
    return { leave, hasRead: (bytes) => rates.hasRead(who, bytes) }
  }

  function late(what: string): MogoError {
    const fault = new MogoError('MOGO_OVERLOADED', { what, seconds: LATE_SECONDS })
    if (what === 'requests') metrics.refused(fault.code)
    return fault
  }

  function isRefusal(error: unknown): error is MogoError {
    return isMogoError(error) && CODES.has(error.code)
  }

  function noteRefusal(who: Principal, role: string, { code }: MogoError): void {
    metrics.refused(code)
    refusals.note({ principal: who, role, code })
  }
}

function setTimer(work: () => void, millis: number): () => void {
  const timer = setTimeout(work, millis)
  timer.unref()
  return () => clearTimeout(timer)
}
