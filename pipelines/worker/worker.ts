/**
 * The worker: Kafka -> transform -> ClickHouse, one lane per partition.
 *
 *   source ──records──> lane: transform -> batch ──> load: resolve, quarantine, insert, commit
 *
 * A dataset whose table cannot be used, or is gone (gone-tables.ts), or a lane with a fault that nobody can wait out, stops alone and is told; the others
 * go on. Records of a stopped lane stay in Kafka, uncommitted.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { WorkerLanes } from '#contracts/events/pipeline-health.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { type ColumnChange, changeWords } from '#transforms/column-watch.ts'
import { holdClaim } from '../clickhouse/claim-holder.ts'
import type { AssignedLane, Lane, QuarantineSink, RecordSource, RowSink, SourceHandler } from '../ports.ts'
import type { QuarantineBreaker } from '../quarantine/quarantine-breaker.ts'
import type { BatchLimits } from './batcher.ts'
import { createGoneTables } from './gone-tables.ts'
import { PartitionLane } from './lane.ts'
import type { RowMaker } from './make-rows.ts'
import type { Patience } from './patience.ts'
import type { PipelineStats } from './pipeline-stats.ts'

/** What the worker is made of. */
export type WorkerDeps = {
  /** Each dataset with its transform; no two of one source share a topic. */
  readonly sources: readonly { readonly source: RecordSource; readonly datasets: readonly WorkerDataset[] }[]
  readonly sink: RowSink
  readonly quarantine: QuarantineSink
  readonly stats: PipelineStats
  readonly breaker: QuarantineBreaker
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
  readonly maker: RowMaker
  /** Tells the transform since which version a column has values; see column-watch.ts. */
  readonly learn: (column: string, first: string | null) => void
}

/** A lane that waits until the contract of its dataset has moved. */
type HeldLane = { readonly dataset: string; readonly change: ColumnChange }

/** A running worker. */
export type Worker = {
  /** Prepares tables and begins to read. Resolves when it reads; waits while dependencies are away. */
  start(): Promise<void>
  /** Loads and commits what is buffered, then lets go. */
  stop(): Promise<void>
  /** Rejects if a lane or dataset is stopped, or a dependency is away. */
  check(): Promise<void>
  /** Lanes that do not flow, and datasets whose table cannot be used. */
  waiting(): WorkerLanes['lanes']
  readonly failed: Promise<never>
}

/** Takes what a source hands over. */
type LaneHandler = SourceHandler & {
  lanes(): readonly PartitionLane[]
  /** Resolves when the lanes of former assignments have ended. */
  left(): Promise<unknown>
  /** Looks anew whether the lanes of a dataset are to wait. */
  holdOrRelease(dataset: string): void
}

/** Longest time for the last loads at a stop: what is left comes again. */
const DRAIN_MILLIS = 6000

/** And then for those under way to end, so that what they have committed is counted. */
const LETTING_GO_MILLIS = 2000

