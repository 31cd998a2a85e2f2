/** What a validator sees: a row as Debezium (or any JSON) writes it, and what it finds wrong with it. */

/** A value of a row. */
export type RowValue =
  | string
  | number
  | boolean
  | null
  | readonly RowValue[]
  | { readonly [name: string]: RowValue }

/** The columns of a row, by source name. */
export type Row = Readonly<Record<string, RowValue | undefined>>

/** Why a row is refused. Names only, never a value. */
export type RowFault = {
  /** Stable: `required`, `type`, or the name of the rule. */
  readonly code: string
  /** Source column; empty if it concerns the whole record. */
  readonly column: string
}

/** Finds what is wrong with a row, at most {@link MAX_ROW_FAULTS} faults, in the order of the columns; empty if it is valid. */
export type ValidateRow = (row: Row) => readonly RowFault[]

/** What a validator may be told beside the contract. */
export type ValidatorOptions = {
  /** Tells a placeholder for a value that was not sent because it did not change: it was checked when it was first stored. */
  readonly isUnchanged?: (value: RowValue | undefined) => boolean
}

/** Faults that are said of one row. More would help nobody, and would make a flood of bad rows expensive. */
export const MAX_ROW_FAULTS = 3
