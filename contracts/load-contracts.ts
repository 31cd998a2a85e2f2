/** Reads a folder of contracts (`*.odcs.yaml`, `*.odcs.yml`, `*.odcs.json`) into compiled datasets. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileContract } from './compile/compile-contract.ts'
import type { CompiledDataset } from './compile/compiled-dataset.ts'
import { MogoError } from './errors.ts'
import { type ContractFault, faultLine } from './fault.ts'
import { parseContract } from './parse.ts'

const CONTRACT_FILE = /\.odcs\.(ya?ml|json)$/

/** One contract file with its faults. */
export type CheckedFile = {
  readonly file: string
  readonly faults: readonly ContractFault[]
  readonly datasets: readonly CompiledDataset[]
}

/** Parses and compiles the given files. Faults are in the result, also those across files. */
export function checkContractFiles(files: readonly string[]): readonly CheckedFile[] {
  const owner = new Map<string, string>()
  return files.map((file) => {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      const fault: ContractFault = {
        severity: 'error',
        code: 'CONTRACT_UNREADABLE',
        path: '',
        line: 1,
        column: 1,
        message: 'cannot be read',
      }
      return { file, faults: [fault], datasets: [] }
    }
    const { datasets, faults } = compileContract(parseContract(text))
    const clashes = datasets.flatMap((dataset): ContractFault[] => {
      const other = owner.get(dataset.table)
      owner.set(dataset.table, file)
      return other === undefined
        ? []
        : [
            {
              severity: 'error',
              code: 'CONTRACT_DATASET_TWICE',
              path: 'schema',
              line: 1,
              column: 1,
              message: `the dataset ${dataset.name} is defined in ${other} too`,
            },
          ]
    })
    return { file, faults: [...faults, ...clashes], datasets }
  })
}

/** The contract files of a folder, sorted by name; empty if the folder is absent. */
export function contractFiles(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => CONTRACT_FILE.test(name))
      .sort()
      .map((name) => join(dir, name))
  } catch {
    return []
  }
}

/**
 * Compiled datasets of a folder, sorted by name.
 *
 * @throws MogoError MOGO_CONTRACT_NONE, MOGO_CONTRACT_INVALID (every fault of every file at once)
 */
export function loadContracts(dir: string): readonly CompiledDataset[] {
  const files = contractFiles(dir)
  if (files.length === 0) throw new MogoError('MOGO_CONTRACT_NONE', { dir })
  const checked = checkContractFiles(files)
  const errors = checked.flatMap(({ file, faults }) =>
    faults.filter((fault) => fault.severity === 'error').map((fault) => faultLine(file, fault)),
  )
  if (errors.length > 0)
    throw new MogoError('MOGO_CONTRACT_INVALID', { count: errors.length, faults: errors.join('\n') })
  return checked.flatMap(({ datasets }) => datasets).sort((a, b) => (a.name < b.name ? -1 : 1))
}
