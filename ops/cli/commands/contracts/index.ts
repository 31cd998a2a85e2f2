/** `mogo contracts …`: check, explain, compile, import, export, compare. A file per command. */
import type { Command } from 'commander'
import { addImportCommand } from './import.ts'
import { addLintCommand } from './lint.ts'

/** Adds the commands. */
export function addContractCommands(program: Command): void {
  const contracts = program
    .command('contracts')
    .description('Data contracts: check, explain, compile, import, export, compare')
  addLintCommand(contracts)
  addImportCommand(contracts)
}
