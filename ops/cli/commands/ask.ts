/** `mogo query`: asks in SQL, once or at a prompt. */
import { text as textOf } from 'node:stream/consumers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { apiCaller } from '../api-caller.ts'
import { note } from '../output.ts'
import { defaultPerson } from '../people.ts'
import { prompt } from '../query/prompt.ts'
import type { CliQuery } from '../query/query-request.ts'
import { QUERY_FORMATS, type QueryFormat, type RunOptions, runText } from '../query/run-query.ts'

/** Exit code of a program that Ctrl-C has ended: 128 and the number of the signal. */
const INTERRUPTED = 130

type AskOptions = {
  readonly as?: string
  readonly role?: string
  readonly purpose?: string
  readonly format: QueryFormat
  readonly output?: string
  readonly limit?: number
  readonly timeout?: number
  readonly dryRun?: boolean
  readonly pager: boolean
}

/** Adds the command. */
export function addAskCommand(program: Command, asOption: () => Option): void {
  program
    .command('query')
    .description('Ask in SQL, as one of the people; without SQL: at a prompt')
    .argument('[sql]', 'one SELECT; \\d lists your datasets, \\d NAME describes one')
    .addOption(asOption())
    .option('--role <role>', 'which of your roles asks')
    .option('--purpose <text>', 'why you ask; goes into the access record')
    .addOption(new Option('--format <format>').choices([...QUERY_FORMATS]).default('table'))
    .option('--output <file>', 'write to a file, which is there when it is whole')
    .addOption(new Option('--limit <rows>', 'most rows; of a table 10000 otherwise').argParser(whole))
    .addOption(new Option('--timeout <seconds>', 'end the query when it takes longer').argParser(positive))
    .option('--dry-run', 'say what would be read, and how much, without running it')
    .option('--no-pager', 'do not show long tables through $PAGER')
    .addHelpText(
      'after',
      `
Formats but table stream, so that answers may be of any size. Ctrl-C cancels the query.

Examples:
  mogo query 'select count() from orders'
  mogo query 'select status, sum(total) from orders group by status' --as ben --format csv
  mogo query 'select * from orders' --format parquet --output orders.parquet
  mogo query '\\d orders'
  mogo query < report.sql`,
    )
    .action(async (sql: string | undefined, options: AskOptions, command: Command) => {
      const api = await apiCaller(command, options.as, defaultPerson)
      let running: CliQuery | undefined
      const run: RunOptions = {
        ...{ role: options.role, purpose: options.purpose, format: options.format, output: options.output },
        ...{ limit: options.limit, timeoutSeconds: options.timeout, dryRun: options.dryRun },
        pager: options.pager ? process.env['PAGER'] : '',
        onStart: (query) => {
          running = query
        },
      }
      const { stdin, stdout } = process
      if (sql === undefined && stdin.isTTY) {
        note('A statement ends with ;  \\d lists your datasets, \\d NAME describes one, \\q ends.')
        await prompt({
          ...{ input: stdin, output: stdout, terminal: stdout.isTTY },
          // A token may be over before the prompt is.
          run: async (text) => {
            await runText(await apiCaller(command, options.as, defaultPerson), text, run)
          },
          cancel: () => {
            void running?.cancel()
            return running !== undefined
          },
        })
        return
      }
      const interrupted = (): void => void running?.cancel()
      process.once('SIGINT', interrupted)
      try {
        await runText(api, sql ?? (await readSql()), run)
      } catch (error) {
        if (!isMogoError(error, 'MOGO_QUERY_CANCELLED')) throw error
        note('cancelled')
        process.exitCode = INTERRUPTED
      } finally {
        process.removeListener('SIGINT', interrupted)
      }
    })
}

async function readSql(): Promise<string> {
  const sql = await textOf(process.stdin)
  if (sql.trim() !== '') return sql
  throw new MogoError('MOGO_USAGE', { detail: 'There is no SQL: give it as argument or on standard input.' })
}

function whole(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('a whole number above 0 is expected')
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('a number above 0 is expected')
}
