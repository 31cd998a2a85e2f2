/** The lineage service's HTTP application, without what it listens on: everything it needs is given. */
import { fastifySwagger } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '#ops/runtime/http-server.ts'
import type { SystemAddresses } from './openlineage.ts'
import type { LineageStore } from './ports.ts'
import { addRoutes } from './routes.ts'

/** What the application is made of. */
export type AppOptions = Pick<HttpServerOptions, 'logger' | 'telemetry' | 'checks'> & {
  readonly store: LineageStore
  readonly datasets: readonly CompiledDataset[]
  /** ClickHouse database of the datasets. */
  readonly database: string
  readonly project: string
  readonly addresses: SystemAddresses
  /** Verifies an Authorization header. */
  readonly verify: (authorization: string | undefined) => Promise<Principal>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Builds the application; it does not listen yet. */
export async function buildApp(options: AppOptions): Promise<HttpServer> {
  const server = createHttpServer({ ...options, name: 'lineage' })
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Mogothrow77 lineage', version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  addRoutes(server, options)
  server.get('/v1/lineage/openapi.json', { schema: { hide: true } as object }, async () => server.swagger())
  return server
}
