/** The application without servers: who holds the token `nora` is an analyst, and the engine is away. For what happens before and around it. */
import { Writable } from 'node:stream'
import { MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { createLogger } from '#ops/runtime/logger.ts'
import { type AppDependencies, buildApp } from '#query-api/app.ts'
import { shopDatasets } from './shop.ts'

/** Builds it. */
export async function bareApp(
  more: Partial<AppDependencies> = {},
): Promise<{ readonly app: HttpServer; readonly lines: string[] }> {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const away = async (): Promise<never> => {
    throw new MogoError('MOGO_UNAVAILABLE', { what: 'ClickHouse' })
  }
  const identity = { username: 'nobody', password: '' }
  const app = await buildApp({
    logger: createLogger('query-api', 'debug', sink),
    telemetry: { prometheusText: async () => '' },
    auth: {
      async verify(header) {
        if (header !== 'Bearer nora') throw new MogoError('MOGO_AUTH_MISSING')
        return { subject: 'nora', tenant: 'north', roles: ['analyst'], attributes: {} }
      },
      async check() {},
    },
    accessKeys: { keys: { list: async () => [] } as never, roles: ['keeper'] },
    datasets: shopDatasets(),
    serviceLevels: () => [],
    database: 'analytics',
    engine: { text: away, stream: away, check: async () => {}, close: () => {} },
    scopes: { ensure: async (scopes) => scopes.map(() => identity), forget: () => {}, gate: () => identity },
    exposure: { assertNothingExposed: async () => {} },
    recorder: { record: async () => {}, check: async () => {}, close: async () => {} },
    lineageUrl: undefined,
    workerUrl: undefined,
    maxResultRows: 10_000,
    secret: 'a secret of this test, long enough',
    now: Date.now,
    ...more,
  })
  return { app, lines }
}
