/**
 * /v1/lineage/*: passed on to the lineage service, which checks the caller's token itself. Only the headers that it needs go
 * along; whatever else the caller sent stays here.
 */
import proxy from '@fastify/http-proxy'
import { context, propagation } from '@opentelemetry/api'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'

const PASSED_ON = ['authorization', 'accept', 'accept-encoding'] as const

/** Adds the proxy; without an address its routes answer that lineage is away. */
export async function lineageProxy(server: HttpServer, url: string | undefined): Promise<void> {
  const away = () => new MogoError('MOGO_UNAVAILABLE', { what: 'The lineage service' })
  if (url === undefined) {
    server.get('/v1/lineage/*', { schema: { hide: true } as object }, async () => {
      throw away()
    })
    return
  }
  await server.register(proxy, {
    upstream: url,
    prefix: '/v1/lineage',
    rewritePrefix: '/v1/lineage',
    httpMethods: ['GET'],
    disableRequestLogging: true,
    replyOptions: {
      rewriteRequestHeaders: (_request, headers) => {
        const carrier: Record<string, string> = {}
        propagation.inject(context.active(), carrier)
        const kept = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
        return { ...Object.fromEntries(kept), ...carrier }
      },
      onError: (reply) => {
        // Sent through the error handler, so that it is a problem like any other.
        void (reply as { send(payload: unknown): unknown }).send(away())
      },
    },
  })
}
