/**
 * The command line. Nouns, then verbs; `--project DIR` chooses the project; exit codes are those of exit-codes.ts.
 */
import { Command, CommanderError } from 'commander'
import { isMogoError } from '#contracts/errors.ts'
import manifest from '../../package.json' with { type: 'json' }
import { addBenchCommands } from './commands/bench.ts'
import { addCaptureCommands } from './commands/capture.ts'
import { addChaosCommand } from './commands/chaos.ts'
import { addConfigCommand } from './commands/config.ts'
import { addConsoleCommands } from './commands/consoles.ts'
import { addContractCommands } from './commands/contracts/index.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDeveloperCommands } from './commands/developer.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addInitCommand } from './commands/init.ts'
import { addKeyCommands } from './commands/keys.ts'
import { addLoginCommands } from './commands/login.ts'
import { addPipelineCommands } from './commands/pipeline.ts'
import { addQuarantineCommands } from './commands/quarantine.ts'
import { addQueryCommands } from './commands/query.ts'
import { addLifeCommands } from './commands/up.ts'
import { addVerifyCommand } from './commands/verify.ts'
import { exitCodeOf, sayError } from './exit-codes.ts'

const program = new Command('mogo')
  .description('Governed, self-serve analytics from an operational Postgres.')
  .version(manifest.version)
  .option('--project <dir>', 'folder of mogo.yaml; default: here or above, else the demo project')
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false })
  .exitOverride()
  .addHelpText(
    'after',
    `
Start here:
  mogo demo                    see it work
  mogo init DIR --source URL   put your own Postgres under contract
  mogo status                  what runs
  mogo doctor                  what is wrong, and the remedy`,
  )

addDemoCommand(program)
addInitCommand(program)
addLifeCommands(program)
addDoctorCommand(program)
addContractCommands(program)
addCaptureCommands(program)
addVerifyCommand(program)
addPipelineCommands(program)
addQuarantineCommands(program)
addQueryCommands(program)
addLoginCommands(program)
addKeyCommands(program)
addConsoleCommands(program)
addConfigCommand(program)
addDeveloperCommands(program)
addBenchCommands(program)
addChaosCommand(program)

// `mogo status | head -1` must not end in a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
})

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    if (isMogoError(error) || process.env['MOGO_DEBUG'] === undefined) sayError(error)
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
