/** `mogo test`: for those who work on the product. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { ROOT } from '../find-project.ts'
import { runNode } from '../run-node.ts'

/** Adds the command. */
export function addDeveloperCommands(program: Command): void {
  program
    .command('test')
    .description('Run all tests, on real servers; closes with "N passed, N failed"')
    .argument('[filters...]', 'only test files whose path holds one of these')
    .option('--fast', 'only the tests that need no server')
    .allowUnknownOption()
    .action(async (filters: string[], options: { fast?: boolean }) => {
      process.exitCode = await runNode([
        join(ROOT, 'tests/support/run-tests.ts'),
        ...(options.fast ? ['--fast'] : []),
        ...filters,
      ])
    })
}
