/** One measured run of the real worker, or of the naive floor, in the process that calls it. */
import { pino } from 'pino'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { ClickHouseConnection, KafkaConnection } from '#ops/runtime/settings.ts'
import { buildWorker } from '../build-worker.ts'
import { createPipelineStats } from '../pipeline-stats.ts'

/** What a run needs; passed to its process as JSON. */
export type RunOptions = {
  readonly kind: 'worker' | 'naive'
  readonly kafka: KafkaConnection
  readonly clickhouse: ClickHouseConnection
  readonly database: string
  readonly topicPrefix: string
  readonly topic: string
  readonly groupId: string
  readonly rows: number
  readonly secret: string
}

/** What came out. */
export type RunResult = {
  /** First record to last commit. */
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb: number
}

/** Moves everything through the worker; seconds from the first record to the last commit. */
export async function runWorker(options: RunOptions, dataset: CompiledDataset): Promise<number> {
  const stats = createPipelineStats('bench')
  const done = Promise.withResolvers<number>()
  let started = 0
  let moved = 0
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
    limits: { rows: 50_000, bytes: 32 * 1024 * 1024 },
    flushMillis: 80,
    logger: pino({ level: 'silent' }),
    stats: {
      ...stats,
      behind(...args) {
        started ||= performance.now()
        stats.behind(...args)
      },
      loaded(batch) {
        stats.loaded(batch)
        moved += batch.records
        if (moved >= options.rows) done.resolve(performance.now())
      },
    },
  })
  await worker.start()
  const ended = await Promise.race([done.promise, worker.failed])
  await worker.stop()
  return (ended - started) / 1000
}
