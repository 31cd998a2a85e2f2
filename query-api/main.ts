/** Entry of the query API: `MOGO_PROJECT=DIR node query-api/main.ts`. */
import { join, resolve } from 'node:path'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { scopeSettings } from '#contracts/compile/scope-settings.ts'
import { accessKeysTopic, governanceTopic } from '#contracts/events/topics.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createProjectAuth } from '#ops/runtime/bearer-auth.ts'
import { closeHttpServer } from '#ops/runtime/http-server.ts'
import { runProcess } from '#ops/runtime/process.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { createAccessKeys } from './access/access-keys.ts'
import { createClickHouseScopeStore } from './access/clickhouse-scope-store.ts'
import { makeVersionReader } from './access/clickhouse-version-reader.ts'
import { createExposureAudit } from './access/exposure-audit.ts'
import { createExposureWatch } from './access/exposure-watch.ts'
import { createKafkaAccessRecorder } from './access/kafka-access-recorder.ts'
import { openKafkaKeyTopic } from './access/kafka-key-topic.ts'
import { createSupervisorScopeStore } from './access/supervisor-scope-store.ts'
import { buildApp } from './app.ts'
import { loadServiceLevels } from './datasets/service-levels.ts'
import { createClickHouseEngine } from './engine/clickhouse-http.ts'
import type { EngineIdentity, QueryEngine, ScopeStore } from './ports.ts'

/** What passwords of access scopes, keys of cursors, and seals of API keys, are derived from. */
const SCOPE_SECRET = 'clickhouse.scopes'

await runProcess('query-api', process.env, async ({ project, settings, logger, telemetry }) => {
  const { config, contractsDir } = project
  const { url } = settings.clickhouse('gate')
  const datasets = loadContracts(contractsDir)
  const engine = createClickHouseEngine({ url })
  const recorder = createKafkaAccessRecorder({
    connection: settings.kafka('query-api'),
    topic: governanceTopic(config.kafka.topicPrefix),
    replicationFactor: config.kafka.replicationFactor,
    logger,
  })
  const auth = createProjectAuth(settings, logger)
  const keys = createAccessKeys({
    open: openKafkaKeyTopic({
      connection: settings.kafka('query-api'),
      topic: accessKeysTopic(config.kafka.topicPrefix),
      replicationFactor: config.kafka.replicationFactor,
      logger,
    }),
    secret: settings.secret(SCOPE_SECRET),
    mostDays: config.api.keyMaxDays,
    logger,
    now: Date.now,
  })
  const reader = await versionReader(settings, engine, datasets).catch((error: unknown) => {
    // Answers are as right without a cache.
    logger.warn(
      { err: error },
      'the identity that looks for changed rows cannot be made: answers are not kept',
    )
    return undefined
  })
  const { database } = config.clickhouse
  const scopes = await scopeStore(settings, engine)
  const { username: gate } = scopes.gate()
  const exposure = createExposureWatch({
    audit: createExposureAudit({ engine, identity: settings.clickhouse('audit'), database, datasets, gate }),
    logger,
    now: () => performance.now(),
  })
  const server = await buildApp({
    logger,
    telemetry,
    auth,
    accessKeys: { keys, roles: config.api.keyRoles },
    datasets,
    serviceLevels: loadServiceLevels(contractsDir),
    database,
    engine,
    scopes,
    exposure,
    recorder,
    lineageUrl: settings.endpoints.lineage?.url,
    workerUrl: settings.endpoints.worker && `http://127.0.0.1:${settings.endpoints.worker.port}`,
    maxResultRows: config.api.maxResultRows,
    limits: config.api.limits,
    cache: reader && { ...config.api.cache, identity: reader },
    corsOrigins: config.api.corsOrigins,
    tls: config.api.tls && {
      certFile: resolve(project.dir, config.api.tls.certFile),
      keyFile: resolve(project.dir, config.api.tls.keyFile),
    },
    secret: settings.secret(SCOPE_SECRET),
    now: Date.now,
  })
  // The first query waits for the first audit.
  exposure.start()
  const port = settings.endpoints.api?.port ?? config.api.port ?? 8080
  await server.listen({ host: config.api.host, port })
  // Connections are made before the first query needs them; readiness tells if one cannot be.
  void Promise.allSettled([recorder.check(), auth.check()])
  return {
    async stop() {
      await closeHttpServer(server, 8_000)
      await Promise.all([recorder.close(), keys.close()])
      exposure.stop()
      engine.close()
    },
  }
})

/** Scopes of an own ClickHouse server are kept by SQL, those of the embedded engine by the supervisor. */
async function scopeStore(settings: Settings, engine: QueryEngine): Promise<ScopeStore> {
  const { config, stateDir } = settings.project
  const secret = settings.secret(SCOPE_SECRET)
  if (config.clickhouse.url === undefined)
    return createSupervisorScopeStore({
      controlFile: join(stateDir, 'run', 'control.json'),
      secret,
      gate: settings.clickhouse('gate'),
    })
  const { url, ...admin } = settings.clickhouse('admin')
  return createClickHouseScopeStore({ engine, url, admin, secret, settings: scopeSettings(config.api) })
}

/** Who looks whether rows have changed: an identity of the embedded engine, or one that is made at an own server. */
async function versionReader(
  settings: Settings,
  engine: QueryEngine,
  datasets: readonly CompiledDataset[],
): Promise<EngineIdentity> {
  const { config } = settings.project
  if (config.clickhouse.url === undefined) return settings.clickhouse('versions')
  const { database } = config.clickhouse
  const admin = settings.clickhouse('admin')
  return makeVersionReader({ engine, admin, database, datasets, secret: settings.secret(SCOPE_SECRET) })
}
