/** Changes -> changes with their lines, by whoever has the documents. */
import type { DocumentPath, Place } from '../fault.ts'
import type { Change } from './change.ts'
import type { ContractDiff } from './diff-contracts.ts'

/** Finds places in the two documents. */
export type Locators = Readonly<Record<'older' | 'newer', (path: DocumentPath) => Place>>

/**
 * Fills in the places. `own`: each change where it is, what is gone in the older document. `newer`: everything in the newer document, what is
 * gone where it would be missed: that is what can be shown at the lines of a proposed change.
 */
export function placeChanges(diff: ContractDiff, locate: Locators, where: 'own' | 'newer'): ContractDiff {
  return {
    ...diff,
    changes: diff.changes.map((change): Change => {
      if (where === 'own' && change.newerPath === null && change.olderPath !== null)
        return { ...change, place: { side: 'older', ...locate.older(change.olderPath) } }
      return { ...change, place: { side: 'newer', ...locate.newer(change.newerPath ?? change.anchor) } }
    }),
  }
}
