/** Files of contracts -> what is different in them: two or more versions of one contract, or two folders of contracts. */
import type { ContractFault } from '../fault.ts'
import type { Contract } from '../model/contract.ts'
import { type ParsedContract, parseContract, syntaxOf } from '../parse.ts'
import { applyWaivers, type PlacedWaiver, waiverFaults } from './apply-waivers.ts'
import type { Bump, Change, Perspective } from './change.ts'
import { diffPresenceOf } from './contract-presence.ts'
import type { ContractDiff } from './diff-contracts.ts'
import { diffVersions } from './diff-versions.ts'
import { type KeyedPairs, pairByKeys } from './pair-by-keys.ts'
import { placeChanges } from './place-changes.ts'
import { type DeclaredBump, largerBump } from './version.ts'

/** A file as it was read. */
export type ContractFile = {
  /** How it is called in reports: a path, or `REF:path`. */
  readonly label: string
  readonly text: string
}

/** A change, and the files that it is between. */
export type FileChange = { readonly change: Change; readonly older: string; readonly newer: string }

/** One contract, compared. */
export type FileComparison = {
  readonly id: string
  /** The first and the last version. */
  readonly versions: ContractDiff['versions']
  readonly requiredBump: Bump
  readonly declaredBump: DeclaredBump
  readonly breaking: boolean
  readonly changes: readonly FileChange[]
}

/** All that is different. */
export type DiffReport = {
  readonly perspective: Perspective
  readonly contracts: readonly FileComparison[]
  /** What is wrong with the waivers, as far as they are about these contracts. */
  readonly waiverFaults: readonly ContractFault[]
  /** Files that are no contracts at all, and why. Nothing is said of them elsewhere. */
  readonly unreadable: readonly { readonly file: string; readonly faults: readonly ContractFault[] }[]
  /** Files with faults, which were compared as far as they can be read. */
  readonly faulty: readonly { readonly file: string; readonly errors: number }[]
}

/** How to compare. */
export type CompareOptions = {
  readonly perspective: Perspective
  readonly waivers: readonly PlacedWaiver[]
  /** `2026-03-14` */
  readonly today: string
}

type Read = {
  readonly label: string
  readonly id: string
  readonly parsed: ParsedContract
  readonly contract: Contract
}

/** Compares versions of one contract, the oldest first. */
export function compareFiles(files: readonly ContractFile[], options: CompareOptions): DiffReport {
  const reading = readAll(files)
  return reportOf(
    reading,
    reading.unreadable.length > 0 ? [] : [compareChain(reading.read, options)],
    options,
  )
}

/** Compares two folders: contracts are paired by their ids, then by the names of their files. */
export function compareFolders(
  older: readonly ContractFile[],
  newer: readonly ContractFile[],
  options: CompareOptions,
): DiffReport {
  const [was, is] = [readAll(older), readAll(newer)]
  const { pairs, removed, added } = pairContracts(was.read, is.read)
  const alone = (read: Read, what: 'removed' | 'added'): Compared => {
    const diff = diffPresenceOf(read.contract, what, options.perspective)
    const waived = placedAtStart(applyWaivers(diff, options.waivers, options.today))
    const changes = waived.changes.map((change) => ({ change, older: read.label, newer: read.label }))
    return { comparison: { ...waived, changes }, diffs: [waived] }
  }
  const comparisons = [
    ...pairs.map((pair) => compareChain(pair, options)),
    ...removed.map((read) => alone(read, 'removed')),
    ...added.map((read) => alone(read, 'added')),
  ]
  return reportOf(
    {
      read: [...was.read, ...is.read],
      unreadable: [...was.unreadable, ...is.unreadable],
    },
    comparisons,
    options,
  )
}

/** Which contract is which: by id and path (two versions of one may stand side by side), by id alone, then by the path of the file, then by its name. */
export function pairContracts<T extends { readonly label: string; readonly id: string }>(
  older: readonly T[],
  newer: readonly T[],
): KeyedPairs<T> {
  return pairByKeys(older, newer, [
    ({ id, label }) => (id === '' ? undefined : JSON.stringify([id, label])),
    ({ id }) => id || undefined,
    ({ label }) => label,
    ({ label }) => label.slice(Math.max(label.lastIndexOf('/'), label.lastIndexOf(':')) + 1),
  ])
}

/** The verdict of all contracts together. The declared bump is that of the one contract; null where there are more, or none. */
export function verdictOf({ contracts, waiverFaults: faults }: DiffReport) {
  const [only] = contracts
  return {
    requiredBump: contracts.reduce<Bump>((most, { requiredBump }) => largerBump(most, requiredBump), 'none'),
    declaredBump: contracts.length === 1 && only ? only.declaredBump : null,
    breaking: contracts.some(({ breaking }) => breaking),
    failed: contracts.some(({ breaking }) => breaking) || faults.some(({ severity }) => severity === 'error'),
  }
}

type Reading = { readonly read: readonly Read[]; readonly unreadable: DiffReport['unreadable'] }
type Compared = { readonly comparison: FileComparison; readonly diffs: readonly ContractDiff[] }

function readAll(files: readonly ContractFile[]): Reading {
  const read: Read[] = []
  const unreadable: { file: string; faults: readonly ContractFault[] }[] = []
  for (const { label, text } of files) {
    const parsed = parseContract(text, syntaxOf(label))
    const { contract, faults } = parsed
    if (contract) read.push({ label, id: contract.id, parsed, contract })
    else unreadable.push({ file: label, faults })
  }
  return { read, unreadable }
}

function compareChain(chain: readonly Read[], options: CompareOptions): Compared {
  const waive = (diff: ContractDiff): ContractDiff => applyWaivers(diff, options.waivers, options.today)
  const { steps, overall, across } = diffVersions(
    chain.map(({ contract }) => contract),
    options,
    waive,
  )
  const changes = (diff: ContractDiff, older: Read | undefined, newer: Read | undefined): FileChange[] =>
    older && newer
      ? placeChanges(diff, { older: older.parsed.locate, newer: newer.parsed.locate }, 'own').changes.map(
          (change) => ({ change, older: older.label, newer: newer.label }),
        )
      : []
  const all = [
    ...steps.flatMap((diff, index) => changes(diff, chain[index], chain[index + 1])),
    ...changes({ ...overall, changes: across }, chain[0], chain.at(-1)),
  ]
  const diffs = [...steps, ...(steps.length > 1 ? [overall] : [])]
  return {
    comparison: {
      id: overall.id,
      versions: overall.versions,
      requiredBump: overall.requiredBump,
      declaredBump: overall.declaredBump,
      breaking: diffs.some(({ breaking }) => breaking),
      changes: all,
    },
    diffs,
  }
}

function placedAtStart(diff: ContractDiff): ContractDiff {
  const start = () => ({ line: 1, column: 1 })
  return placeChanges(diff, { older: start, newer: start }, 'own')
}

function reportOf(
  { read, unreadable }: Reading,
  compared: readonly Compared[],
  options: CompareOptions,
): DiffReport {
  const errorsOf = ({ parsed }: Read): number =>
    parsed.faults.filter(({ severity }) => severity === 'error').length
  return {
    perspective: options.perspective,
    contracts: compared.map(({ comparison }) => comparison),
    waiverFaults: waiverFaults(
      options.waivers,
      compared.flatMap(({ diffs }) => diffs),
      options.today,
      'concerned',
    ),
    unreadable,
    faulty: read.flatMap((file) =>
      errorsOf(file) > 0 ? [{ file: file.label, errors: errorsOf(file) }] : [],
    ),
  }
}
