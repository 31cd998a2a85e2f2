/**
 * Answers a query: role, scope, gate, engine, record.
 *
 * The access record is written while the engine works, and no byte leaves before it is safe: it costs no time unless the query takes
 * less. How many rows and bytes went out is not known then; a second record under the same id, which takes the place of the first, says it: of
 * an answer that fits into the head (64 KiB) afterwards, of a longer one before its last piece leaves. If a record cannot be
 * written, or the engine fails midway, the answer is refused, or cut off visibly, and never looks complete. Refusals and failures
 * are recorded too, before they are said.
 *
 * A limit of the caller's ends the answer properly, marked as truncated, and the query with it. A reader who takes nothing for a while
 * is cut off, so that nobody holds the engine by standing still.
 */
import { randomUUID } from 'node:crypto'
import { addAbortSignal, Readable } from 'node:stream'
import { trace } from '@opentelemetry/api'
import type { AccessScope, Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { type AccessEnd, type AccessFacts, accessRecord } from './access/access-record.ts'
import { chooseRole } from './access/choose-role.ts'
import { createScopeMemo, memoize } from './access/scope-memo.ts'
import type { createScopeSession } from './access/scope-session.ts'
import { type CacheWish, USUAL_WISH } from './cache/cache-control.ts'
import type { CacheStatus } from './cache/cache-status.ts'
import type { CacheAnswer, ResultCache } from './cache/result-cache.ts'
import type { FairUse, Place } from './fair-use/fair-use.ts'
import type { Urgency } from './fair-use/urgency.ts'
import { type AnswerFormat, JSON_FORMAT } from './formats/formats.ts'
import type { AnswerLimit } from './formats/row-cut.ts'
import { queryFault } from './gate/engine-errors.ts'
import { type CheckedQuery, createGate } from './gate/gate.ts'
import { createPlanCache, type PlanKey } from './gate/plan-cache.ts'
import { type ScopeNames, scopeNames } from './gate/scope-names.ts'
import type { Token } from './gate/sql-text.ts'
import type { QueryLineage } from './lineage-of-query/lineage-of-query.ts'
import type { AccessRecorder, EngineIdentity, EngineParameters, QueryEngine, ScopeStore } from './ports.ts'
import { isSettled } from './queries/is-settled.ts'
import { createTextReader, NO_TEXT } from './queries/known-texts.ts'
import type { QueryObserver } from './queries/query-book.ts'
import { describeResult } from './queries/result-columns.ts'
import { createStallGuard, STALL_MILLIS } from './queries/stall-guard.ts'
import { writePieces, writeWhole } from './queries/write-answer.ts'
import { bytesPassed } from './queries/young-garbage.ts'
import { createQueryMetrics, inSpan } from './query-telemetry.ts'

/** What the service is made of. */
export type QueryServiceOptions = {
  readonly datasets: readonly CompiledDataset[]
  readonly database: string
  readonly engine: QueryEngine
  readonly scopes: ScopeStore
  readonly session: ReturnType<typeof createScopeSession>
  readonly recorder: AccessRecorder
  readonly logger: Pick<Logger, 'error'>
  /** Most rows in an answer; the engine does not hold it for every kind of query. */
  readonly maxResultRows: number
  /** Keeps and shares answers; without it each query runs. */
  readonly cache: ResultCache | undefined
  readonly fairUse: FairUse
  /** How long a reader may take nothing of an answer that streams, milliseconds. */
  readonly stallMillis?: number | undefined
  readonly now: () => number
}

/** A text and its values. */
export type QueryText = { readonly sql: string; readonly parameters: EngineParameters }

/** One query. */
export type QueryRequest = {
  readonly principal: Principal
  /** The text; or what makes it for the scope that asks. What that throws is recorded like a refusal of the gate. */
  readonly query: QueryText | ((scope: AccessScope) => QueryText)
  /** Asked when the gate has let the query pass: if the caller has the answer already, it ends there, recorded, with no rows. */
  readonly isKnown?: (() => Promise<boolean>) | undefined
  /** Answers in place of the engine when the gate has let the query pass: recorded, with no rows and no lineage of results. */
  readonly instead?: ((passed: PassedQuery) => Promise<Buffer>) | undefined
  /** Ends the answer properly, marked as truncated. */
  readonly limit?: AnswerLimit | undefined
  readonly observer?: QueryObserver | undefined
  readonly role: string | undefined
  readonly purpose: string
  readonly format: AnswerFormat
  /** What the caller wants of the cache. */
  readonly wish?: CacheWish
  /** How soon it should have its turn; without it the format says. */
  readonly urgency?: Urgency
  /** Where it was asked, as the OpenAPI document writes it. */
  readonly route?: string
  readonly signal: AbortSignal
}

/** A query that the gate has let pass. */
export type PassedQuery = {
  readonly scope: AccessScope
  readonly lineage: QueryLineage
  readonly identity: EngineIdentity
}

/** An answer: all of it, or a stream that fails rather than end early; or nothing, if the caller has it already. */
export type QueryAnswer = {
  readonly body: Buffer | Readable
  readonly isKnown: boolean
  /** How it came about; undefined where nothing was asked of the engine, or there is no cache. */
  readonly status: CacheStatus | undefined
}

/** How much of an answer has been written. */
type Sent = {
  bytes: number
  /** Somebody reads it as a stream. */
  isBegun: boolean
  readonly rows: () => number
  readonly isTruncated: () => boolean
}

/** Bytes that are held until the first record is safe. */
const HEAD_BYTES = 64 * 1024

/** Bytes that are held until the last record is safe: without them no format looks whole. */
const END_BYTES = 64

/** Of a query that has not ended. */
const UNCOUNTED = { rows: -1, bytes: -1 }

/** A new query id. */
export const newQueryId = (): string => randomUUID()

/** Makes the service. */
export function createQueryService(options: QueryServiceOptions) {
  const {
    datasets,
    database,
    engine,
    scopes,
    session,
    recorder,
    logger,
    maxResultRows,
    cache,
    fairUse,
    now,
  } = options
  const { stallMillis = STALL_MILLIS } = options
  const measured = createQueryMetrics()
  const gate = createGate(engine)
  const plans = createPlanCache({ now: () => performance.now() })
  const readText = createTextReader()
  const scopeOf = createScopeMemo(datasets)
  const namesOf = memoize((scope: AccessScope) => scopeNames(scope, database))
  return { answer }

  /** @throws MogoError MOGO_QUERY_*, MOGO_ACCESS_*, MOGO_UNAVAILABLE, … */
  async function answer(queryId: string, request: QueryRequest): Promise<QueryAnswer> {
    const started = performance.now()
    let names: ScopeNames | undefined
    let facts: AccessFacts = {
      queryId,
      startedAt: new Date(now()),
      principal: request.principal,
      role: request.role ?? '',
      scope: undefined,
      purpose: request.purpose,
      sqlHash: NO_TEXT.sqlHash,
      lineage: undefined,
      traceId: trace.getActiveSpan()?.spanContext().traceId ?? '',
    }
    let asked: QueryText = { sql: '', parameters: {} }
    let text = NO_TEXT
    let place: Place | undefined
    let admitted: Promise<void> | undefined
    try {
      place = await enter()
      if (request.limit && !request.format.cut)
        throw new MogoError('MOGO_QUERY_LIMIT_FORMAT', { format: request.format.mediaType })
      const scope = read()
      const running = await session.run(scope, async (identities) => {
        const plan = { scope, ...asked }
        names = namesOf(scope)
        const checked = plans.get(plan) ?? (await check(plan, text.tokens, identities.scope))
        facts = { ...facts, lineage: checked.lineage }
        request.observer?.checked(scope, checked.lineage)
        if (await request.isKnown?.()) return undefined
        if (request.instead) {
          facts = { ...facts, lineage: { ...checked.lineage, results: [], indirect: [] } }
          return request.instead({ scope, lineage: checked.lineage, identity: identities.scope })
        }
        admitted ??= admit()
        try {
          return await inSpan('clickhouse', () => run(checked, scope, identities.scope))
        } catch (error) {
          plans.forget(plan)
          throw error
        }
      })
      if (running && !Buffer.isBuffer(running)) {
        const { status } = running
        facts = { ...facts, cached: isKept(status) }
        return { body: await deliver(running.body), isKnown: false, status }
      }
      await finish({ decision: 'answered', reason: '', rows: 0, bytes: 0 })
      place.leave()
      return { body: running ?? Buffer.alloc(0), isKnown: running === undefined, status: undefined }
    } catch (error) {
      place?.leave()
      // What fair use has refused is recorded there, many at once.
      if (place === undefined && fairUse.isRefusal(error)) throw unrecordedFault(error, 'refused')
      throw await recordedFault(error)
    }

    /** Takes a place among those that run. */
    async function enter(): Promise<Place> {
      const { principal, route = '', urgency = usualUrgency(request.format), signal } = request
      try {
        return await fairUse.enter(principal, { urgency, route }, signal)
      } catch (error) {
        if (!fairUse.isRefusal(error)) throw error
        fairUse.noteRefusal(principal, request.role ?? '', error)
        throw error
      }
    }

    /** Asks the engine, or the cache. */
    async function run(
      { sql, lineage }: CheckedQuery,
      scope: AccessScope,
      identity: EngineIdentity,
    ): Promise<Omit<CacheAnswer, 'status'> & { readonly status: CacheStatus | undefined }> {
      const { signal, wish = USUAL_WISH, format } = request
      const statement = { sql, parameters: asked.parameters, format: format.engineFormat, queryId, database }
      const start = async (until: AbortSignal) => {
        const found = await engine.stream(identity, { ...statement, signal: until })
        place?.hasRead(found.readBytes ?? 0)
        return found
      }
      if (!cache) return { body: (await start(signal)).body, status: undefined }
      const { tables } = lineage
      return cache.answer({
        ...{ scope, tables, isRepeatable: text.isRepeatable, statement, wish, signal, run: start },
      })
    }

    /** The record of an answer that is on its way; whoever sends the first byte waits for it. */
    function admit(): Promise<void> {
      const written = inSpan('record', () => record({ decision: 'answered', reason: '', ...UNCOUNTED }))
      written.catch(() => undefined)
      return written
    }

    function read(): AccessScope {
      const { query } = request
      const isMade = typeof query === 'function'
      if (!isMade) ask(query)
      const role = chooseRole(datasets, request.principal, request.role)
      const scope = scopeOf(request.principal, role)
      facts = { ...facts, role, scope }
      if (scope.datasets.length === 0)
        throw new MogoError('MOGO_ACCESS_NO_ROLE', { roles: role, what: 'any dataset', allowed: 'another' })
      if (isMade) ask(query(scope))
      return scope
    }

    function ask(query: QueryText): void {
      asked = query
      text = readText(query.sql)
      facts = { ...facts, sqlHash: text.sqlHash }
    }

    async function check(
      plan: PlanKey,
      tokens: readonly Token[],
      identity: EngineIdentity,
    ): Promise<CheckedQuery> {
      const { sql, parameters } = plan
      const { signal } = request
      const checked = await inSpan('gate', () =>
        gate.check({
          sql,
          parameters,
          tokens,
          names: namesOf(plan.scope),
          gate: scopes.gate(),
          scope: identity,
          signal,
          queryId,
        }),
      )
      plans.put(plan, checked)
      return checked
    }

    async function deliver(answer: Buffer | Readable): Promise<Buffer | Readable> {
      const { format, limit } = request
      const cut = limit && format.cut?.(limit)
      const { scope, lineage } = facts
      const counter = format.begin(queryId, {
        description: () => scope && lineage && describeResult(scope, lineage),
        isTruncated: () => cut?.isFull() ?? false,
      })
      const sent: Sent = {
        bytes: 0,
        isBegun: false,
        rows: counter.rows,
        isTruncated: () => cut?.isFull() ?? false,
      }
      request.observer?.sending(() => ({ rows: sent.rows(), bytes: sent.bytes }))
      if (Buffer.isBuffer(answer) && answer.length < HEAD_BYTES) {
        const body = writeWhole(answer, counter, cut)
        sent.bytes = body.length
        return whole(body, sent)
      }
      const pieces = writePieces(Buffer.isBuffer(answer) ? Readable.from([answer]) : answer, counter, cut)
      const head: Buffer[] = []
      try {
        while (sent.bytes < HEAD_BYTES) {
          const piece = await pieces.next()
          if (piece.done) return await whole(Buffer.concat(head), sent)
          head.push(piece.value)
          sent.bytes += piece.value.length
          checkRows(sent.rows())
        }
        await admitted
        // Whoever has gone meanwhile gets no stream: nobody would end it.
        request.signal.throwIfAborted()
      } catch (error) {
        await pieces.return(undefined)
        throw error
      }
      const stall = createStallGuard(stallMillis, (fault) => body.destroy(fault))
      const body: Readable = Readable.from(rest(pieces, Buffer.concat(head), sent, stall), {
        objectMode: false,
      })
      body.once('close', () => {
        if (!sent.isBegun) void abandon(pieces)
      })
      // Whoever stands still asks for no piece, and would not notice that the query was cancelled.
      return addAbortSignal(request.signal, body)
    }

    /** A short answer, recorded; its counts may follow. */
    async function whole(body: Buffer, sent: Sent): Promise<Buffer> {
      checkRows(sent.rows())
      await admitted
      place?.leave()
      count(answered(sent), sent.isTruncated())
      return body
    }

    /** Ends an answer that nobody has begun to read: a generator that was not begun does not end by itself. */
    async function abandon(pieces: AsyncGenerator<Buffer, undefined>): Promise<void> {
      place?.leave()
      await pieces.return(undefined)
      await recordedFault(new MogoError('MOGO_QUERY_CANCELLED'))
    }

    async function* rest(
      pieces: AsyncGenerator<Buffer, undefined>,
      head: Buffer,
      sent: Sent,
      stall: ReturnType<typeof createStallGuard>,
    ): AsyncGenerator<Buffer> {
      sent.isBegun = true
      let held = head
      let ended = false
      try {
        for (;;) {
          const next = pieces.next()
          if (held.length > END_BYTES && !(await isSettled(next))) {
            // Rows that are there do not wait for rows that are not; the end waits for the record.
            stall.begin()
            yield held.subarray(0, -END_BYTES)
            stall.end()
            held = held.subarray(-END_BYTES)
          }
          const piece = await next
          if (piece.done) break
          stall.begin()
          yield held
          stall.end()
          held = piece.value
          sent.bytes += held.length
          bytesPassed(held.length)
          checkRows(sent.rows())
        }
        checkRows(sent.rows())
        await finish(answered(sent), { truncated: sent.isTruncated() })
        // What it has read since it began to answer is not told; it is about as much as it gave.
        if (!facts.cached) place?.hasRead(sent.bytes)
        ended = true
        yield held
      } catch (error) {
        ended = true
        await pieces.return(undefined)
        throw await recordedFault(error, sent.rows(), sent.bytes)
      } finally {
        stall.end()
        place?.leave()
        if (!ended) {
          await pieces.return(undefined)
          await recordedFault(new MogoError('MOGO_QUERY_CANCELLED'), sent.rows(), sent.bytes)
        }
      }
    }

    function answered(sent: Sent): Omit<AccessEnd, 'durationMs'> {
      return { decision: 'answered', reason: '', rows: sent.rows(), bytes: sent.bytes }
    }

    function checkRows(rows: number): void {
      if (rows > maxResultRows) throw new MogoError('MOGO_QUERY_LIMIT', { limit: `${maxResultRows} rows` })
    }

    /** The counts of an answer that is recorded already, and need not wait for them. */
    function count(end: Omit<AccessEnd, 'durationMs'>, truncated: boolean): void {
      finish(end, { truncated, isWaitedFor: false }).catch((error: unknown) =>
        logger.error({ err: error, queryId }, 'the counts of an answer could not be recorded'),
      )
    }

    /** The last record of a query. */
    async function finish(
      end: Omit<AccessEnd, 'durationMs'>,
      { truncated = false, isWaitedFor = true } = {},
    ): Promise<void> {
      measured.ended({ ...end, durationMs: performance.now() - started }, facts.role)
      const written = inSpan('record', () => record(end, isWaitedFor))
      if (isWaitedFor) await written
      request.observer?.ended({ ...end, truncated })
      await written
    }

    function record(end: Omit<AccessEnd, 'durationMs'>, isWaitedFor = true): Promise<void> {
      const durationMs = performance.now() - started
      const event = accessRecord(facts, { ...end, durationMs, hasEdges: admitted !== undefined })
      return recorder.record(event, { isWaitedFor })
    }

    /** The fault in our words, recorded; if it cannot be recorded, that is the fault. */
    async function recordedFault(error: unknown, rows = 0, bytes = 0): Promise<MogoError> {
      const fault = faultOf(error)
      if (fault.code === 'MOGO_ACCESS_NOT_RECORDED') return unrecordedFault(fault)
      try {
        // What is written later takes the place of what was written before.
        await admitted
        const decision = REFUSALS.has(fault.status) ? 'refused' : 'failed'
        await finish({ decision, reason: fault.code, rows, bytes })
        return fault
      } catch (unrecorded) {
        return unrecordedFault(isMogoError(unrecorded) ? unrecorded : fault)
      }
    }

    function unrecordedFault(fault: MogoError, decision: 'refused' | 'failed' = 'failed'): MogoError {
      request.observer?.ended({ decision, reason: fault.code, rows: 0, bytes: 0, truncated: false })
      return fault
    }

    function faultOf(error: unknown): MogoError {
      if (request.signal.aborted) {
        const { reason } = request.signal
        return isMogoError(reason) ? reason : new MogoError('MOGO_QUERY_CANCELLED')
      }
      if (isMogoError(error)) return error
      if (names) return queryFault(error, { sql: asked.sql, names })
      return new MogoError('MOGO_INTERNAL', { where: 'the query' }, { cause: error })
    }
  }
}

/** A document is read by somebody, streams are taken away. */
export function usualUrgency(format: AnswerFormat): Urgency {
  return format.mediaType === JSON_FORMAT.mediaType ? 1 : 2
}

/** It was answered without the engine. */
function isKept(status: CacheStatus | undefined): boolean {
  return status?.kind === 'hit' || status?.kind === 'stale' || status?.kind === 'shared'
}

/** Statuses that say "this is not for you", as against "this did not work". */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 406, 413, 414, 429])
