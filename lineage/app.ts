/** The lineage service's HTTP application, without what it listens on: everything it needs is given. */
import { fastifySwagger } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { createHttpServer, type HttpServer } from '#ops/runtime/http-server.ts'
import type { AppOptions } from './app-options.ts'
import { addRoutes } from './routes.ts'

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
