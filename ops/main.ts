/** Entry of the operations process: jobs by the clock, and a port for health and metrics. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PipelineHealth } from '#contracts/events/pipeline-health.ts'
import { createAlertBook } from './alerts/alert-book.ts'
import { alertRulesFile, loadAlertRules } from './alerts/alert-rules.ts'
import { createWriteAlerts } from './alerts/write-alerts.ts'
import { openClickHouse } from './cli/clickhouse-session.ts'
import { captureCheck } from './jobs/capture-check.ts'
import { diskWatch } from './jobs/disk-watch.ts'
import { healthCheck } from './jobs/health-check.ts'
import { logRotation } from './jobs/log-rotation.ts'
import { createObservations } from './jobs/observations.ts'
import { createRunNode } from './jobs/run-node.ts'
import { createScheduler } from './jobs/scheduler.ts'
import { closeHttpServer, createHttpServer } from './runtime/http-server.ts'
import { runProcess } from './runtime/process.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EVERY_MINUTE = '0 * * * * *'
const MOST_LOG = 64 * 1024 * 1024

await runProcess('ops', process.env, async ({ project, settings, logger, telemetry }) => {
  const { config, stateDir } = project
  const observations = createObservations()
  const run = createRunNode({
    environment: { ...process.env, MOGO_PROJECT: project.dir },
    cwd: ROOT,
    timeoutMillis: 120_000,
  })
  const { governanceDatabase } = config.clickhouse
  const session = openClickHouse(settings.clickhouse('ops'), governanceDatabase)
  let last: PipelineHealth | null = null
  let freeBytes: number | undefined
  const scheduler = createScheduler(
    [
      healthCheck({
        cron: config.operations.captureCheckCron,
        capture: captureCheck({ run, logger, now: () => performance.now(), onState: observations.capture }),
        book: createAlertBook(loadAlertRules(alertRulesFile(project))),
        write: createWriteAlerts(session, governanceDatabase, logger),
        others: () =>
          freeBytes === undefined ? [] : [{ metric: 'disk.free', subject: '', value: freeBytes }],
        onHealth(health, samples, firing) {
          last = health
          observations.health(samples)
          observations.firing(firing)
        },
        ...{ run, logger, now: Date.now },
      }),
      diskWatch({
        cron: EVERY_MINUTE,
        dir: stateDir,
        logger,
        onFree(bytes) {
          freeBytes = bytes
          observations.freeBytes(bytes)
        },
      }),
      logRotation({
        cron: EVERY_MINUTE,
        dir: join(stateDir, 'logs'),
        maxBytes: MOST_LOG,
        logger,
        onSize: observations.logBytes,
      }),
    ],
    logger,
  )
  const server = createHttpServer({ logger, telemetry, name: 'ops', checks: {} })
  // For `mogo status`, which must not wait; null before the first look.
  server.get('/pipeline', { schema: { hide: true } as object }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ health: last }),
  )
  await server.listen({
    host: '127.0.0.1',
    port: settings.endpoints.operations?.port ?? config.operations.port ?? 0,
  })
  await scheduler.start()
  return {
    async stop() {
      await scheduler.stop()
      await closeHttpServer(server, 1000)
      await session.close()
    },
  }
})
