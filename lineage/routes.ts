/**
 * The read routes. Each verifies the bearer token itself: that a gateway stands in front is a convenience, not a boundary.
 *
 *     GET /v1/lineage/{dataset}               columns, with what they come from and what was made of them
 *     GET /v1/lineage/queries/{queryId}       the columns of a result, down to Postgres
 *     GET /v1/lineage/openlineage/{dataset}   the same as an OpenLineage event
 */
import type { FastifyReply } from 'fastify'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { AppOptions } from './app-options.ts'
import { type DatasetLineage, describeDataset, describeQuery, type QueryLineage } from './describe.ts'
import { openLineageEvent } from './openlineage.ts'
import * as schemas from './schemas.ts'
import { treeText } from './tree-text.ts'
import { requireColumn, seesEveryTenant, visibility, visibleDataset } from './visibility.ts'

/** Nodes in one tree; readers of a column that are shown. */
const MOST_NODES = 1000
const MOST_READERS = 20

/** Adds the routes to a server. */
export function addRoutes(server: HttpServer, options: AppOptions): void {
  const { store, datasets, database, verify } = options
  const security = [{ bearer: [] }]

  server.get(
    '/v1/lineage/:dataset',
    {
      schema: {
        summary: 'Where the columns of a dataset come from, and what was made of them',
        security,
        params: schemas.datasetParams,
        querystring: schemas.datasetOptions,
        response: { 200: schemas.datasetLineageSchema },
      },
    },
    async (request, reply) => {
      const principal = await verify(request.headers.authorization)
      const { column, direction, depth, format } = request.query
      const visible = visibility(datasets, principal)
      const dataset = visibleDataset(visible, request.params.dataset)
      const columns = column === undefined ? dataset.columns : [requireColumn(dataset, column)]
      const tenant = seesEveryTenant(datasets, principal) ? undefined : principal.tenant
      const source = { table: dataset.dataset.table, columns }
      const [[recorded], readers] = await Promise.all([
        store.contractLineage([dataset.dataset.name]),
        direction === 'upstream'
          ? undefined
          : Promise.all([store.columnUse(source, tenant), store.latestReaders(source, tenant, MOST_READERS)]),
      ])
      const lineage = describeDataset({
        database,
        visible,
        dataset,
        recorded,
        columns,
        upstream: direction !== 'downstream',
        readers: readers && { uses: readers[0], edges: readers[1] },
        bounds: { depth, maxNodes: MOST_NODES },
      })
      return wantsText(format, request.headers.accept)
        ? text(reply, datasetText(lineage))
        : reply.send(lineage)
    },
  )

  server.get(
    '/v1/lineage/queries/:queryId',
    {
      schema: {
        summary: 'Where the columns of a query result come from, down to Postgres',
        security,
        params: schemas.queryParams,
        querystring: schemas.queryOptions,
        response: { 200: schemas.queryLineageSchema },
      },
    },
    async (request, reply) => {
      const principal = await verify(request.headers.authorization)
      const { queryId } = request.params
      const { depth, format } = request.query
      const everyTenant = seesEveryTenant(datasets, principal)
      const record = await store.queryRecord(queryId)
      // One answer for "not there" and "not yours": ids of others must not be found by trying.
      if (!record || (record.tenant !== principal.tenant && !everyTenant))
        throw new MogoError('MOGO_QUERY_UNKNOWN', { query: queryId })
      const visible = visibility(datasets, principal)
      const lineage = describeQuery(record, await store.contractLineage([...visible.keys()]), visible, {
        database,
        bounds: { depth, maxNodes: MOST_NODES },
        mayKnowAsker: everyTenant || record.subject === principal.subject,
      })
      return wantsText(format, request.headers.accept) ? text(reply, queryText(lineage)) : reply.send(lineage)
    },
  )

  server.get(
    '/v1/lineage/openlineage/:dataset',
    {
      schema: {
        summary: 'Lineage of a dataset as an OpenLineage 2-0-2 run event',
        security,
        params: schemas.datasetParams,
        response: { 200: schemas.openLineageSchema },
      },
    },
    async (request) => {
      const principal = await verify(request.headers.authorization)
      const visible = visibility(datasets, principal)
      const dataset = visibleDataset(visible, request.params.dataset)
      const [recorded] = await store.contractLineage([dataset.dataset.name])
      const { edges } = describeDataset({
        database,
        visible,
        dataset,
        recorded,
        columns: dataset.columns,
        upstream: true,
        readers: undefined,
        bounds: { depth: 3, maxNodes: MOST_NODES },
      })
      return openLineageEvent({
        project: options.project,
        dataset: dataset.dataset,
        edges,
        eventTime: recorded?.validSince ?? new Date(options.now()).toISOString(),
        policyHash: recorded?.policyHash ?? dataset.dataset.hash,
        addresses: options.addresses,
      })
    },
  )
}

const text = (reply: FastifyReply, body: string): FastifyReply =>
  reply.type('text/plain; charset=utf-8').send(body)

/** The option, else the first of the two media types that the Accept header names, else JSON. */
function wantsText(format: 'json' | 'text' | undefined, accept: string | undefined): boolean {
  if (format !== undefined) return format === 'text'
  const [first] = (accept ?? '').match(/text\/plain|application\/json|\*\/\*/i) ?? []
  return first?.toLowerCase() === 'text/plain'
}

function datasetText({ columns, dataset, recorded }: DatasetLineage): string {
  const note = recorded
    ? ''
    : `The lineage of ${dataset} has not been reported yet; the worker does that when it starts.\n\n`
  const trees = columns.map(({ upstream, downstream }) => {
    const readers = downstream
      ? `read by ${downstream.queries} ${downstream.queries === 1 ? 'query' : 'queries'}`
      : ''
    const up = upstream ? treeText(upstream, 'upstream', readers) : ''
    const down = downstream && !upstream ? treeText(downstream.tree, 'downstream', readers) : ''
    return up + down
  })
  return note + trees.join('\n')
}

function queryText({ query, columns }: QueryLineage): string {
  if (columns.length === 0)
    return `Query ${query.id} was ${query.decision}${query.reason ? ` (${query.reason})` : ''}; none of its result columns comes from a dataset.\n`
  return columns.map(({ upstream }) => treeText(upstream)).join('\n')
}
