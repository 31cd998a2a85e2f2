/**
 * Reads with the real Kafka source as a lane does, and keeps what it saw: per lane one stretch for every time that it was assigned. A position is committed
 * after records were taken, and nothing of an old assignment may come after `assigned([])`.
 */
import { pino } from 'pino'
import { expect, vi } from 'vitest'
import type { KafkaConnection } from '#ops/runtime/settings.ts'
import type { FetchedRecords } from '#pipelines/kafka/fetched-records.ts'
import { createKafkaSource } from '#pipelines/kafka/kafka-source.ts'
import type { AssignedLane, Lane, RecordSource, SourceHandler } from '#pipelines/ports.ts'

/** What came of a lane between two assignments. */
export type Stretch = { readonly lane: AssignedLane; readonly offsets: number[]; behind: number }

/** A running reader. */
export type SourceReader = {
  readonly source: RecordSource
  readonly stretches: Stretch[]
  /** Values in the order in which they came, every time they came. */
  readonly values: string[]
  /** Lanes at present. */
  lanes(): readonly Lane[]
  stop(): Promise<void>
}

/** Starts one. `taken` is awaited for every piece that is handed over. */
export async function readSource(options: {
  readonly connection: KafkaConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly taken?: (lane: Lane, records: FetchedRecords) => Promise<void> | void
  /** Records are counted, but not kept: they are large. */
  readonly keepValues?: boolean
}): Promise<SourceReader> {
  const stretches: Stretch[] = []
  const values: string[] = []
  let current = new Map<string, Stretch>()
  const source = createKafkaSource({
    ...options,
    logger: pino({ level: process.env['MOGO_TEST_LOG'] ?? 'silent' }),
    topicPollMillis: 100,
  })
  const handler: SourceHandler = {
    async assigned(lanes) {
      current = new Map(lanes.map((lane) => [key(lane), { lane, offsets: [], behind: -1 }]))
      stretches.push(...current.values())
    },
    async records(lane, records, next, behind) {
      const stretch = current.get(key(lane))
      if (!stretch) throw new Error('records of a lane that is not assigned')
      stretch.offsets.push(...records.offsets)
      stretch.behind = Number(behind)
      if (options.keepValues !== false)
        for (let index = 0; index < records.count; index++) values.push(String(records.record(index).value))
      await options.taken?.(lane, records)
      // Kafka may be away: a lane would wait until it is back, and what is not kept is read again.
      await source.commit(lane, { next, pendingLast: null }).catch(() => false)
    },
  }
  source.failed.catch((error) => values.push(`failed: ${error}`))
  await source.start(handler)
  return {
    ...{ source, stretches, values },
    lanes: () => [...current.values()].map(({ lane: { topic, partition } }) => ({ topic, partition })),
    stop: () => source.stop(),
  }
}

/** Within a stretch offsets only rise, and it begins where the position was. */
export function expectOrder(stretches: readonly Stretch[]): void {
  for (const { lane, offsets } of stretches) {
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
    expect(offsets[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(Number(lane.committed ?? 0))
  }
}

/** Waits for real servers. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 })
}

function key({ topic, partition }: Lane): string {
  return `${topic}/${partition}`
}
