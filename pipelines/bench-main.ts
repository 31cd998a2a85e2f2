/**
 * `mogo bench pipeline`: rows a second from a preloaded topic to ClickHouse through the real worker, beside a naive floor in the same run,
 * and where the time goes. `MOGO_PROJECT` names a running project; topic and database are fresh and removed afterwards.
 *
 *   node pipelines/bench-main.ts [--rows N] [--runs N] [--json]
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { rawTopic } from '#contracts/events/topics.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { benchDataset } from './bench/bench-dataset.ts'
import { type BenchReport, median, type RunFigures, reportText } from './bench/bench-report.ts'
import { createBenchDatabase } from './bench/clickhouse-bench.ts'
import { preload, readOnly, removeGroups, removeTopic } from './bench/kafka-bench.ts'
import { cpuSeconds, embeddedPid } from './bench/measure-process.ts'
import { measureSteps } from './bench/measure-steps.ts'
import type { RunOptions, RunResult } from './bench/run-worker.ts'

const STEP_RECORDS = 20_000

type Measured = RunResult & { readonly clickhouseCpu: number | undefined }

function readArguments(): { rows: number; runs: number; json: boolean } {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '200000' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  const rows = Number(values.rows)
  const runs = Number(values.runs)
  if (!Number.isInteger(rows) || rows < 1000 || !Number.isInteger(runs) || runs < 1)
    throw new MogoError('MOGO_USAGE', { detail: '--rows: a whole number, 1000 or more; --runs: 1 or more.' })
  return { rows, runs, json: values.json }
}

async function runOnce(options: RunOptions, stateDir: string): Promise<Measured> {
  const script = join(import.meta.dirname, 'bench-run-main.ts')
  const clickhouse = embeddedPid(stateDir, 'clickhouse')
  const before = cpuSeconds(clickhouse)
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // The options hold passwords: through a pipe, not on the command line.
  child.stdin.end(JSON.stringify(options))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new MogoError('MOGO_INTERNAL', { where: `the ${options.kind} run of the benchmark` })
  const after = cpuSeconds(clickhouse)
  const clickhouseCpu = before === undefined || after === undefined ? undefined : after - before
  return { ...(JSON.parse(output) as RunResult), clickhouseCpu }
}

function figures(rows: number, measured: readonly Measured[]): RunFigures {
  const seconds = median(measured.map((run) => run.seconds))
  const clickhouse = measured.flatMap(({ clickhouseCpu }) =>
    clickhouseCpu === undefined ? [] : [clickhouseCpu],
  )
  const round = (value: number) => Math.round(value * 1000) / 1000
  return {
    rowsPerSecond: Math.round(rows / seconds),
    seconds: round(seconds),
    cpuSeconds: round(median(measured.map((run) => run.cpuSeconds))),
    clickhouseCpuSeconds: clickhouse.length === 0 ? null : round(median(clickhouse)),
    peakMb: Math.max(...measured.map((run) => run.peakMb)),
  }
}

async function bench(rows: number, runs: number, say: (text: string) => void): Promise<BenchReport> {
  const project = loadProject(process.env['MOGO_PROJECT'] ?? process.cwd())
  const settings = resolveSettings(project)
  const kafka = settings.kafka('admin')
  const clickhouse = settings.clickhouse('admin')
  const dataset = benchDataset()
  const id = `bench_${randomBytes(4).toString('hex')}`
  const topic = rawTopic(id, dataset.source)
  const secret = randomBytes(32).toString('base64url')
  const groups: string[] = []
  const loadBefore = loadavg()[0] ?? 0
  try {
    say(`filling a topic with ${rows} records`)
    const bytes = await preload(kafka, topic, rows)
    const measured: Record<RunOptions['kind'], Measured[]> = { worker: [], naive: [] }
    // Taking turns, so that what slows the machine for a while slows both.
    for (let turn = 1; turn <= runs; turn++)
      for (const kind of ['worker', 'naive'] as const) {
        say(`run ${turn} of ${runs}: ${kind}`)
        const groupId = `mogo-${id}-${kind}-${turn}`
        groups.push(groupId)
        const database = await createBenchDatabase(clickhouse, `${id}_${kind}`, dataset)
        const options = {
          kind,
          kafka,
          clickhouse,
          database: database.name,
          topicPrefix: id,
          topic,
          groupId,
          rows,
          secret,
        }
        const result = await runOnce(options, project.stateDir)
        await database.expectRows(rows)
        await database.drop()
        measured[kind].push(result)
      }
    say('measuring each step alone')
    const read = await readOnly(kafka, topic, rows, STEP_RECORDS)
    const database = await createBenchDatabase(clickhouse, `${id}_steps`, dataset)
    const steps = await measureSteps(dataset, read.records, secret, database.sink)
    await database.drop()
    const worker = figures(rows, measured.worker)
    const naive = figures(rows, measured.naive)
    return {
      rows,
      bytesPerRecord: Math.round(bytes / rows),
      partitions: 4,
      runs,
      machine: {
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: availableParallelism(),
        loadBefore: Math.round(loadBefore * 10) / 10,
      },
      worker,
      naive,
      ratio: Math.round((worker.rowsPerSecond / naive.rowsPerSecond) * 1000) / 1000,
      steps: { fetch: Math.round((read.seconds * 1e8) / rows) / 100, ...steps },
    }
  } finally {
    await removeTopic(kafka, topic).catch(() => undefined)
    await removeGroups(kafka, groups)
  }
}

try {
  const { rows, runs, json } = readArguments()
  const report = await bench(rows, runs, (text) => void (json || process.stderr.write(`${text}\n`)))
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${reportText(report)}`)
} catch (error) {
  const fault = isMogoError(error)
    ? error
    : new MogoError('MOGO_INTERNAL', { where: 'the benchmark' }, { cause: error })
  process.stderr.write(`${fault.code}: ${fault.message}\n  ${fault.remedy}\n`)
  process.exitCode = fault.code === 'MOGO_USAGE' ? 2 : fault.class === 'retriable' ? 3 : 1
}
