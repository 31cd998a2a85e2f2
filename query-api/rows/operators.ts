/** Operators of filters: what each compares with, and what columns can be asked by it. */

/** `one` value as it stands, a `list` in parentheses, or a `state`: null, not_null, true, false. */
type Operand = 'one' | 'list' | 'state'

/** What a column must have: values that are `equal` or not, an `order` of them, `text`, `items` (arrays), or nothing of that. */
export type Ability = 'equal' | 'order' | 'text' | 'items' | 'any'

const operator = (operand: Operand, needs: Ability) => ({ operand, needs })

/** The operators by name. */
export const OPERATORS = {
  eq: operator('one', 'equal'),
  neq: operator('one', 'equal'),
  gt: operator('one', 'order'),
  gte: operator('one', 'order'),
  lt: operator('one', 'order'),
  lte: operator('one', 'order'),
  in: operator('list', 'equal'),
  is: operator('state', 'any'),
  like: operator('one', 'text'),
  ilike: operator('one', 'text'),
  starts: operator('one', 'text'),
  contains: operator('list', 'items'),
} as const

/** An operator's name. */
export type Operator = keyof typeof OPERATORS

/** What `is` may ask for. */
export const STATES = ['null', 'not_null', 'true', 'false'] as const

/** True for the name of an operator. */
export function isOperator(text: string): text is Operator {
  return Object.hasOwn(OPERATORS, text)
}
