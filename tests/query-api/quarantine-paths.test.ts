/** The routes of quarantined records in the query API's OpenAPI document are those of the worker. */
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createHttpServer } from '#ops/runtime/http-server.ts'
import { quarantineRoutes } from '#pipelines/quarantine/quarantine-routes.ts'
import * as schemas from '#pipelines/quarantine/quarantine-schemas.ts'
import type { QuarantineService } from '#pipelines/quarantine/quarantine-service.ts'
import { QUARANTINE_PATHS } from '#query-api/routes/quarantine-paths.ts'

type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': { readonly schema: { properties: object; required: readonly string[] } }
    }
  }
}
type Path = keyof typeof QUARANTINE_PATHS
const operation = (path: Path): Operation => Object.values(QUARANTINE_PATHS[path])[0] as Operation
const parameters = (path: Path, place: string) =>
  (operation(path).parameters ?? []).filter((each) => each.in === place).map(({ name }) => name)

const PLACE = '/v1/quarantine/{topic}/{partition}/{offset}'

describe('the quarantine paths', () => {
  it('take the filters that the worker takes', () =>
    expect(parameters('/v1/quarantine', 'query').toSorted()).toEqual(
      Object.keys(schemas.listQuery.shape).toSorted(),
    ))

  it.each([PLACE, `${PLACE}/open`, `${PLACE}/replay`, `${PLACE}/drop`] as const)('%s names a place', (path) =>
    expect(parameters(path, 'path')).toEqual(Object.keys(schemas.placeParams.shape)),
  )

  it.each([
    [`${PLACE}/open`, schemas.openBody],
    [`${PLACE}/replay`, schemas.placeReplayBody],
    [`${PLACE}/drop`, schemas.placeDropBody],
    ['/v1/quarantine/replay', schemas.replayBody],
    ['/v1/quarantine/drop', schemas.dropBody],
    ['/v1/quarantine/resume', schemas.resumeBody],
  ] as const)('%s has the body that the worker takes', (path, body) => {
    const schema = operation(path).requestBody?.content['application/json'].schema
    expect(Object.keys(schema?.properties ?? {}).toSorted()).toEqual(Object.keys(body.shape).toSorted())
    const needed = Object.entries(body.shape).filter(([, part]) => !part.safeParse(undefined).success)
    expect(schema?.required).toEqual(needed.map(([name]) => name))
  })

  it('are all that the worker answers', () => {
    const server = createHttpServer({
      ...{ logger: pino({ level: 'silent' }), name: 'worker', checks: {} },
      telemetry: { prometheusText: async () => '' },
    })
    const routes: string[] = []
    server.addHook('onRoute', ({ method, url }) => {
      if (method !== 'HEAD')
        routes.push(`${String(method).toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    })
    quarantineRoutes(server, {
      service: {} as QuarantineService,
      ...{ datasets: [], roles: { operatorRoles: [], payloadRoles: [] } },
      verify: async () => ({ subject: '', tenant: '', roles: [], attributes: {} }),
    })
    const described = Object.entries(QUARANTINE_PATHS).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(routes.toSorted()).toEqual(described.toSorted())
  })
})
