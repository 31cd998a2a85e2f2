/**
 * Routes that another service of ours answers: passed on to it, and it checks the caller's token itself. API keys are known here alone, so
 * they are refused. Only the headers that it needs go along; whatever else the caller sent stays here.
 */
import proxy from '@fastify/http-proxy'
import { context, propagation } from '@opentelemetry/api'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { refuseKeys } from './access-hook.ts'

/** A service and its routes. */
export type PassedOn = {
  /** Beginning of the paths, such as `/v1/lineage`. */
  readonly prefix: string
  readonly methods: readonly ('GET' | 'POST')[]
  /** Address; without one the routes answer that it is away. */
  readonly url: string | undefined
  /** What it is called in that answer. */
  readonly what: string
  /** Longest wait for an answer, milliseconds. */
  readonly timeoutMillis: number
}

const HEADERS = ['authorization', 'accept', 'accept-encoding', 'content-type', 'content-length'] as const

/** Adds the routes. */
export async function passOn(server: HttpServer, service: PassedOn): Promise<void> {
  const { prefix, methods, url } = service
  const away = () => new MogoError('MOGO_UNAVAILABLE', { what: service.what })
  if (url === undefined) {
    for (const path of [prefix, `${prefix}/*`])
      server.route({
        method: [...methods],
        url: path,
        schema: { hide: true } as object,
        handler: async () => {
          throw away()
        },
      })
    return
  }
  await server.register(proxy, {
    upstream: url,
    prefix,
    rewritePrefix: prefix,
    httpMethods: [...methods],
    disableRequestLogging: true,
    preHandler: refuseKeys,
    replyOptions: {
      timeout: service.timeoutMillis,
      rewriteRequestHeaders: (_request, headers) => {
        const carrier: Record<string, string> = {}
        propagation.inject(context.active(), carrier)
        const kept = HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
        return { ...Object.fromEntries(kept), ...carrier }
      },
      onError: (reply) => {
        // Sent through the error handler, so that it is a problem like any other.
        void (reply as { send(payload: unknown): unknown }).send(away())
      },
    },
  })
}
