/** `mogo datasets | query | lineage | token`: what an analyst does, from the command line. */
import { type Command, Option } from 'commander'
import { apiCaller, said } from '../api-caller.ts'
import type { ApiClient } from '../api-client.ts'
import { FORMATS, type Format, line, printRows } from '../output.ts'
import { defaultPerson } from '../people.ts'
import { addAskCommand } from './ask.ts'

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

  addAskCommand(program, AS)

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
    .option('--env', 'print API and TOKEN as a shell reads them: eval "$(mogo token --env)"')
    .action(async (options: { as?: string; env?: boolean }, command: Command) => {
      const { url, token } = await client(command, options.as)
      // Neither holds a quote: an address, and base64url with dots.
      line(options.env ? `export API='${url}' TOKEN='${token}'` : token)
    })
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
