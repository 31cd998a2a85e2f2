/** The real worker in the process that calls it, with the limits that a project has by default. */
import { pino } from 'pino'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { projectConfigSchema } from '#ops/runtime/config-model.ts'
import { buildWorker } from '../worker/build-worker.ts'
import { createPipelineStats } from '../worker/pipeline-stats.ts'
import type { RunningMover, RunOptions } from './run-options.ts'

/** Starts it; `first` is called when it has got its first record. */
export async function runWorker(
  options: RunOptions,
  dataset: CompiledDataset,
  first: () => void,
): Promise<RunningMover> {
  const stats = createPipelineStats('bench')
  const { flushRows, flushBytes, flushMillis } = projectConfigSchema.parse({}).worker
  const worker = buildWorker({
    datasets: [dataset],
    kafka: options.kafka,
    clickhouse: options.clickhouse,
    database: options.database,
    governanceDatabase: options.database,
    topicPrefix: options.topicPrefix,
    groupId: options.groupId,
    sourceDatabase: 'bench',
    keyRingSecret: options.secret,
    unavailableValue: options.secret,
    limits: { rows: flushRows, bytes: flushBytes },
    flushMillis,
    logger: pino({ level: 'silent' }),
    stats: {
      ...stats,
      behind(...args) {
        first()
        stats.behind(...args)
      },
    },
  })
  worker.failed.catch(() => process.exit(1))
  await worker.start()
  return { stop: () => worker.stop() }
}
