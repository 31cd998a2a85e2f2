/**
 * HTTP requests to one server, by undici's dispatcher: a short answer is its bytes, a longer one a stream with backpressure whose end can be trusted.
 *
 * The dispatcher and not `undici.request` or node:http, because a stream costs more than all the rest of a short answer.
 * Connections are kept alive. Nothing is sent again here.
 */
import { Readable } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'

/** What is sent. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Name, value, name, value, … */
  readonly headers: readonly string[]
  readonly body?: string
  readonly signal?: AbortSignal | undefined
}

/** What comes back; names of headers are in small letters. */
export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** All of it, or a stream of it. Destroying the stream closes the connection. */
  readonly body: Buffer | Readable
}

/** See the header. */
export type HttpExchange = {
  /**
   * Resolves when the answer is whole, or longer than `HEAD_BYTES`. Rejects with {@link CutOff} if it ended within them but not as it should, with the signal's
   * reason, or with the connection's fault.
   */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Cuts what is under way. */
  close(): void
}

/** Answers of fewer bytes are read as a whole. */
const HEAD_BYTES = 64 * 1024

/** An answer that broke off, and what had come of it. */
export class CutOff extends Error {
  readonly status: number
  readonly headers: HttpAnswer['headers']
  readonly bytes: Buffer
  constructor(answer: HttpAnswer & { readonly body: Buffer }, cause: Error) {
    super('the answer was cut off', { cause })
    this.status = answer.status
    this.headers = answer.headers
    this.bytes = answer.body
  }
}

/** Makes the exchange: at most so many connections, and so many milliseconds of silence on one. */
export function createHttpExchange(
  origin: string,
  options: { readonly connections: number; readonly silenceMillis: number },
): HttpExchange {
  const { connections, silenceMillis } = options
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    // Closing a connection has to end its statement.
    allowH2: false,
    headersTimeout: silenceMillis,
    bodyTimeout: silenceMillis,
    connect: { timeout: Math.min(silenceMillis, LONGEST_CONNECT_MILLIS) },
    keepAliveTimeout: KEEP_ALIVE_MILLIS,
  })
  return {
    send({ signal, ...request }) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(resolve, reject, signal)
        pool.dispatch(
          {
            method: request.method,
            path: request.path,
            headers: request.headers as string[],
            body: request.body ?? null,
          },
          exchange,
        )
      })
    },
    close() {
      pool.destroy().catch(() => undefined)
    },
  }
}

const KEEP_ALIVE_MILLIS = 20_000
const LONGEST_CONNECT_MILLIS = 10_000

/** One request. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: unknown) => void
  readonly #signal: AbortSignal | undefined
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: HttpAnswer['headers'] = {}
  #pieces: Buffer[] = []
  #size = 0
  #body: Readable | undefined
  #isOver = false

  constructor(
    resolve: (answer: HttpAnswer) => void,
    reject: (error: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    signal?.addEventListener('abort', this.#aborted)
  }

  readonly #aborted = (): void => {
    const reason = this.#signal?.reason as Error
    // One that waits for a connection has nobody any more when it is its turn.
    this.#reject(reason)
    this.#controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Nothing was sent yet: what is thrown here leaves the connection for the next one.
    if (this.#signal?.aborted) throw this.#signal.reason
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#body) {
      if (!this.#body.push(piece)) controller.pause()
      return
    }
    this.#pieces.push(piece)
    this.#size += piece.length
    if (this.#size < HEAD_BYTES) return
    const body = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        if (!this.#isOver) controller.abort(error ?? new Error('nobody reads the answer'))
        this.#leave()
        done(error)
      },
    })
    this.#body = body
    if (!body.push(this.#taken())) controller.pause()
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  onResponseEnd(): void {
    this.#leave()
    if (this.#body) this.#body.push(null)
    else this.#resolve({ status: this.#status, headers: this.#headers, body: this.#taken() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#leave()
    if (this.#body) this.#body.destroy(error)
    else if (this.#status === 0) this.#reject(error)
    else {
      const answer = { status: this.#status, headers: this.#headers, body: this.#taken() }
      this.#reject(new CutOff(answer, error))
    }
  }

  #taken(): Buffer {
    const pieces = this.#pieces
    this.#pieces = []
    const [only] = pieces
    return only && pieces.length === 1 ? only : Buffer.concat(pieces)
  }

  #leave(): void {
    this.#isOver = true
    this.#signal?.removeEventListener('abort', this.#aborted)
  }
}
