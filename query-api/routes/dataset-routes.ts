/** GET /v1/datasets, GET /v1/datasets/{name}, GET /v1/me, GET /v1/functions. */
import { z } from 'zod'
import { type AccessScope, accessScope, type Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { chooseRole } from '../access/choose-role.ts'
import { datasetColumns, datasetSummary } from '../datasets/describe-dataset.ts'
import { findDataset } from '../datasets/find-dataset.ts'
import type { createFreshness } from '../datasets/freshness.ts'
import type { ServiceLevel } from '../datasets/service-levels.ts'
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS, WINDOW_FUNCTIONS } from '../gate/functions.ts'
import { principalOf } from './access-hook.ts'
import {
  datasetDetail,
  datasetList,
  functionList,
  meAnswer,
  problemSchema,
  problems,
  roleQuery,
} from './schemas.ts'

/** What the routes read from. */
export type DatasetRoutesOptions = {
  readonly datasets: readonly CompiledDataset[]
  readonly freshness: ReturnType<typeof createFreshness>
  readonly serviceLevels: (dataset: CompiledDataset) => readonly ServiceLevel[]
}

const shared = { tags: ['datasets'], security: [{ bearer: [] }] }

/** Adds the routes. */
export function datasetRoutes(server: HttpServer, options: DatasetRoutesOptions): void {
  const { datasets, freshness, serviceLevels } = options
  const scopeOf = (principal: Principal, role: string | undefined): AccessScope =>
    accessScope(datasets, principal, chooseRole(datasets, principal, role))

  server.get(
    '/v1/datasets',
    {
      schema: {
        ...shared,
        summary: 'Your datasets',
        querystring: roleQuery.extend({
          search: z.string().max(200).optional().describe('Part of a name, description or domain.'),
        }),
        response: { 200: datasetList, ...problems },
      },
    },
    async (request) => {
      const { role, search = '' } = request.query
      const scope = scopeOf(principalOf(request), role)
      const wanted = search.toLowerCase()
      const found = scope.datasets.filter(({ dataset: { name, description, domain } }) =>
        [name, description, domain].some((text) => text.toLowerCase().includes(wanted)),
      )
      return { datasets: found.map((access) => datasetSummary(access, scope.role)) }
    },
  )

  server.get(
    '/v1/datasets/:name',
    {
      schema: {
        ...shared,
        summary: 'One dataset: columns, masking, freshness, service levels',
        params: z.object({ name: z.string().max(200) }),
        querystring: roleQuery,
        response: { 200: datasetDetail, ...problems, 404: problemSchema },
      },
    },
    async (request) => {
      const scope = scopeOf(principalOf(request), request.query.role)
      const access = findDataset(scope, request.params.name)
      return {
        ...datasetSummary(access, scope.role),
        ...datasetColumns(access),
        freshness: await freshness.of(scope, access.dataset),
        serviceLevels: [...serviceLevels(access.dataset)],
      }
    },
  )

  server.get(
    '/v1/me',
    { schema: { ...shared, summary: 'Who you are here', response: { 200: meAnswer, ...problems } } },
    async (request) => {
      const principal = principalOf(request)
      const { subject, tenant, roles, attributes } = principal
      const scopes = roles.map((role) => accessScope(datasets, principal, role))
      return {
        subject,
        tenant,
        roles: [...roles],
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : [...value],
          ]),
        ),
        scopes: scopes.map(({ role, policyVersion, datasets: readable }) => ({
          role,
          policyVersion,
          datasets: readable.map(({ dataset }) => dataset.name),
        })),
      }
    },
  )

  server.get(
    '/v1/functions',
    {
      schema: {
        ...shared,
        summary: 'Functions that a query may use',
        response: { 200: functionList, ...problems },
      },
    },
    async () => ({
      scalar: Object.fromEntries(
        Object.entries(SCALAR_FUNCTIONS).map(([group, names]) => [group, [...names]]),
      ),
      aggregate: [...AGGREGATE_FUNCTIONS],
      window: [...WINDOW_FUNCTIONS],
    }),
  )
}
