/** What a project's settings say of a worker, whichever datasets it loads: the usual one, and the one that reads tables again. */
import type { Settings } from '#ops/runtime/settings.ts'
import { UNAVAILABLE_SECRET } from '../capture/capture-settings.ts'
import type { WorkerOptions } from './build-worker.ts'

/** The options that follow from settings. @throws MogoError MOGO_SECRET_MISSING, MOGO_NOT_RUNNING */
export function workerSettings(
  settings: Settings,
): Omit<WorkerOptions, 'datasets' | 'groupId' | 'replayId' | 'breaker' | 'stats' | 'logger'> {
  const { config } = settings.project
  return {
    kafka: settings.kafka('worker'),
    clickhouse: settings.clickhouse('worker'),
    database: config.clickhouse.database,
    governanceDatabase: config.clickhouse.governanceDatabase,
    topicPrefix: config.kafka.topicPrefix,
    sourceDatabase: settings.postgres('capture').database,
    keyRingSecret: settings.secret('keyring.master'),
    unavailableValue: settings.secret(UNAVAILABLE_SECRET),
    limits: { rows: config.worker.flushRows, bytes: config.worker.flushBytes },
    flushMillis: config.worker.flushMillis,
  }
}
