/**
 * `mogo psql` and `mogo clickhouse`: consoles of the two databases, as the administrator.
 *
 * Where the machine has psql it is used (the password reaches it by a private file, not by the command line); else a plain
 * console of our own reads statements up to a semicolon. These consoles are the one place where a database's own error text
 * is shown: it is the reader's own statement.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { writePrivateFile } from '#ops/embedded/credentials.ts'
import { type PostgresConnection, resolveSettings } from '#ops/runtime/settings.ts'
import { type ClickHouseSession, openClickHouse } from '../clickhouse-session.ts'
import { sayError } from '../exit-codes.ts'
import { findProject } from '../find-project.ts'
import { FORMATS, type Format, line, note, printRows } from '../output.ts'
import { openPostgres, type PostgresSession } from '../postgres-session.ts'
import { splitStatements } from '../split-statements.ts'

type ConsoleOptions = {
  readonly query?: string
  readonly file?: string
  readonly format: Format
  readonly database?: string
}

/** Adds the commands. */
export function addConsoleCommands(program: Command): void {
  program
    .command('psql')
    .description('Console of the source Postgres')
    .option('-q, --query <sql>', 'run this and leave')
    .option('-f, --file <path>', 'run this script and leave')
    .option('-d, --database <name>', 'another database than the one of the project')
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .addHelpText(
      'after',
      "\nExamples:\n  mogo psql\n  mogo psql -q 'select count(*) from orders'\n  mogo psql -f schema.sql",
    )
    .action(async (options: ConsoleOptions, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const connection = resolveSettings(project).postgres('superuser', options.database)
      if (options.query === undefined && options.file === undefined && runPsql(connection)) return
      await postgresConsole(connection, options)
    })
  program
    .command('clickhouse')
    .description('Console of ClickHouse')
    .option('-q, --query <sql>', 'run this and leave')
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .addHelpText(
      'after',
      "\nExamples:\n  mogo clickhouse\n  mogo clickhouse -q 'select count() from orders final'",
    )
    .action(async (options: ConsoleOptions, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const session = openClickHouse(
        resolveSettings(project).clickhouse('admin'),
        project.config.clickhouse.database,
      )
      try {
        await clickhouseConsole(session, options)
      } finally {
        await session.close()
      }
    })
}

/** Hands over to the machine's psql; false if there is none. */
function runPsql(connection: PostgresConnection): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'mogo-psql-'))
  try {
    const { host, port, database, user, password } = connection
    const passFile = join(dir, 'pgpass')
    const escaped = [host, String(port), '*', user, password].map((part) =>
      part === '*' ? part : part.replaceAll(/[:\\]/g, '\\$&'),
    )
    writePrivateFile(passFile, `${escaped.join(':')}\n`)
    const run = spawnSync('psql', ['-h', host, '-p', String(port), '-U', user, '-d', database], {
      stdio: 'inherit',
      env: { ...process.env, PGPASSFILE: passFile, PGSSLMODE: connection.tls ? 'verify-full' : 'prefer' },
    })
    if (run.error) return false
    process.exitCode = run.status === 0 ? 0 : 1
    return true
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function postgresConsole(connection: PostgresConnection, options: ConsoleOptions): Promise<void> {
  let session: PostgresSession = await openPostgres(connection)
  const run = async (statement: string): Promise<void> => {
    const meta = /^\\(\w+)\s*"?([^"\s;]*)"?/.exec(statement)
    if (meta) {
      if (meta[1] !== 'c' && meta[1] !== 'connect')
        throw new MogoError('MOGO_USAGE', {
          detail: `The command \\${meta[1]} needs psql, which is not installed; only \\c is known here.`,
        })
      await session.close()
      session = await openPostgres({ ...connection, database: meta[2] ?? connection.database })
      return
    }
    const result = await session.query(statement)
    if (result.columns.length > 0) printRows(options.format, result.columns, result.rows as never)
    else if (options.format === 'table' && options.file === undefined)
      line(`${result.command} ${result.count}`)
  }
  try {
    if (options.file !== undefined) {
      const statements = splitStatements(readScript(options.file))
      for (const statement of statements)
        await run(statement).catch((error: unknown) => failStatement(error, statement))
      line(`${statements.length} statements run.`)
    } else if (options.query !== undefined) {
      for (const statement of splitStatements(options.query))
        await run(statement).catch((error: unknown) => failStatement(error, statement))
    } else await readStatements(`${connection.database}=> `, run)
  } finally {
    await session.close()
  }
}

async function clickhouseConsole(session: ClickHouseSession, options: ConsoleOptions): Promise<void> {
  const run = async (statement: string): Promise<void> => {
    const { columns, rows } = await session.query(statement)
    printRows(options.format, columns, rows as never)
  }
  if (options.query !== undefined)
    await run(options.query.replace(/;\s*$/, '')).catch((error: unknown) =>
      failStatement(error, options.query ?? ''),
    )
  else await readStatements('clickhouse=> ', run)
}

function readScript(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MogoError('MOGO_USAGE', { detail: `The file ${file} cannot be read.` }, { cause })
  }
}

/** Says which statement failed and what the database answered, and ends the run. */
function failStatement(error: unknown, statement: string): never {
  if (isMogoError(error)) throw error
  const shown = statement.replaceAll(/\s+/g, ' ').slice(0, 120)
  throw new MogoError(
    'MOGO_USAGE',
    { detail: `${error instanceof Error ? error.message : 'failed'}\n  in: ${shown}` },
    { cause: error },
  )
}

/** Reads statements that end with a semicolon until the input ends. A failed one is said, and the console goes on. */
async function readStatements(prompt: string, run: (statement: string) => Promise<void>): Promise<void> {
  const terminal = process.stdin.isTTY === true
  const input = createInterface({
    input: process.stdin,
    output: terminal ? process.stdout : undefined,
    prompt,
  } as never)
  if (terminal) note(colors.dim('Statements end with ; — Ctrl-D leaves.'))
  let pending = ''
  input.prompt()
  for await (const text of input) {
    pending += `${text}\n`
    if (/;\s*$/.test(text) || text.startsWith('\\')) {
      const statement = pending.trim().replace(/;$/, '')
      pending = ''
      if (statement === '\\q' || statement === 'exit' || statement === 'quit') break
      if (statement !== '')
        await run(statement).catch((error: unknown) => {
          if (isMogoError(error)) sayError(error)
          else note(colors.red(error instanceof Error ? error.message : 'failed'))
          if (!terminal) process.exitCode = 1
        })
    }
    input.prompt()
  }
  if (pending.trim() !== '' && !terminal) await run(pending.trim())
  input.close()
}
