/**
 * Answers of the engine, kept and shared: equal questions of one access scope run once.
 *
 *   key    scope (tenant, role, policy, row filters), checked text, parameters, format: all that the bytes follow from, but for the rows
 *   stamp  what the tables looked like before the rows were read (table-looks.ts)
 *
 * What is kept is used only after a look at its tables that began after the request: an answer is never older than one that is read. A
 * run that is under way is shared on the same condition. Only a caller who says `max-stale` gets an outdated one, for a bounded
 * time, and a new one is made behind it.
 *
 * A key is of one scope, so that no scope sees, or is made faster by, what another has asked; and what a scope has kept lasts until rows of
 * its own tenant change, so that it does not show when those of others do.
 *
 * Not kept: what asks the clock or chance, reads tables of which nothing is known here, failed, or is large.
 */
import { hash } from 'node:crypto'
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import type { EngineAnswer, EngineStatement } from '../ports.ts'
import type { CacheWish } from './cache-control.ts'
import { createCacheMetrics } from './cache-metrics.ts'
import type { CacheStatus } from './cache-status.ts'
import type { KeptResult, ResultStore } from './ports.ts'
import { type ReadRows, readRows } from './read-rows.ts'
import { type SharedRun, startRun } from './shared-run.ts'
import type { Stamp, TableLooks } from './table-looks.ts'

/** What the cache is made of. */
export type ResultCacheOptions = {
  readonly store: ResultStore
  readonly looks: TableLooks
  /** Longest time that an outdated answer is given, seconds, whatever the caller says. */
  readonly mostStale: number
  readonly now: () => number
}

/** One question that has passed the gate. */
export type CacheRequest = {
  readonly scope: AccessScope
  /** `database.table` of every table that it reads. */
  readonly tables: readonly string[]
  /** The same rows give the same answer. */
  readonly isRepeatable: boolean
  readonly statement: EngineStatement
  readonly wish: CacheWish
  readonly signal: AbortSignal
  /** Runs the statement. */
  readonly run: (signal: AbortSignal) => Promise<EngineAnswer>
}

/** An answer of the engine and how it came about. */
export type CacheAnswer = {
  /** The whole answer, or a stream of it. */
  readonly body: EngineAnswer['body']
  readonly status: CacheStatus
}

/** See the header. */
export type ResultCache = ReturnType<typeof createResultCache>

type Question = CacheRequest & { readonly key: string; readonly rows: readonly ReadRows[] }
type Running = { readonly run: SharedRun; readonly stamp: Stamp }

/** A look that is not older than this is new enough for the stamp of what is read now. */
const RECENT_LOOK_MILLIS = 200
/** How exactly it is noted when a result was last known to be right. */
const TOUCH_MILLIS = 500
/** Outdated answers that are made anew at the same time. */
const MOST_REFRESHES = 4

/** Makes the cache. */
export function createResultCache({ store, looks, mostStale, now }: ResultCacheOptions) {
  const running = new Map<string, Running>()
  const metrics = createCacheMetrics()
  let refreshes = 0
  return { answer }

  /** @throws whatever `run` throws, and the signal's reason */
  async function answer(request: CacheRequest): Promise<CacheAnswer> {
    const found = await find(request)
    metrics.answered(found.status)
    return found
  }

  async function find(request: CacheRequest): Promise<CacheAnswer> {
    const { wish, scope } = request
    const rows = request.isRepeatable ? readRows(scope, request.tables) : undefined
    if (!wish.store) return alone(request, 'request')
    if (!rows) return alone(request, 'bypass')
    const question: Question = { ...request, rows, key: keyOf(request) }
    const found = await store.get(question.key)
    // Who wants it read anew has it kept only for those for whom it was kept before.
    if (!wish.lookUp && !found) return alone(request, 'request')
    const isWorthALook =
      found !== undefined || running.has(question.key) || looks.age(rows) > RECENT_LOOK_MILLIS
    if (isWorthALook && !(await looks.look(rows))) return alone(request, 'bypass')
    let current = wish.lookUp ? running.get(question.key) : undefined
    let kept = wish.lookUp ? found : undefined
    if (wish.lookUp && !kept && !current) {
      // A run may have ended meanwhile. Without a wait here nobody can begin another one in between.
      const again = store.get(question.key)
      kept = again instanceof Promise ? await again : again
      current = running.get(question.key)
    }
    if (kept && looks.isCurrent(kept.stamp, rows)) return hit(question, kept)
    const joined = current && looks.isCurrent(current.stamp, rows) ? await join(question, current) : undefined
    if (joined) return joined
    const age = kept ? Math.ceil((now() - kept.rightAt) / 1000) : 0
    const allowed = Math.min(wish.maxStale, mostStale)
    if (kept && allowed > 0 && age <= allowed) {
      refresh(question)
      return { body: kept.body, status: { kind: 'stale', age } }
    }
    return lead(question, wish.lookUp ? (kept ? 'stale' : 'uri-miss') : 'request')
  }

  function hit({ key }: Question, kept: KeptResult): CacheAnswer {
    if (now() - kept.rightAt > TOUCH_MILLIS) store.set(key, { ...kept, rightAt: now() })
    return { body: kept.body, status: { kind: 'hit' } }
  }

  /** Undefined if the answer is too large to share. */
  async function join(question: Question, { run }: Running): Promise<CacheAnswer | undefined> {
    const end = await run.join(question.signal)
    return end.kind === 'whole' ? { body: end.body, status: { kind: 'shared' } } : undefined
  }

  async function alone({ run, signal }: CacheRequest, why: 'request' | 'bypass'): Promise<CacheAnswer> {
    const { body } = await run(signal)
    return { body, status: { kind: 'ran', why } }
  }

  async function lead(question: Question, why: 'uri-miss' | 'stale' | 'request'): Promise<CacheAnswer> {
    const stamp = looks.stamp(question.rows)
    // Without parts there are no rows, or none that are known here.
    if (!stamp) return alone(question, 'bypass')
    const { body } = await begin(question, stamp).lead(question.signal)
    return { body, status: { kind: 'ran', why } }
  }

  function begin({ key, run }: Question, stamp: Stamp): SharedRun {
    const rightAt = now()
    const shared = startRun(run, store.largest)
    const mine: Running = { run: shared, stamp }
    running.set(key, mine)
    const done = () => {
      if (running.get(key) === mine) running.delete(key)
    }
    shared.ended.then((end) => {
      if (end.kind === 'whole') store.set(key, { body: end.body, stamp, rightAt })
      done()
    }, done)
    return shared
  }

  /** Makes an outdated answer anew, for whoever asks next. Nobody waits for it. */
  function refresh(question: Question): void {
    const stamp = looks.stamp(question.rows)
    if (running.has(question.key) || refreshes >= MOST_REFRESHES || !stamp) return
    refreshes++
    const over = () => {
      refreshes--
    }
    begin(question, stamp).join(new AbortController().signal).then(over, over)
  }
}

/** A digest, so that no value of a parameter stays in memory for longer than its request. */
function keyOf({ scope, statement }: CacheRequest): string {
  const { queryId: _queryId, signal: _signal, ...what } = statement
  return hash('sha256', JSON.stringify([scope.name, what]), 'base64url')
}
