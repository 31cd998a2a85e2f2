/** POST /v1/query: one SELECT, answered in the format of the Accept header. */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { cacheWish } from '../cache/cache-control.ts'
import { cacheHeaders } from '../cache/cache-status.ts'
import { urgencyOf } from '../fair-use/urgency.ts'
import { type AnswerFormat, chooseFormat, FORMATS, JSON_FORMAT } from '../formats/formats.ts'
import { lineagePath } from '../formats/json-envelope.ts'
import { engineParameters } from '../formats/parameters.ts'
import type { QueryEngine } from '../ports.ts'
import { deadlineOf, startDeadline } from '../queries/deadline.ts'
import { planQuery } from '../queries/dry-run.ts'
import type { BookedQuery, QueryBook } from '../queries/query-book.ts'
import { type createQueryService, newQueryId, usualUrgency } from '../query-service.ts'
import { principalOf } from './access-hook.ts'
import { queryBody, queryContent } from './query-schemas.ts'
import { problemSchema, problems } from './schemas.ts'

/** What the route works with. */
export type QueryRoutesOptions = {
  readonly service: ReturnType<typeof createQueryService>
  readonly book: QueryBook
  /** Where a dry run estimates. */
  readonly engine: QueryEngine
  readonly database: string
}

type Body = z.output<typeof queryBody>

/** Link relation of provenance (W3C PROV-AQ). */
const PROVENANCE = 'http://www.w3.org/ns/prov#has_provenance'

/** Adds the route. */
export function queryRoutes(server: HttpServer, options: QueryRoutesOptions): void {
  server.post(
    '/v1/query',
    {
      schema: {
        summary: 'Ask in SQL',
        description:
          'Runs one SELECT as your access scope: the engine applies your row filter and column grants. The answer is a stream; it is cut off visibly if it fails midway. `x-mogo-query-id` names it in the access log, in lineage and at /v1/queries/{id}, which says what the columns mean (header `Link`). With `limit`, `x-mogo-truncated` (a header, or a trailer of a long answer) says whether it was reached. With `dryRun` the answer is JSON.',
        tags: ['query'],
        security: [{ bearer: [] }],
        body: queryBody,
        response: {
          200: { description: 'The rows.', content: queryContent },
          400: problemSchema.describe('The SQL or the request is wrong.'),
          ...problems,
          406: problemSchema.describe('No format in the Accept header is offered.'),
          409: problemSchema.describe('You have a query of that clientQueryId already.'),
          422: problemSchema.describe('The query failed or went past a limit.'),
          429: problemSchema.describe(
            'Too many requests, too many queries at the same time, or too much read; Retry-After says when to come back.',
          ),
        },
      },
    },
    (request, reply) => answer(options, request, reply, request.body),
  )
}

async function answer(
  options: QueryRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Body,
): Promise<never> {
  const { service, book, engine, database } = options
  const { sql, role, purpose, parameters, limit, dryRun, clientQueryId } = body
  const format = dryRun ? JSON_FORMAT : formatOf(request.headers.accept)
  const queryId = newQueryId()
  const principal = principalOf(request)
  const query = book.open({ queryId, clientQueryId, principal, mediaType: format.mediaType })
  endWithCaller(query, reply)
  applyDeadline(query, request, reply, body.timeoutSeconds)
  reply.headers(queryHeaders(queryId))
  const found = await service.answer(queryId, {
    ...{ principal, role, purpose, format, signal: query.signal, observer: query.observer },
    ...{ wish: cacheWish(request.headers['cache-control']), route: '/v1/query' },
    urgency: urgencyOf(request.headers['priority'], usualUrgency(format)),
    query: { sql, parameters: engineParameters(parameters) },
    limit: limit && {
      rows: limit.rows ?? Number.MAX_SAFE_INTEGER,
      bytes: limit.bytes ?? Number.MAX_SAFE_INTEGER,
    },
    instead: dryRun
      ? async (passed) =>
          Buffer.from(
            `${JSON.stringify(await planQuery(queryId, passed, { engine, database, signal: query.signal }))}\n`,
          )
      : undefined,
  })
  if (found.status) reply.headers(cacheHeaders(found.status))
  if (limit && !dryRun) markTruncated(query, reply, Buffer.isBuffer(found.body))
  // The type provider describes the JSON document; what is sent are its bytes.
  return reply.type(format.contentType).send(found.body as Buffer & Readable & never) as never
}

function formatOf(accept: string | undefined): AnswerFormat {
  const format = chooseFormat(accept)
  if (format) return format
  throw new MogoError('MOGO_QUERY_FORMAT', { formats: FORMATS.map(({ mediaType }) => mediaType).join(', ') })
}

/** A caller who is gone needs no answer. */
function endWithCaller(query: BookedQuery, reply: FastifyReply): void {
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) query.cancel(new MogoError('MOGO_QUERY_CANCELLED'))
  })
}

function applyDeadline(
  query: BookedQuery,
  request: FastifyRequest,
  reply: FastifyReply,
  timeoutSeconds: number | undefined,
): void {
  const deadline = deadlineOf(timeoutSeconds, request.headers['prefer'])
  if (!deadline) return
  if (deadline.applied !== undefined) reply.header('preference-applied', deadline.applied)
  reply.raw.once('close', startDeadline(deadline.seconds, query.cancel))
}

function queryHeaders(queryId: string): Record<string, string> {
  return {
    'x-mogo-query-id': queryId,
    'cache-control': 'no-store',
    link: `</v1/queries/${queryId}>; rel="describedby"; type="application/json", <${lineagePath(queryId)}>; rel="${PROVENANCE}"`,
  }
}

/** A short answer has it in a header, a stream knows it when its last byte is there. */
function markTruncated(query: BookedQuery, reply: FastifyReply, isWhole: boolean): void {
  const text = () => String(query.status().end?.truncated ?? false)
  if (isWhole) reply.header('x-mogo-truncated', text())
  else reply.trailer('x-mogo-truncated', async () => text())
}
