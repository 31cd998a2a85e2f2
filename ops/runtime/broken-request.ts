/**
 * Requests that are none: not HTTP, too large a head, or never whole. There is no request to answer, so the answer is written to the
 * connection as it is, which is then closed: a problem like any other.
 */
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, MogoError } from '#contracts/errors.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'MOGO_REQUEST_SLOW',
  HPE_HEADER_OVERFLOW: 'MOGO_REQUEST_HEAD_LARGE',
}

/** Answers and closes. `where` names the process. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Socket, where: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) {
    socket.destroy(error)
    return
  }
  const code = CODES[error.code ?? '']
  const fault =
    code === undefined
      ? new MogoError('MOGO_REQUEST_INVALID', { detail: 'it is no HTTP request' })
      : new MogoError(code)
  const problem = problemOf(fault, `urn:uuid:${randomUUID()}`, { where })
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
