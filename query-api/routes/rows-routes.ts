/** GET /v1/datasets/{name}/rows: pages of a dataset, answered in the format of the Accept header. Described in rows-paths.ts. */
import type { Readable } from 'node:stream'
import { context, propagation } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { cacheWish } from '../cache/cache-control.ts'
import { cacheHeaders } from '../cache/cache-status.ts'
import { urgencyOf } from '../fair-use/urgency.ts'
import { chooseFormat, FORMATS, JSON_FORMAT } from '../formats/formats.ts'
import { newQueryId } from '../query-service.ts'
import { linkHeader } from '../rows/link-header.ts'
import type { createRowsService, RowsAnswer } from '../rows/rows-service.ts'
import { principalOf } from './access-hook.ts'

/** Adds the route. */
export function rowsRoutes(server: HttpServer, rows: ReturnType<typeof createRowsService>): void {
  // The grammar of the query string is the service's own, so no schema reads it first.
  server.get('/v1/datasets/:name/rows', { schema: { hide: true } as object }, (request, reply) =>
    answer(rows, request, reply),
  )
}

async function answer(
  rows: ReturnType<typeof createRowsService>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const format = chooseFormat(request.headers.accept)
  if (!format)
    throw new MogoError('MOGO_QUERY_FORMAT', {
      formats: FORMATS.map(({ mediaType }) => mediaType).join(', '),
    })
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new MogoError('MOGO_QUERY_CANCELLED'))
  })
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  reply.headers({ ...carrier, vary: 'Authorization, Accept' })
  const mark = request.url.indexOf('?')
  const [path, query] =
    mark < 0 ? [request.url, ''] : [request.url.slice(0, mark), request.url.slice(mark + 1)]
  const { name } = request.params as { readonly name: string }
  const found = await rows.answer({
    ...{ principal: principalOf(request), dataset: name, query, format, signal: gone.signal },
    urgency: urgencyOf(request.headers['priority'], format === JSON_FORMAT ? 0 : 2),
    wish: cacheWish(request.headers['cache-control']),
    ifNoneMatch: request.headers['if-none-match'],
    newId: () => {
      const id = newQueryId()
      reply.header('x-mogo-query-id', id)
      return id
    },
  })
  reply.headers({ ...headersOf(found), ...linksOf(path, query, found) })
  if (found.body === undefined) return reply.code(304).send()
  return reply.type(format.contentType).send(found.body as Buffer & Readable)
}

function headersOf({ tag, total, status }: RowsAnswer): Record<string, string> {
  return {
    'cache-control': 'private, no-cache',
    ...(tag === undefined ? {} : { etag: tag }),
    ...(status && cacheHeaders(status)),
    ...(total ? { 'x-mogo-total': String(total.rows), 'x-mogo-total-kind': total.kind } : {}),
  }
}

function linksOf(path: string, query: string, cursors: RowsAnswer): Record<string, string> {
  const link = linkHeader(path, query, cursors)
  return link === undefined ? {} : { link }
}
