/**
 * Row filters: the rows of a dataset that a role may see. They stand in the custom property `rowFilter` of a role.
 *
 *   all                                                   every row
 *   [{column: tenant_id, operator: '=', principal: tenant}, …]   rows that fulfil all of the predicates
 *
 * A *predicate* compares a column with an attribute of the principal (`principal`: `tenant`, or what the caller's token holds) or with what
 * stands in the contract (`value`), asks for NULL (`isNull`, `isNotNull`), or joins others: `any`, `all`, `not`.
 *
 * *Three values*: a comparison with NULL is unknown, and unknown is no permission, under `not` neither. So a NULL lets a row through only
 * by `isNull`, or by another branch of `any`.
 */

/** Operators that compare with one value. */
export const ONE_VALUE = ['=', '!=', '<', '<=', '>', '>='] as const
/** Operators that compare with a list. */
export const MANY_VALUES = ['in', 'notIn'] as const
/** Operators that compare with nothing. */
export const NO_VALUE = ['isNull', 'isNotNull'] as const

/** See {@link ONE_VALUE}. */
export type ValueOperator = (typeof ONE_VALUE)[number] | (typeof MANY_VALUES)[number]
/** Every operator. */
export type RowOperator = ValueOperator | (typeof NO_VALUE)[number]

/** The column compared with an attribute of the principal. */
export type AttributePredicate = {
  readonly column: string
  readonly operator: ValueOperator
  readonly principal: string
}
/** The column compared with what the contract says. Values are text, in the notation of the column's type. */
export type LiteralPredicate = {
  readonly column: string
  readonly operator: ValueOperator
  readonly value: string | readonly string[]
}
/** The column asked for NULL. */
export type NullPredicate = { readonly column: string; readonly operator: (typeof NO_VALUE)[number] }

/** A predicate of one column. */
export type ColumnPredicate = AttributePredicate | LiteralPredicate | NullPredicate

/** One condition of a row filter. In a compiled dataset `column` is the stored column. */
export type RowPredicate =
  | ColumnPredicate
  | { readonly any: readonly RowPredicate[] }
  | { readonly all: readonly RowPredicate[] }
  | { readonly not: RowPredicate }

/** The filter of a role: every row, or those that fulfil all predicates. An empty list is no permission. */
export type RowFilter = 'all' | readonly RowPredicate[]
