/** Reads a folder of contracts (`*.odcs.yaml`, `*.odcs.yml`, `*.odcs.json`) into compiled datasets. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { checkContract } from './check-contract.ts'
import type { Purpose } from './compile/compile-contract.ts'
import type { CompiledDataset } from './compile/compiled-dataset.ts'
import { MogoError } from './errors.ts'
import { type ContractFault, faultLine } from './fault.ts'
import { MAX_BYTES, type ParsedContract, parseContractBytes, syntaxOf } from './parse.ts'

const CONTRACT_FILE = /\.odcs\.(ya?ml|json)$/

/** One contract file with its faults. */
export type CheckedFile = {
  readonly file: string
  readonly faults: readonly ContractFault[]
  readonly datasets: readonly CompiledDataset[]
  /** Those too that lack what the pipeline needs, see {@link checkContract}. */
  readonly described: readonly CompiledDataset[]
  /** Undefined if the file cannot be read. */
  readonly parsed: ParsedContract | undefined
}

/** How files are checked. */
export type CheckFilesOptions = {
  /** `pipeline` if it is not given: the files are those of a project, and all of it. */
  readonly purpose?: Purpose
  /** Files whose datasets may be referred to as well; they are read, and not reported. */
  readonly beside?: readonly string[]
}

/** Checks the given files. Faults are in the result, also those across files. */
export function checkContractFiles(
  files: readonly string[],
  { purpose = 'pipeline', beside = [] }: CheckFilesOptions = {},
): readonly CheckedFile[] {
  const read = files.map((file) => ({ file, parsed: parseContractFile(file) }))
  const neighbours = datasetColumns([
    ...read.map(({ parsed }) => parsed),
    ...beside.filter((file) => !files.includes(file)).map(parseContractFile),
  ])
  const owner = new Map<string, string>()
  return read.map(({ file, parsed }) => {
    if (typeof parsed === 'string')
      return { file, faults: [unreadable(parsed)], datasets: [], described: [], parsed: undefined }
    const { datasets, described, faults } = checkContract(parsed, { purpose, neighbours })
    // Two documents may describe one table; two contracts of a project may not.
    const clashes = datasets.flatMap((dataset): ContractFault[] => {
      const other = owner.get(dataset.table)
      owner.set(dataset.table, file)
      return other === undefined || purpose === 'document'
        ? []
        : [
            {
              severity: 'error',
              code: 'CONTRACT_DATASET_TWICE',
              path: 'schema',
              message: `the dataset ${dataset.name} is defined in ${other} too`,
              ...parsed.locate(['schema']),
            },
          ]
    })
    return { file, faults: [...faults, ...clashes], datasets, described, parsed }
  })
}

function unreadable(reason: string): ContractFault {
  return { severity: 'error', code: 'CONTRACT_UNREADABLE', path: '', line: 1, column: 1, message: reason }
}

/** Why a file cannot be read, by the error of the system. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'cannot be read: no right to'],
  ['EPERM', 'cannot be read: no right to'],
  ['EISDIR', 'is a folder'],
  ['ELOOP', 'is a link that leads nowhere'],
])

/** Reads and parses a file. A text instead says why it cannot be read. */
export function parseContractFile(file: string): ParsedContract | string {
  try {
    return parseContractBytes(readStart(file), syntaxOf(file))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return REASONS.get(code) ?? 'cannot be read'
  }
}

/** The bytes of a file, or as many of them as show that it is too long: it may be anything that can be named. */
function readStart(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const size = fstatSync(descriptor).size
    // What is no file of the disk says 0.
    const buffer = Buffer.allocUnsafe((size === 0 ? MAX_BYTES : Math.min(size, MAX_BYTES)) + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, null)
    return buffer.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

/** Names of columns by dataset, of all contracts together. */
function datasetColumns(
  contracts: readonly (ParsedContract | string)[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const columns = new Map<string, Set<string>>()
  for (const parsed of contracts)
    for (const { name, properties } of (typeof parsed === 'string' ? undefined : parsed.contract)?.schema ??
      []) {
      const known = columns.get(name) ?? new Set()
      for (const property of properties) known.add(property.name).add(property.physicalName ?? property.name)
      columns.set(name, known)
    }
  return columns
}

/** Is a file of this name a contract? */
export function isContractFile(name: string): boolean {
  return CONTRACT_FILE.test(name)
}

/** The contract files of a folder, sorted by name; empty if the folder is absent. */
export function contractFiles(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter(isContractFile)
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
    faults.filter(isRefused).map((fault) => faultLine(file, fault)),
  )
  if (errors.length > 0)
    throw new MogoError('MOGO_CONTRACT_INVALID', { count: errors.length, faults: errors.join('\n') })
  return checked.flatMap(({ datasets }) => datasets).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A contract may ask for the vault before there is one; it cannot be run then, or somebody would think that something is stored. */
function isRefused({ severity, code }: ContractFault): boolean {
  return severity === 'error' || code === 'CONTRACT_PII_VAULT_ABSENT'
}
