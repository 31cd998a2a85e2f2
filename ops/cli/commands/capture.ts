/** `mogo capture plan | apply | partitions | status | snapshot`: the connector, publication and slot that follow from the contracts. */
import { type Command, Option } from 'commander'
import { runCapture } from '../capture-process.ts'
import { findProject } from '../find-project.ts'

/** Adds the commands. */
export function addCaptureCommands(program: Command): void {
  const capture = program
    .command('capture')
    .description('Capture of changes from Postgres: plan, apply, partitions, status, snapshot')
  const texts = {
    plan: 'Say what would change in Postgres and Kafka Connect, and check the tables against their contracts',
    apply: 'Make it so, and wait until the connector runs',
    partitions:
      'Take in partitions that have come to captured tables, or gone, and nothing else (`mogo up` does so by itself)',
    status: 'State of connector, tasks and replication slot',
  } as const
  for (const action of ['plan', 'apply', 'partitions', 'status'] as const) {
    const subcommand = capture
      .command(action)
      .description(texts[action])
      .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    if (action === 'apply')
      subcommand.option('--resnapshot', 'take a new slot and read every table again (after a slot was lost)')
    subcommand.action(async (options: { format: string; resnapshot?: boolean }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const format = options.format === 'json' ? 'json' : 'text'
      const { output, ok } = await runCapture(project, action, {
        environment: process.env,
        format,
        ...(options.resnapshot === undefined ? {} : { resnapshot: options.resnapshot }),
      })
      process.stdout.write(output)
      if (!ok) process.exitCode = 1
    })
  }
  capture
    .command('snapshot')
    .description('Read all rows of tables once more, beside the stream: for what no change tells')
    .argument('<dataset...>', 'datasets whose tables are read')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (datasets: string[], options: { format: string }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const format = options.format === 'json' ? 'json' : 'text'
      const { output } = await runCapture(project, 'snapshot', {
        environment: process.env,
        format,
        datasets,
      })
      process.stdout.write(output)
    })
}
