/** `mogo keys`: API keys of service accounts, through the query API. */
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { z } from 'zod'
import { apiCaller, said } from '../api-caller.ts'
import type { ApiClient } from '../api-client.ts'
import { FORMATS, type Format, line, note, printRows } from '../output.ts'
import { personWithRole } from '../people.ts'
import { whole } from '../quarantine-request.ts'

const COLUMNS = ['id', 'account', 'roles', 'state', 'expires', 'last used', 'made by', 'description']
const keySchema = z.object({
  id: z.string(),
  account: z.string(),
  roles: z.array(z.string()),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  description: z.string(),
  state: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedBy: z.string().nullable(),
  revokedAt: z.string().nullable(),
})
type Key = z.output<typeof keySchema>
const listSchema = z.object({ keys: z.array(keySchema) })
const madeSchema = keySchema.extend({ key: z.string() })

const AS = () =>
  new Option(
    '--as <person>',
    'one of the people of the embedded identity provider, with a role that may; without it: the token in MOGO_TOKEN, else who has logged in',
  )
const TEXT = () => new Option('--format <format>').choices(['text', 'json']).default('text')

/** Adds the commands. */
export function addKeyCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys of service accounts: make, list, revoke them')
    .addHelpText(
      'after',
      `
Who may do this is under api.keyRoles in mogo.yaml. A key is used like a token: MOGO_TOKEN, or Authorization: Bearer.

Examples:
  mogo keys create nightly-report --role data_engineer --days 30
  mogo keys ls
  mogo keys revoke 3fQ0Zk1bX9aT`,
    )

  keys
    .command('create')
    .description('Make a key; it is printed this once')
    .argument('<account>', 'service account that it acts as')
    .requiredOption('--role <role...>', 'roles of the account: some of yours')
    .option('--days <days>', 'how long it lives', '90')
    .option('--description <text>', 'what it is for')
    .addOption(AS())
    .addOption(TEXT())
    .action(create)

  keys
    .command('ls')
    .description('List the keys of your tenant')
    .addOption(AS())
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .action(list)

  keys
    .command('revoke')
    .description('End a key now, on every replica within a second')
    .argument('<id>', 'id of the key')
    .addOption(AS())
    .addOption(TEXT())
    .action(revoke)
}

type Creating = {
  readonly role: readonly string[]
  readonly days: string
  readonly description?: string
  readonly as?: string
  readonly format: string
}

async function create(account: string, options: Creating, command: Command): Promise<void> {
  const days = whole(options.days, '--days', 3650)
  const api = await keeper(command, options.as)
  const answer = await api.request('POST', '/v1/keys', {
    body: {
      ...{ account, roles: options.role, days },
      ...(options.description === undefined ? {} : { description: options.description }),
    },
  })
  if (!said(answer)) return
  const made = madeSchema.parse(JSON.parse(answer.text))
  if (options.format === 'json') {
    line(JSON.stringify(made, undefined, 2))
    return
  }
  line(made.key)
  note(
    colors.dim(
      `key ${made.id} of ${made.account} (${made.roles.join(', ')}), until ${made.expiresAt}. Keep it now: it cannot be shown again.`,
    ),
  )
}

async function list(options: { as?: string; format: Format }, command: Command): Promise<void> {
  const answer = await (await keeper(command, options.as)).request('GET', '/v1/keys')
  if (!said(answer)) return
  const { keys } = listSchema.parse(JSON.parse(answer.text))
  const isData = options.format === 'json' || options.format === 'ndjson'
  printRows(options.format, COLUMNS, isData ? keys : keys.map(row))
}

async function revoke(id: string, options: { as?: string; format: string }, command: Command): Promise<void> {
  const api = await keeper(command, options.as)
  const answer = await api.request('DELETE', `/v1/keys/${encodeURIComponent(id)}`)
  if (!said(answer)) return
  const key = keySchema.parse(JSON.parse(answer.text))
  if (options.format === 'json') line(JSON.stringify(key, undefined, 2))
  else line(`${key.id} of ${key.account} is revoked.`)
}

function row(key: Key) {
  return {
    ...{ id: key.id, account: key.account, roles: key.roles.join(', '), state: key.state },
    ...{ expires: key.expiresAt.slice(0, 10), 'last used': key.lastUsedAt ?? 'never' },
    ...{ 'made by': key.createdBy, description: key.description },
  }
}

function keeper(command: Command, as: string | undefined): Promise<ApiClient> {
  return apiCaller(command, as, (project) => personWithRole(project, project.config.api.keyRoles))
}
