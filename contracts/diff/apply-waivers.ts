/** Waivers against changes: which changes do not count, which waivers are too old, and which are about nothing. */
import type { ContractFault, Place } from '../fault.ts'
import type { Change, Waiver } from './change.ts'
import { type ContractDiff, judge } from './diff-contracts.ts'
import { matchesGlob } from './glob.ts'

/** A waiver and where it stands. */
export type PlacedWaiver = { readonly waiver: Waiver; readonly place: Place; readonly index: number }

/**
 * The comparison with its waived changes marked. They require no new version and break nothing. `today` is a date, `2026-03-14`: a
 * waiver holds until its last day is over.
 */
export function applyWaivers(
  diff: ContractDiff,
  waivers: readonly PlacedWaiver[],
  today: string,
): ContractDiff {
  const valid = waivers.map(({ waiver }) => waiver).filter(({ expires }) => expires >= today)
  const mark = (change: Change): Change => {
    const waiver = valid.find((candidate) => covers(candidate, change, diff))
    return waiver ? { ...change, waived: waiver } : change
  }
  // The version is judged again by what is left, and what is then said of the version can be waived too.
  const judged = judge({ ...diff, changes: diff.changes.map(mark) })
  const changes = judged.changes.map(mark)
  return {
    ...judged,
    changes,
    breaking: changes.some((change) => change.severity === 'error' && !change.waived),
  }
}

/** Is this change meant? A change of the whole contract has no dataset: `*` covers it. */
function covers(
  waiver: Waiver,
  change: Change,
  { id, versions }: Pick<ContractDiff, 'id' | 'versions'>,
): boolean {
  if (waiver.code !== change.code) return false
  if (waiver.contract !== undefined && waiver.contract !== id) return false
  // What is gone has no newer version.
  if (waiver.version !== undefined && waiver.version !== (versions.newer || versions.older)) return false
  return matchesGlob(waiver.path, elementOf(change))
}

/** `orders.status`, `orders`, or nothing for the whole contract. */
export function elementOf({ dataset, column }: Pick<Change, 'dataset' | 'column'>): string {
  return dataset === null ? '' : column === null ? dataset : `${dataset}.${column}`
}

/**
 * What is wrong with waivers: expired ones are errors, those that cover none of the changes are warnings. `concerned`: only waivers
 * that are about these changes are meant, because there are other contracts too.
 */
export function waiverFaults(
  waivers: readonly PlacedWaiver[],
  diffs: readonly ContractDiff[],
  today: string,
  which: 'all' | 'concerned',
): readonly ContractFault[] {
  const used = new Set(diffs.flatMap(({ changes }) => changes.map(({ waived }) => waived)))
  const concerned = (waiver: Waiver): boolean =>
    diffs.some((diff) => diff.changes.some((change) => covers(waiver, change, diff)))
  return waivers.flatMap(({ waiver, place, index }): ContractFault[] => {
    const about = `${waiver.code} at ${waiver.path}`
    if (waiver.expires < today && which === 'concerned' && !concerned(waiver)) return []
    if (waiver.expires < today)
      return [
        {
          severity: 'error',
          code: 'WAIVER_EXPIRED',
          path: `[${index}].expires`,
          message: `the waiver of ${about} ended on ${waiver.expires}`,
          suggestion: 'undo the change, or agree on it again with a later date',
          ...place,
        },
      ]
    if (used.has(waiver) || which === 'concerned') return []
    return [
      {
        severity: 'warning',
        code: 'WAIVER_UNUSED',
        path: `[${index}]`,
        message: `the waiver of ${about} covers no change`,
        suggestion: 'take it out when the change is released',
        ...place,
      },
    ]
  })
}
