/** The compiled datasets of the contracts that a command is given; their faults are said as lint says them. */
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { compileContract } from '#contracts/compile/compile-contract.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { faultLine } from '#contracts/fault.ts'
import { type CheckedFile, checkContractFiles, contractFiles } from '#contracts/load-contracts.ts'
import { parseContract } from '#contracts/parse.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { findProject } from '../../find-project.ts'
import { note } from '../../output.ts'

/** What a command works on. */
export type CheckedDatasets = {
  /** In the order of the files, then of the contract. */
  readonly datasets: readonly CompiledDataset[]
  readonly files: readonly string[]
  /** ClickHouse database of the project, or its usual name. */
  readonly database: string
}

/** Checks the files; without any, all of the project. Undefined if one has an error: it has been said, and the exit code is 1. */
export function checkedDatasets(files: readonly string[], command: Command): CheckedDatasets | undefined {
  const project = projectOf(command, files.length === 0)
  const folder = project ? resolve(project.contractsDir) : undefined
  const chosen = files.length > 0 ? files : contractFiles(folder ?? '')
  const isOwn = (file: string): boolean => dirname(resolve(file)) === folder
  const checked: readonly CheckedFile[] = [
    ...checkContractFiles(chosen.filter(isOwn), { purpose: 'pipeline', beside: contractFiles(folder ?? '') }),
    ...checkContractFiles(
      chosen.filter((file) => !isOwn(file)),
      { purpose: 'document' },
    ),
  ]
  const broken = checked.filter(({ faults }) => faults.some(({ severity }) => severity === 'error'))
  for (const { file, faults } of broken)
    for (const fault of faults)
      if (fault.severity === 'error') note(faultLine(relative(process.cwd(), file), fault).trim())
  if (broken.length > 0 || checked.length === 0) {
    note(
      checked.length === 0
        ? 'there are no contracts'
        : `${broken.length} of ${checked.length} contract(s) have errors`,
    )
    process.exitCode = 1
    return undefined
  }
  return {
    datasets: chosen.flatMap((file) =>
      isOwn(file) ? (checked.find((one) => one.file === file)?.datasets ?? []) : described(file),
    ),
    files: chosen,
    database: project?.config.clickhouse.database ?? 'analytics',
  }
}

/** What a contract of elsewhere describes, fit for the pipeline or not. */
function described(file: string): readonly CompiledDataset[] {
  return compileContract(parseContract(readFileSync(file, 'utf8')), { purpose: 'document' }).described
}

/** The project; files of elsewhere need none. */
function projectOf(command: Command, needed: boolean): Project | undefined {
  try {
    return findProject(command.optsWithGlobals()['project'], process.cwd())
  } catch (error) {
    if (needed) throw error
    return undefined
  }
}
