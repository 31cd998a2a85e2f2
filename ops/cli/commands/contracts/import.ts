/** `mogo contracts import`: drafts contracts from what is there already. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import { datasetName, draftContract, draftObstacle } from '#contracts/import/draft-contract.ts'
import { readCatalog } from '#contracts/import/postgres-catalog.ts'
import { checkContractFiles } from '#contracts/load-contracts.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { findProject } from '../../find-project.ts'
import { line, note } from '../../output.ts'
import { openPostgres } from '../../postgres-session.ts'

/** Adds the command. */
export function addImportCommand(contracts: Command): void {
  contracts
    .command('import')
    .description('Draft contracts from the tables of Postgres')
    .addOption(new Option('--from <kind>', 'where the tables are').choices(['postgres']).default('postgres'))
    .option('--table <names...>', 'only these tables (schema.table)')
    .option('--tenant-column <name>', 'column that says whose a row is, where a table has it', 'tenant_id')
    .option('--tenant <name>', 'the tenant of all rows of tables without that column', 'main')
    .option('--force', 'write over contracts that exist')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo contracts import --from postgres\n  mogo contracts import --table public.orders --tenant-column shop_id',
    )
    .action(async (options: ImportOptions, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const written = await importContracts(project, options)
      line(`${written} contract(s) in ${relative(process.cwd(), project.contractsDir) || '.'}.`)
      line(
        `Next: look at what is marked guessed, then ${colors.bold('mogo contracts lint')} and ${colors.bold('mogo up')}.`,
      )
    })
}

/** Options of the import. */
export type ImportOptions = {
  readonly table?: readonly string[]
  readonly tenantColumn: string
  readonly tenant: string
  readonly force?: boolean
}

/** Drafts contracts for the tables of the project's Postgres; returns how many were written. */
export async function importContracts(project: Project, options: ImportOptions): Promise<number> {
  const session = await openPostgres(resolveSettings(project).postgres('superuser'))
  try {
    const query = async (sql: string, parameters: readonly unknown[]) =>
      (await session.query(sql, parameters)).rows
    const wanted = options.table?.map((name) => (name.includes('.') ? name : `public.${name}`)) ?? null
    const tables = await readCatalog(query, wanted)
    if (tables.length === 0)
      throw new MogoError('MOGO_USAGE', {
        detail: wanted ? `There is no table ${wanted.join(', ')}.` : 'The database has no tables.',
      })
    mkdirSync(project.contractsDir, { recursive: true })
    let written = 0
    for (const table of tables) {
      const obstacle = draftObstacle(table)
      const file = join(resolve(project.contractsDir), `${datasetName(table)}.odcs.yaml`)
      if (obstacle !== undefined) note(`skipped ${table.schema}.${table.table}: ${obstacle}`)
      else if (existsSync(file) && !options.force)
        note(`kept ${relative(process.cwd(), file)} (--force writes over it)`)
      else {
        writeFileSync(file, draftContract(table, { column: options.tenantColumn, constant: options.tenant }))
        const guessed = checkContractFiles([file]).flatMap(({ datasets }) =>
          datasets.flatMap((dataset) => dataset.columns.filter((column) => column.pii)),
        )
        line(
          `${relative(process.cwd(), file)}  ${colors.dim(`${table.columns.length} columns, guessed personal: ${guessed.map((column) => column.source).join(', ') || 'none'}`)}`,
        )
        written++
      }
    }
    return written
  } finally {
    await session.close()
  }
}
