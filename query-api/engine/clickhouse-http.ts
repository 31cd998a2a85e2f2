/**
 * ClickHouse over its HTTP interface.
 *
 * If a statement fails after the first byte of its answer, ClickHouse writes the exception into the body, behind a tag that it
 * announced in a header, and cuts the connection. Both are noticed here: the text never gets out, and the stream fails instead of
 * ending. Connections are kept alive. A request that got no answer at all is tried again for a few seconds (an embedded engine
 * restarts in half a second when scopes change); all statements of this process only read, so trying again is safe.
 *
 * A statement that nobody waits for any more is ended: its connection is closed, which the engine notices when it next reports progress,
 * and that may be never while it joins or sorts. So a trivial statement of the same identity and query id follows, which takes its place
 * (`replace_running_query`, a constant setting of access scopes): an identity can end its own queries without a right to KILL.
 */
import { pipeline } from 'node:stream'
import { context, propagation } from '@opentelemetry/api'
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { EngineAnswer, EngineIdentity, EngineStatement, QueryEngine } from '../ports.ts'
import { EngineFault } from './engine-fault.ts'
import { faultDetector, faultIn } from './fault-mark.ts'
import { CutOff, createHttpExchange, type HttpAnswer } from './http-exchange.ts'

/** Where the engine is. */
export type ClickHouseHttpOptions = {
  readonly url: string
  /** Most connections at once. */
  readonly maxSockets?: number
  /** Milliseconds for connecting and for silence on a connection. */
  readonly silenceMillis?: number
}

/** Most bytes of an answer that is read as a whole. */
const LARGEST_TEXT = 16 * 1024 * 1024
const LARGEST_FAULT = 64 * 1024
const RETRIES = 8
const END_AGAIN_MILLIS = 500
const CHECK_MILLIS = 2_000

/** Makes the engine. Nothing is connected before the first statement. */
export function createClickHouseEngine(options: ClickHouseHttpOptions): QueryEngine {
  const url = new URL(options.url)
  const { maxSockets = 64, silenceMillis = 120_000 } = options
  const exchange = createHttpExchange(url.origin, { connections: maxSockets, silenceMillis })
  const unreachable = handleWhen((error) => isMogoError(error, 'MOGO_CLICKHOUSE_UNREACHABLE'))
  // About five seconds in all, from 50 ms on.
  const again = retry(unreachable, {
    maxAttempts: RETRIES,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1500 }),
  })
  const breaker = circuitBreaker(unreachable, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(40) })
  const guarded = wrap(again, breaker)
  // The other connections may all be taken by those that shall end.
  const enders = createHttpExchange(url.origin, { connections: 8, silenceMillis: 10_000 })
  // A check is about whether it answers soon.
  const checks = createHttpExchange(url.origin, { connections: 1, silenceMillis: CHECK_MILLIS })

  return { text, stream, check, close }

  function close(): void {
    exchange.close()
    enders.close()
    checks.close()
  }

  async function text(identity: EngineIdentity, statement: EngineStatement): Promise<string> {
    // Read within the retries: an engine that goes away in the middle is asked again.
    return guard(statement, async () => {
      const { body } = await attempt(identity, statement)
      if (Buffer.isBuffer(body)) return body.toString('utf8')
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > LARGEST_TEXT) {
          body.destroy()
          throw new MogoError('MOGO_QUERY_LIMIT', { limit: 'size of the SQL' })
        }
        chunks.push(chunk)
      }
      return Buffer.concat(chunks).toString('utf8')
    })
  }

  function stream(identity: EngineIdentity, statement: EngineStatement): Promise<EngineAnswer> {
    return guard(statement, () => attempt(identity, statement))
  }

  async function guard<T>({ signal }: EngineStatement, work: () => Promise<T>): Promise<T> {
    try {
      return await guarded.execute(work, signal)
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' })
      throw error
    }
  }

  async function attempt(identity: EngineIdentity, statement: EngineStatement): Promise<EngineAnswer> {
    // What ends it may run when another request's trace is the active one.
    const call: Call = { path: pathOf(url, statement), headers: headersOf(identity), statement }
    const { headers, status, body } = await answerOf(call)
    const tag = header(headers, EXCEPTION_TAG)
    if (isFault(status, headers)) throw faultOf(await textOf(body))
    const readBytes = readBytesOf(header(headers, 'x-clickhouse-summary'))
    if (Buffer.isBuffer(body)) {
      const fault = faultIn(body, tag)
      if (fault) throw fault
      return { body, readBytes }
    }
    const cut = (error: Error) => (statement.signal?.aborted ? error : cutOff(error))
    const passed = pipeline(body, faultDetector(tag, cut), (error) => {
      // A failure is seen by whoever reads the body.
      if (error && !(error instanceof EngineFault)) endAtEngine(call)
    })
    return { body: passed, readBytes }
  }

  async function answerOf(call: Call): Promise<HttpAnswer> {
    const { path, headers, statement } = call
    const { sql, signal } = statement
    try {
      return await exchange.send({ method: 'POST', path, headers, body: sql, signal })
    } catch (error) {
      const found = error instanceof CutOff && faultBefore(error)
      if (found) throw found
      // One that was cut off is asked again, which ends its former self: what ended it here might end the new one.
      if (signal?.aborted) {
        endAtEngine(call)
        throw signal.reason
      }
      const cause = (error instanceof CutOff ? error.cause : error) as NodeJS.ErrnoException
      throw unreachableFault(cause.code ?? 'no answer', cause)
    }
  }

  /** What the engine had said before it cut the connection, as it does after a fault. */
  function faultBefore({ status, headers, bytes }: CutOff): Error | undefined {
    if (isFault(status, headers)) return faultOf(bytes.toString('utf8'))
    return faultIn(bytes, header(headers, EXCEPTION_TAG))
  }

  /** A fault without a word is none of the engine's: the connection was cut. */
  function faultOf(text: string): Error {
    return text === '' ? unreachableFault('no answer') : EngineFault.of(text)
  }

  function unreachableFault(detail: string, cause?: unknown): MogoError {
    return new MogoError('MOGO_CLICKHOUSE_UNREACHABLE', { url: url.origin, detail }, { cause })
  }

  /** An answer that was cut off in the middle: the engine went away. What the reader has thrown stays as it is. */
  function cutOff(error: Error): Error {
    const { code } = error as NodeJS.ErrnoException
    const isOfConnection = typeof code === 'string' && code !== 'ABORT_ERR' && !isMogoError(error)
    return isOfConnection ? unreachableFault(code, error) : error
  }

  /** Twice, since the first may come before the statement that it is to end. What becomes of it does not matter. */
  function endAtEngine({ headers, statement: { queryId } }: Call): void {
    if (queryId === undefined) return
    const end = (): void => {
      const path = pathOf(url, { sql: '', format: 'Null', queryId })
      enders.send({ method: 'POST', path, headers, body: 'SELECT 1' }).catch(() => undefined)
    }
    end()
    setTimeout(end, END_AGAIN_MILLIS).unref()
  }

  async function check(): Promise<void> {
    const signal = AbortSignal.timeout(CHECK_MILLIS)
    const ping = { method: 'GET', path: '/ping', headers: [], signal } as const
    const found = await checks.send(ping).catch((error: unknown) => {
      throw unreachableFault((error as NodeJS.ErrnoException).code ?? 'no answer', error)
    })
    if (found.status !== 200) throw unreachableFault(`status ${found.status}`)
  }
}

