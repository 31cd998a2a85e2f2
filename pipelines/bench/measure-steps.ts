/**
 * Where the time goes: microseconds a record of each step alone, over the same records in memory. What a step costs is the difference of two
 * variants that are measured in turn, so that what slows the machine for a while slows both; of all turns the median counts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { RowWriter } from '#transforms/rowbinary/row-writer.ts'
import { benchDataset } from './bench-dataset.ts'
import type { BenchDatabase } from './clickhouse-bench.ts'
import { median } from './median.ts'
import { benchMaker, recordsInMemory, STEP_VARIANTS, type StepVariant } from './step-variants.ts'

/** Microseconds of CPU time a record; of the insert microseconds of waiting. */
export type StepTimes = {
  /** Bytes of the envelope to bytes of the row, without rules and tokens. */
  readonly transcode: number
  readonly validation: number
  readonly tokens: number
  /** Collecting rows in batches. */
  readonly batch: number
  readonly insert: number
}

const SCRIPT = join(import.meta.dirname, '..', 'bench-step-main.ts')
const MOST_RECORDS = 20_000
const WARM_TURNS = 3
const TURNS = 15
const INSERTS = 5

/** Measures all but the fetch, over at most that many records. */
export async function measureSteps(
  database: BenchDatabase,
  secret: string,
  rows: number,
  signal: AbortSignal,
): Promise<StepTimes> {
  const records = Math.min(rows, MOST_RECORDS)
  const turns = await measureVariants(records, secret, signal)
  const difference = (more: StepVariant, less: StepVariant) =>
    Math.max(0, median(turns.map((turn) => turn[more] - turn[less])))
  return {
    transcode: median(turns.map((turn) => turn.transcode)),
    validation: difference('row', 'tokens'),
    tokens: difference('row', 'rules'),
    batch: difference('batch', 'row'),
    insert: await measureInsert(records, database, secret),
  }
}

type Turn = Readonly<Record<StepVariant, number>>

async function measureVariants(
  records: number,
  secret: string,
  signal: AbortSignal,
): Promise<readonly Turn[]> {
  const children = new Map<StepVariant, ChildProcess>()
  const turns: Turn[] = []
  try {
    for (const variant of STEP_VARIANTS) {
      const child = fork(SCRIPT, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], signal })
      // Of an abort; whoever waits for an answer learns that the process has ended.
      child.on('error', () => {})
      children.set(variant, child)
      await ask(child, { variant, records, secret })
    }
    for (let turn = 0; turn < WARM_TURNS + TURNS; turn++) {
      const times: Partial<Record<StepVariant, number>> = {}
      for (const [variant, child] of children) times[variant] = Number(await ask(child, 'run'))
      if (turn >= WARM_TURNS) turns.push(times as Turn)
    }
    return turns
  } finally {
    for (const child of children.values()) if (child.connected) child.disconnect()
  }
}

/** Sends a message and waits for the answer; rejects if the process ends instead. */
async function ask(child: ChildProcess, message: object | string): Promise<unknown> {
  if (!child.connected) throw new Error('a process of the benchmark has ended')
  const answered = new AbortController()
  const ended = once(child, 'exit', { signal: answered.signal }).then(() => {
    throw new Error('a process of the benchmark has ended')
  })
  ended.catch(() => {})
  child.send(message)
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [unknown]
  answered.abort()
  return answer
}

/** One block of all rows, several times. */
async function measureInsert(count: number, { sink }: BenchDatabase, secret: string): Promise<number> {
  const dataset = benchDataset()
  const { fast } = benchMaker(dataset, secret)
  const writer = new RowWriter()
  for (const records of recordsInMemory(count))
    for (let index = 0; index < records.count; index++) fast?.tryRecord(records, index, writer)
  const claim = await sink.claim(dataset, { topic: 'bench', partition: 0 })
  const times: number[] = []
  for (let turn = 0; turn < INSERTS; turn++) {
    const started = performance.now()
    await sink.insert(dataset, writer.written(), `bench:${turn}`, claim)
    times.push(((performance.now() - started) * 1000) / count)
  }
  return median(times)
}
