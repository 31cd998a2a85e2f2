/** Settings -> a worker with its adapters, its clocks and its endings. Used by main.ts and by the benchmark. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { GOVERNANCE_TABLES, governanceTopic, quarantineTopic, rawTopic } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { ClickHouseConnection, KafkaConnection } from '#ops/runtime/settings.ts'
import { createColumnWatch } from '#transforms/column-watch.ts'
import { createTransform, type TransformDeps } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createClickHouseSink } from '../clickhouse/clickhouse-sink.ts'
import { STATS_COLUMNS } from '../clickhouse/governance-statements.ts'
import { createSchemaChanges } from '../clickhouse/schema-changes.ts'
import { createKafkaPublisher } from '../kafka/kafka-publisher.ts'
import { createKafkaSource } from '../kafka/kafka-source.ts'
import { readingGroups } from '../kafka/reading-groups.ts'
import { createBreakerWatch } from '../quarantine/breaker-watch.ts'
import { createClickHouseQuarantineStore } from '../quarantine/clickhouse-quarantine-store.ts'
import { createQuarantine } from '../quarantine/quarantine.ts'
import {
  type BreakerLimits,
  createQuarantineBreaker,
  type QuarantineBreaker,
} from '../quarantine/quarantine-breaker.ts'
import { createReplayTransform } from '../quarantine/replayed-record.ts'
import type { BatchLimits } from './batcher.ts'
import { BufferRoom } from './buffer-room.ts'
import { contractEvent } from './contract-events.ts'
import { createEpochTransform } from './epoch-transform.ts'
import { createRowMaker } from './make-rows.ts'
import { createPatience } from './patience.ts'
import { createPipelineStats, type PipelineStats } from './pipeline-stats.ts'
import { createTokenThread } from './token-thread.ts'
import { createWorker, type Worker, type WorkerDataset } from './worker.ts'

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
  /** When a table is paused; never if it is not given. */
  readonly breaker?: BreakerLimits
  readonly logger: Logger
  /** Set for a worker that reads a table again beside the usual one: its claims and tokens are others. */
  readonly replayId?: string
  /** It loads into a table beside the live one: what becomes of records there settles nothing, and counts for nothing. */
  readonly isAside?: boolean
  /** Other counters than the usual ones: for measuring. */
  readonly stats?: PipelineStats
}

/** A worker with its parts. */
export type BuiltWorker = {
  start(): Promise<void>
  stop(): Promise<void>
  readonly failed: Promise<never>
  readonly checks: Readonly<Record<'clickhouse' | 'kafka' | 'lanes' | 'quarantine', () => Promise<void>>>
  readonly stats: PipelineStats
  readonly breaker: QuarantineBreaker
  /** See {@link Worker}. */
  readonly waiting: Worker['waiting']
}

const STATS_WINDOW_MILLIS = 1000
const BREAKER_LOOK_MILLIS = 1000
/** A share of 1 never trips. */
const NO_BREAKER: BreakerLimits = { share: 1, records: 1 }

