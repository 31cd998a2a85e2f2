/** `mogo verify`: is the destination equal to the source? */
import { type Command, Option } from 'commander'
import { keepVerification } from '#ops/alerts/keep-verification.ts'
import { compareUntilEqual } from '#ops/compare/compare-project.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { findProject } from '../find-project.ts'
import { FORMATS, type Format, note, printRows } from '../output.ts'

/** Adds the command. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      'Compare every source table with its dataset, per tenant: counts, checksums, and row by row where they differ',
    )
    .option('--wait <seconds>', 'how long to wait for changes that are on their way', '30')
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .action(async (options: { format: Format; wait: string }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const settings = resolveSettings(project)
      const results = await compareUntilEqual(
        settings,
        Number(options.wait) * 1000,
        new AbortController().signal,
      )
      await keepVerification(settings, results)
      const rows = results.map((result) => ({
        dataset: result.dataset,
        tenants: result.tenants,
        source: result.sourceRows,
        stored: result.storedRows,
        'breaks its contract': result.explained,
        different: result.unexplained,
        equal: result.unexplained === 0,
      }))
      printRows(
        options.format,
        ['dataset', 'tenants', 'source', 'stored', 'breaks its contract', 'different', 'equal'],
        rows,
      )
      if (results.some((result) => result.unexplained > 0)) {
        note(
          'Some rows differ. If changes are still coming in, try again when the source is quiet; else see `mogo doctor`.',
        )
        process.exitCode = 1
      }
    })
}
