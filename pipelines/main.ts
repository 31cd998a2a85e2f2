/**
 * The pipeline worker as a process. `MOGO_PROJECT` is the project's folder; health, metrics and the routes of quarantined records are on the
 * worker's port. The latter are here because this process has the key ring and the tables already, and nobody else needs them.
 */
import { hostname } from 'node:os'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { createProjectAuth } from '#ops/runtime/bearer-auth.ts'
import { closeHttpServer, createHttpServer } from '#ops/runtime/http-server.ts'
import { runProcess } from '#ops/runtime/process.ts'
import { healthRoutes } from './health/health-routes.ts'
import { workerGroup } from './kafka/reading-groups.ts'
import { buildQuarantine } from './quarantine/build-quarantine.ts'
import { quarantineRoutes } from './quarantine/quarantine-routes.ts'
import { type BuiltWorker, buildWorker } from './worker/build-worker.ts'
import { createPipelineStats } from './worker/pipeline-stats.ts'
import { createReplaceable } from './worker/replaceable.ts'
import { watchContracts } from './worker/watch-contracts.ts'
import { workerSettings } from './worker/worker-settings.ts'

await runProcess('worker', process.env, async ({ project, settings, logger, telemetry }) => {
  const { config } = project
  const first = loadContracts(project.contractsDir)
  const common = { ...workerSettings(settings), logger }
  const stats = createPipelineStats(`${hostname()}:${process.pid}`)
  const running = createReplaceable((datasets: readonly CompiledDataset[]) => {
    const worker = buildWorker({
      ...common,
      ...{ datasets, stats },
      groupId: workerGroup(config.kafka.topicPrefix),
      breaker: config.worker.quarantineBreaker,
    })
    const quarantine = buildQuarantine({ ...common, datasets, replay: settings.kafka('replay') })
    return {
      ...{ datasets, worker, quarantine },
      start: () => worker.start(),
      failed: worker.failed,
      async stop() {
        await worker.stop()
        await quarantine.stop()
      },
    }
  }, first)
  const watch = watchContracts({
    dir: project.contractsDir,
    current: first,
    load: loadContracts,
    async changed(datasets) {
      logger.info('the contracts have changed: going on with the new ones')
      await running.replace(datasets)
    },
    logger,
  })
  const auth = createProjectAuth(settings, logger)
  const server = createHttpServer({
    name: 'worker',
    logger,
    telemetry,
    checks: checksOf(() => running.current.worker.checks),
  })
  quarantineRoutes(server, {
    get service() {
      return running.current.quarantine.service
    },
    get datasets() {
      return running.current.datasets
    },
    roles: config.quarantine,
    verify: (authorization) => auth.verify(authorization),
  })
  healthRoutes(server, () => running.current.worker.waiting())
  const port = settings.endpoints.worker?.port ?? config.worker.metricsPort ?? 0
  await server.listen({ host: '127.0.0.1', port })

  // Health answers while the worker still waits for its dependencies; a fault for good ends the process.
  return {
    failed: running.failed,
    async stop() {
      await watch.stop()
      await running.stop()
      await closeHttpServer(server, 1000)
    },
  }
})

/** The checks of the worker that runs when they are asked. */
function checksOf(current: () => BuiltWorker['checks']): BuiltWorker['checks'] {
  return {
    clickhouse: () => current().clickhouse(),
    kafka: () => current().kafka(),
    lanes: () => current().lanes(),
    quarantine: () => current().quarantine(),
  }
}
