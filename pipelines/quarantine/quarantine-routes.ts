/**
 * The routes of quarantined records. Each verifies the bearer token itself: that the query API stands in front is a convenience, not a boundary.
 *
 *     GET  /v1/quarantine                                        list, filters, pages
 *     GET  /v1/quarantine/{topic}/{partition}/{offset}           one place
 *     POST /v1/quarantine/{topic}/{partition}/{offset}/replay | drop | open
 *     POST /v1/quarantine/replay | drop                          several: by their places, or by filters
 *     POST /v1/quarantine/resume                                 lets a paused dataset go on
 */
import { trace } from '@opentelemetry/api'
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import {
  cursorIn,
  dropped,
  openedRecord,
  placeIn,
  recordAnswer,
  replayed,
  textOfCursor,
} from './quarantine-answers.ts'
import { type QuarantineRight, type QuarantineRoles, quarantineRight } from './quarantine-rights.ts'
import * as schemas from './quarantine-schemas.ts'
import type { QuarantineService } from './quarantine-service.ts'
import type { QuarantineConditions } from './quarantine-statements.ts'

/** What the routes are made of. */
export type QuarantineRoutesOptions = {
  /** Asked for anew by each request, as the contracts may change. */
  readonly service: QuarantineService
  readonly datasets: readonly CompiledDataset[]
  readonly roles: QuarantineRoles
  /** @throws MogoError MOGO_AUTH_*, MOGO_IDENTITY_UNREACHABLE */
  readonly verify: (authorization: string | undefined) => Promise<Principal>
}

type Asker = { readonly principal: Principal; readonly right: QuarantineRight }
type Filters = {
  readonly places?: readonly string[] | undefined
  readonly dataset?: string | undefined
  readonly reason?: string | undefined
  readonly since?: string | undefined
}

