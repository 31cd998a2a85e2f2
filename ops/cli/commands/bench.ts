/** `mogo bench`: figures with their floors. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { benchReport } from '#ops/bench/bench-report.ts'
import { queryReport } from '#ops/bench/query/query-report.ts'
import { querySoakLines } from '#ops/bench/query/query-soak-figures.ts'
import { runQueryBench } from '#ops/bench/query/run-query-bench.ts'
import { runQuerySoak } from '#ops/bench/query/run-query-soak.ts'
import { runBench, WORKLOADS, type Workload } from '#ops/bench/run-bench.ts'
import { runSoak } from '#ops/bench/run-soak.ts'
import { soakLines } from '#ops/bench/soak-figures.ts'
import { ROOT } from '../find-project.ts'
import { wholeNumber } from '../number-option.ts'
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
    .addOption(wholeNumber('--rows <count>', 'W1: records in Kafka', 1_000_000, 1000))
    .addOption(wholeNumber('--runs <count>', 'W1: runs of each, taking turns', 3, 1))
    .addOption(
      wholeNumber('--w3-rows <count>', 'W3: rows of the table, which W2 then changes', 1_000_000, 1000),
    )
    .addOption(wholeNumber('--w2-seconds <seconds>', 'W2: how long is measured at each rate', 30, 1))
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
    .command('query')
    .description('What the query API adds to ClickHouse: times, requests a second, memory')
    .addOption(wholeNumber('--rows <count>', 'orders in ClickHouse, of ten tenants', 10_000_000, 1000))
    .option('--json', 'print JSON only')
    .addHelpText(
      'after',
      `
ClickHouse over HTTP as the user of the access scope, and the API as a person of that scope, asked in turn by one client. Everything is on: token, scope, gate,
limits, access record. It runs in a project of its own, which is removed at the end.`,
    )
    .action(async ({ rows, json }: { rows: number; json?: boolean }) => {
      const result = await runQueryBench({ rows, environment: process.env, say: note })
      if ('exitCode' in result) process.exitCode = result.exitCode
      else line(json ? JSON.stringify(result.figures, undefined, 2) : `\n${queryReport(result.figures)}`)
    })
  bench
    .command('query-soak')
    .description(
      'Many callers for minutes, while ClickHouse is restarted and keys are revoked: is every answer right?',
    )
    .addOption(wholeNumber('--minutes <count>', 'how long', 5, 1))
    .addOption(wholeNumber('--clients <count>', 'callers at once', 64, 1))
    .addOption(wholeNumber('--rows <count>', 'orders in ClickHouse, of ten tenants', 1_000_000, 20_000))
    .option('--json', 'print the figures as JSON; what happens goes to standard error')
    .addHelpText(
      'after',
      `
Every row of every answer is looked at. Allowed are 429 and 503 with a time to wait, 401 for a key that was revoked, and answers that are visibly cut off while
ClickHouse is being restarted. Memory is PSS of the API: its median in the last quarter may be 10 % above that of the second (from four minutes on). Exit code 1:
something is not as it should be.`,
    )
    .action(
      async ({ json, ...options }: { minutes: number; clients: number; rows: number; json?: boolean }) => {
        const result = await runQuerySoak({ ...options, environment: process.env, say: note })
        if ('exitCode' in result) process.exitCode = result.exitCode
        else {
          const { figures } = result
          for (const text of json ? [JSON.stringify(figures, undefined, 2)] : querySoakLines(figures))
            line(text)
          if (figures.faults.length > 0) process.exitCode = 1
        }
      },
    )
  bench
    .command('soak')
    .description('A steady load for a long time, with restarts and new columns: does memory or lag grow?')
    .addOption(wholeNumber('--minutes <count>', 'how long', 20, 1))
    .addOption(wholeNumber('--rate <changes>', 'row changes a second', 2000, 1))
    .option('--json', 'print the figures as JSON; what happens goes to standard error')
    .addHelpText(
      'after',
      `
Two workers share the table's partitions. Memory is PSS, each second; that of worker 1, which is left alone after the first quarter, is judged: its median in
the last quarter may be 10 % above that of the second. The lag is the time since the commit of the latest change that is visible. In the end source
and destination are compared. Below ten minutes the restarts weigh too much for a judgement. It runs in a project of its own, which is removed at the
end. Exit code 1: something is not as it should be.`,
    )
    .action(async ({ minutes, rate, json }: { minutes: number; rate: number; json?: boolean }) => {
      const result = await runSoak({ minutes, ratePerSecond: rate, environment: process.env, say: note })
      if ('exitCode' in result) process.exitCode = result.exitCode
      else {
        const { figures } = result
        for (const text of json ? [JSON.stringify(figures, undefined, 2)] : soakLines(figures)) line(text)
        if (figures.faults.length > 0) process.exitCode = 1
      }
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
