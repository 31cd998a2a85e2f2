/** The pipeline worker as a process. `MOGO_PROJECT` is the project's folder; health and metrics are on the worker's port. */
import { loadContracts } from '#contracts/load-contracts.ts'
import { closeHttpServer, createHttpServer } from '#ops/runtime/http-server.ts'
import { runProcess } from '#ops/runtime/process.ts'
import { buildWorker } from './build-worker.ts'
import { UNAVAILABLE_SECRET } from './capture/capture-settings.ts'

await runProcess('worker', process.env, async ({ project, settings, logger, telemetry }) => {
  const { config } = project
  const worker = buildWorker({
    datasets: loadContracts(project.contractsDir),
    kafka: settings.kafka('worker'),
    clickhouse: settings.clickhouse('worker'),
    database: config.clickhouse.database,
    governanceDatabase: config.clickhouse.governanceDatabase,
    topicPrefix: config.kafka.topicPrefix,
    groupId: `mogo-worker-${config.kafka.topicPrefix}`,
    sourceDatabase: settings.postgres('capture').database,
    keyRingSecret: settings.secret('keyring.master'),
    unavailableValue: settings.secret(UNAVAILABLE_SECRET),
    limits: { rows: config.worker.flushRows, bytes: config.worker.flushBytes },
    flushMillis: config.worker.flushMillis,
    logger,
  })
  const server = createHttpServer({ name: 'worker', logger, telemetry, checks: worker.checks })
  const port = settings.endpoints.worker?.port ?? config.worker.metricsPort ?? 0
  await server.listen({ host: '127.0.0.1', port })

  // Health answers while the worker still waits for its dependencies; a fault for good ends the process.
  const failed = Promise.withResolvers<never>()
  worker.start().catch(failed.reject)
  worker.failed.catch(failed.reject)
  return {
    failed: failed.promise,
    async stop() {
      await worker.stop()
      await closeHttpServer(server, 1000)
    },
  }
})