/** A statement on its way. */
type Call = {
  readonly path: string
  readonly headers: readonly string[]
  readonly statement: EngineStatement
}

const EXCEPTION_TAG = 'x-clickhouse-exception-tag'

function isFault(status: number, headers: HttpAnswer['headers']): boolean {
  return status !== 200 || header(headers, 'x-clickhouse-exception-code') !== undefined
}

function pathOf(url: URL, statement: EngineStatement): string {
  const { format, queryId, database, parameters = {} } = statement
  let path = `${url.pathname}?default_format=${encodeURIComponent(format)}`
  if (database !== undefined) path += `&database=${encodeURIComponent(database)}`
  if (queryId !== undefined) path += `&query_id=${encodeURIComponent(queryId)}`
  for (const name in parameters)
    path += `&param_${encodeURIComponent(name)}=${encodeURIComponent((parameters[name] ?? '').toWellFormed())}`
  return path
}

/** Only these headers: nothing of the caller's request is passed on but the trace. */
function headersOf(identity: EngineIdentity): readonly string[] {
  const trace: Record<string, string> = {}
  propagation.inject(context.active(), trace)
  const headers = [
    ...['x-clickhouse-user', identity.username, 'x-clickhouse-key', identity.password],
    ...['content-type', 'text/plain; charset=utf-8'],
  ]
  for (const name in trace) headers.push(name, trace[name] ?? '')
  return headers
}

function header(headers: HttpAnswer['headers'], name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** From `{"read_rows":"1","read_bytes":"8",…}`. */
function readBytesOf(summary: string | undefined): number {
  return Number(/"read_bytes":"(\d{1,15})"/.exec(summary ?? '')?.[1] ?? 0)
}

/** What the engine says of a fault, the beginning of it. */
async function textOf(body: HttpAnswer['body']): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString('utf8')
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > LARGEST_FAULT) break
    }
  } catch {
    // The connection is cut after a fault; what was read says enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}
