/** `mogo pipeline status`: lag, freshness and state of every dataset, connector and slot, and what is wrong. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import type { PipelineHealth } from '#contracts/events/pipeline-health.ts'
import { findProject } from '../find-project.ts'
import { FORMATS, type Format, line, renderRows } from '../output.ts'
import { lookAtPipeline } from '../pipeline-health.ts'
import { captureLines, STATUS_COLUMNS, statusRows, troubles } from '../pipeline-report.ts'

type StatusOptions = { readonly watch?: boolean; readonly every: string; readonly format: Format }

/** Adds the command. */
export function addPipelineStatusCommand(pipeline: Command): void {
  pipeline
    .command('status')
    .description('How every dataset is doing: state, lag, freshness, throughput; connector, slot, alerts')
    .option('-w, --watch', 'look again and again, until Ctrl-C')
    .option('--every <seconds>', 'how often', '2')
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .addHelpText(
      'after',
      `
lag events    records in Kafka that are not loaded yet; lag seconds: how long the oldest of them has been there
lag bytes     log of Postgres since the last position of which all is loaded
p50, p95      commit to visible, over five minutes; rows/s over the last minute

json is the whole look, ndjson and csv the rows. Exit codes: 0 all is well, 1 something is wrong, 3 it does not run.

Examples:
  mogo pipeline status --watch
  mogo pipeline status --format json`,
    )
    .action(async (options: StatusOptions, command: Command) => {
      const every = Number(options.every)
      if (!(every >= 0.2 && every <= 3600))
        throw new MogoError('MOGO_USAGE', { detail: '--every is seconds, from 0.2 to 3600.' })
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const stopping = new AbortController()
      const stop = (): void => stopping.abort()
      if (options.watch) for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
      let isFirst = true
      do {
        try {
          const health = await lookAtPipeline(project, process.env, stopping.signal)
          show(health, options, isFirst)
          process.exitCode = troubles(health).length > 0 ? 1 : 0
          isFirst = false
          if (options.watch) await delay(every * 1000, undefined, { signal: stopping.signal })
        } catch (error) {
          if (stopping.signal.aborted) return
          throw error
        }
      } while (options.watch)
    })
}

function show(health: PipelineHealth, { format, watch }: StatusOptions, isFirst: boolean): void {
  if (format === 'json') {
    // One look a line where there are many.
    process.stdout.write(`${JSON.stringify(health, undefined, watch ? undefined : 2)}\n`)
    return
  }
  const rows = statusRows(health)
  if (format !== 'table') {
    const text = renderRows(format, [...STATUS_COLUMNS], rows)
    process.stdout.write(isFirst || format !== 'csv' ? text : text.slice(text.indexOf('\r\n') + 2))
    return
  }
  if (watch && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J')
  else if (!isFirst) line()
  if (watch) line(colors.dim(health.at))
  process.stdout.write(renderRows('table', [...STATUS_COLUMNS], rows))
  line()
  for (const text of captureLines(health)) line(text)
  const wrong = troubles(health)
  if (wrong.length > 0) line()
  for (const { code, message, remedy } of wrong) {
    line(`${colors.red('✗')} ${colors.bold(code)}: ${message}`)
    line(`    ${colors.dim('what to do:')} ${remedy}`)
  }
}
