/** `mogo quarantine`: see, replay and drop the records that broke their contract, through the query API. */
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import { apiCaller, said } from '../api-caller.ts'
import { FORMATS, type Format, line, note, printRows } from '../output.ts'
import { personWithRole } from '../people.ts'
import {
  bytesText,
  LIST_COLUMNS,
  listAnswer,
  listRow,
  openAnswer,
  placeAnswer,
  recordText,
  resumeAnswer,
} from '../quarantine-answers.ts'
import { AT_ONCE, type Chosen, filterOf, operator, placePath, whole } from '../quarantine-request.ts'
import { drop, replay } from './quarantine-changes.ts'

type Asking = { readonly as?: string; readonly format: string }

const AS = () =>
  new Option(
    '--as <person>',
    'one of the people of the embedded identity provider, with a role that may; without it: the token in MOGO_TOKEN, else who has logged in',
  )
const TEXT = () => new Option('--format <format>').choices(['text', 'json']).default('text')
const filtered = (command: Command): Command =>
  command
    .option('--dataset <name>', 'only of this dataset')
    .option('--reason <code>', 'only those with a fault of this code, such as maxLength')
    .option('--since <time>', 'only those quarantined since: 30m, 2h, 7d ago, or a time by ISO 8601')

/** Adds the commands. */
export function addQuarantineCommands(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('Records that broke their contract: see them, replay them, drop them')
    .addHelpText(
      'after',
      `
A place is topic/partition/offset. Who may do this is under quarantine in mogo.yaml.

Examples:
  mogo quarantine ls --dataset orders
  mogo quarantine show mogo.public.orders/0/4711
  mogo quarantine replay --dataset orders --reason maxLength --dry-run
  mogo quarantine drop mogo.public.orders/0/4711 --purpose "test data"`,
    )

  filtered(quarantine.command('ls').description('List them, the latest first'))
    .addOption(
      new Option('--status <status>').choices(['open', 'replayed', 'dropped', 'all']).default('open'),
    )
    .option('--limit <count>', 'most records', '50')
    .option('--cursor <cursor>', 'go on after a former list')
    .addOption(AS())
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .action(list)

  quarantine
    .command('show')
    .description('One record: what is wrong with it; with --payload also what is in it')
    .argument('<place>', 'topic/partition/offset')
    .option('--payload', 'open the sealed record, personal data in clear; that you did is recorded first')
    .option('--purpose <text>', 'why you open it')
    .addOption(AS())
    .addOption(TEXT())
    .action(show)

  filtered(
    quarantine
      .command('replay')
      .description('Send records to the worker again, once the contract or the source is mended'),
  )
    .argument('[places...]', 'topic/partition/offset; or --dataset')
    .option('--dry-run', 'say what would be replayed')
    .option('--wait <seconds>', 'how long to wait for what becomes of them', '30')
    .addOption(AS())
    .addOption(TEXT())
    .addHelpText(
      'after',
      '\nOrder is kept by version: what has been written over a record since stays.\nExit code 1 if some are quarantined again, 3 if the worker has not come to some.',
    )
    .action(replay)

  filtered(
    quarantine.command('drop').description('Give records up: they stay in the list, without what is in them'),
  )
    .argument('[places...]', 'topic/partition/offset; or --dataset')
    .requiredOption('--purpose <text>', 'why; kept with your name')
    .option('--dry-run', 'say what would be dropped')
    .option('--yes', 'do not ask')
    .addOption(AS())
    .addOption(TEXT())
    .action(drop)

  quarantine
    .command('resume')
    .description('Let a dataset go on that was paused because most of its records broke the contract')
    .argument('<dataset>')
    .addOption(AS())
    .addOption(TEXT())
    .action(resume)
}

async function list(
  options: Chosen & { status: string; limit: string; cursor?: string; as?: string; format: Format },
  command: Command,
): Promise<void> {
  const query = new URLSearchParams({
    status: options.status,
    limit: String(whole(options.limit, '--limit', AT_ONCE)),
  })
  for (const [name, value] of Object.entries({ ...filterOf(options), cursor: options.cursor }))
    if (value !== undefined) query.set(name, value)
  const answer = await (await operator(command, options.as)).request('GET', `/v1/quarantine?${query}`)
  if (!said(answer)) return
  const { records, total, next, paused } = listAnswer.parse(JSON.parse(answer.text))
  const isData = options.format === 'json' || options.format === 'ndjson'
  printRows(options.format, LIST_COLUMNS, isData ? records : records.map(listRow))
  if (options.format === 'table') note(colors.dim(`${records.length} of ${total}`))
  if (next !== null) note(colors.dim(`more: --cursor ${next}`))
  for (const { dataset, since, records: seen, quarantined } of paused)
    note(
      `${colors.yellow('paused')} ${dataset} since ${since}: ${quarantined} of its last ${seen} records broke the contract; \`mogo quarantine resume ${dataset}\` lets it go on`,
    )
}

async function show(
  place: string,
  options: Asking & { payload?: boolean; purpose?: string },
  command: Command,
): Promise<void> {
  if (options.payload && !options.purpose)
    throw new MogoError('MOGO_USAGE', {
      detail: 'Say why you open it: --purpose TEXT. It is recorded with your name.',
    })
  const api = options.payload
    ? await apiCaller(command, options.as, (project) =>
        personWithRole(project, project.config.quarantine.payloadRoles),
      )
    : await operator(command, options.as)
  const path = `/v1/quarantine/${placePath(place)}`
  const answer = await api.request('GET', path)
  if (!said(answer)) return
  const { records } = placeAnswer.parse(JSON.parse(answer.text))
  const opening = options.payload
    ? await api.request('POST', `${path}/open`, { body: { purpose: options.purpose } })
    : undefined
  if (opening && !said(opening)) return
  const payload = opening && openAnswer.parse(JSON.parse(opening.text))
  if (options.format === 'json') {
    const { key, value, headers } = payload ?? {}
    line(JSON.stringify({ records, ...(payload ? { payload: { key, value, headers } } : {}) }, undefined, 2))
    return
  }
  for (const record of records) process.stdout.write(recordText(record))
  if (!payload) return
  line(`\nkey    ${bytesText(payload.key)}`)
  for (const [name, value] of Object.entries(payload.headers)) line(`header ${name}: ${bytesText(value)}`)
  line(`value  ${bytesText(payload.value)}`)
}

async function resume(dataset: string, options: Asking, command: Command): Promise<void> {
  const answer = await (await operator(command, options.as)).request('POST', '/v1/quarantine/resume', {
    body: { dataset },
  })
  if (!said(answer)) return
  const result = resumeAnswer.parse(JSON.parse(answer.text))
  if (options.format === 'json') line(JSON.stringify(result, undefined, 2))
  else line(result.resumed ? `${dataset} goes on.` : `${dataset} is not paused.`)
}
