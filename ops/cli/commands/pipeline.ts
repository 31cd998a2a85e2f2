/** `mogo pipeline status | replay`: how it is doing; read tables again from what Kafka still has. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { findProject, ROOT } from '../find-project.ts'
import { runNode } from '../run-node.ts'
import { addPipelineStatusCommand } from './pipeline-status.ts'

type ReplayOptions = {
  readonly all?: boolean
  readonly fromBeginning?: boolean
  readonly fromTime?: string
  readonly fromOffset?: string
  readonly partition?: string
  readonly into: string
  readonly dryRun?: boolean
  readonly format: string
}

/** Adds the commands. */
export function addPipelineCommands(program: Command): void {
  const pipeline = program.command('pipeline').description('The way from Postgres over Kafka to ClickHouse')
  addPipelineStatusCommand(pipeline)
  pipeline
    .command('replay [datasets...]')
    .description('Read the changes of datasets again, while everything goes on')
    .option('--all', 'every dataset')
    .option('--from-beginning', 'from the oldest record that Kafka still has')
    .option('--from-time <time>', 'from this time on, by ISO 8601')
    .option('--from-offset <offset>', 'from this Kafka offset on; one dataset, one partition')
    .option('--partition <number>', 'the partition of --from-offset; 0 if it is not given')
    .addOption(
      new Option('--into <table>', 'live: the table itself; shadow: TABLE__shadow beside it')
        .choices(['live', 'shadow'])
        .default('live'),
    )
    .option('--dry-run', 'only say which offsets would be read')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Rows keep their versions: what is newer stays, what is there already is the same, and what a mended contract makes of a record takes its place.
Materialized views behind the table see the rows again.

Examples:
  mogo pipeline replay orders --from-time 2026-01-31T10:00:00Z
  mogo pipeline replay orders --from-offset 120000 --partition 2 --dry-run
  mogo pipeline replay --all --from-beginning --into shadow`,
    )
    .action(async (datasets: string[], options: ReplayOptions, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const given = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value])
      process.exitCode = await runNode(
        [
          join(ROOT, 'pipelines/replay-main.ts'),
          ...datasets,
          ...(options.all ? ['--all'] : []),
          ...(options.fromBeginning ? ['--from-beginning'] : []),
          ...given('--from-time', options.fromTime),
          ...given('--from-offset', options.fromOffset),
          ...given('--partition', options.partition),
          ...(options.dryRun ? ['--dry-run'] : []),
          ...['--into', options.into, '--format', options.format],
        ],
        { MOGO_PROJECT: project.dir },
      )
    })
}
