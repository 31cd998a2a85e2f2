/**
 * The query API as a fastify application: routes, login, OpenAPI, headers. Everything it talks to comes in as an argument, so
 * that it can be built without servers.
 *
 * Public: health, readiness, metrics, /openapi.json and /docs. All of /v1 needs a token, which is checked before a body is read.
 */
import compress from '@fastify/compress'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { BearerAuth } from '#ops/runtime/bearer-auth.ts'
import { type FairUseConfig, USUAL_LIMITS } from '#ops/runtime/config-model.ts'
import { createHttpServer, type HttpServer } from '#ops/runtime/http-server.ts'
import type { TlsFiles } from '#ops/runtime/listener.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { AccessKeys } from './access/access-keys.ts'
import { withAccessKeys } from './access/caller-auth.ts'
import { type ExposureWatch, unexposedSession } from './access/exposure-watch.ts'
import { createScopeSession } from './access/scope-session.ts'
import { createMemoryResultStore } from './cache/memory-result-store.ts'
import { createResultCache } from './cache/result-cache.ts'
import { createTableLooks } from './cache/table-looks.ts'
import { createDataVersion } from './datasets/data-version.ts'
import { createFreshness } from './datasets/freshness.ts'
import { keepDataVersions } from './datasets/kept-data-version.ts'
import type { ServiceLevel } from './datasets/service-levels.ts'
import { createFairUse } from './fair-use/fair-use.ts'
import { createLoadWatch, type LoadWatch } from './fair-use/load-watch.ts'
import { COMPRESSION } from './formats/compression.ts'
import { completeDocument } from './openapi/complete-document.ts'
import type { AccessRecorder, EngineIdentity, QueryEngine, ScopeStore } from './ports.ts'
import { createQueryBook } from './queries/query-book.ts'
import { createQueryService } from './query-service.ts'
import { loginHook } from './routes/access-hook.ts'
import { crossOrigin } from './routes/cross-origin.ts'
import { datasetRoutes } from './routes/dataset-routes.ts'
import { fairUseHook } from './routes/fair-use-hook.ts'
import { keyRoutes } from './routes/key-routes.ts'
import { LINEAGE_PATHS } from './routes/lineage-paths.ts'
import { problemPages } from './routes/problem-pages.ts'
import { QUARANTINE_PATHS } from './routes/quarantine-paths.ts'
import { queriesRoutes } from './routes/queries-routes.ts'
import { queryRoutes } from './routes/query-routes.ts'
import { responseHeaders, traceHeaders } from './routes/response-headers.ts'
import { ROWS_PATHS } from './routes/rows-paths.ts'
import { rowsRoutes } from './routes/rows-routes.ts'
import { passOn } from './routes/service-proxy.ts'
import { rowsKeys } from './rows/rows-keys.ts'
import { createRowsService } from './rows/rows-service.ts'

/** What the application is made of. */
export type AppDependencies = {
  readonly logger: Logger
  readonly telemetry: { prometheusText(): Promise<string> }
  readonly auth: BearerAuth
  /** API keys, and the roles that may work on them; without them none are taken. */
  readonly accessKeys?: { readonly keys: AccessKeys; readonly roles: readonly string[] }
  readonly datasets: readonly CompiledDataset[]
  readonly serviceLevels: (dataset: CompiledDataset) => readonly ServiceLevel[]
  /** ClickHouse database of the datasets. */
  readonly database: string
  readonly engine: QueryEngine
  readonly scopes: ScopeStore
  /** Whether callers could reach in the engine what they should not. */
  readonly exposure: Pick<ExposureWatch, 'assertNothingExposed'>
  readonly recorder: AccessRecorder
  /** Address of the lineage service. */
  readonly lineageUrl: string | undefined
  /** Address of the worker, which answers for quarantined records. */
  readonly workerUrl: string | undefined
  /** Most rows in an answer. */
  readonly maxResultRows: number
  /** Secret that keys of cursors and entity tags are derived from: the one of access scopes. */
  readonly secret: string
  /** Longest time for finding out whether data has changed, milliseconds; beyond it, and with 0, an answer has no entity tag. */
  readonly versionMillis?: number
  /** How long a reader may take nothing of an answer that streams, milliseconds. */
  readonly stallMillis?: number | undefined
  /** Keeps answers; without it each query runs. */
  readonly cache?: CacheSettings | undefined
  /** Limits of fair use; without them the usual ones. */
  readonly limits?: FairUseConfig
  /** Says how late the process is; without it that is measured. */
  readonly load?: Pick<LoadWatch, 'delay'>
  /** Origins whose pages may call; default none. */
  readonly corsOrigins?: readonly string[]
  /** Serve by TLS; browsers are then told to come by it alone. */
  readonly tls?: TlsFiles | undefined
  /** Milliseconds for a request to arrive; default 30,000. */
  readonly arrivalMillis?: number
  readonly now: () => number
}

