/**
 * A gate in a materialized view. The engine stores an insert in the table first and feeds the view then, which asks the gate: an insert that waits
 * there is in the table and not in what lies behind it, and its sender has no answer, for as long as the test likes.
 */
import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** See {@link makeInsertGate}. */
export type InsertGate = {
  /** An expression for the view's list of columns: 1, once the gate has let the insert pass. */
  readonly expression: string
  /** Lets so many more inserts pass; those after them wait. */
  shutAfter(inserts: number): void
  /** Resolves when an insert waits. */
  arrived(): Promise<void>
  /** Lets everything pass: what waits, and what comes. */
  open(): void
  stop(): Promise<void>
}

/** Makes one that is open. */
export async function makeInsertGate(): Promise<InsertGate> {
  const waiting = new Set<ServerResponse>()
  const arrivals = new EventEmitter()
  let left = Number.POSITIVE_INFINITY
  const pass = (response: ServerResponse) => void response.end('passed\n')
  const server = createServer((request, response) => {
    // The engine asks for the head of the answer first.
    if (request.method === 'HEAD' || left-- > 0) return pass(response)
    waiting.add(response)
    response.once('close', () => waiting.delete(response))
    arrivals.emit('arrival')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    expression: /*sql*/ `(SELECT count() FROM url('http://127.0.0.1:${port}/', 'LineAsString', 'line String'))`,
    shutAfter(inserts) {
      left = inserts
    },
    async arrived() {
      if (waiting.size === 0) await once(arrivals, 'arrival')
    },
    open() {
      left = Number.POSITIVE_INFINITY
      for (const response of waiting) pass(response)
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
