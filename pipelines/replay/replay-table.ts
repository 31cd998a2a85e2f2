/**
 * Reads a table's changes again, from an offset or a time on, while the worker goes on: through a worker of its own with a group, claims and
 * tokens of its own, which ends where the topic ended when it began.
 *
 * Into the live table this is safe at any time: a row has the version it had before, so what is newer stays, and what was lost comes back; with
 * a mended contract the rows are made anew. (Views behind the table see the rows again.) Into a shadow table, `TABLE__shadow`, nobody
 * notices anything; what to do with it is for whoever asked.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import { workerGroup } from '../kafka/reading-groups.ts'
import { type ReplayGroups, withReplayGroups } from '../quarantine/kafka-replay-groups.ts'
import { buildWorker, type WorkerOptions } from '../worker/build-worker.ts'
import type { DatasetTotals } from '../worker/pipeline-stats.ts'

/** From where on. Times are milliseconds; an offset means one partition. */
export type ReplayStart =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'time'; readonly millis: number }
  | { readonly kind: 'offset'; readonly partition: number; readonly offset: bigint }

/** What is to be read again. */
export type ReplayRequest = {
  readonly dataset: CompiledDataset
  readonly start: ReplayStart
  readonly into: 'live' | 'shadow'
}

/** Offsets of a partition: from the first to before the end. */
export type ReplayRange = { readonly partition: number; readonly first: bigint; readonly end: bigint }

/** What will be, or was, read. */
export type ReplayPlan = {
  readonly topic: string
  readonly table: string
  readonly ranges: readonly ReplayRange[]
}

/** What became of the records. */
export type ReplayResult = ReplayPlan & { readonly totals: DatasetTotals }

/** What replaying needs: as for a worker, and an identity that may set the offsets of groups. */
export type ReplayDeps = {
  readonly worker: Omit<WorkerOptions, 'datasets' | 'groupId' | 'replayId' | 'isAside'>
  readonly admin: KafkaConnection
  readonly signal: AbortSignal
  /** Told now and then how many records are left. */
  readonly progress?: (left: bigint) => void
}

const LOOK_MILLIS = 250
const SHADOW = '__shadow'

/** The ranges that a replay would read. @throws MogoError MOGO_REPLAY_EXPIRED, MOGO_REPLAY_RANGE, MOGO_KAFKA_UNREACHABLE */
export async function planReplay(request: ReplayRequest, deps: ReplayDeps): Promise<ReplayPlan> {
  return withReplayGroups(deps.admin, (groups) => plan(groups, request, deps.worker.topicPrefix))
}

/** Reads again; resolves when everything is loaded. @throws MogoError MOGO_SCHEMA_CHANGED, MOGO_UNAVAILABLE if a lane cannot go on, and as {@link planReplay} */
export async function replayTable(request: ReplayRequest, deps: ReplayDeps): Promise<ReplayResult> {
  const replayId = `replay-${randomBytes(6).toString('hex')}`
  const groupId = `${workerGroup(deps.worker.topicPrefix)}-${replayId}`
  return withReplayGroups(deps.admin, async (groups) => {
    const planned = await plan(groups, request, deps.worker.topicPrefix)
    const { topic, table, ranges } = planned
    await groups.begin(groupId, topic, ranges)
    const dataset = { ...request.dataset, table }
    const worker = buildWorker({
      ...deps.worker,
      datasets: [dataset],
      groupId,
      replayId,
      isAside: request.into === 'shadow',
    })
    try {
      await worker.start()
      await Promise.race([loaded(groups, groupId, planned, deps, worker.checks.lanes), worker.failed])
    } finally {
      await worker.stop()
      await groups.remove(groupId)
    }
    const none = { in: 0, stored: 0, quarantined: 0, filtered: 0, rows: 0 }
    return { ...planned, totals: worker.stats.totals()[dataset.name] ?? none }
  })
}

async function plan(
  groups: ReplayGroups,
  { dataset, start, into }: ReplayRequest,
  prefix: string,
): Promise<ReplayPlan> {
  const topic = rawTopic(prefix, dataset.source)
  const whole = await groups.whole(topic)
  const byTime = start.kind === 'time' ? await groups.since(topic, start.millis) : undefined
  if (start.kind === 'offset' && !whole.some(({ partition }) => partition === start.partition))
    throw new MogoError('MOGO_REPLAY_RANGE', { topic, partition: start.partition })
  const ranges = whole.map((range): ReplayRange => {
    const { partition, first, end } = range
    if (start.kind === 'beginning') return range
    // No record is as young as that, or it is another partition: nothing of this one.
    if (start.kind === 'time') return { partition, first: byTime?.get(partition) ?? end, end }
    if (start.partition !== partition) return { partition, first: end, end }
    if (start.offset < first)
      throw new MogoError('MOGO_REPLAY_EXPIRED', {
        offset: String(start.offset),
        partition,
        low: String(first),
      })
    return { partition, first: start.offset, end }
  })
  return { topic, table: into === 'shadow' ? `${dataset.table}${SHADOW}` : dataset.table, ranges }
}

/** Waits until the group has committed up to the ends. */
async function loaded(
  groups: ReplayGroups,
  groupId: string,
  { topic, ranges }: ReplayPlan,
  { signal, progress }: ReplayDeps,
  check: () => Promise<void>,
): Promise<void> {
  for (;;) {
    // Nobody moves the contract of a replay: what waits for that has failed.
    await check()
    const committed = await groups.committed(groupId, topic)
    const left = ranges.reduce((sum, { partition, first, end }) => {
      const next = committed.get(partition) ?? first
      return next < end ? sum + (end - next) : sum
    }, 0n)
    progress?.(left)
    if (left === 0n) return
    await delay(LOOK_MILLIS, undefined, { signal })
  }
}
