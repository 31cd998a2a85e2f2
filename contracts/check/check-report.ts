/**
 * What `mogo contracts check` found: the faults of every contract, and how it differs from the one that others rely on. The reports
 * beside this file say it in the words of people, programs and CI systems.
 */

import { elementOf } from '../diff/apply-waivers.ts'
import type { Change } from '../diff/change.ts'
import type { ContractDiff } from '../diff/diff-contracts.ts'
import { type ContractFault, type Place, pathText, type Severity } from '../fault.ts'

/** One contract of the check. */
export type CheckedContract = {
  /** Path from the working folder. */
  readonly file: string
  /** Path from the root of the repository, with slashes: what CI systems show it at. */
  readonly repositoryFile: string
  readonly id: string | null
  /** How it stands to the contract at the ref. */
  readonly state: 'unchanged' | 'changed' | 'new' | 'renamed' | 'deleted'
  readonly faults: readonly ContractFault[]
  /** The comparison, with its changes placed; null where there is nothing to compare with. */
  readonly diff: ContractDiff | null
}

/** A whole check. */
export type CheckReport = {
  /** The git ref that it was compared with. */
  readonly against: string
  readonly contracts: readonly CheckedContract[]
  /** The file of waivers and its faults; null if there is none. */
  readonly waivers: {
    readonly file: string
    readonly repositoryFile: string
    readonly faults: readonly ContractFault[]
  } | null
}

/** One fault or one change, as reports list them. */
export type Finding = Place & {
  readonly file: string
  readonly repositoryFile: string
  readonly severity: Severity
  readonly code: string
  /** `orders.status`; empty for a whole file. */
  readonly element: string
  readonly path: string
  readonly message: string
  /** Of a fault: what could stand there, or how it is mended. Of a change: whom it breaks. */
  readonly hint: string
  /** Reason of the waiver, if one covers it. */
  readonly waived: string | null
  /** The change that it is, if it is one. */
  readonly change: Change | null
}

const START: Place = { line: 1, column: 1 }

/** Everything found, file by file, in the order of the lines. */
export function findingsOf(report: CheckReport): readonly Finding[] {
  const files = report.contracts.map((contract) =>
    [...contract.faults.map((fault) => faultFinding(contract, fault)), ...changesOf(contract)].sort(
      (a, b) => a.line - b.line || a.column - b.column,
    ),
  )
  const waivers = report.waivers
  return [...files.flat(), ...(waivers?.faults ?? []).map((fault) => faultFinding(waivers ?? NOWHERE, fault))]
}

const NOWHERE = { file: '', repositoryFile: '' }

/** Changes of one contract as findings. */
export function changesOf(contract: CheckedContract): readonly Finding[] {
  return (contract.diff?.changes ?? []).map((change) => ({
    file: contract.file,
    repositoryFile: contract.repositoryFile,
    severity: change.severity,
    code: change.code,
    element: elementOf(change),
    path: pathText(change.newerPath ?? change.olderPath ?? []),
    message: change.message,
    hint: change.severity === 'error' ? `breaks ${change.perspective}s` : '',
    waived: change.waived?.reason ?? null,
    change,
    ...(change.place ?? START),
  }))
}

function faultFinding(at: Pick<Finding, 'file' | 'repositoryFile'>, fault: ContractFault): Finding {
  return {
    file: at.file,
    repositoryFile: at.repositoryFile,
    severity: fault.severity,
    code: fault.code,
    element: '',
    path: fault.path,
    message: fault.message,
    hint: [fault.expected && `expected ${fault.expected}`, fault.suggestion].filter(Boolean).join('; '),
    waived: null,
    change: null,
    line: fault.line,
    column: fault.column,
  }
}

/** How many there are of each kind; waived ones are counted apart. */
export function countFindings(findings: readonly Finding[]): Readonly<Record<Severity | 'waived', number>> {
  const counts = { error: 0, warning: 0, info: 0, waived: 0 }
  for (const { severity, waived } of findings) counts[waived === null ? severity : 'waived']++
  return counts
}

/** Is there an error that no waiver covers? */
export function hasErrors(report: CheckReport): boolean {
  return countFindings(findingsOf(report)).error > 0
}
