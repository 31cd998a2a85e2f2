/** `mogo chaos`: does the pipeline lose or double a row, whatever happens to its parts? */
import type { Command } from 'commander'
import { closingLine } from '#ops/chaos/chaos-result.ts'
import { runChaos } from '#ops/chaos/run-chaos.ts'
import { wholeNumber } from '../number-option.ts'
import { line, note } from '../output.ts'

type Options = {
  readonly seed: number
  readonly rounds: number
  readonly every: number
  readonly rate: number
  readonly keep?: boolean
  readonly json?: boolean
}

/** Adds the command. */
export function addChaosCommand(program: Command): void {
  program
    .command('chaos')
    .description('Random faults over a running workload, and then: is anything lost or doubled?')
    .addOption(wholeNumber('--seed <number>', 'draws the faults and the workload', 1, 0))
    .addOption(wholeNumber('--rounds <count>', 'rounds of faults', 20, 1))
    .addOption(wholeNumber('--every <rounds>', 'rounds between two comparisons', 5, 1))
    .addOption(wholeNumber('--rate <changes>', 'row changes a second', 300, 1))
    .option('--keep', 'leave the folder of the run, with its logs')
    .option('--json', 'print the result as JSON; the rounds go to standard error')
    .addHelpText(
      'after',
      `
Kills, stops and pauses workers, ClickHouse, Kafka, Connect and Postgres, cuts the connector off, hides tables, lets inserts be refused, and lets a
third worker come and go. After every few rounds the workload rests: each row of the source must be in ClickHouse with the same
values, each record of each partition stored once or quarantined, and a plain table behind each dataset must hold nothing twice.

It runs in a project of its own in the folder for temporary files, which is removed at the end. Exit code 1: something was found.`,
    )
    .action(async ({ json, rate, keep, ...options }: Options) => {
      const { exitCode, result } = await runChaos({
        ...options,
        ratePerSecond: rate,
        keep: keep === true,
        environment: process.env,
        say: json ? note : line,
      })
      if (result) line(json ? JSON.stringify(result, undefined, 2) : closingLine(result))
      process.exitCode = exitCode
    })
}
