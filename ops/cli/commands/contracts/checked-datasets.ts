/** The compiled datasets of the contracts that a command is given; their faults are said as lint says them. */
import { relative } from 'node:path'
import type { Command } from 'commander'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { faultLine } from '#contracts/fault.ts'
import { note } from '../../output.ts'
import { checkNamedContracts } from './named-contracts.ts'

/** What a command works on. */
export type CheckedDatasets = {
  /** In the order of the files, then of the contract. */
  readonly datasets: readonly CompiledDataset[]
  readonly files: readonly string[]
  /** ClickHouse database of the project, or its usual name. */
  readonly database: string
}

/**
 * Checks the files and folders; without any, those of the project. Undefined if one has an error: it has been said, and the exit code is 1.
 *
 * @throws MogoError MOGO_CONTRACT_NONE, and those of the configuration
 */
export function checkedDatasets(names: readonly string[], command: Command): CheckedDatasets | undefined {
  const { checked, empty, project } = checkNamedContracts(names, command)
  if (empty.length > 0) throw new MogoError('MOGO_CONTRACT_NONE', { dir: empty.join(', ') })
  const broken = checked.filter(({ faults }) => faults.some(({ severity }) => severity === 'error'))
  for (const { file, faults } of broken)
    for (const fault of faults)
      if (fault.severity === 'error') note(faultLine(relative(process.cwd(), file), fault).trim())
  if (broken.length > 0) {
    note(`${broken.length} of ${checked.length} contract(s) have errors`)
    process.exitCode = 1
    return undefined
  }
  return {
    // What a contract of elsewhere describes may be fit for the pipeline or not.
    datasets: checked.flatMap(({ isOwn, datasets, described }) => (isOwn ? datasets : described)),
    files: checked.map(({ file }) => file),
    database: project?.config.clickhouse.database ?? 'analytics',
  }
}
