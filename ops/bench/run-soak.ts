/**
 * `mogo bench soak`: a steady load for a long time, in a project of its own, while workers and servers are restarted and columns come. Each
 * second the memory of every process and the lag are looked at; in the end source and destination must be equal.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { workerProcess } from '#ops/chaos/worker-process.ts'
import { runCapture } from '#ops/cli/capture-process.ts'
import { openClickHouse } from '#ops/cli/clickhouse-session.ts'
import { openPostgres, type PostgresSession } from '#ops/cli/postgres-session.ts'
import { runStack } from '#ops/cli/run-stack.ts'
import { ownProcess, type Stack } from '#ops/cli/stack.ts'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import { proportionalMb } from '#ops/runtime/process-usage.ts'
import { makeTemporaryProject } from '#ops/runtime/temporary-project.ts'
import { CREATE_TABLE, SEED } from './bench-table.ts'
import { startLoad } from './change-load.ts'
import type { Say } from './say.ts'
import { addedColumn, soakContract } from './soak-contract.ts'
import { type SoakFigures, type SoakSample, soakFigures } from './soak-figures.ts'
import { eventWords, planSoak, type SoakEvent } from './soak-plan.ts'

/** What is asked for. */
export type SoakOptions = {
  readonly minutes: number
  /** Changes a second. */
  readonly ratePerSecond: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: Say
}

/** Result: the figures, or the exit code of what was broken off. */
export type SoakResult = { readonly figures: SoakFigures } | { readonly exitCode: number }

const SETTINGS = 'kafka: { partitions: 2 }\n'
const ROWS = 20_000
/** Rows whose added column is written each second. */
const WRITTEN = 20
const SAMPLE_MILLIS = 1000
const EQUAL_MILLIS = 180_000

/** Runs it; nothing is left afterwards. @throws MogoError if a server does not start */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { project, remove } = makeTemporaryProject({
    ...{ name: 'soak', contracts: { bench: soakContract(0) } },
    ...{ logLevel: 'info', settings: SETTINGS },
  })
  let figures: SoakFigures | undefined
  try {
    const exitCode = await runStack(project, options.environment, {
      serversOnly: true,
      async work(stack, signal) {
        await begin(stack, options, signal)
        figures = await soak(stack, options, signal)
        return 0
      },
    })
    return figures ? { figures } : { exitCode }
  } finally {
    remove()
  }
}

async function begin(stack: Stack, { environment }: SoakOptions, signal: AbortSignal): Promise<void> {
  const { settings, handle, endpoints } = stack
  const postgres = await openPostgres(settings.postgres('app'))
  await postgres.query(CREATE_TABLE)
  await postgres.query(SEED, [1, ROWS])
  await postgres.close()
  const workers = await Promise.all([1, 2].map((number) => workerProcess(stack, SETTINGS, number)))
  await Promise.all([
    runCapture(settings.project, 'apply', { environment, signal }),
    handle.startProcesses([...workers, ownProcess('ops', settings.project, endpoints)]),
  ])
}

async function soak(stack: Stack, options: SoakOptions, signal: AbortSignal): Promise<SoakFigures> {
  const { settings } = stack
  const seconds = options.minutes * 60
  const stop = new AbortController()
  const running = AbortSignal.any([signal, stop.signal])
  const [postgres, owner] = await Promise.all(
    [1, 2].map(() => openPostgres(settings.postgres('app'))) as [
      Promise<PostgresSession>,
      Promise<PostgresSession>,
    ],
  )
  const load = startLoad({
    postgres,
    ratePerSecond: options.ratePerSecond,
    rows: ROWS,
    signal: running,
  })
  const started = performance.now()
  const elapsed = (): number => (performance.now() - started) / 1000
  const sampling = sample(stack, elapsed, running)
  let added = 0

  async function carryOut(event: SoakEvent): Promise<void> {
    options.say(`${Math.round(elapsed())} s: ${eventWords(event)}`)
    if (event.kind === 'restart') return stack.handle.restart(event.process)
    if (event.kind === 'kill') return killProcess(stack, event.process)
    added += 1
    await owner.query(/*sql*/ `alter table public.bench add column ${addedColumn(added)} text`)
    publish(settings.project.contractsDir, added)
  }

  async function writeAdded(): Promise<void> {
    if (added === 0) return
    await owner.query(
      /*sql*/ `update public.bench set ${addedColumn(added)} = 'second ' || $1::int
        where tenant_id = 'tenant-' || $1::int % 20 and id in (select 20 * n + $1::int % 20 from generate_series(1, $2::int) as n)`,
      [Math.round(elapsed()), WRITTEN],
    )
  }

  try {
    const events = [...planSoak(seconds)]
    while (elapsed() < seconds) {
      const [next] = events
      if (next && next.at <= elapsed()) {
        events.shift()
        await carryOut(next.event)
      }
      await Promise.race([load.done, writeAdded()])
      await delay(SAMPLE_MILLIS, undefined, { signal })
    }
    const measured = elapsed()
    stop.abort()
    await load.done
    options.say('comparing source and destination')
    const comparisons = await compareUntilEqual(settings, EQUAL_MILLIS, signal)
    const equal = comparisons.every(({ explained, unexplained }) => explained + unexplained === 0)
    return soakFigures(await sampling, {
      seconds: Math.round(measured * 10) / 10,
      changes: load.changes(),
      columns_added: added,
      equal,
    })
  } finally {
    stop.abort()
    await Promise.all([load.done.catch(() => {}), sampling])
    await Promise.all([postgres.close(), owner.close()])
  }
}

/** In one step: a worker must not read half of it. */
function publish(dir: string, added: number): void {
  const file = join(dir, 'bench.odcs.yaml')
  writeFileSync(`${file}.new`, soakContract(added))
  renameSync(`${file}.new`, file)
}

/** As after a crash: the supervisor starts it again. */
function killProcess({ handle }: Stack, name: string): void {
  const pid = handle.status().find((record) => record.name === name)?.process?.pid
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

/** Looks at memory and lag each second until the signal aborts. */
async function sample(stack: Stack, elapsed: () => number, signal: AbortSignal): Promise<SoakSample[]> {
  const { settings, handle } = stack
  const clickhouse = openClickHouse(settings.clickhouse('admin'), settings.project.config.clickhouse.database)
  const samples: SoakSample[] = []
  let seen = Date.now()
  while (!signal.aborted) {
    const answer = await clickhouse
      .query(/*sql*/ `SELECT toUnixTimestamp64Milli(max(_committed_at)) AS millis FROM bench`)
      // The engine may just be being restarted: then the lag grows.
      .catch(() => null)
    seen = Math.max(seen, Number(answer?.rows[0]?.['millis'] ?? 0))
    const memory = Object.fromEntries(
      handle.status().flatMap(({ name, process }) => {
        const used = process ? proportionalMb(process.pid) : 0
        return used > 0 ? [[name, used]] : []
      }),
    )
    samples.push({ at: elapsed(), memory, lag: (Date.now() - seen) / 1000 })
    await delay(SAMPLE_MILLIS, undefined, { signal }).catch(() => {})
  }
  await clickhouse.close()
  return samples
}
