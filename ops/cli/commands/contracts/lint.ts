/** `mogo contracts lint`: every fault of contracts, with its place. */
import { relative } from 'node:path'
import { type Command, Option } from 'commander'
import { faultLine } from '#contracts/fault.ts'
import { checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'
import { findProject } from '../../find-project.ts'
import { line } from '../../output.ts'

/** Adds the command. */
export function addLintCommand(contracts: Command): void {
  contracts
    .command('lint')
    .description('Check contracts; every fault with its place')
    .argument('[files...]', 'contract files; without any, all of the project')
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExamples:\n  mogo contracts lint\n  mogo contracts lint contracts/orders.odcs.yaml --format json',
    )
    .action((files: string[], options: { format: string }, command: Command) => {
      const chosen =
        files.length > 0
          ? files
          : contractFiles(findProject(command.optsWithGlobals()['project'], process.cwd()).contractsDir)
      const checked = checkContractFiles(chosen)
      const faults = checked.flatMap(({ file, faults: found }) => found.map((fault) => ({ file, ...fault })))
      const errors = faults.filter((fault) => fault.severity === 'error').length
      if (options.format === 'json')
        line(
          JSON.stringify(
            {
              files: checked.map(({ file, faults: found }) => ({
                file,
                valid: !found.some((fault) => fault.severity === 'error'),
                faults: found,
              })),
            },
            undefined,
            2,
          ),
        )
      else {
        for (const fault of faults) line(faultLine(relative(process.cwd(), fault.file), fault).trim())
        line(`${checked.length} file(s), ${errors} error(s), ${faults.length - errors} warning(s)`)
      }
      if (errors > 0 || checked.length === 0) process.exitCode = 1
    })
}
