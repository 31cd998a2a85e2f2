/** A contract that is there in one of two folders only. */
import type { Contract } from '../model/contract.ts'
import type { Difference, Perspective } from './change.ts'
import { type ContractDiff, grade, judge } from './diff-contracts.ts'

/** The comparison of a contract with its absence. There is no version to raise. */
export function diffPresenceOf(
  contract: Contract,
  what: 'removed' | 'added',
  perspective: Perspective,
): ContractDiff {
  const gone = what === 'removed'
  const difference: Difference = {
    code: gone ? 'DIFF_CONTRACT_REMOVED' : 'DIFF_CONTRACT_ADDED',
    dataset: null,
    column: null,
    olderPath: gone ? [] : null,
    newerPath: gone ? null : [],
    anchor: [],
    message: gone ? 'the contract is gone' : 'the contract is new',
  }
  return judge({
    id: contract.id,
    versions: { older: gone ? contract.version : '', newer: gone ? '' : contract.version },
    perspective,
    changes: grade([difference], perspective),
  })
}
