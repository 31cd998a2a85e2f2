/** The wire to a broker, against a server that answers in whatever pieces. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createAPI, type Reader, Writer } from '@platformatic/kafka'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { AnswerBuffers } from '#ops/runtime/kafka/answer-buffers.ts'
import { KafkaWire } from '#ops/runtime/kafka/kafka-wire.ts'

const LIMITS = { connectMillis: 2000, requestMillis: 2000 }

/** A call that sends a number of bytes to be answered with, and hands them back. */
const echo = createAPI<[Buffer], Buffer>(
  99,
  3,
  (bytes: Buffer) => Writer.create().appendBytes(bytes),
  (_number, _key, _version, reader: Reader) => reader.readBytes(),
)

let server: Server
let wire: KafkaWire
const sockets = new Set<Socket>()

/** Listens; `answer` gets each request without its length. */
async function listen(answer: (socket: Socket, request: Buffer) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let held = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
        const end = 4 + held.readInt32BE(0)
        answer(socket, held.subarray(4, end))
        held = held.subarray(end)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function open(port: number, limits = LIMITS): Promise<void> {
  wire = new KafkaWire('test', limits, new AnswerBuffers())
  await wire.connect({ host: '127.0.0.1', port }, false)
}

/** Request: key, version, number, client id, tags, body. Answer: number, tags, body (and tags, which nobody reads). */
function answerOf(request: Buffer): Buffer {
  const number = request.subarray(4, 8)
  const body = request.subarray(8 + 2 + request.readInt16BE(8) + 1)
  const answer = Buffer.concat([number, Buffer.from([0]), body, Buffer.from([0])])
  const length = Buffer.alloc(4)
  length.writeInt32BE(answer.length)
  return Buffer.concat([length, answer])
}

afterEach(() => {
  wire?.close()
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  server?.close()
})

describe('the wire', () => {
  it('puts answers together from whatever pieces they come in', async () => {
    let cuts: readonly number[] = []
    const port = await listen((socket, request) => {
      const answer = answerOf(request)
      let at = 0
      for (const cut of cuts) {
        socket.write(answer.subarray(at, at + cut))
        at += cut
      }
      socket.write(answer.subarray(at))
    })
    await open(port)
    const sizes = fc.array(fc.nat(300_000), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat(9), { maxLength: 8 }), async (lengths, pieces) => {
        cuts = pieces
        const sent = lengths.map((length, index) => Buffer.alloc(length, index + 1))
        const got = await Promise.all(sent.map((bytes) => echo.async(wire.calls, bytes)))
        expect(got.map((bytes, index) => bytes.equals(sent[index] as Buffer))).toEqual(sent.map(() => true))
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  it('fails everything that is under way when the connection breaks, and what is asked later', async () => {
    const port = await listen((socket) => socket.destroy())
    await open(port)
    const both = [echo.async(wire.calls, Buffer.alloc(1)), echo.async(wire.calls, Buffer.alloc(2))]
    for (const { status, reason } of (await Promise.allSettled(both)) as PromiseRejectedResult[])
      expect([status, reason.name]).toEqual(['rejected', 'ConnectionClosed'])
    expect(wire.isOpen).toBe(false)
    await expect(echo.async(wire.calls, Buffer.alloc(1))).rejects.toMatchObject({ name: 'ConnectionClosed' })
  })

  it('gives up on a broker that does not answer', async () => {
    const port = await listen(() => {})
    await open(port, { connectMillis: 2000, requestMillis: 20 })
    await expect(echo.async(wire.calls, Buffer.alloc(1))).rejects.toMatchObject({ name: 'RequestTimedOut' })
    expect(wire.isOpen).toBe(false)
  })

  it.each([
    ['an alert of TLS', Buffer.from([0x15, 3, 3, 0, 2, 2, 40]), 'NoAnswerOfKafka'],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff]), 'NoAnswerOfKafka'],
    ['an answer to nothing', Buffer.from([0, 0, 0, 4, 0, 0, 9, 9]), 'AnswerWithoutRequest'],
  ])('closes on %s', async (_what, bytes, name) => {
    const port = await listen((socket) => socket.write(bytes))
    await open(port)
    await expect(echo.async(wire.calls, Buffer.alloc(1))).rejects.toMatchObject({ name })
  })

  it('fails one request whose answer cannot be read, and goes on with the next', async () => {
    let first = true
    const port = await listen((socket, request) => {
      const answer = answerOf(request)
      if (first) answer.fill(0xff, 9)
      first = false
      socket.write(answer)
    })
    await open(port)
    await expect(echo.async(wire.calls, Buffer.alloc(3))).rejects.toBeInstanceOf(Error)
    expect(await echo.async(wire.calls, Buffer.from('next'))).toEqual(Buffer.from('next'))
  })

  it('rejects where nobody listens, and where it is closed meanwhile', async () => {
    const port = await listen(() => {})
    server.close()
    await once(server, 'close')
    await expect(open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const closed = new KafkaWire('test', LIMITS, new AnswerBuffers())
    const connecting = closed.connect({ host: '127.0.0.1', port }, false)
    closed.close()
    await expect(connecting).rejects.toMatchObject({ name: 'ConnectionClosed' })
    await expect(closed.connect({ host: '127.0.0.1', port }, false)).rejects.toMatchObject({
      name: 'ConnectionClosed',
    })
  })
})
