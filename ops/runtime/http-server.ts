/**
 * What every HTTP service of ours has in common: problems (RFC 9457), health, readiness and metrics routes, one log line per
 * request, spans and durations, zod schemas, a close that lets running requests end.
 *
 * A log line names method, route pattern and status; never the path, the query or a header, which may hold a person's data.
 * No header of a caller is believed (no X-Forwarded-*, no request id), but `traceparent`, which can only link traces.
 *
 * `/healthz` says that the process lives, `/readyz` whether each dependency answers: an orchestrator restarts by the first and
 * routes by the second, so a dependency that is down must not fail the first.
 */
import { randomUUID } from 'node:crypto'
import {
  type Context,
  context,
  isSpanContextValid,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { answerBroken } from './broken-request.ts'
import { createListener, type TlsFiles } from './listener.ts'
import { errorFields, type Logger } from './logger.ts'
import { createOfferedMethods } from './offered-methods.ts'
import { faultOf, PROBLEM_TYPE, problemHeaders, problemOf } from './problem.ts'

/** Rejects if the dependency cannot do its work now. */
export type ReadinessCheck = () => Promise<unknown>

/** What a server is made of. */
export type HttpServerOptions = {
  readonly logger: Logger
  readonly telemetry: { prometheusText(): Promise<string> }
  /** Name of the process: query-api, lineage, … */
  readonly name: string
  /** Readiness per dependency. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  /** Largest request body in bytes; default 1 MiB. */
  readonly bodyLimit?: number
  /** Milliseconds after which a readiness check counts as failed; default 3,000. */
  readonly checkMillis?: number
  /** Milliseconds for a request to arrive, not to be answered: answers may stream for long; default 30,000. */
  readonly arrivalMillis?: number
  /** Serve by TLS. */
  readonly tls?: TlsFiles | undefined
}

/** A server as {@link createHttpServer} makes it. */
export type HttpServer = ReturnType<typeof createHttpServer>

type Traced = { readonly span: Span; readonly context: Context }

/** Makes a server without routes of its own; add them, then `listen`. */
export function createHttpServer(options: HttpServerOptions) {
  const { logger, telemetry, name, checks, checkMillis = 3000, arrivalMillis = 30_000 } = options
  const tracer = trace.getTracer(name)
  const duration = metrics.getMeter(name).createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Time from request to last byte, by method, route and status.',
    advice: {
      explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.4, 1, 2.5, 5, 10],
    },
  })
  let closing = false
  const traced = new WeakMap<FastifyRequest, Traced>()

  const server = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit: options.bodyLimit ?? 1024 * 1024,
    serverFactory: (handler) => createListener(handler, { logger, tls: options.tls, arrivalMillis }),
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => answerBroken(error, socket, name),
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    routerOptions: { maxParamLength: 256 },
  }).withTypeProvider<ZodTypeProvider>()

  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler((error, request, reply) => {
    // The framework takes a method with a body that is nowhere offered, and says what is wrong with the body.
    const isNowhere =
      request.is404 && (error as { code?: string }).code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'
    return isNowhere ? nowhere(request, reply) : answer(error, request, reply)
  })
  const offered = createOfferedMethods()
  server.addHook('onRoute', ({ method, url }) => offered.add(url, [method].flat()))
  server.setNotFoundHandler((request, reply) => nowhere(request, reply))
  const nowhere = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method } = request
    const path = request.url.split('?')[0] ?? '/'
    const methods = offered.at(path).join(', ')
    const fault =
      methods === ''
        ? new MogoError('MOGO_ROUTE_UNKNOWN', { method, path })
        : new MogoError('MOGO_ROUTE_METHOD', { method, path, methods })
    return answer(fault, request, reply)
  }

  server.addHook('onRequest', (request, reply, done) => {
    const parent = propagation.extract(context.active(), request.headers)
    const route = request.routeOptions.url ?? 'unknown'
    const span = tracer.startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
      parent,
    )
    const active = trace.setSpan(parent, span)
    traced.set(request, { span, context: active })
    reply.header('x-request-id', request.id)
    context.with(active, done)
  })
  server.addHook('onResponse', (request, reply, done) => {
    finish(request, reply.statusCode, reply.elapsedTime)
    // A connection whose request was running when the close began would otherwise stay open until its idle timeout.
    if (closing) setImmediate(() => server.server.closeIdleConnections())
    done()
  })
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  server.addHook('preClose', async () => {
    closing = true
  })
  server.addHook('onRequestAbort', (request, done) => {
    request.log.info({ method: request.method, route: request.routeOptions.url }, 'caller went away')
    done()
  })

  server.get('/healthz', { schema: { hide: true } as object }, async () => ({ status: 'alive', name }))
  server.get('/readyz', { schema: { hide: true } as object }, async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([check, run]) => [check, await outcome(run, checkMillis)] as const),
    )
    const ready = results.every(([, result]) => result.status === 'ok')
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'not ready', name, checks: Object.fromEntries(results) })
  })
  server.get('/metrics', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await telemetry.prometheusText()),
  )
  return server

  function finish(request: FastifyRequest, status: number, millis: number): void {
    const method = request.method
    const route = request.routeOptions.url ?? 'unknown'
    duration.record(millis / 1000, {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
    })
    const current = traced.get(request)
    if (current) {
      current.span.setAttribute('http.response.status_code', status)
      if (status >= 500) current.span.setStatus({ code: SpanStatusCode.ERROR })
      current.span.end()
      traced.delete(request)
    }
    // Probes come every second: they would drown the rest.
    const level = PROBES.has(route) && status < 400 ? 'debug' : 'info'
    request.log[level]({ method, route, status, millis: Math.round(millis * 10) / 10 }, 'request')
  }

  function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const fault = faultOf(error, name)
    const spanContext = traced.get(request)?.span.spanContext()
    const problem = problemOf(fault, `urn:uuid:${request.id}`, {
      where: name,
      ...(spanContext && isSpanContextValid(spanContext) ? { traceId: spanContext.traceId } : {}),
    })
    const level = problem.status >= 500 ? (fault.class === 'retriable' ? 'warn' : 'error') : 'info'
    // Of a refusal only the code is logged: its sentence may name what the caller wrote.
    request.log[level](problem.status >= 500 ? { err: errorFields(fault) } : { code: fault.code }, 'problem')
    return reply
      .code(problem.status)
      .header('x-request-id', request.id)
      .headers({ ...problemHeaders(problem, fault.params), 'cache-control': 'no-store' })
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problem))
  }
}

const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

type CheckResult = { readonly status: 'ok' | 'failed'; readonly millis: number; readonly code?: string }

/** Runs a check; its fault is shown by code alone, for the route needs no login. */
async function outcome(run: ReadinessCheck, limit: number): Promise<CheckResult> {
  const started = performance.now()
  const millis = () => Math.round(performance.now() - started)
  let timer: NodeJS.Timeout | undefined
  try {
    await Promise.race([
      run(),
      new Promise((_resolve, reject) => {
        timer = setTimeout(() => reject(new MogoError('MOGO_UNAVAILABLE', { what: 'a dependency' })), limit)
      }),
    ])
    return { status: 'ok', millis: millis() }
  } catch (error) {
    return { status: 'failed', millis: millis(), code: isMogoError(error) ? error.code : 'MOGO_UNAVAILABLE' }
  } finally {
    clearTimeout(timer)
  }
}

/** Stops accepting, lets running requests end for `graceMillis`, then cuts what is left. */
export async function closeHttpServer(server: HttpServer, graceMillis: number): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), graceMillis)
  try {
    await server.close()
  } finally {
    clearTimeout(cut)
  }
}
