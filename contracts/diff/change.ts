/**
 * Words of the comparison of two contracts.
 *
 * A *difference* is what the two texts say differently, whoever reads them. A *change* is a difference as one *view* grades it: the
 * consumer reads the data, the producer writes it. A difference *tightens* where the newer contract allows less (of the values, of
 * the access) or promises more, *loosens* where it allows more or promises less, and *changes* where neither can be said.
 */
import type { DocumentPath, Place, Severity } from '../fault.ts'
import type { DiffCode, Direction } from './grades.ts'

/** Who looks at a change. */
export type View = 'consumer' | 'producer'
/** One view, or one after the other. */
export type Perspective = View | 'both'
/** Part of a semantic version. */
export type Bump = 'major' | 'minor' | 'patch' | 'none'

/** What is different, and where. */
export type Difference = {
  readonly code: DiffCode
  /** Name of the schema object, the newer one if it was renamed; null for what belongs to the whole contract. */
  readonly dataset: string | null
  /** Name of the column, `address.street`, `tags[]` or `labels{value}` if it is nested; null for what belongs to the dataset. */
  readonly column: string | null
  /** Where it is in the older document; null if it is not there. */
  readonly olderPath: DocumentPath | null
  /** Where it is in the newer document; null if it is not there. */
  readonly newerPath: DocumentPath | null
  /** The nearest thing in the newer document: where somebody who mends it would look. */
  readonly anchor: DocumentPath
  /** What happened. Names columns and rules, never values of data. */
  readonly message: string
  /** It is in a column of which nothing is stored, before and after: no reader sees it. */
  readonly unseen?: true
}

/** Somebody's word that a change is agreed, until a day. */
export type Waiver = {
  readonly code: string
  /** Id of the contract; any, if it is not said. */
  readonly contract?: string | undefined
  /** The version of the contract that brings the change; any, if it is not said. */
  readonly version?: string | undefined
  /** Glob over `dataset.column`. */
  readonly path: string
  readonly reason: string
  /** The last day on which it holds, `2026-12-31`. */
  readonly expires: string
  readonly approvedBy?: string | undefined
}

/** A difference in the eyes of one view. */
export type Change = Difference & {
  readonly severity: Severity
  readonly perspective: View
  readonly direction: Direction
  /** Where it is, filled in by whoever has the documents. */
  readonly place?: Place & { readonly side: 'older' | 'newer' }
  /** The waiver for which it does not count. */
  readonly waived?: Waiver
}
