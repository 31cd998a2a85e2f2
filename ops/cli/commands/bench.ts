/** `mogo bench`: figures with their floors. */
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { benchReport } from '#ops/bench/bench-report.ts'
import { runBench, WORKLOADS, type Workload } from '#ops/bench/run-bench.ts'
import { ROOT } from '../find-project.ts'
import { line, note } from '../output.ts'
import { runNode } from '../run-node.ts'

type PipelineOptions = {
  readonly rows: number
  readonly runs: number
  readonly w3Rows: number
  readonly w2Seconds: number
  readonly only?: Workload
  readonly json?: boolean
}

/** Adds the commands. */
export function addBenchCommands(program: Command): void {
  const bench = program
    .command('bench')
    .description('Benchmarks: figures with their floors, as JSON and as a table')
  bench
    .command('pipeline')
    .description('How fast changes become rows: throughput, freshness, snapshot')
    .addOption(number('--rows <count>', 'W1: records in Kafka', 1_000_000, 1000))
    .addOption(number('--runs <count>', 'W1: runs of each, taking turns', 3, 1))
    .addOption(number('--w3-rows <count>', 'W3: rows of the table, which W2 then changes', 1_000_000, 1000))
    .addOption(number('--w2-seconds <seconds>', 'W2: how long is measured at each rate', 30, 1))
    .addOption(new Option('--only <workload>', 'just one of them').choices(WORKLOADS))
    .option('--json', 'print JSON only')
    .addHelpText(
      'after',
      `
W1: records that lie in Kafka -> worker -> ClickHouse, beside ClickHouse's own Kafka engine and a naive mover in the same run.
W2: commit in Postgres -> visible by SELECT at 500 and at 2,500 changes a second, and after silence.
W3: snapshot of a full table, from the start of capture to equal.

It runs in a project of its own in the folder for temporary files (TMPDIR chooses another; about 5 GB), which is removed at the end.`,
    )
    .action(async ({ json, ...options }: PipelineOptions) => {
      const result = await runBench({ ...options, environment: process.env, say: note })
      if ('exitCode' in result) process.exitCode = result.exitCode
      else line(json ? JSON.stringify(result.figures, undefined, 2) : `\n${benchReport(result.figures)}`)
    })
  bench
    .command('contracts')
    .description('Rows a second of the validator, and seconds to check 200 contracts')
    .option('--json', 'print JSON only')
    .action(async (options: { json?: boolean }) => {
      process.exitCode = await runNode([
        join(ROOT, 'contracts/bench-main.ts'),
        ...(options.json ? ['--json'] : []),
      ])
    })
}

function number(flags: string, text: string, fallback: number, least: number): Option {
  return new Option(flags, text).default(fallback).argParser((value) => {
    const parsed = Number(value)
    if (!Number.isInteger(parsed) || parsed < least)
      throw new InvalidArgumentError(`expected a whole number, ${least} or more`)
    return parsed
  })
}