/** Adds the routes. */
export function quarantineRoutes(server: HttpServer, options: QuarantineRoutesOptions): void {
  const { roles } = options

  async function asker(
    headers: { readonly authorization?: string | undefined },
    allowed = roles.operatorRoles,
    what = 'the quarantine',
  ): Promise<Asker> {
    const principal = await options.verify(headers.authorization)
    return { principal, right: quarantineRight(options.datasets, principal, allowed, what) }
  }

  server.get(
    '/v1/quarantine',
    { schema: { querystring: schemas.listQuery, response: { 200: schemas.listAnswer } } },
    async (request) => {
      const { right } = await asker(request.headers)
      const { status, limit, cursor } = request.query
      const conditions = {
        ...conditionsOf(right, request.query),
        ...(status === 'all' ? {} : { status }),
      }
      const [page, total, paused] = await Promise.all([
        options.service.list(conditions, { limit, ...cursorIn(cursor) }),
        options.service.count(conditions),
        options.service.paused(conditions.datasets),
      ])
      return {
        records: page.items.map(recordAnswer),
        total,
        next: textOfCursor(page.next),
        paused: paused.map(({ sinceMillis, ...rest }) => ({
          ...rest,
          since: new Date(sinceMillis).toISOString(),
        })),
      }
    },
  )

  const PLACE = '/v1/quarantine/:topic/:partition/:offset'
  server.get(
    PLACE,
    { schema: { params: schemas.placeParams, response: { 200: schemas.placeAnswer } } },
    async (request) => {
      const { right } = await asker(request.headers)
      const found = await options.service.show(right.datasets, placeOfParams(request.params))
      return { records: found.map(recordAnswer) }
    },
  )
  server.post(
    `${PLACE}/open`,
    {
      schema: { params: schemas.placeParams, body: schemas.openBody, response: { 200: schemas.openAnswer } },
    },
    async (request, reply) => {
      const { principal, right } = await asker(
        request.headers,
        roles.payloadRoles,
        'what is in a quarantined record',
      )
      const place = placeOfParams(request.params)
      const { purpose } = request.body
      const traceId = trace.getActiveSpan()?.spanContext().traceId ?? ''
      const opened = await options.service.open(right.datasets, place, {
        principal,
        role: right.role,
        purpose,
        traceId,
      })
      reply.header('cache-control', 'no-store')
      return openedRecord(opened)
    },
  )
  server.post(
    `${PLACE}/replay`,
    {
      schema: {
        params: schemas.placeParams,
        body: schemas.placeReplayBody,
        response: { 200: schemas.replayAnswer },
      },
    },
    async (request) => {
      const who = await asker(request.headers)
      return replay(
        who,
        { datasets: who.right.datasets, places: [placeOfParams(request.params)] },
        request.body,
      )
    },
  )
  server.post(
    `${PLACE}/drop`,
    {
      schema: {
        params: schemas.placeParams,
        body: schemas.placeDropBody,
        response: { 200: schemas.dropAnswer },
      },
    },
    async (request) => {
      const who = await asker(request.headers)
      return drop(
        who,
        { datasets: who.right.datasets, places: [placeOfParams(request.params)] },
        request.body,
      )
    },
  )

  server.post(
    '/v1/quarantine/replay',
    { schema: { body: schemas.replayBody, response: { 200: schemas.replayAnswer } } },
    async (request) => {
      const who = await asker(request.headers)
      return replay(who, conditionsOf(who.right, request.body), request.body)
    },
  )
  server.post(
    '/v1/quarantine/drop',
    { schema: { body: schemas.dropBody, response: { 200: schemas.dropAnswer } } },
    async (request) => {
      const who = await asker(request.headers)
      return drop(who, conditionsOf(who.right, request.body), request.body)
    },
  )
  server.post(
    '/v1/quarantine/resume',
    { schema: { body: schemas.resumeBody, response: { 200: schemas.resumeAnswer } } },
    async (request) => {
      const { principal, right } = await asker(request.headers)
      const { dataset } = request.body
      mayWorkOn(right, dataset)
      return { dataset, resumed: await options.service.resume(dataset, principal.subject) }
    },
  )

  async function replay(
    { principal }: Asker,
    conditions: QuarantineConditions,
    body: { dryRun: boolean; waitSeconds: number; limit?: number; cursor?: string | undefined },
  ) {
    const { dryRun, waitSeconds, limit = schemas.MOST_RECORDS } = body
    const wanted = { limit: limitFor(conditions, limit), ...cursorIn(body.cursor) }
    const asked = { by: principal.subject, dryRun, waitMillis: waitSeconds * 1000 }
    return replayed(await options.service.replay(conditions, wanted, asked))
  }

  async function drop(
    { principal }: Asker,
    conditions: QuarantineConditions,
    body: { dryRun: boolean; purpose: string; limit?: number; cursor?: string | undefined },
  ) {
    const { dryRun, purpose, limit = schemas.MOST_RECORDS } = body
    const wanted = { limit: limitFor(conditions, limit), ...cursorIn(body.cursor) }
    return dropped(
      await options.service.drop(conditions, wanted, { by: principal.subject, purpose, dryRun }),
      dryRun,
    )
  }
}

/** Records that were named are all meant, whatever the size of a page. */
function limitFor({ places, datasets }: QuarantineConditions, limit: number): number {
  return places ? places.length * datasets.length : limit
}

function conditionsOf(right: QuarantineRight, filters: Filters): QuarantineConditions {
  const { places, dataset, reason, since } = filters
  if (dataset !== undefined) mayWorkOn(right, dataset)
  return {
    datasets: dataset === undefined ? right.datasets : [dataset],
    ...(places ? { places: places.map(placeIn) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { sinceMillis: Date.parse(since) }),
  }
}

/** The same answer for a dataset that is not there and one that is not granted. */
function mayWorkOn({ datasets }: QuarantineRight, dataset: string): void {
  if (!datasets.includes(dataset))
    throw new MogoError('MOGO_DATASET_UNKNOWN', { dataset: dataset.slice(0, 80), suggestion: '' })
}

function placeOfParams(params: {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}) {
  return { topic: params.topic, partition: params.partition, offset: BigInt(params.offset) }
}