/** Makes a worker. */
export function createWorker(deps: WorkerDeps): Worker {
  const { sink, quarantine, stats, patience, logger, breaker } = deps
  const stopping = new AbortController()
  /** Lane or dataset -> whose it is, and the code of the fault that stopped it. */
  const stopped = new Map<string, { readonly dataset: string; readonly code: string }>()
  /** Lanes that wait for their contract. */
  const held = new Map<string, HeldLane>()
  const handlers: Pick<LaneHandler, 'lanes' | 'left'>[] = []
  /** No lane begins any more. */
  let ending = false
  const gone = createGoneTables({ sink, patience, logger, signal: stopping.signal })

  function noteStopped(what: string, dataset: string, error: unknown): void {
    stopped.set(what, { dataset, code: isMogoError(error) ? error.code : 'MOGO_INTERNAL' })
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
        if (gone.note(each.dataset, error)) usable.push(each)
        else noteStopped(each.dataset.name, each.dataset.name, error)
      }
    }
    return usable
  }

  function handlerFor(source: RecordSource, datasets: readonly WorkerDataset[]): LaneHandler {
    const byTopic = new Map(datasets.map((each) => [rawTopic(deps.topicPrefix, each.dataset.source), each]))
    let lanes = new Map<string, PartitionLane>()
    let leaving: Promise<unknown> = Promise.resolve()

    function makeLane(start: AssignedLane, { dataset, maker, learn }: WorkerDataset): PartitionLane {
      const lane: Lane = { topic: start.topic, partition: start.partition }
      return new PartitionLane(start, {
        limits: deps.limits,
        flushMillis: deps.flushMillis,
        pause: () => source.pause(lane),
        resume: () => source.resume(lane),
        loaded: (counts) => {
          stats.loaded(counts)
          breaker.observe(dataset.name, counts.judged.records, counts.judged.quarantined)
        },
        async learn({ held: { unknown = [] }, version }, signal) {
          for (const column of unknown)
            learn(column, await patience.clickhouse(() => sink.firstValue(dataset, column, version), signal))
        },
        held: (change) => held.set(laneKey(lane), { dataset: dataset.name, change }),
        stopped: (error) => noteStopped(laneKey(lane), dataset.name, error),
        load: {
          ...{ dataset, lane, isAlone: start.isAlone, sink, quarantine, patience, maker },
          claim: holdClaim(() => sink.claim(dataset, lane)),
          commit: (position) => source.commit(lane, position),
          now: deps.now,
        },
      })
    }

    const isHeld = (dataset: string): boolean => breaker.tripped(dataset) || gone.has(dataset)
    function holdOrRelease(dataset: string): void {
      for (const [key, lane] of lanes) {
        if (byTopic.get(topicOf(key))?.dataset.name !== dataset) continue
        if (isHeld(dataset)) lane.hold()
        else lane.release()
      }
    }
    breaker.onChange(holdOrRelease)

    return {
      lanes: () => [...lanes.values()],
      left: () => leaving,
      holdOrRelease,
      async assigned(assigned) {
        const old = lanes
        lanes = new Map()
        leaving = Promise.all([...old.values()].map((lane) => lane.abandon()))
        await leaving
        // What became of a lane is for whoever has it now to say.
        for (const key of old.keys()) {
          stopped.delete(key)
          held.delete(key)
        }
        if (ending) return
        for (const start of assigned) {
          const each = byTopic.get(start.topic)
          if (!each) continue
          source.resume(start)
          const lane = makeLane(start, each)
          if (isHeld(each.dataset.name)) lane.hold()
          lanes.set(laneKey(start), lane)
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
        const usable = await prepare(datasets)
        const handler = handlerFor(source, usable)
        handlers.push(handler)
        await source.start(handler)
        for (const { dataset } of usable) {
          const { name } = dataset
          if (!gone.has(name)) continue
          void gone.watch(dataset, {
            wasRead: () => source.wasRead(rawTopic(deps.topicPrefix, dataset.source)),
            back: () => handler.holdOrRelease(name),
            failed: (error) => noteStopped(name, name, error),
          })
        }
      }
    },
    async stop() {
      ending = true
      const lanes = handlers.flatMap((handler) => handler.lanes())
      await within(
        DRAIN_MILLIS,
        lanes.map((lane) => lane.drain()),
      )
      stopping.abort()
      await within(LETTING_GO_MILLIS, [
        ...lanes.map((lane) => lane.abandon()),
        ...handlers.map((handler) => handler.left()),
      ])
      await Promise.all(deps.sources.map(({ source }) => source.stop()))
    },
    waiting: () => [
      ...[...stopped.values()].map(({ dataset, code }) => ({ dataset, state: 'stopped' as const, code })),
      ...gone.faults().map(([dataset, { code }]) => ({ dataset, state: 'stopped' as const, code })),
      ...[...held.values()].map(({ dataset }) => ({
        ...{ dataset, state: 'held' as const, code: 'MOGO_SCHEMA_CHANGED' },
      })),
      ...breaker.paused().map(({ dataset }) => ({
        ...{ dataset, state: 'paused' as const, code: 'MOGO_QUARANTINE_FLOOD' },
      })),
    ],
    async check() {
      for (const { code } of stopped.values())
        throw new MogoError('MOGO_UNAVAILABLE', { what: `a lane (${code})` })
      for (const [, fault] of gone.faults()) throw fault
      const [first] = held.values()
      if (first)
        throw new MogoError('MOGO_SCHEMA_CHANGED', {
          dataset: first.dataset,
          change: changeWords(first.change),
        })
    },
  }
}

/** Waits for all of them, but no longer than so many milliseconds. */
async function within(millis: number, work: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, millis)
  })
  await Promise.race([Promise.all(work), expired])
  clearTimeout(timer)
}

/** A topic has no slash in its name. */
function topicOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'))
}

function laneKey({ topic, partition }: Lane): string {
  return `${topic}/${partition}`
}
