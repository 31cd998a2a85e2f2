/** The first workload: records that lie in Kafka already -> ClickHouse, by the worker and, taking turns, by what it is compared with. */
import { randomBytes } from 'node:crypto'
import { rawTopic } from '#contracts/events/topics.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { benchDataset } from './bench-dataset.ts'
import { type BenchDatabase, createBenchDatabase } from './clickhouse-bench.ts'
import { createPeer } from './clickhouse-peer.ts'
import { embeddedPid } from './embedded-pid.ts'
import { createExpectedRows } from './expected-rows.ts'
import { fetchOnly, preload, removeGroups, removeTopic } from './kafka-bench.ts'
import { type MoverRun, measureMover } from './measure-mover.ts'
import { measureSteps } from './measure-steps.ts'
import type { Mover } from './mover.ts'
import { processMover } from './process-mover.ts'
import { w1Figures } from './w1-figures.ts'

/** What a run of it needs. */
export type W1Options = {
  readonly settings: Settings
  readonly rows: number
  readonly runs: number
  readonly signal: AbortSignal
  /** A line of progress. */
  readonly say: (text: string) => void
}

const KINDS = ['worker', 'peer', 'naive', 'workers2'] as const
type Kind = (typeof KINDS)[number]

/** Runs it; topics, groups and databases are removed again. @throws MogoError if a row is missing, doubled or wrong */
export async function runW1({ settings, rows, runs, signal, say }: W1Options) {
  const { stateDir } = settings.project
  const kafka = settings.kafka('admin')
  const clickhouse = settings.clickhouse('admin')
  const dataset = benchDataset()
  const id = `bench_${randomBytes(4).toString('hex')}`
  const topic = rawTopic(id, dataset.source)
  const secret = randomBytes(32).toString('base64url')
  const groups: string[] = []
  const expected = createExpectedRows(dataset, secret)

  function makeMover(kind: Kind, database: BenchDatabase, groupId: string): Mover {
    if (kind === 'peer') return createPeer({ database, dataset, kafka, topic, groupId, secret, signal })
    const options = {
      kind: kind === 'naive' ? kind : 'worker',
      ...{ kafka, clickhouse, topicPrefix: id, topic, groupId, secret },
      database: database.name,
    } as const
    return processMover(options, kind === 'workers2' ? 2 : 1, signal)
  }

  async function runOnce(kind: Kind, turn: number): Promise<MoverRun> {
    const groupId = `mogo-${id}-${kind}-${turn}`
    groups.push(groupId)
    const database = await createBenchDatabase(clickhouse, `${id}_${kind}`, dataset)
    try {
      const run = await measureMover(makeMover(kind, database, groupId), {
        ...{ rows, signal, count: database.count },
        clickhousePid: embeddedPid(stateDir, 'clickhouse'),
        kafkaPid: embeddedPid(stateDir, 'kafka'),
      })
      await database.expectRows(rows)
      if (kind === 'worker' || kind === 'workers2') await database.expectSums(expected)
      say(`  ${kind.padEnd(8)} ${Math.round(rows / run.seconds).toLocaleString('en-US')} rows/s`)
      return run
    } finally {
      await database.drop()
    }
  }

  try {
    say(`W1: ${rows.toLocaleString('en-US')} records into a topic`)
    const bytes = await preload(kafka, topic, rows, expected.add, signal)
    const measured: Record<Kind, MoverRun[]> = { worker: [], peer: [], naive: [], workers2: [] }
    // Taking turns, so that what slows the machine for a while slows all.
    for (let turn = 1; turn <= runs; turn++) {
      say(`W1: run ${turn} of ${runs}`)
      for (const kind of KINDS) measured[kind].push(await runOnce(kind, turn))
    }
    say('W1: each step alone')
    const fetch = await fetchOnly(kafka, topic, rows)
    const database = await createBenchDatabase(clickhouse, `${id}_steps`, dataset)
    const steps = await measureSteps(database, secret, rows, signal).finally(() => database.drop())
    return w1Figures(rows, Math.round(bytes / rows), measured, { fetch, ...steps })
  } finally {
    await removeTopic(kafka, topic).catch(() => undefined)
    await removeGroups(kafka, groups)
  }
}
