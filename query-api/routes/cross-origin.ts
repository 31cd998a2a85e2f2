/**
 * Cross-origin requests (the CORS protocol of the Fetch standard): pages of the origins that `api.corsOrigins` names may call the API. By
 * default there are none.
 *
 * Callers log in by a token in a header, which no page of another origin has by itself; so credentials are never allowed, and an origin is
 * compared as a whole, never by a pattern. A preflight carries no token and is answered before the login.
 */
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { appendHeader } from './response-headers.ts'

const METHODS = 'GET, POST, DELETE'
const REQUEST_HEADERS =
  'Authorization, Content-Type, Accept, If-None-Match, Cache-Control, Priority, traceparent, tracestate'
/** What a page may read of an answer, beside what it always may. */
const ANSWER_HEADERS = [
  ...['ETag', 'Link', 'Retry-After', 'WWW-Authenticate', 'Deprecation', 'Sunset', 'traceparent'],
  ...['Cache-Status', 'Age', 'RateLimit', 'RateLimit-Policy', 'Location'],
  ...['x-request-id', 'x-mogo-query-id', 'x-mogo-total', 'x-mogo-total-kind'],
].join(', ')
/** Seconds that a browser may remember a preflight. */
const REMEMBERED = '600'

/** Adds the hooks; without origins nothing. */
export function crossOrigin(server: HttpServer, origins: readonly string[]): void {
  if (origins.length === 0) return
  const allowed = new Set(origins)
  server.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return
    reply.header('access-control-allow-origin', origin)
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    if (!isPreflight) {
      reply.header('access-control-expose-headers', ANSWER_HEADERS)
      return
    }
    return reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': REMEMBERED,
      })
      .send()
  })
  // An answer for one origin is not one for another.
  server.addHook('onSend', async (_request, reply) => appendHeader(reply, 'vary', 'Origin'))
}
