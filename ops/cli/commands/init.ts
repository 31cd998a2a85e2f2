/** `mogo init`: a project of one's own, with draft contracts from the tables of a Postgres. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { stringify } from 'yaml'
import { MogoError } from '#contracts/errors.ts'
import { writePrivateFile } from '#ops/embedded/credentials.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { line, note } from '../output.ts'
import { importContracts } from './contracts/import.ts'

type InitOptions = {
  readonly source?: string
  readonly passwordFile?: string
  readonly name?: string
  readonly tenant: string
  readonly tenantColumn: string
}

/** Adds the command. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write mogo.yaml, people and draft contracts for a Postgres of your own')
    .argument('[dir]', 'folder of the project', '.')
    .addOption(
      new Option(
        '--source <url>',
        'postgres://user@host:port/database; without it the project gets an embedded Postgres',
      ),
    )
    .option('--password-file <path>', 'file with the password of that user (or set PGPASSWORD)')
    .option('--name <name>', 'name of the project; default: that of the folder')
    .option('--tenant <name>', 'the tenant of all rows of tables without a tenant column', 'main')
    .option('--tenant-column <name>', 'column that says whose a row is, where a table has it', 'tenant_id')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo init shop --source postgres://app@db.internal:5432/shop --password-file ~/.shop-password\n  mogo init shop --source postgres://localhost/chinook --tenant chinook',
    )
    .action(async (dir: string, options: InitOptions) => {
      const folder = resolve(dir)
      if (existsSync(join(folder, 'mogo.yaml')))
        throw new MogoError('MOGO_USAGE', { detail: `${join(dir, 'mogo.yaml')} exists already.` })
      mkdirSync(folder, { recursive: true })
      const name = projectName(options.name ?? basename(folder))
      const source = options.source === undefined ? undefined : sourceOf(options.source)
      const password = process.env['PGPASSWORD']
      const passwordFile = source ? keepPassword(folder, options.passwordFile, password) : undefined
      writeFileSync(join(folder, 'mogo.yaml'), configText(name, source, passwordFile))
      writeFileSync(join(folder, 'people.yaml'), peopleText(options.tenant))
      writeFileSync(join(folder, '.gitignore'), '.mogo/\n')
      mkdirSync(join(folder, 'contracts'), { recursive: true })
      line(`${join(dir, 'mogo.yaml')}, ${join(dir, 'people.yaml')}`)
      const here = relative(process.cwd(), folder) === '' ? '' : ` --project ${dir}`
      if (source) {
        const written = await importContracts(loadProject(folder), {
          tenantColumn: options.tenantColumn,
          tenant: options.tenant,
        })
        line(
          `${written} draft contract(s) in ${join(dir, 'contracts')}. What is marked guessed is for you to confirm.`,
        )
        line('')
        line(`Next: ${colors.bold(`mogo contracts lint${here}`)}, then ${colors.bold(`mogo up${here}`)}`)
      } else {
        note('The project has an embedded Postgres; it has no tables yet.')
        line(`Next: put a schema into it, then ${colors.bold(`mogo contracts import${here}`)}`)
      }
    })
}

function projectName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
  return name === '' ? 'mogo' : name
}

/** The address, which must not hold a password: that belongs into a file. */
function sourceOf(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new MogoError(
      'MOGO_USAGE',
      { detail: '--source is not a URL; expected postgres://user@host:port/database.' },
      { cause },
    )
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new MogoError('MOGO_USAGE', {
      detail: `--source must begin with postgres://, not ${url.protocol}//.`,
    })
  if (url.password !== '')
    throw new MogoError('MOGO_USAGE', {
      detail:
        'The address holds a password, which process lists and shell histories would show; put it into a file and name that with --password-file (or set PGPASSWORD).',
    })
  return url.toString()
}

/** Path of the password's file for mogo.yaml; undefined if there is no password. */
function keepPassword(
  folder: string,
  given: string | undefined,
  password: string | undefined,
): string | undefined {
  if (given !== undefined) {
    const path = resolve(given)
    if (!existsSync(path)) throw new MogoError('MOGO_SECRET_MISSING', { name: 'the source', file: path })
    if ((statSync(path).mode & 0o077) !== 0)
      note(`${given} can be read by others; better: chmod 600 ${given}`)
    return path
  }
  if (password === undefined) return undefined
  const dir = join(folder, '.mogo', 'secrets')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)
  writePrivateFile(join(dir, 'postgres.source'), `${password}\n`)
  return '.mogo/secrets/postgres.source'
}

function configText(name: string, url: string | undefined, passwordFile: string | undefined): string {
  const body = {
    name,
    ...(url === undefined
      ? {}
      : { postgres: { url, ...(passwordFile === undefined ? {} : { passwordFile }) } }),
    identity: { people: 'people.yaml' },
  }
  return `# ${name}: a project of Mogothrow77. \`mogo config --keys\` lists everything that may stand here.\n# Servers that are not named are embedded: \`mogo up\` starts them.\n${stringify(body)}`
}

function peopleText(tenant: string): string {
  const people = [
    { username: 'analyst', displayName: 'An analyst', tenant, roles: ['analyst'] },
    { username: 'engineer', displayName: 'A data engineer', tenant, roles: ['data_engineer'] },
    { username: 'compliance', displayName: 'A compliance officer', tenant, roles: ['compliance'] },
  ]
  return `# People of the embedded identity provider. Their secrets are generated at the first start.\n${stringify({ people })}`
}
