/**
 * ClickHouse over its HTTP interface, by node:http: an answer is a plain stream with backpressure, whose end can be trusted.
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
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline, Transform, type TransformCallback } from 'node:stream'
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

/** Makes the engine. Nothing is connected before the first statement. */
export function createClickHouseEngine(options: ClickHouseHttpOptions): QueryEngine {
  const url = new URL(options.url)
  const { maxSockets = 64, silenceMillis = 120_000 } = options
  const secure = url.protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets, keepAliveMsecs: 10_000, timeout: silenceMillis }
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const send = secure ? httpsRequest : httpRequest
  const unreachable = handleWhen((error) => isMogoError(error, 'MOGO_CLICKHOUSE_UNREACHABLE'))
  // About five seconds in all, from 50 ms on.
  const again = retry(unreachable, {
    maxAttempts: RETRIES,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1500 }),
  })
  const breaker = circuitBreaker(unreachable, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(40) })
  const guarded = wrap(again, breaker)
  // The other connections may all be taken by those that shall end.
  const enders = secure ? new HttpsAgent({ maxSockets: 8 }) : new HttpAgent({ maxSockets: 8 })

  return { text, stream, check, close }

  function close(): void {
    agent.destroy()
    enders.destroy()
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
    const response = await answerOf(identity, statement)
    const tag = header(response, 'x-clickhouse-exception-tag')
    if (response.statusCode !== 200 || header(response, 'x-clickhouse-exception-code') !== undefined)
      throw faultOf(await faultText(response))
    const readBytes = readBytesOf(header(response, 'x-clickhouse-summary'))
    const cut = (error: Error) => (statement.signal?.aborted ? error : cutOff(error))
    const head = await headOf(response, tag).catch((error: Error) => {
      if (error instanceof EngineFault) throw error
      endIfCancelled(identity, statement)
      throw cut(error)
    })
    if (head.isWhole) return { body: withoutFault(head.bytes, tag), readBytes }
    const body = pipeline(response, faultDetector(tag, cut), (error) => {
      // A failure is seen by whoever reads the body.
      if (error && !(error instanceof EngineFault)) endAtEngine(identity, statement)
    })
    return { body, readBytes }
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

  function answerOf(identity: EngineIdentity, statement: EngineStatement): Promise<IncomingMessage> {
    const { signal } = statement
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        {
          method: 'POST',
          path: pathOf(url, statement),
          agent,
          headers: headersOf(identity),
          ...(signal ? { signal } : {}),
        },
        resolve,
      )
      request.setTimeout(silenceMillis, () => request.destroy(new Error('silence')))
      request.once('error', (cause: NodeJS.ErrnoException) => {
        endIfCancelled(identity, statement)
        if (signal?.aborted) reject(signal.reason)
        else reject(unreachableFault(cause.code ?? 'no answer', cause))
      })
      request.end(statement.sql)
    })
  }

  /** One that was cut off is asked again, which ends its former self: what ended it here might end the new one. */
  function endIfCancelled(identity: EngineIdentity, statement: EngineStatement): void {
    if (statement.signal?.aborted) endAtEngine(identity, statement)
  }

  /** Twice, since the first may come before the statement that it is to end. What becomes of it does not matter. */
  function endAtEngine(identity: EngineIdentity, { queryId }: EngineStatement): void {
    if (queryId === undefined) return
    const end = (): void => {
      const path = pathOf(url, { sql: '', format: 'Null', queryId })
      const options = { method: 'POST', path, agent: enders, headers: headersOf(identity), timeout: 10_000 }
      const request = send(url, options, (response) => response.resume())
      request.once('timeout', () => request.destroy())
      request.once('error', () => undefined)
      request.end('SELECT 1')
    }
    end()
    setTimeout(end, END_AGAIN_MILLIS).unref()
  }

  async function check(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (detail: string) => reject(unreachableFault(detail))
      const request = send(new URL('/ping', url), { agent, timeout: 2_000 }, (response) => {
        response.resume()
        if (response.statusCode === 200) resolve()
        else fail(`status ${response.statusCode}`)
      })
      request.once('timeout', () => request.destroy())
      request.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'no answer'))
      request.end()
    })
  }
}

