/** One look at the whole pipeline. Parts are asked side by side; one that does not answer is a fault among the answers and hides nothing of the others. */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import {
  type PipelineHealth,
  type WorkerLanes,
  workerLanesSchema,
} from '#contracts/events/pipeline-health.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { healthFault } from '../capture/capture-status.ts'
import { createReconciler } from '../capture/reconcile.ts'
import { readingGroups, workerGroup } from '../kafka/reading-groups.ts'
import { readClickHouseHealth } from './clickhouse-health.ts'
import { datasetHealth } from './dataset-health.ts'
import { readKafkaLag } from './kafka-lag.ts'

type Fault = PipelineHealth['faults'][number]

/** A part that is away is not waited for: the look comes again. */
const CONNECT_MILLIS = 4000
const WORKER_MILLIS = 2000

/** Looks. Never rejects but for settings that are not there. @throws MogoError MOGO_NOT_RUNNING, MOGO_SECRET_MISSING */
export async function readHealth(
  settings: Settings,
  datasets: readonly CompiledDataset[],
): Promise<PipelineHealth> {
  const { kafka: kafkaConfig, clickhouse: clickhouseConfig } = settings.project.config
  const { topicPrefix } = kafkaConfig
  const faults: Fault[] = []
  const orNull = async <T>(part: Fault['part'], work: Promise<T>): Promise<T | null> => {
    try {
      return await work
    } catch (error) {
      faults.push({ part, ...healthFault(error) })
      return null
    }
  }
  const reconciler = createReconciler({ settings, datasets, connectMillis: CONNECT_MILLIS })
  const groups = readingGroups(datasets, topicPrefix, workerGroup(topicPrefix))
  const databases = {
    datasets: clickhouseConfig.database,
    governance: clickhouseConfig.governanceDatabase,
  }
  const kafkaConnection = settings.kafka('admin')
  const clickhouseConnection = settings.clickhouse('worker')
  const [capture, kafka, clickhouse, worker] = await Promise.all([
    orNull('capture', reconciler.status()),
    orNull('kafka', readKafkaLag(kafkaConnection, groups, topicPrefix)),
    orNull('clickhouse', readClickHouseHealth(clickhouseConnection, databases, datasets)),
    askWorker(settings.endpoints.worker?.port),
  ])
  const now = Date.now()
  const names = datasets.map(({ name }) => name)
  return {
    at: new Date(now).toISOString(),
    capture,
    workers: kafka?.workers ?? null,
    workerAnswers: worker !== null,
    datasets: [...datasetHealth({ datasets: names, capture, kafka, clickhouse, worker, now })],
    alerts: clickhouse ? [...clickhouse.alerts] : null,
    faults,
  }
}

/** What the worker of this machine says; null if there is none, or it does not answer: who reads the topics, Kafka knows better. */
async function askWorker(port: number | undefined): Promise<WorkerLanes | null> {
  if (port === undefined) return null
  try {
    const response = await fetch(`http://127.0.0.1:${port}/pipeline`, {
      signal: AbortSignal.timeout(WORKER_MILLIS),
    })
    return workerLanesSchema.parse(await response.json())
  } catch {
    return null
  }
}
