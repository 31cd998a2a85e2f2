/** `mogo contracts import`: drafts contracts from what is there already. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import { type Draft, draftContracts, type KnownTable, NO_KEY } from '#contracts/import/draft-contract.ts'
import { keyColumns, tableKey, tableText } from '#contracts/import/imported-table.ts'
import { checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { findProject } from '../../find-project.ts'
import { line, note } from '../../output.ts'
import { IMPORT_KINDS, type ImportKind, readSource, type SourceOptions, withKey } from './import-sources.ts'

/** Adds the command. */
export function addImportCommand(contracts: Command): void {
  contracts
    .command('import')
    .description('Draft contracts from tables, schemas and models that are there already')
    .argument('[files...]', 'files to read (json-schema, avro, dbt)')
    .addOption(
      new Option('--from <kind>', 'what to read')
        .choices([...IMPORT_KINDS])
        .default('postgres' satisfies ImportKind),
    )
    .option('--table <names...>', 'only these tables: schema.table of Postgres, database.table of ClickHouse')
    .option('--schema <names...>', 'only these schemas of Postgres, or databases of ClickHouse')
    .option('--select <names...>', 'only these models and sources of dbt')
    .option('--key <columns...>', 'columns that tell rows apart, where the source does not say')
    .option('--no-samples', 'guess from names only, without a look at values')
    .option('--tenant-column <name>', 'column that says whose a row is, where a table has it', 'tenant_id')
    .option('--tenant <name>', 'the tenant of all rows of tables without that column', 'main')
    .option('--output <dir>', 'folder to write to; default: the contracts of the project')
    .option('--force', 'write over contracts that exist')
    .option('--dry-run', 'say what would be written, and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  mogo contracts import --from postgres
  mogo contracts import --table public.orders --tenant-column shop_id
  mogo contracts import --from clickhouse --table analytics.events
  mogo contracts import --from json-schema order.schema.json --key order_id --output drafts
  mogo contracts import --from dbt target/manifest.json --select orders`,
    )
    .action(async (files: string[], options: ImportOptions, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const written = await importContracts(project, { ...options, files })
      const folder = relative(process.cwd(), folderOf(project, options)) || '.'
      line(`${written} contract(s) ${options.dryRun ? 'would be written to' : 'in'} ${folder}.`)
      const lint =
        options.output === undefined ? 'mogo contracts lint' : `mogo contracts lint ${folder}/*.odcs.yaml`
      const up = options.output === undefined ? ` and ${colors.bold('mogo up')}` : ''
      line(`Next: look at what is marked guessed, then ${colors.bold(lint)}${up}.`)
    })
}

/** Options of the import. */
export type ImportOptions = SourceOptions & {
  readonly key?: readonly string[]
  readonly tenantColumn: string
  readonly tenant: string
  readonly output?: string
  readonly force?: boolean
  readonly dryRun?: boolean
}

/** Drafts contracts; returns how many were written (or would be). */
export async function importContracts(project: Project, options: ImportOptions): Promise<number> {
  const source = await readSource(project, options)
  for (const text of source.notes) note(text)
  for (const table of source.refused) note(`skipped ${tableText(table)}: ${table.reason}`)
  const folder = folderOf(project, options)
  const ofProject = folder === resolve(project.contractsDir)
  const keyed = options.key ? withKey(source.tables, options.key) : source.tables
  // What the project cannot run would stop all of it; elsewhere a document is welcome.
  const tables = keyed.filter((table) => {
    if (!ofProject || keyColumns(table).length > 0) return true
    note(`skipped ${tableText(table)}: ${NO_KEY}; name one with --key, or draft a document with --output DIR`)
    return false
  })
  const { known, fileOf } = knownContracts(folder)
  const drafts = draftContracts(tables, {
    tenant: { column: options.tenantColumn, constant: options.tenant },
    known,
  })
  if (!options.dryRun) mkdirSync(folder, { recursive: true })
  let written = 0
  for (const draft of drafts) {
    const file = join(folder, `${draft.dataset}.odcs.yaml`)
    const holder = fileOf.get(tableKey(draft.table))
    const there = holder ?? (existsSync(file) ? file : undefined)
    if (there !== undefined && (!options.force || there !== file))
      note(
        `kept ${relative(process.cwd(), there)}${there === file ? ' (--force writes over it)' : `, which has ${tableText(draft.table)}`}`,
      )
    else {
      if (!options.dryRun) write(file, draft.text)
      line(`${relative(process.cwd(), file)}  ${colors.dim(summary(draft))}`)
      for (const text of draft.notes) note(`  ${text}`)
      written++
    }
  }
  return written
}

function folderOf(project: Project, options: Pick<ImportOptions, 'output'>): string {
  return resolve(options.output ?? project.contractsDir)
}

function summary(draft: Draft): string {
  const kind = draft.runnable ? '' : ', a document without a key'
  return `${draft.table.columns.length} columns, guessed personal: ${draft.guessed.join(', ') || 'none'}${kind}`
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new MogoError('MOGO_USAGE', { detail: `${file} cannot be written.` }, { cause })
  }
}

/** Tables that have a contract in the folder already: references to them are relationships, and they keep their names. */
function knownContracts(folder: string): {
  readonly known: readonly KnownTable[]
  readonly fileOf: ReadonlyMap<string, string>
} {
  const known: KnownTable[] = []
  const fileOf = new Map<string, string>()
  for (const { file, datasets } of checkContractFiles(contractFiles(folder)))
    for (const { name, source, columns, document } of datasets) {
      const table = { schema: source.schema, name: source.table }
      const names = columns.map((column, index) => [column.source, document.properties[index]?.name] as const)
      known.push({
        ...table,
        dataset: name,
        columns: new Map(names.map(([own, given]) => [own, given ?? own])),
      })
      fileOf.set(tableKey(table), file)
    }
  return { known, fileOf }
}
