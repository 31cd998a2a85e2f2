/**
 * Bytes to and from one broker: requests go out with their length and number, answers come back in that order.
 *
 * It stands in for the `Connection` of @platformatic/kafka, whose calls it carries, because of what reading costs: there every 64 KiB that come
 * in are memory of their own, which the garbage collector is busy with, and an answer is put together from them afterwards. Here the socket
 * reads into one buffer over and over, and an answer is copied once, to where its records then stay.
 */
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Callback, type Connection, Reader, type ResponseParser, Writer } from '@platformatic/kafka'
import type { AnswerBuffers } from './answer-buffers.ts'

/** Where a broker listens. */
export type BrokerAddress = { readonly host: string; readonly port: number }

/** Limits of a wire, in milliseconds. */
export type WireLimits = { readonly connectMillis: number; readonly requestMillis: number }

type Waiting = {
  readonly answered: (reader: Reader) => void
  readonly failed: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

const READ_BYTES = 128 * 1024
const LENGTH_BYTES = 4
/** A connection that idles is asked after so soon: what lies between may forget it. */
const KEEP_ALIVE_MILLIS = 30_000
/** More is no answer of Kafka: what begins a TLS record is read as 350 MB. */
const MOST_ANSWER_BYTES = 256 * 1024 * 1024

/** See above. Use it once: it does not connect again. */
export class KafkaWire {
  readonly #clientId: string
  readonly #limits: WireLimits
  readonly #buffers: AnswerBuffers
  readonly #waiting = new Map<number, Waiting>()
  readonly #length = Buffer.alloc(LENGTH_BYTES)
  #lengthFilled = 0
  #answer: Buffer | null = null
  #answerFilled = 0
  #number = 0
  #socket: Socket | null = null
  #closed: Error | null = null

  /** Answers lie in memory of `buffers`. */
  constructor(clientId: string, limits: WireLimits, buffers: AnswerBuffers) {
    this.#clientId = clientId
    this.#limits = limits
    this.#buffers = buffers
  }

  /** For the calls of @platformatic/kafka: they use nothing of a connection but `send`. */
  get calls(): Connection {
    return this as unknown as Connection
  }

  get isOpen(): boolean {
    return this.#socket !== null && this.#closed === null
  }

  /** Connects; rejects if that fails, takes too long, or the wire is closed meanwhile. */
  connect({ host, port }: BrokerAddress, tls: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#closed) return Promise.reject(this.#closed)
    const options = { host, port, onread: this.#reading() }
    const servername = isIP(host) === 0 ? { servername: host } : {}
    const socket: Socket = tls ? connectTls({ ...options, ...servername }) : connect(options)
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_MILLIS)
    const timer = setTimeout(() => this.close(new WireFault('ConnectTimedOut')), this.#limits.connectMillis)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.on('error', (error) => this.close(error))
    socket.on('end', () => this.close(new WireFault('ConnectionClosed')))
    socket.once('close', () => {
      clearTimeout(timer)
      this.close(new WireFault('ConnectionClosed'))
      reject(this.#closed)
    })
    return promise
  }

  /** Sends a request; the signature is that of `Connection.send`. */
  send<Answer>(
    apiKey: number,
    apiVersion: number,
    createPayload: () => Writer | Promise<Writer>,
    parse: ResponseParser<Answer>,
    taggedRequest: boolean,
    taggedAnswer: boolean,
    callback: Callback<Answer>,
  ): void {
    const failed = (error: unknown): void =>
      callback(error instanceof Error ? error : new WireFault('SendFailed'))
    const number = this.#number
    this.#number = (number + 1) & 0x7fffffff
    const timedOut = (): void => this.close(new WireFault('RequestTimedOut'))
    const write = (payload: Writer): void => {
      if (this.#closed || !this.#socket) {
        failed(this.#closed ?? new WireFault('NotConnected'))
        return
      }
      const writer = Writer.create().appendInt16(apiKey).appendInt16(apiVersion).appendInt32(number)
      writer.appendString(this.#clientId, false)
      if (taggedRequest) writer.appendTaggedFields()
      this.#waiting.set(number, {
        answered: (reader) => {
          if (taggedAnswer) reader.readTaggedFields()
          // The parsers of the calls that are used here are not asynchronous.
          callback(null, parse(number, apiKey, apiVersion, reader) as Answer)
        },
        failed,
        timer: setTimeout(timedOut, this.#limits.requestMillis),
      })
      this.#socket.write(writer.appendFrom(payload).prependLength().buffer)
    }
    try {
      const payload = createPayload()
      if (payload instanceof Promise) payload.then(write, failed)
      else write(payload)
    } catch (error) {
      failed(error)
    }
  }

  /** Closes at once; what is under way fails with `reason`. */
  close(reason: Error = new WireFault('ConnectionClosed')): void {
    if (this.#closed) return
    this.#closed = reason
    this.#socket?.destroy()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { timer, failed } of waiting) {
      clearTimeout(timer)
      failed(reason)
    }
  }

  #reading(): OnReadOpts {
    const small = Buffer.allocUnsafeSlow(READ_BYTES)
    return {
      // What is still to come of a large answer is read to where it belongs, and nothing behind it.
      buffer: () => {
        const answer = this.#answer
        const isLarge = answer !== null && answer.length - this.#answerFilled >= READ_BYTES
        return isLarge ? answer.subarray(this.#answerFilled) : small
      },
      callback: (count, bytes) => {
        try {
          if (bytes === small) this.#take(small, count)
          else this.#taken(count)
        } catch (error) {
          this.close(error instanceof Error ? error : new WireFault('AnswerBroken'))
        }
        return true
      },
    }
  }

  /** Puts answers together from what has come in. */
  #take(bytes: Uint8Array, count: number): void {
    for (let at = 0; at < count && !this.#closed; ) {
      if (this.#answer === null) {
        this.#length[this.#lengthFilled++] = bytes[at++] as number
        if (this.#lengthFilled === LENGTH_BYTES) this.#begin(this.#length.readInt32BE(0))
        continue
      }
      const part = Math.min(count - at, this.#answer.length - this.#answerFilled)
      this.#answer.set(bytes.subarray(at, at + part), this.#answerFilled)
      at += part
      this.#taken(part)
    }
  }

  /** So many bytes more of the answer are there. */
  #taken(count: number): void {
    this.#answerFilled += count
    if (this.#answer !== null && this.#answerFilled === this.#answer.length) this.#finish(this.#answer)
  }

  #begin(length: number): void {
    if (length < LENGTH_BYTES || length > MOST_ANSWER_BYTES) throw new WireFault('NoAnswerOfKafka')
    this.#answer = this.#buffers.take(length)
    this.#answerFilled = 0
    this.#lengthFilled = 0
  }

  #finish(answer: Buffer): void {
    this.#answer = null
    const reader = Reader.from(answer)
    const number = reader.readInt32()
    const waiting = this.#waiting.get(number)
    if (!waiting) throw new WireFault('AnswerWithoutRequest')
    this.#waiting.delete(number)
    clearTimeout(waiting.timer)
    try {
      waiting.answered(reader)
    } catch (error) {
      // The next answer begins where this one ends, whatever was wrong with it.
      waiting.failed(error instanceof Error ? error : new WireFault('AnswerBroken'))
    }
  }
}

/** A fault of the wire; its name says which. */
export class WireFault extends Error {
  constructor(name: string, options?: ErrorOptions) {
    super(name, options)
    this.name = name
  }
}
