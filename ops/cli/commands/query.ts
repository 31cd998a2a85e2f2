/** `mogo datasets | query | lineage | token`: what an analyst does, from the command line. */
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { apiCaller, said } from '../api-caller.ts'
import type { ApiClient } from '../api-client.ts'
import { FORMATS, type Format, line, note, printRows } from '../output.ts'
import { defaultPerson } from '../people.ts'

const AS = () =>
  new Option(
    '--as <person>',
    'one of the people of the embedded identity provider; without it: the token in MOGO_TOKEN, else who has logged in',
  )
const FORMAT = () => new Option('--format <format>').choices([...FORMATS]).default('table')

/** Adds the commands. */
export function addQueryCommands(program: Command): void {
  program
    .command('datasets')
    .description('The datasets that you may read')
    .addOption(AS())
    .addOption(FORMAT())
    .action(async (options: { as?: string; format: Format }, command: Command) => {
      const answer = await (await client(command, options.as)).request('GET', '/v1/datasets')
      if (!said(answer)) return
      const { datasets } = JSON.parse(answer.text) as { datasets: Record<string, never>[] }
      const columns = ['name', 'domain', 'version', 'description'].filter((name) =>
        datasets.some((dataset) => name in dataset),
      )
      printRows(options.format, columns, datasets)
    })

  program
    .command('query')
    .description('Ask in SQL, as one of the people')
    .argument('<sql>', 'one SELECT')
    .addOption(AS())
    .option('--role <role>', 'which of your roles asks')
    .addOption(FORMAT())
    .addHelpText(
      'after',
      "\nExamples:\n  mogo query 'select count() from orders'\n  mogo query 'select status, sum(total) from orders group by status' --as ben --format csv",
    )
    .action(
      async (sql: string, options: { as?: string; role?: string; format: Format }, command: Command) => {
        const api = await client(command, options.as)
        const accept =
          options.format === 'csv'
            ? 'text/csv'
            : options.format === 'ndjson'
              ? 'application/x-ndjson'
              : 'application/json'
        const answer = await api.request('POST', '/v1/query', {
          body: { sql, ...(options.role ? { role: options.role } : {}) },
          accept,
        })
        if (!said(answer)) return
        if (accept !== 'application/json') {
          process.stdout.write(answer.text)
          return
        }
        const body = JSON.parse(answer.text) as { columns: { name: string }[]; rows: unknown[] }
        const names = body.columns.map((column) => column.name)
        const rows = body.rows.map((row) =>
          Array.isArray(row) ? Object.fromEntries(names.map((name, index) => [name, row[index]])) : row,
        )
        printRows(options.format, names, rows as never)
        if (options.format === 'table')
          note(colors.dim(`${rows.length} row(s), query ${answer.headers.get('x-mogo-query-id') ?? ''}`))
      },
    )

  const lineage = program.command('lineage').description('Where a number comes from')
  lineage
    .command('show')
    .description('Lineage of a dataset, of one of its columns (orders.total), or of a query (its id)')
    .argument('<what>', 'dataset, dataset.column, or a query id')
    .addOption(AS())
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExamples:\n  mogo lineage show orders.total\n  mogo lineage show 0198c1d2-… --as ana',
    )
    .action(async (what: string, options: { as?: string; format: string }, command: Command) => {
      const api = await client(command, options.as)
      const answer = await api.request('GET', lineagePath(what), {
        accept: options.format === 'json' ? 'application/json' : 'text/plain',
      })
      if (said(answer)) process.stdout.write(answer.text.endsWith('\n') ? answer.text : `${answer.text}\n`)
    })

  program
    .command('token')
    .description('Print an access token of one of the people, for curl and notebooks')
    .addOption(AS())
    .action(async (options: { as?: string }, command: Command) =>
      line((await client(command, options.as)).token),
    )
}

/** Path of the lineage of a dataset, a column or a query. */
export function lineagePath(what: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(what)) return `/v1/lineage/queries/${what}`
  const [dataset = '', column] = what.split('.')
  return `/v1/lineage/${encodeURIComponent(dataset)}${column === undefined ? '' : `?column=${encodeURIComponent(column)}`}`
}

function client(command: Command, as: string | undefined): Promise<ApiClient> {
  return apiCaller(command, as, defaultPerson)
}
