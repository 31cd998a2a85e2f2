/** Settings -> a worker with its adapters, its clocks and its endings. Used by main.ts and by the benchmark. */
import { hostname } from 'node:os'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { GOVERNANCE_TABLES, governanceTopic, quarantineTopic, rawTopic } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { ClickHouseConnection, KafkaConnection } from '#ops/runtime/settings.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import type { BatchLimits } from './batcher.ts'
import { createClickHouseSink } from './clickhouse-sink.ts'
import { contractEvent } from './contract-events.ts'
import { createEpochTransform } from './epoch-transform.ts'
import { STATS_COLUMNS } from './governance-statements.ts'
import { createKafkaPublisher } from './kafka-publisher.ts'
import { createKafkaSource } from './kafka-source.ts'
import { createPatience } from './patience.ts'
import { createPipelineStats, type PipelineStats } from './pipeline-stats.ts'
import { createQuarantine } from './quarantine.ts'
import { createWorker, type WorkerDataset } from './worker.ts'

/** Everything a worker is built from. */
export type WorkerOptions = {
  readonly datasets: readonly CompiledDataset[]
  readonly kafka: KafkaConnection
  readonly clickhouse: ClickHouseConnection
  readonly database: string
  readonly governanceDatabase: string
  readonly topicPrefix: string
  readonly groupId: string
  readonly sourceDatabase: string
  readonly keyRingSecret: string
  readonly unavailableValue: string
  readonly limits: BatchLimits
  readonly flushMillis: number
  readonly logger: Logger
  /** Other counters than the usual ones: for measuring. */
  readonly stats?: PipelineStats
}

/** A worker with its parts. */
export type BuiltWorker = {
  start(): Promise<void>
  stop(): Promise<void>
  readonly failed: Promise<never>
  readonly checks: Readonly<Record<'clickhouse' | 'kafka' | 'lanes', () => Promise<void>>>
  readonly stats: PipelineStats
}

const STATS_WINDOW_MILLIS = 1000

/** Builds; nothing is connected before `start`. */
export function buildWorker(options: WorkerOptions): BuiltWorker {
  const { datasets, logger, topicPrefix } = options
  const ring = createKeyRing(options.keyRingSecret)
  const sink = createClickHouseSink({ connection: options.clickhouse, ...options })
  const publisher = createKafkaPublisher(options.kafka, logger)
  const stats = options.stats ?? createPipelineStats(`${hostname()}:${process.pid}`)
  const patience = {
    clickhouse: createPatience('clickhouse', logger),
    kafka: createPatience('kafka', logger),
  }
  const sources = shares(datasets, topicPrefix).map((share, index) => ({
    source: createKafkaSource({
      connection: options.kafka,
      groupId: index === 0 ? options.groupId : `${options.groupId}-${index + 1}`,
      topics: share.map(({ source }) => rawTopic(topicPrefix, source)),
      logger,
    }),
    datasets: share.map((dataset): WorkerDataset => {
      const { unavailableValue } = options
      const make = (epoch: number) => createTransform(dataset, { keyRing: ring, unavailableValue, epoch })
      return { dataset, transform: createEpochTransform(make) }
    }),
  }))
  const quarantine = createQuarantine({
    ring,
    sink,
    send: (messages) => publisher.send(quarantineTopic(topicPrefix), messages),
    now: Date.now,
  })
  const worker = createWorker({
    ...{ sources, sink, quarantine, stats, patience, topicPrefix, logger },
    limits: options.limits,
    flushMillis: options.flushMillis,
    now: Date.now,
  })

  const stopping = new AbortController()
  let writing: Promise<void> | null = null
  let clock: NodeJS.Timeout | undefined

  /** While one window is being written the next stays open and grows: an outage costs precision, not memory. */
  function writeStats(): void {
    if (writing) return
    const now = Date.now()
    const lines = stats.closeWindow(now)
    if (lines === '') return
    const write = () =>
      sink.insertGovernance(
        GOVERNANCE_TABLES.pipelineStats,
        STATS_COLUMNS,
        Buffer.from(lines),
        `stats:${process.pid}:${now}`,
      )
    writing = patience
      .clickhouse(write, stopping.signal)
      .catch((error) => logger.warn({ err: error }, 'pipeline statistics were not kept'))
      .finally(() => {
        writing = null
      })
  }

  async function announce(): Promise<void> {
    const places = {
      sourceDatabase: options.sourceDatabase,
      topicPrefix,
      database: options.database,
    }
    const messages = datasets.map((dataset) => {
      const event = contractEvent(dataset, places, Date.now())
      return { key: event.id, value: JSON.stringify(event) }
    })
    // Its own patience: the topic may not be there yet, which says nothing about Kafka.
    const waiting = createPatience('the governance topic', logger)
    await waiting(() => publisher.send(governanceTopic(topicPrefix), messages), stopping.signal)
  }

  return {
    stats,
    failed: worker.failed,
    checks: {
      clickhouse: () => sink.check(),
      kafka: async () => {
        for (const { source } of sources) await source.check()
      },
      lanes: () => worker.check(),
    },
    async start() {
      clock = setInterval(writeStats, STATS_WINDOW_MILLIS)
      announce().catch((error) => {
        if (!stopping.signal.aborted)
          logger.error({ err: error }, 'the lineage of the contracts was not announced')
      })
      await worker.start()
    },
    async stop() {
      clearInterval(clock)
      await worker.stop()
      await writing
      writeStats()
      await writing
      stopping.abort()
      await publisher.stop()
      await sink.close()
    },
  }
}

/** Two versions of a dataset read the same topic, each in a group of its own, at its own pace. */
function shares(
  datasets: readonly CompiledDataset[],
  topicPrefix: string,
): readonly (readonly CompiledDataset[])[] {
  const made: CompiledDataset[][] = []
  const seen = new Map<string, number>()
  for (const dataset of datasets) {
    const topic = rawTopic(topicPrefix, dataset.source)
    const index = seen.get(topic) ?? 0
    seen.set(topic, index + 1)
    const share = made[index]
    if (share) share.push(dataset)
    else made.push([dataset])
  }
  return made
}
