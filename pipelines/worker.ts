/**
 * The worker: Kafka -> transform -> ClickHouse, one lane per partition.
 *
 *   source ──records──> lane: transform -> batch ──> load: resolve, quarantine, insert, commit
 *
 * A dataset whose table cannot be used, or a lane with a fault that nobody can wait out, stops alone and is told; the others
 * go on. Records of a stopped lane stay in Kafka, uncommitted.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import type { Outcome, RawRecord } from '#transforms/record.ts'
import type { BatchLimits } from './batcher.ts'
import { PartitionLane } from './lane.ts'
import type { Patience } from './patience.ts'
import type { PipelineStats } from './pipeline-stats.ts'
import type { AssignedLane, Lane, QuarantineSink, RecordSource, RowSink, SourceHandler } from './ports.ts'

/** What the worker is made of. */
export type WorkerDeps = {
  /** Each dataset with its transform; no two of one source share a topic. */
  readonly sources: readonly { readonly source: RecordSource; readonly datasets: readonly WorkerDataset[] }[]
  readonly sink: RowSink
  readonly quarantine: QuarantineSink
  readonly stats: PipelineStats
  readonly patience: { readonly clickhouse: Patience; readonly kafka: Patience }
  readonly topicPrefix: string
  readonly limits: BatchLimits
  readonly flushMillis: number
  readonly now: () => number
  readonly logger: Logger
}

/** A dataset and how its records become rows. */
export type WorkerDataset = {
  readonly dataset: CompiledDataset
  readonly transform: (record: RawRecord) => Outcome
}

/** A running worker. */
export type Worker = {
  /** Prepares tables and begins to read. Resolves when it reads; waits while dependencies are away. */
  start(): Promise<void>
  /** Loads and commits what is buffered, then lets go. */
  stop(): Promise<void>
  /** Rejects if a lane or dataset is stopped, or a dependency is away. */
  check(): Promise<void>
  readonly failed: Promise<never>
}

/** Longest time for the last loads at a stop: what is left comes again. */
const DRAIN_MILLIS = 6000

/** Makes a worker. */
export function createWorker(deps: WorkerDeps): Worker {
  const { sink, quarantine, stats, patience, logger } = deps
  const stopping = new AbortController()
  /** Lane or dataset -> code of the fault that stopped it. */
  const stopped = new Map<string, string>()
  const handlers: { lanes(): readonly PartitionLane[] }[] = []

  function noteStopped(what: string, error: unknown): void {
    stopped.set(what, isMogoError(error) ? error.code : 'MOGO_INTERNAL')
    logger.error(
      { stopped: what, err: error },
      'stopped: a fault that waiting does not mend; nothing is committed past it',
    )
  }

  async function prepare(datasets: readonly WorkerDataset[]): Promise<readonly WorkerDataset[]> {
    const usable: WorkerDataset[] = []
    for (const each of datasets) {
      try {
        await patience.clickhouse(() => sink.prepare(each.dataset), stopping.signal)
        usable.push(each)
      } catch (error) {
        if (stopping.signal.aborted) throw error
        noteStopped(each.dataset.name, error)
      }
    }
    return usable
  }

  function handlerFor(
    source: RecordSource,
    datasets: readonly WorkerDataset[],
  ): SourceHandler & { lanes(): readonly PartitionLane[] } {
    const byTopic = new Map(datasets.map((each) => [rawTopic(deps.topicPrefix, each.dataset.source), each]))
    let lanes = new Map<string, PartitionLane>()

    function makeLane(start: AssignedLane, { dataset, transform }: WorkerDataset): PartitionLane {
      const lane: Lane = { topic: start.topic, partition: start.partition }
      return new PartitionLane(start, {
        limits: deps.limits,
        flushMillis: deps.flushMillis,
        pause: () => source.pause(lane),
        resume: () => source.resume(lane),
        loaded: stats.loaded,
        stopped: (error) => noteStopped(laneKey(lane), error),
        load: {
          ...{ dataset, lane, sink, quarantine, patience, transform },
          commit: (position) => source.commit(lane, position),
          now: deps.now,
        },
      })
    }

    return {
      lanes: () => [...lanes.values()],
      async assigned(assigned) {
        const old = [...lanes.values()]
        lanes = new Map()
        await Promise.all(old.map((lane) => lane.abandon()))
        for (const start of assigned) {
          const each = byTopic.get(start.topic)
          if (!each) continue
          stopped.delete(laneKey(start))
          source.resume(start)
          lanes.set(laneKey(start), makeLane(start, each))
        }
        if (assigned.length > 0) logger.info({ lanes: [...lanes.keys()] }, 'lanes assigned')
      },
      async records(lane, records, next, behind) {
        const dataset = byTopic.get(lane.topic)?.dataset
        if (dataset) stats.behind(dataset.name, laneKey(lane), Number(behind))
        await lanes.get(laneKey(lane))?.add(records, next, behind)
      },
    }
  }

  return {
    failed: Promise.race(deps.sources.map(({ source }) => source.failed)),
    async start() {
      await patience.clickhouse(() => sink.prepareGovernance(), stopping.signal)
      for (const { source, datasets } of deps.sources) {
        const handler = handlerFor(source, await prepare(datasets))
        handlers.push(handler)
        await source.start(handler)
      }
    },
    async stop() {
      const lanes = handlers.flatMap((handler) => handler.lanes())
      const limit = AbortSignal.timeout(DRAIN_MILLIS)
      const expired = new Promise<void>((resolve) => limit.addEventListener('abort', () => resolve()))
      await Promise.race([Promise.all(lanes.map((lane) => lane.drain())), expired])
      stopping.abort()
      await Promise.race([Promise.all(lanes.map((lane) => lane.abandon())), expired])
      await Promise.all(deps.sources.map(({ source }) => source.stop()))
    },
    async check() {
      for (const code of stopped.values())
        throw new MogoError('MOGO_UNAVAILABLE', { what: `a lane (${code})` })
    },
  }
}

function laneKey({ topic, partition }: Lane): string {
  return `${topic}/${partition}`
}