/** How answers are kept. */
export type CacheSettings = {
  /** May read which parts a table has, and tenants of their rows. */
  readonly identity: EngineIdentity
  readonly megabytes: number
  /** Longest time that a look at the tables counts, milliseconds. */
  readonly lookMillis: number
  /** Longest time that an outdated answer is given to who asks for it, seconds. */
  readonly maxStaleSeconds: number
}

/** Largest request body: the SQL (100 kB) and its parameters. */
const LARGEST_BODY = 2 * 1024 * 1024
/** See `versionMillis`. */
const VERSION_MILLIS = 250

/** Builds the application; `listen` is the caller's. */
export async function buildApp(deps: AppDependencies): Promise<HttpServer> {
  const { logger, telemetry, auth, datasets, database, engine, scopes, recorder, maxResultRows, now } = deps
  const server = createHttpServer({
    logger,
    telemetry,
    name: 'query-api',
    bodyLimit: LARGEST_BODY,
    tls: deps.tls,
    ...(deps.arrivalMillis !== undefined && { arrivalMillis: deps.arrivalMillis }),
    checks: {
      clickhouse: () => engine.check(),
      kafka: () => recorder.check(),
      identity: () => auth.check(),
      exposure: () => deps.exposure.assertNothingExposed(),
    },
  })
  responseHeaders(server, deps.tls !== undefined)
  crossOrigin(server, deps.corsOrigins ?? [])
  await server.register(compress, COMPRESSION)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      paths: structuredClone({ ...ROWS_PATHS, ...LINEAGE_PATHS, ...QUARANTINE_PATHS }) as Record<
        string,
        Record<never, never>
      >,
      info: {
        title: 'Mogothrow77 query API',
        version: '1',
        description:
          'Governed analytics over SQL: every caller sees the rows and columns that the data contracts give them. Faults are problems (RFC 9457) with a stable code and a remedy.',
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT or API key',
            description:
              'An access token of an identity provider, with the audience of this API; or an API key of a service account, which begins with mogo_.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (built) => completeDocument('openapiObject' in built ? built.openapiObject : {}),
  })
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, logLevel: 'silent' })
  server.get('/openapi.json', { schema: { hide: true } as object }, async () => server.swagger())
  problemPages(server)

  await server.register(async (scope) => {
    const inner = scope as unknown as HttpServer
    inner.addHook('onRequest', traceHeaders)
    const { accessKeys } = deps
    const load = createLoadWatch()
    const limits = deps.limits ?? USUAL_LIMITS
    const fairUse = createFairUse({ limits, recorder, load: deps.load ?? load, now })
    inner.addHook('onRequest', fairUseHook(fairUse, loginHook(withAccessKeys(auth, accessKeys?.keys))))
    inner.addHook('onClose', async () => {
      load.close()
      await fairUse.close()
    })
    if (accessKeys) keyRoutes(inner, { ...accessKeys, now })
    const session = unexposedSession(createScopeSession(scopes, database), deps.exposure)
    const freshness = createFreshness(engine, session, database, now)
    datasetRoutes(inner, { datasets, freshness, serviceLevels: deps.serviceLevels })
    const kept = keptOf(deps)
    const service = createQueryService({
      ...{ datasets, database, engine, scopes, session, recorder, logger, maxResultRows, now },
      stallMillis: deps.stallMillis,
      ...{ cache: kept?.results, fairUse },
    })
    const book = createQueryBook({ now })
    queryRoutes(inner, { service, book, engine, database })
    queriesRoutes(inner, { book, datasets })
    const patienceMillis = deps.versionMillis ?? VERSION_MILLIS
    const read = createDataVersion({ engine, session, database, now, patienceMillis })
    const versions = kept ? keepDataVersions(read, kept.looks) : read
    const keys = rowsKeys(deps.secret)
    rowsRoutes(inner, createRowsService({ service, versions, keys, database, maxResultRows }))
    await passOn(inner, {
      ...{ prefix: '/v1/lineage', methods: ['GET'], what: 'The lineage service' },
      ...{ url: deps.lineageUrl, timeoutMillis: 10_000 },
    })
    await passOn(inner, {
      ...{ prefix: '/v1/quarantine', methods: ['GET', 'POST'], what: 'The worker' },
      // A replay waits up to a minute for what becomes of its records.
      ...{ url: deps.workerUrl, timeoutMillis: 90_000 },
    })
  })
  return server
}

/** What is kept, in the memory of this process; nothing without a cache. */
function keptOf({ cache, engine, database, datasets, now }: AppDependencies) {
  if (!cache || cache.megabytes === 0) return undefined
  const looks = createTableLooks({
    ...{ engine, identity: cache.identity, database, datasets },
    ...{ clock: () => performance.now(), mostMillis: cache.lookMillis },
  })
  const store = createMemoryResultStore(cache.megabytes * 1024 * 1024)
  return { looks, results: createResultCache({ store, looks, mostStale: cache.maxStaleSeconds, now }) }
}