/** Builds; nothing is connected before `start`. */
export function buildWorker(options: WorkerOptions): BuiltWorker {
  const { datasets, logger, topicPrefix } = options
  const ring = createKeyRing(options.keyRingSecret)
  const tokens = createTokenThread()
  const sink = createClickHouseSink({ connection: options.clickhouse, ...options })
  const publisher = createKafkaPublisher(options.kafka, logger)
  const name = `${hostname()}:${process.pid}`
  const stats = options.stats ?? createPipelineStats(name)
  const store = createClickHouseQuarantineStore(options.clickhouse, options.governanceDatabase)
  const breaker = createQuarantineBreaker(options.breaker ?? NO_BREAKER)
  const watch = createBreakerWatch({ breaker, book: store, worker: name, logger })
  const patience = {
    clickhouse: createPatience('clickhouse', logger),
    kafka: createPatience('kafka', logger),
  }
  const stopping = new AbortController()
  const schemaChanged = createSchemaChanges({
    ...{ sink, logger, worker: name, now: Date.now, signal: stopping.signal },
    // Its own patience: what is noted says nothing about the tables.
    patience: createPatience('clickhouse', logger),
  })
  const sources = readingGroups(datasets, topicPrefix, options.groupId).map(
    ({ groupId, datasets: share }) => ({
      source: createKafkaSource({
        connection: options.kafka,
        groupId,
        topics: share.map(({ source }) => rawTopic(topicPrefix, source)),
        logger,
      }),
      datasets: share.map((dataset): WorkerDataset => {
        const columnWatch = createColumnWatch(dataset, (change) => schemaChanged(dataset, change))
        const deps = { keyRing: ring, unavailableValue: options.unavailableValue }
        const watched = { ...deps, columnWatch }
        const transformWith = (parts: Omit<TransformDeps, 'epoch'>) => {
          const make = (epoch: number) => createTransform(dataset, { ...parts, epoch })
          return createReplayTransform(createEpochTransform(make), { dataset, ring })
        }
        const maker = createRowMaker(dataset, transformWith(watched), watched)
        return { dataset, maker: { ...maker, tokens, reread: transformWith(deps) }, learn: columnWatch.learn }
      }),
    }),
  )
  const quarantine = createQuarantine({
    ring,
    sink,
    send: (messages) => publisher.send(quarantineTopic(topicPrefix), messages),
    markReplayed: async (places) => {
      if (!options.isAside) await store.change(places, { kind: 'replayed' })
    },
    now: Date.now,
  })
  const worker = createWorker({
    ...{ sources, sink, quarantine, stats, breaker, patience, topicPrefix, logger },
    limits: { ...options.limits, room: new BufferRoom(options.limits.bytes) },
    flushMillis: options.flushMillis,
    now: Date.now,
  })

  // Not of the time: a clock that is set back says the same twice, and a second window would be dropped.
  const run = randomUUID()
  let windowsClosed = 0
  let writing: Promise<void> | null = null
  let clock: NodeJS.Timeout | undefined
  let looks: NodeJS.Timeout | undefined

  /** While one window is being written the next stays open and grows: an outage costs precision, not memory. */
  function writeStats(): void {
    if (writing || options.isAside) return
    const now = Date.now()
    const lines = stats.closeWindow(now)
    if (lines === '') return
    const token = `stats:${run}:${windowsClosed++}`
    const write = () =>
      sink.insertGovernance(GOVERNANCE_TABLES.pipelineStats, STATS_COLUMNS, Buffer.from(lines), token)
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
    failed: tokens ? Promise.race([worker.failed, tokens.failed]) : worker.failed,
    waiting: worker.waiting,
    breaker,
    checks: {
      clickhouse: () => sink.check(),
      kafka: async () => {
        for (const { source } of sources) await source.check()
      },
      lanes: () => worker.check(),
      async quarantine() {
        const paused = breaker.paused().map(({ dataset }) => dataset)
        if (paused.length > 0) throw new MogoError('MOGO_QUARANTINE_FLOOD', { datasets: paused.join(', ') })
      },
    },
    async start() {
      clock = setInterval(writeStats, STATS_WINDOW_MILLIS)
      // A replay beside the usual worker says nothing of the contracts, and lets no paused table go on.
      if (options.replayId !== undefined) return worker.start()
      announce().catch((error) => {
        if (!stopping.signal.aborted)
          logger.error({ err: error }, 'the lineage of the contracts was not announced')
      })
      await worker.start()
      await patience.clickhouse(
        () => watch.restarted(datasets.map((dataset) => dataset.name)),
        stopping.signal,
      )
      if (!stopping.signal.aborted) looks = setInterval(() => void watch.look(), BREAKER_LOOK_MILLIS)
    },
    async stop() {
      clearInterval(clock)
      clearInterval(looks)
      await worker.stop()
      await tokens?.close()
      await writing
      writeStats()
      await writing
      stopping.abort()
      await publisher.stop()
      await sink.close()
      await store.close()
    },
  }
}
