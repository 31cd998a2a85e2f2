/** TLS 1.3 alone, a certificate that is renewed while it serves, and callers who never finish what they ask. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { get } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createListener } from '#ops/runtime/listener.ts'
import { probeHttp } from '#ops/runtime/probe-http.ts'
import { selfSigned } from '../../support/self-signed.ts'

let dir: string
let server: Server | undefined
const lines: string[] = []
const logger = {
  info: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
  warn: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
} as never

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mogo-tls-'))
  lines.length = 0
})
afterEach(async () => {
  server?.closeAllConnections()
  if (server?.listening) await new Promise((done) => server?.close(done))
  server = undefined
  rmSync(dir, { recursive: true, force: true })
})

const files = () => ({ certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') })

function write(
  name: string,
  parts: { readonly cert?: true; readonly key?: true } = { cert: true, key: true },
): void {
  const made = selfSigned(name)
  if (parts.cert) writeFileSync(files().certFile, made.cert)
  if (parts.key) writeFileSync(files().keyFile, made.key)
}

async function listen(options: {
  readonly isTls: boolean
  readonly arrivalMillis?: number
}): Promise<number> {
  server = createListener((_request, response) => response.end('hello'), {
    ...{ logger, arrivalMillis: options.arrivalMillis ?? 30_000, lookMillis: 20 },
    tls: options.isTls ? files() : undefined,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function handshake(
  port: number,
  more: object = {},
): Promise<{ protocol: string | null; name: string }> {
  const socket: TLSSocket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    ...more,
  })
  await once(socket, 'secureConnect')
  const found = { protocol: socket.getProtocol(), name: String(socket.getPeerCertificate().subject.CN) }
  socket.destroy()
  return found
}

describe('TLS', () => {
  test('is 1.3, with the certificate of the file', async () => {
    write('first')
    const port = await listen({ isTls: true })
    expect(await handshake(port)).toEqual({ protocol: 'TLSv1.3', name: 'first' })
    await expect(handshake(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
  })

  test('answers those who trust it, and no plain request', async () => {
    const made = selfSigned('first')
    writeFileSync(files().certFile, made.cert)
    writeFileSync(files().keyFile, made.key)
    const port = await listen({ isTls: true })
    const body = await new Promise((resolve, reject) => {
      const request = get(
        { port, host: '127.0.0.1', servername: 'localhost', ca: made.cert, agent: false },
        (response) => {
          response.setEncoding('utf8').once('data', resolve)
        },
      )
      request.once('error', reject)
    })
    expect(body).toBe('hello')
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
    await expect(fetch(`https://127.0.0.1:${port}/`)).rejects.toThrow()
    expect(await probeHttp(`https://127.0.0.1:${port}/`, AbortSignal.timeout(5_000))).toEqual({
      status: 200,
      text: 'hello',
    })
  })

  test('takes a new certificate when the files change, and keeps the former one while they do not fit', async () => {
    write('first')
    const port = await listen({ isTls: true })
    write('second', { cert: true })
    await vi.waitUntil(() => lines.some((line) => line.includes('MOGO_TLS_FILES')), { timeout: 5_000 })
    expect((await handshake(port)).name).toBe('first')
    write('third')
    await expect.poll(async () => (await handshake(port)).name, { timeout: 5_000 }).toBe('third')
    expect(lines.join()).not.toContain('PRIVATE')
  })

  test('does not start without files that fit', async () => {
    const make = () => createListener(() => {}, { logger, arrivalMillis: 1_000, tls: files() })
    const fault = { code: 'MOGO_TLS_FILES', message: expect.stringContaining(files().keyFile) }
    expect(make).toThrow(expect.objectContaining(fault))
    write('first')
    write('second', { key: true })
    expect(make).toThrow(expect.objectContaining(fault))
  })
})

describe('a caller who never finishes', () => {
  async function cut(send: (socket: Socket) => void): Promise<string> {
    const port = await listen({ isTls: false, arrivalMillis: 300 })
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (part) => {
      answer += part
    })
    await once(socket, 'connect')
    send(socket)
    // Whether the rest of what it sends meets a reset is a matter of chance.
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('close', resolve))
    return answer
  }

  test('the head of a request is told 408 and cut off', async () => {
    const drip = (socket: Socket) => {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
      const timer = setInterval(() => socket.writable && socket.write('X-A: b\r\n'), 20)
      socket.once('close', () => clearInterval(timer))
      socket.once('error', () => clearInterval(timer))
    }
    expect(await cut(drip)).toContain('408')
  })

  test('its body, too', async () => {
    const drip = (socket: Socket) => {
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
      const timer = setInterval(() => socket.writable && socket.write('x'), 20)
      socket.once('close', () => clearInterval(timer))
      socket.once('error', () => clearInterval(timer))
    }
    await cut(drip)
  })

  test('a head that is too large is refused', async () => {
    const answer = await cut((socket) =>
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`),
    )
    expect(answer).toContain('431')
  })
})
