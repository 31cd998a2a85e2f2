/** GET and DELETE /v1/queries/{id}, GET /v1/queries/{id}/events: a query of one's own while it runs, and for some minutes after. */
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { accessScope, type Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { BookedQuery, QueryBook } from '../queries/query-book.ts'
import { queryEvents } from '../queries/query-events.ts'
import { queryView } from '../queries/query-view.ts'
import { principalOf } from './access-hook.ts'
import { queryStatus } from './query-schemas.ts'
import { problemSchema, problems } from './schemas.ts'

/** How long a cancelled query may take to end before the answer says that it still runs, milliseconds. */
const CANCEL_MILLIS = 5_000
/** Most readers of the events of one query. */
const MOST_WATCHERS = 4

const shared = {
  tags: ['query'],
  security: [{ bearer: [] }],
  params: z.object({
    id: z
      .uuid()
      .describe('Id from the header x-mogo-query-id, or the clientQueryId of the request.')
      .meta({ examples: ['5b0d3f0e-3c5e-4d0c-9d65-3a4d3c1f5d11'] }),
  }),
}
const unknown = {
  400: problemSchema.describe('The id is no UUID.'),
  404: problemSchema.describe('No query of yours that runs, or ended within some minutes, has this id.'),
}

/** What the routes read from. */
export type QueriesRoutesOptions = { readonly book: QueryBook; readonly datasets: readonly CompiledDataset[] }

/** Adds the routes. */
export function queriesRoutes(server: HttpServer, { book, datasets }: QueriesRoutesOptions): void {
  const watchers = new WeakMap<BookedQuery, number>()

  server.get(
    '/v1/queries/:id',
    {
      schema: {
        ...shared,
        summary: 'What became of a query',
        description:
          'State, counts and what the columns of the answer mean, for formats that cannot carry it themselves. For the one who asked only, while the query runs and for five minutes after.',
        response: { 200: queryStatus, ...problems, ...unknown },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return viewOf(found(principalOf(request), request.params.id), true)
    },
  )

  server.delete(
    '/v1/queries/:id',
    {
      schema: {
        ...shared,
        summary: 'Cancel a query',
        description:
          'Ends the query here and at the engine; its answer is cut off visibly, or is a problem if it has not begun. A query that has ended stays as it is. Answered when it has ended.',
        response: {
          200: queryStatus.describe('It has ended; how, is in `state`.'),
          202: queryStatus.describe('It is about to end.'),
          ...problems,
          ...unknown,
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const query = booked(principal, request.params.id)
      query.cancel(new MogoError('MOGO_QUERY_CANCELLED'))
      await endOf(query)
      const view = viewOf(query, mayRead(principal, query))
      return reply
        .header('cache-control', 'no-store')
        .code(view.state === 'running' ? 202 : 200)
        .send(view)
    },
  )

  server.get(
    '/v1/queries/:id/events',
    {
      // A compressor would hold the events back.
      compress: false,
      schema: {
        ...shared,
        summary: 'Progress of a query, as events',
        description:
          'Server-sent events: `progress` with phase, milliseconds, and rows and bytes of the answer so far; at the end `end`, which is GET /v1/queries/{id}.',
        response: {
          200: {
            description: 'Events until the query has ended.',
            content: {
              'text/event-stream': {
                schema: z.string().meta({
                  examples: [
                    'event: progress\ndata: {"phase":"running","elapsedMs":1510,"rows":0,"bytes":0}\n\nevent: end\ndata: {"state":"answered","rows":2}\n\n',
                  ],
                }),
              },
            },
          },
          ...problems,
          ...unknown,
          406: problemSchema.describe('The Accept header leaves out text/event-stream.'),
          429: problemSchema.describe('As many as may look at this query already.'),
        },
      },
    },
    async (request, reply) => {
      const query = found(principalOf(request), request.params.id)
      if (!/\*\/\*|text\/\*|text\/event-stream/i.test(request.headers.accept ?? '*/*'))
        throw new MogoError('MOGO_QUERY_FORMAT', { formats: 'text/event-stream' })
      const now = watchers.get(query) ?? 0
      if (now >= MOST_WATCHERS) throw new MogoError('MOGO_QUERY_WATCHED', { limit: MOST_WATCHERS })
      watchers.set(query, now + 1)
      reply.raw.once('close', () => watchers.set(query, (watchers.get(query) ?? 1) - 1))
      // Each event is sent as it comes.
      const body = Readable.from(queryEvents(query, true), { objectMode: true, highWaterMark: 1 })
      return reply
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream')
        .send(body as Readable & never)
    },
  )

  function booked(principal: Principal, id: string): BookedQuery {
    const query = book.find(principal, id)
    if (query) return query
    throw new MogoError('MOGO_QUERY_ID_UNKNOWN', { minutes: Math.round(book.keepMillis / 60_000) })
  }

  /** A query whose names the caller may still read: a role that was taken away takes them along. */
  function found(principal: Principal, id: string): BookedQuery {
    const query = booked(principal, id)
    if (mayRead(principal, query)) return query
    throw new MogoError('MOGO_QUERY_ID_UNKNOWN', { minutes: Math.round(book.keepMillis / 60_000) })
  }

  function mayRead(principal: Principal, query: BookedQuery): boolean {
    const { scope } = query.status()
    if (!scope) return true
    return (
      principal.roles.includes(scope.role) && accessScope(datasets, principal, scope.role).name === scope.name
    )
  }
}

/** The schema's type knows no readonly lists. */
const viewOf = (query: BookedQuery, withNames: boolean) =>
  queryView(query, withNames) as z.output<typeof queryStatus>

async function endOf(query: BookedQuery): Promise<void> {
  const over = new AbortController()
  await Promise.race([
    query.ended,
    wait(CANCEL_MILLIS, undefined, { signal: over.signal }).catch(() => undefined),
  ])
  over.abort()
}
