/** POST /v1/query: one SELECT, answered in the format of the Accept header. */
import type { Readable } from 'node:stream'
import { context, propagation } from '@opentelemetry/api'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { cacheWish } from '../cache/cache-control.ts'
import { cacheHeaders } from '../cache/cache-status.ts'
import { urgencyOf } from '../fair-use/urgency.ts'
import { chooseFormat, FORMATS } from '../formats/formats.ts'
import { engineParameters } from '../formats/parameters.ts'
import { type createQueryService, newQueryId, usualUrgency } from '../query-service.ts'
import { principalOf } from './access-hook.ts'
import { problemSchema, problems, queryAnswer, queryBody } from './schemas.ts'

/** Adds the route. */
export function queryRoutes(server: HttpServer, service: ReturnType<typeof createQueryService>): void {
  server.post(
    '/v1/query',
    {
      schema: {
        summary: 'Ask in SQL',
        description:
          'Runs one SELECT as your access scope: the engine applies your row filter and column grants. The answer is a stream; it is cut off visibly if it fails midway. `x-mogo-query-id` names it in the access log and in lineage.',
        tags: ['query'],
        security: [{ bearer: [] }],
        body: queryBody,
        response: {
          200: {
            description: 'The rows.',
            content: {
              'application/json': { schema: queryAnswer },
              'application/x-ndjson': { schema: z.string().describe('One JSON object per line.') },
              'text/csv': { schema: z.string().describe('RFC 4180, names in the first line.') },
              'application/vnd.apache.arrow.stream': { schema: z.string().describe('Arrow IPC stream.') },
            },
          },
          400: problemSchema.describe('The SQL or the request is wrong.'),
          ...problems,
          406: problemSchema.describe('No format in the Accept header is offered.'),
          422: problemSchema.describe('The query failed or went past a limit.'),
          429: problemSchema.describe(
            'Too many requests, too many queries at the same time, or too much read; Retry-After says when to come back.',
          ),
        },
      },
    },
    async (request, reply) => {
      const { sql, role, purpose, parameters } = request.body
      const format = chooseFormat(request.headers.accept)
      if (!format)
        throw new MogoError('MOGO_QUERY_FORMAT', {
          formats: FORMATS.map(({ mediaType }) => mediaType).join(', '),
        })
      const queryId = newQueryId()
      const gone = new AbortController()
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort(new MogoError('MOGO_QUERY_CANCELLED'))
      })
      const carrier: Record<string, string> = {}
      propagation.inject(context.active(), carrier)
      reply.headers({ ...carrier, 'x-mogo-query-id': queryId, 'cache-control': 'no-store' })
      const { body, status } = await service.answer(queryId, {
        principal: principalOf(request),
        query: { sql, parameters: engineParameters(parameters) },
        role,
        purpose,
        format,
        wish: cacheWish(request.headers['cache-control']),
        route: '/v1/query',
        urgency: urgencyOf(request.headers['priority'], usualUrgency(format)),
        signal: gone.signal,
      })
      if (status) reply.headers(cacheHeaders(status))
      // The type provider describes the JSON document; what is sent are its bytes.
      return reply.type(format.contentType).send(body as Buffer & Readable & never)
    },
  )
}
