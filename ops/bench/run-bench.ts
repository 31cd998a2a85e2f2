/**
 * `mogo bench pipeline`: three workloads on a project of their own.
 *
 *   W1  servers only: records that lie in Kafka -> ClickHouse, measured by `pipelines/bench-main.ts`
 *   W3  everything: a full table is captured for the first time
 *   W2  on what W3 has left: changes, and how soon they are visible
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MogoError } from '#contracts/errors.ts'
import { ROOT } from '#ops/cli/find-project.ts'
import { openPostgres } from '#ops/cli/postgres-session.ts'
import { runStack } from '#ops/cli/run-stack.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import type { Settings } from '#ops/runtime/settings.ts'
import { makeTemporaryProject } from '#ops/runtime/temporary-project.ts'
import { type BenchFigures, machineFacts } from './bench-figures.ts'
import { CREATE_TABLE, SEED } from './bench-table.ts'
import { collectOutput } from './collect-output.ts'
import { measureFreshness, type W2Figures } from './measure-freshness.ts'
import { expectEqual, measureSnapshot, type SnapshotStart, type W3Figures } from './measure-snapshot.ts'
import type { Say } from './say.ts'
import { type W1Figures, w1Schema } from './w1-figures.ts'

/** Workloads. */
export const WORKLOADS = ['w1', 'w2', 'w3'] as const
/** See {@link WORKLOADS}. */
export type Workload = (typeof WORKLOADS)[number]

/** What is asked for. */
export type BenchOptions = {
  /** Records of W1. */
  readonly rows: number
  /** Runs of each mover in W1. */
  readonly runs: number
  /** Rows that W3 snapshots, and that W2 finds. */
  readonly w3Rows: number
  /** How long W2 measures at each rate. */
  readonly w2Seconds: number
  readonly only?: Workload
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: Say
}

/** Result: the figures, or the exit code of what was broken off. */
export type BenchResult = { readonly figures: BenchFigures } | { readonly exitCode: number }

/** The contract that all workloads share; it lies beside those that measure the worker alone. */
const CONTRACT = join(ROOT, 'pipelines', 'bench', 'bench.odcs.yaml')

const SEED_ROWS = 50_000

/** Runs it; nothing is left afterwards. @throws MogoError if a server fails, or if rows are missing, doubled or wrong */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const wanted = (workload: Workload) => options.only === undefined || options.only === workload
  const machine = machineFacts()
  const { project, remove } = makeTemporaryProject({
    name: 'bench',
    contracts: { bench: readFileSync(CONTRACT, 'utf8') },
    logLevel: 'warn',
  })
  let w1: W1Figures | undefined
  let whole: WholeFigures | undefined
  try {
    if (wanted('w1')) {
      const code = await runStack(project, options.environment, {
        serversOnly: true,
        async work(_stack, signal) {
          w1 = await measureWorker(project, options, signal)
          return 0
        },
      })
      if (code !== 0) return { exitCode: code }
    }
    if (wanted('w2') || wanted('w3')) {
      let start: SnapshotStart = { at: 0, rows: 0 }
      const code = await runStack(project, options.environment, {
        async prepareSource(settings, _progress, signal) {
          await fillTable(settings, options, signal)
          start = { at: performance.now(), rows: options.w3Rows }
        },
        async work(stack, signal) {
          const { say } = options
          const w3 = await measureSnapshot(stack, start, signal, say)
          whole = wanted('w3') ? { w3 } : {}
          if (!wanted('w2')) return 0
          const { w3Rows: rows, w2Seconds: seconds } = options
          whole = { ...whole, ...(await measureFreshness({ stack, rows, seconds, signal, say })) }
          say('W2: comparing source and destination')
          await expectEqual(stack, signal)
          return 0
        },
      })
      if (code !== 0) return { exitCode: code }
    }
    return { figures: { machine, ...(w1 ? { w1 } : {}), ...whole } }
  } finally {
    remove()
  }
}

type WholeFigures = Partial<W2Figures> & { readonly w3?: W3Figures }

async function measureWorker(
  project: Project,
  { rows, runs, environment }: BenchOptions,
  signal: AbortSignal,
): Promise<W1Figures> {
  const { code, output } = await collectOutput(
    [join(ROOT, 'pipelines/bench-main.ts'), '--rows', String(rows), '--runs', String(runs)],
    { ...environment, MOGO_PROJECT: project.dir },
    signal,
  )
  signal.throwIfAborted()
  // What was wrong stands on standard error already.
  if (code !== 0) throw new MogoError('MOGO_INTERNAL', { where: 'the first workload of the benchmark' })
  return w1Schema.parse(JSON.parse(output))
}

async function fillTable(
  settings: Settings,
  { w3Rows, say }: BenchOptions,
  signal: AbortSignal,
): Promise<void> {
  const postgres = await openPostgres(settings.postgres('app'))
  try {
    say(`W3: ${w3Rows.toLocaleString('en-US')} rows into Postgres`)
    await postgres.query(CREATE_TABLE)
    for (let first = 1; first <= w3Rows; first += SEED_ROWS) {
      signal.throwIfAborted()
      await postgres.query(SEED, [first, Math.min(w3Rows, first + SEED_ROWS - 1)])
    }
    await postgres.query(/*sql*/ `vacuum analyze public.bench`)
    say('W3: capture begins')
  } finally {
    await postgres.close()
  }
}
