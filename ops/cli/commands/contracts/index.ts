/** `mogo contracts …`: check, explain, compile, import, export, compare. A file per command. */
import type { Command } from 'commander'
import { addCheckCommand } from './check.ts'
import { addCompileCommand } from './compile.ts'
import { addDiffCommand } from './diff.ts'
import { addExportCommand } from './export.ts'
import { addImportCommand } from './import.ts'
import { addLintCommand } from './lint.ts'
import { addShowCommand } from './show.ts'

/** Adds the commands. */
export function addContractCommands(program: Command): void {
  const contracts = program
    .command('contracts')
    .description('Data contracts: check, explain, compile, import, export, compare')
  addLintCommand(contracts)
  addShowCommand(contracts)
  addCompileCommand(contracts)
  addImportCommand(contracts)
  addExportCommand(contracts)
  addDiffCommand(contracts)
  addCheckCommand(contracts)
}
