/** Entry of the operations process: jobs by the clock, and a port for health and metrics. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { captureCheck } from './jobs/capture-check.ts'
import { diskWatch } from './jobs/disk-watch.ts'
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
  const scheduler = createScheduler(
    [
      captureCheck({
        cron: config.operations.captureCheckCron,
        run,
        logger,
        now: () => performance.now(),
        onState: observations.capture,
      }),
      diskWatch({ cron: EVERY_MINUTE, dir: stateDir, logger, onFree: observations.freeBytes }),
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
  await server.listen({
    host: '127.0.0.1',
    port: settings.endpoints.operations?.port ?? config.operations.port ?? 0,
  })
  await scheduler.start()
  return {
    async stop() {
      await scheduler.stop()
      await closeHttpServer(server, 1000)
    },
  }
})