function pathOf(url: URL, statement: EngineStatement): string {
  const { format, queryId, database, parameters = {} } = statement
  const query = new URLSearchParams({ default_format: format })
  if (database !== undefined) query.set('database', database)
  if (queryId !== undefined) query.set('query_id', queryId)
  for (const [name, value] of Object.entries(parameters)) query.set(`param_${name}`, value)
  return `${url.pathname}?${query}`
}

/** Only these headers: nothing of the caller's request is passed on but the trace. */
function headersOf(identity: EngineIdentity): Record<string, string> {
  const headers: Record<string, string> = {
    'x-clickhouse-user': identity.username,
    'x-clickhouse-key': identity.password,
    'content-type': 'text/plain; charset=utf-8',
  }
  propagation.inject(context.active(), headers)
  return headers
}

function header(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** From `{"read_rows":"1","read_bytes":"8",…}`. */
function readBytesOf(summary: string | undefined): number {
  return Number(/"read_bytes":"(\d{1,15})"/.exec(summary ?? '')?.[1] ?? 0)
}

async function faultText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > LARGEST_FAULT) break
    }
  } catch {
    // The connection is cut after a fault; what was read says enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Answers of fewer bytes are read as a whole: a stream costs more than all the rest of a short one. */
const HEAD_BYTES = 64 * 1024

/** The beginning of an answer, and whether that is all of it; if not, the bytes are put back. */
function headOf(
  response: IncomingMessage,
  tag: string | undefined,
): Promise<{ readonly isWhole: true; readonly bytes: Buffer } | { readonly isWhole: false }> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    const leave = (): void => {
      response.off('data', take).off('end', end).off('error', fail)
    }
    const take = (piece: Buffer): void => {
      pieces.push(piece)
      size += piece.length
      if (size < HEAD_BYTES) return
      response.pause()
      leave()
      response.unshift(Buffer.concat(pieces))
      resolve({ isWhole: false })
    }
    const end = (): void => {
      leave()
      const [only] = pieces
      resolve({ isWhole: true, bytes: only && pieces.length === 1 ? only : Buffer.concat(pieces) })
    }
    const fail = (error: Error): void => {
      leave()
      const found = faultIn(Buffer.concat(pieces), tag)
      reject(found ?? error)
    }
    response.on('data', take).once('end', end).once('error', fail)
  })
}

/** A whole answer. @throws EngineFault if the engine has written one into it */
function withoutFault(body: Buffer, tag: string | undefined): Buffer {
  const fault = faultIn(body, tag)
  if (fault) throw fault
  return body
}

/** The fault that the engine has written behind the mark. */
function faultIn(body: Buffer, tag: string | undefined): EngineFault | undefined {
  const mark = markOf(tag)
  const at = body.indexOf(mark)
  return at < 0 ? undefined : EngineFault.of(body.toString('utf8', at + mark.length).trimStart())
}

const MARK = '__exception__\r\n'

function markOf(tag: string | undefined): Buffer {
  return Buffer.from(tag === undefined ? MARK : `${MARK}${tag}`)
}

/**
 * Passes bytes on until the exception mark shows up, then fails. As many bytes as a mark could begin with are held back, so
 * that no part of it gets out.
 */
export function faultDetector(
  tag: string | undefined,
  cutOff: (error: Error) => Error = (error) => error,
): Transform {
  const mark = markOf(tag)
  // The line break before the mark goes with it.
  const lead = 2
  let held: Buffer = Buffer.alloc(0)
  let fault: Buffer[] | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      if (fault) {
        fault.push(chunk)
        return done()
      }
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const at = all.indexOf(mark)
      if (at >= 0) {
        fault = [all.subarray(at)]
        held = Buffer.alloc(0)
        return done()
      }
      const keep = Math.min(all.length, mark.length + lead - 1)
      held = all.subarray(all.length - keep)
      return done(null, all.length === keep ? undefined : all.subarray(0, all.length - keep))
    },
    flush(done: TransformCallback) {
      if (fault)
        return done(EngineFault.of(Buffer.concat(fault).subarray(mark.length).toString('utf8').trimStart()))
      return done(null, held.length === 0 ? undefined : held)
    },
    destroy(error, done) {
      // The engine cuts the connection after a fault: the fault is the reason, not the cut.
      if (!error) return done(error)
      done(
        fault
          ? EngineFault.of(Buffer.concat(fault).subarray(mark.length).toString('utf8').trimStart())
          : cutOff(error),
      )
    },
  })
}
