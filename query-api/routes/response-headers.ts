/**
 * Headers of every answer: what a browser may do with it, where its trace is, and how long a route will be there.
 *
 * An answer is data, not a page: nothing in it is loaded, run or framed, unless a page says its own policy. The trace goes out as
 * `traceparent` on every answer behind the login, refusals among them.
 *
 * A route that will go says so by its configuration (`config: { deprecated: { since, sunset, moreAt } }`): `Deprecation` (RFC 9745),
 * `Sunset` (RFC 8594), and a link to what to do instead.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { context, propagation } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import helmet from 'helmet'
import type { HttpServer } from '#ops/runtime/http-server.ts'

/** When a route became deprecated, when it will be gone, and where it says what to use instead. */
export type Deprecated = { readonly since: Date; readonly sunset?: Date; readonly moreAt?: string }

const CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Adds the hooks for answers of every route. Those of a server with TLS say to come by it alone. */
export function responseHeaders(server: HttpServer, hasTls: boolean): void {
  const headers = safeHeaders(hasTls)
  server.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', CLOSED)
    const { deprecated } = request.routeOptions.config as { readonly deprecated?: Deprecated }
    if (deprecated) {
      const { link, ...rest } = deprecationHeaders(deprecated)
      reply.headers(rest)
      if (link !== undefined) appendHeader(reply, 'link', link)
    }
    done(null, payload)
  })
}

/**
 * What helmet says, asked once: it is the same for every answer. (As a plugin it is set up anew for every request, which costs as much as all other hooks,
 * and as much again in garbage collection.)
 */
function safeHeaders(hasTls: boolean): Readonly<Record<string, string>> {
  const found = new Headers()
  const answer = {
    setHeader: (name: string, value: string) => found.set(name, value),
    removeHeader: (name: string) => found.delete(name),
  }
  helmet({ contentSecurityPolicy: false, strictTransportSecurity: hasTls })(
    {} as IncomingMessage,
    answer as unknown as ServerResponse,
    () => undefined,
  )
  return Object.fromEntries(found)
}

/** Adds to a header that is a list. */
export function appendHeader(reply: FastifyReply, name: string, value: string): void {
  const known = reply.getHeader(name)
  reply.header(name, known === undefined || known === '' ? value : `${String(known)}, ${value}`)
}

/** A hook that puts the trace of the request into the headers of its answer. */
export function traceHeaders(_request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  reply.headers(carrier)
  done()
}

/** The headers of a route that will go. */
export function deprecationHeaders({ since, sunset, moreAt }: Deprecated): Readonly<Record<string, string>> {
  const links = [
    ...(moreAt === undefined ? [] : [`<${moreAt}>; rel="deprecation"; type="text/html"`]),
    ...(moreAt === undefined || !sunset ? [] : [`<${moreAt}>; rel="sunset"; type="text/html"`]),
  ]
  return {
    // A structured date (RFC 9651): an @ and seconds since 1970.
    deprecation: `@${Math.floor(since.getTime() / 1000)}`,
    ...(sunset && { sunset: sunset.toUTCString() }),
    ...(links.length > 0 && { link: links.join(', ') }),
  }
}
