/**
 * Reading tables again, from the command line:
 *
 *   node pipelines/replay-main.ts DATASET… | --all  --from-beginning | --from-time ISO | --from-offset N [--partition P]
 *     [--into live|shadow] [--dry-run] [--format text|json]
 *
 * `MOGO_PROJECT` is the project's folder. Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 something is unavailable.
 */
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { nearest } from '#contracts/nearest.ts'
import { sayEntryFault } from '#ops/runtime/entry-fault.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import {
  planReplay,
  type ReplayDeps,
  type ReplayPlan,
  type ReplayResult,
  type ReplayStart,
  replayTable,
} from './replay/replay-table.ts'
import { workerSettings } from './worker/worker-settings.ts'

type Asked = {
  readonly names: readonly string[]
  readonly all: boolean
  readonly start: ReplayStart
  readonly into: 'live' | 'shadow'
  readonly dryRun: boolean
  readonly json: boolean
}

function usage(detail: string): MogoError {
  return new MogoError('MOGO_USAGE', { detail })
}

function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      'from-beginning': { type: 'boolean', default: false },
      'from-time': { type: 'string' },
      'from-offset': { type: 'string' },
      partition: { type: 'string', default: '0' },
      into: { type: 'string', default: 'live' },
      'dry-run': { type: 'boolean', default: false },
      format: { type: 'string', default: 'text' },
    },
  })
  if (values.all === positionals.length > 0) throw usage('Name the datasets to read again, or --all.')
  if (values.into !== 'live' && values.into !== 'shadow') throw usage('--into is live or shadow.')
  const starts = [
    ...(values['from-beginning'] ? [{ kind: 'beginning' } as const] : []),
    ...(values['from-time'] === undefined ? [] : [startAtTime(values['from-time'])]),
    ...(values['from-offset'] === undefined ? [] : [startAtOffset(values['from-offset'], values.partition)]),
  ]
  const [start] = starts
  if (!start || starts.length > 1)
    throw usage('Say from where: one of --from-beginning, --from-time and --from-offset.')
  if (start.kind === 'offset' && positionals.length !== 1) throw usage('--from-offset is for one dataset.')
  return {
    ...{ names: positionals, all: values.all, start, into: values.into },
    dryRun: values['dry-run'],
    json: values.format === 'json',
  }
}

function startAtTime(text: string): ReplayStart {
  const millis = Date.parse(text)
  if (Number.isNaN(millis)) throw usage('--from-time is a time by ISO 8601, such as 2026-01-31T10:00:00Z.')
  return { kind: 'time', millis }
}

function startAtOffset(offset: string, partition: string): ReplayStart {
  if (!/^\d{1,15}$/.test(offset) || !/^\d{1,6}$/.test(partition))
    throw usage('--from-offset and --partition are whole numbers.')
  return { kind: 'offset', offset: BigInt(offset), partition: Number(partition) }
}

function chosen(datasets: readonly CompiledDataset[], { names, all }: Asked): readonly CompiledDataset[] {
  if (all) return datasets
  return names.map((name) => {
    const found = datasets.find((dataset) => dataset.name === name)
    if (found) return found
    const near = nearest(
      name,
      datasets.map((dataset) => dataset.name),
    )
    const suggestion = near === undefined ? '' : `, perhaps ${near}`
    throw new MogoError('MOGO_DATASET_UNKNOWN', { dataset: name.slice(0, 80), suggestion })
  })
}

function planText({ topic, table, ranges }: ReplayPlan): string {
  const parts = ranges.map(({ partition, first, end }) => `  partition ${partition}: ${first} to ${end}\n`)
  return `${topic} into ${table}\n${parts.join('')}`
}

function resultText({ topic, table, totals }: ReplayResult): string {
  const { in: records, stored, quarantined, filtered } = totals
  return `${topic} into ${table}: ${records} records read, ${stored} stored, ${quarantined} quarantined, ${filtered} filtered\n`
}

async function main(): Promise<number> {
  let json = false
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  try {
    const asked = readArguments(process.argv.slice(2))
    json = asked.json
    const project = loadProject(process.env['MOGO_PROJECT'] ?? process.cwd())
    const settings = resolveSettings(project)
    const deps: ReplayDeps = {
      worker: { ...workerSettings(settings), logger: pino({ level: 'warn' }, process.stderr) },
      admin: settings.kafka('admin'),
      signal: stopping.signal,
    }
    const results: (ReplayPlan | ReplayResult)[] = []
    for (const dataset of chosen(loadContracts(project.contractsDir), asked)) {
      const request = { dataset, start: asked.start, into: asked.into }
      if (asked.dryRun) {
        const planned = await planReplay(request, deps)
        results.push(planned)
        if (!json) process.stdout.write(planText(planned))
      } else {
        const result = await replayTable(request, deps)
        results.push(result)
        if (!json) process.stdout.write(resultText(result))
      }
    }
    if (json)
      process.stdout.write(
        `${JSON.stringify({ replays: results }, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))}\n`,
      )
    return 0
  } catch (error) {
    return sayEntryFault(error, 'the replay', json ? 'json' : 'text')
  }
}

process.exitCode = await main()
