/** Faults up to a limit. A contract may be hostile, and nobody reads ten thousand; but that there are more is said, so that nobody takes the list for whole. */
import type { ContractFault, Place, Severity } from './fault.ts'

/** Code of the fault that ends a list which was cut. */
export const MORE_FAULTS = 'CONTRACT_MORE_FAULTS'

/** A list that is being made. */
export type FaultList = {
  /** How many more are taken. */
  left(): number
  /** Takes a fault, or counts it if the list is full. */
  add(fault: ContractFault): void
  /** Counts faults without saying them; `place` is that of the first. */
  skip(count: number, severity: Severity, place: Place): void
  /** The faults, and how many were left out. */
  all(): readonly ContractFault[]
}

const WEIGHT: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 }

/** Makes a list of at most so many. `what` names its faults: "faults of shape". */
export function createFaultList(most: number, what: string): FaultList {
  const faults: ContractFault[] = []
  let cut: (Place & { readonly count: number; readonly severity: Severity }) | undefined
  const skip: FaultList['skip'] = (count, severity, { line, column }) => {
    if (count <= 0) return
    const worse = cut !== undefined && WEIGHT[cut.severity] > WEIGHT[severity] ? cut.severity : severity
    cut = { line, column, ...cut, count: (cut?.count ?? 0) + count, severity: worse }
  }
  return {
    left: () => most - faults.length,
    add(fault) {
      if (faults.length < most) faults.push(fault)
      else skip(1, fault.severity, fault)
    },
    skip,
    all: () => (cut === undefined ? faults : [...faults, moreFaults(`${cut.count} more ${what}`, cut)]),
  }
}

/** The fault that ends a list which was cut. Its path is the whole document: the faults that are not said may be anywhere. */
export function moreFaults(
  what: string,
  { severity, line, column }: Place & { readonly severity: Severity },
): ContractFault {
  return {
    severity,
    code: MORE_FAULTS,
    path: '',
    message: `${what} are not said; mend those above first`,
    line,
    column,
  }
}
