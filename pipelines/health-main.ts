/**
 * The health of the pipeline as one line of JSON: `node pipelines/health-main.ts`. `MOGO_PROJECT` is the project's folder. Exit codes: 0 it was
 * looked at, whatever was found; 2 wrong usage; 3 the project is not running.
 */
import { MogoError } from '#contracts/errors.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { endWithParent } from '#ops/runtime/end-with-parent.ts'
import { sayEntryFault } from '#ops/runtime/entry-fault.ts'
import { loadProject } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'
import { readHealth } from './health/read-health.ts'

async function main(): Promise<number> {
  try {
    if (process.argv.length > 2) throw new MogoError('MOGO_USAGE', { detail: 'No arguments are expected.' })
    const project = loadProject(process.env['MOGO_PROJECT'] ?? process.cwd())
    const health = await readHealth(resolveSettings(project), loadContracts(project.contractsDir))
    process.stdout.write(`${JSON.stringify(health)}\n`)
    return 0
  } catch (error) {
    return sayEntryFault(error, 'the look at the pipeline', 'json')
  }
}

endWithParent()
process.exitCode = await main()
