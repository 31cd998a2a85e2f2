/** `mogo test` and `mogo bench`: for those who work on the product. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from 'commander'
import { findProject, ROOT } from '../find-project.ts'
import { runStack } from '../run-stack.ts'

/** Adds the commands. */
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
  const bench = program
    .command('bench')
    .description('Benchmarks: figures with their floors, as JSON and as a table')
  bench
    .command('pipeline')
    .description('Rows a second from a preloaded topic to ClickHouse, and where the time goes')
    .option('--rows <count>', 'how many records', '200000')
    .option('--json', 'print JSON only')
    .action(async (options: { rows: string; json?: boolean }, command: Command) => {
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      const args = [
        join(ROOT, 'pipelines/bench-main.ts'),
        '--rows',
        options.rows,
        ...(options.json ? ['--json'] : []),
      ]
      process.exitCode = await runStack(project, process.env, {
        serversOnly: true,
        work: (_stack, signal) => runNode(args, { MOGO_PROJECT: project.dir }, signal),
      })
    })
  bench
    .command('contracts')
    .description('Rows a second of the validator, and seconds to check 200 contracts')
    .option('--json', 'print JSON only')
    .action(async (options: { json?: boolean }) => {
      process.exitCode = await runNode([
        join(ROOT, 'contracts/bench-main.ts'),
        ...(options.json ? ['--json'] : []),
      ])
    })
}

/** Runs a program of ours with this Node and passes its exit code on. */
function runNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    ...(signal ? { signal } : {}),
  })
  const forward = (name: NodeJS.Signals): void => void child.kill(name)
  process.on('SIGTERM', forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}
