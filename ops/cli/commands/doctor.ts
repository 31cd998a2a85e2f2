/** `mogo doctor`: looks at everything that can be wrong, and says the remedy of each. */
import { type Command, Option } from 'commander'
import colors from 'picocolors'
import { isMogoError } from '#contracts/errors.ts'
import { type Check, doctorChecks } from '../doctor-checks.ts'
import { projectDir } from '../find-project.ts'
import { FORMATS, type Format, line, printRows } from '../output.ts'

const MARKS = { ok: colors.green('✓'), warning: colors.yellow('!'), fault: colors.red('✗') } as const

/** Adds the command. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Check versions, disk, memory, ports, servers, connector and slot; each fault with its remedy',
    )
    .addOption(new Option('--format <format>').choices([...FORMATS]).default('table'))
    .action(async (options: { format: Format }, command: Command) => {
      const dir = projectDir(command.optsWithGlobals()['project'], process.cwd())
      const results: (Check & { state: 'ok' | 'warning' | 'fault' })[] = []
      for (const check of doctorChecks(dir, process.env)) {
        const result = await check.run().catch((error: unknown) => ({
          state: 'fault' as const,
          detail: isMogoError(error) ? `${error.code}: ${error.message}` : 'cannot be checked',
          remedy: isMogoError(error) ? error.remedy : 'Look into the logs.',
        }))
        results.push({ name: check.name, ...result })
        if (options.format !== 'table') continue
        line(`  ${MARKS[result.state]} ${check.name.padEnd(22)} ${result.detail}`)
        if (result.state !== 'ok' && result.remedy)
          line(`      ${colors.dim('what to do:')} ${result.remedy}`)
      }
      if (options.format !== 'table')
        printRows(options.format, ['name', 'state', 'detail', 'remedy'], results)
      const faults = results.filter((result) => result.state === 'fault').length
      const warnings = results.filter((result) => result.state === 'warning').length
      if (options.format === 'table')
        line(`\n${results.length} checks, ${faults} fault(s), ${warnings} warning(s)`)
      if (faults > 0) process.exitCode = 1
    })
}
