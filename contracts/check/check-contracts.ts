/**
 * Contracts as they are now against those that others rely on -> a report. Pure: whoever calls it has read the files, and knows which
 * have the same bytes as before.
 */
import { applyWaivers, waiverFaults } from '../diff/apply-waivers.ts'
import type { Perspective } from '../diff/change.ts'
import { pairContracts } from '../diff/compare-files.ts'
import { diffPresenceOf } from '../diff/contract-presence.ts'
import { type ContractDiff, diffContracts } from '../diff/diff-contracts.ts'
import type { ParsedWaivers } from '../diff/parse-waivers.ts'
import { placeChanges } from '../diff/place-changes.ts'
import type { ContractFault, Place } from '../fault.ts'
import type { Contract } from '../model/contract.ts'
import { type ParsedContract, parseContract, syntaxOf } from '../parse.ts'
import type { CheckedContract, CheckReport } from './check-report.ts'

/** A contract as it is now, linted. */
export type CurrentFile = {
  readonly file: string
  /** From the root of the repository. */
  readonly repositoryFile: string
  readonly parsed: ParsedContract | undefined
  readonly faults: readonly ContractFault[]
  /** Is it byte by byte what it was at the ref? */
  readonly unchanged: boolean
}

/** A contract as it was at the ref, where it is now another one, or gone. */
export type FormerFile = { readonly file: string; readonly repositoryFile: string; readonly text: string }

/** What to check. */
export type CheckInput = {
  readonly against: string
  readonly perspective: Perspective
  readonly current: readonly CurrentFile[]
  readonly former: readonly FormerFile[]
  /** Null if there is no file of waivers. */
  readonly waivers: (ParsedWaivers & { readonly file: string; readonly repositoryFile: string }) | null
  /** Whether all contracts are looked at, so that a waiver which covers nothing is one too many. */
  readonly whole: boolean
  /** `2026-03-14` */
  readonly today: string
}

const START: Place = { line: 1, column: 1 }

/** Checks. */
export function checkContracts(input: CheckInput): CheckReport {
  const waivers = input.waivers?.waivers ?? []
  const waive = (diff: ContractDiff): ContractDiff => applyWaivers(diff, waivers, input.today)
  const was = input.former.map((file): Side => {
    const parsed = parseContract(file.text, syntaxOf(file.repositoryFile))
    return { label: file.repositoryFile, id: parsed.contract?.id ?? '', file, parsed }
  })
  const is = input.current
    .filter(({ unchanged }) => !unchanged)
    .map(
      (file): Side => ({
        label: file.repositoryFile,
        id: file.parsed?.contract?.id ?? '',
        file,
        parsed: file.parsed,
      }),
    )
  const { pairs, removed } = pairContracts(was, is)
  const formerOf = new Map(pairs.map(([older, newer]) => [newer.file, older]))
  const current = input.current.map((file): CheckedContract => {
    const base = about(file, file.parsed?.contract)
    const former = formerOf.get(file)
    if (file.unchanged) return { ...base, state: 'unchanged', faults: file.faults, diff: null }
    if (!former) {
      const diff = presence(file.parsed?.contract, 'added', input.perspective, waive)
      return { ...base, state: 'new', faults: file.faults, diff }
    }
    const state = former.label === file.repositoryFile ? 'changed' : 'renamed'
    const faults = former.parsed?.contract ? file.faults : [...file.faults, unreadable(input.against)]
    return { ...base, state, faults, diff: compare(former.parsed, file.parsed, input.perspective, waive) }
  })
  const deleted = removed.map(({ file, parsed }): CheckedContract => {
    const diff = presence(parsed?.contract, 'removed', input.perspective, waive)
    return { ...about(file, parsed?.contract), state: 'deleted', faults: [], diff }
  })
  const contracts = [...current, ...deleted]
  const diffs = contracts.flatMap(({ diff }) => (diff ? [diff] : []))
  return {
    against: input.against,
    contracts,
    waivers: input.waivers && {
      file: input.waivers.file,
      repositoryFile: input.waivers.repositoryFile,
      faults: [
        ...input.waivers.faults,
        ...waiverFaults(waivers, diffs, input.today, input.whole ? 'all' : 'concerned'),
      ],
    },
  }
}

/** A file of one of the two sides. */
type Side = {
  readonly label: string
  readonly id: string
  readonly file: CurrentFile | FormerFile
  readonly parsed: ParsedContract | undefined
}

type Waive = (diff: ContractDiff) => ContractDiff

function about(file: CurrentFile | FormerFile, contract: Contract | undefined) {
  return { file: file.file, repositoryFile: file.repositoryFile, id: contract?.id || null }
}

function compare(
  older: ParsedContract | undefined,
  newer: ParsedContract | undefined,
  perspective: Perspective,
  waive: Waive,
): ContractDiff | null {
  if (!older?.contract || !newer?.contract) return null
  const diff = diffContracts(older.contract, newer.contract, { perspective })
  return placeChanges(waive(diff), { older: older.locate, newer: newer.locate }, 'newer')
}

function presence(
  contract: Contract | undefined,
  what: 'added' | 'removed',
  perspective: Perspective,
  waive: Waive,
): ContractDiff | null {
  if (!contract) return null
  return placeChanges(
    waive(diffPresenceOf(contract, what, perspective)),
    { older: () => START, newer: () => START },
    'newer',
  )
}

function unreadable(against: string): ContractFault {
  const message = `not compared: what it was at ${against} cannot be read`
  return { severity: 'warning', code: 'CHECK_FORMER_UNREADABLE', path: '', message, ...START }
}
