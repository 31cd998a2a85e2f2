/**
 * More than two versions: each with the next, and the first with the last, because two steps may each be harmless and break together
 * (a column that was dropped comes back with another type; a small widening, again and again).
 */
import type { Contract } from '../model/contract.ts'
import type { Change } from './change.ts'
import { type ContractDiff, type DiffOptions, diffContracts } from './diff-contracts.ts'

/** Several versions, compared. */
export type VersionsDiff = {
  /** Each version with the next. */
  readonly steps: readonly ContractDiff[]
  /** The first with the last. Of two versions, the one step. */
  readonly overall: ContractDiff
  /** Changes of the overall comparison that no step shows. */
  readonly across: readonly Change[]
}

/**
 * Compares versions, the oldest first. `waive` is applied to every comparison.
 *
 * @throws RangeError for fewer than two versions
 */
export function diffVersions(
  versions: readonly Contract[],
  options: DiffOptions,
  waive: (diff: ContractDiff) => ContractDiff = (diff) => diff,
): VersionsDiff {
  const [first, last] = [versions[0], versions.at(-1)]
  if (!first || !last || versions.length < 2) throw new RangeError('a comparison needs two versions')
  const compare = (older: Contract, newer: Contract): ContractDiff =>
    waive(diffContracts(older, newer, options))
  const steps = versions.slice(1).map((newer, index) => compare(versions[index] ?? first, newer))
  const [only] = steps
  const overall = steps.length === 1 && only ? only : compare(first, last)
  const shown = new Set(steps.flatMap(({ changes }) => changes.map(identity)))
  return { steps, overall, across: overall.changes.filter((change) => !shown.has(identity(change))) }
}

/** What makes two changes the same one, whatever the versions. */
function identity({ code, perspective, dataset, column }: Change): string {
  return JSON.stringify([code, perspective, dataset, column])
}
