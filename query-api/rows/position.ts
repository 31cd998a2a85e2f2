/**
 * Positions: where a row stands in the order of an answer.
 *
 * A position holds the value of every part of the order, as exact text: bytes of texts in hexadecimal, numbers and moments in the
 * engine's own notation, `nan`, or null. The order is total (see row-order.ts), so no two rows have the same position, and "behind a
 * position" means the same rows at any time, whether the row that it was read from is still there or not.
 *
 * The engine sorts values, then NaN, then NULL, or the other way round (NULLS FIRST), in both directions; conditions follow that.
 */
import type { ColumnType } from './column-type.ts'
import type { SqlParameters } from './sql-parameters.ts'

/** One part of an order. `name` is a column, or the name of an aggregate. */
export type OrderTerm = {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** One text for each part of the order. */
export type Position = readonly (string | null)[]

/** Rows behind a position; the one that is there too if `inclusive`. */
export type Bound = { readonly position: Position; readonly inclusive: boolean }

const NAN = 'nan'

/** The same rows the other way round. */
export function reversed(order: readonly OrderTerm[]): readonly OrderTerm[] {
  return order.map((term) => ({ ...term, descending: !term.descending, nullsFirst: !term.nullsFirst }))
}

/** `ORDER BY` of an order; empty if it has no parts. */
export function orderSql(order: readonly OrderTerm[], sqlOf: (index: number) => string): string {
  const parts = order.map(
    ({ descending, nullsFirst }, index) =>
      `${sqlOf(index)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`,
  )
  return parts.length === 0 ? '' : ` ORDER BY ${parts.join(', ')}`
}

/** The expression that gives the position of a row. */
export function positionSql(order: readonly OrderTerm[], sqlOf: (index: number) => string): string {
  const texts = order.map(({ type }, index) => {
    const name = sqlOf(index)
    if (type.kind === 'text') return `hex(${name})`
    return type.kind === 'enum' ? `hex(toString(${name}))` : `toString(${name})`
  })
  return `[${texts.join(', ')}]`
}

/** The condition that a row is behind a position. */
export function behindSql(
  order: readonly OrderTerm[],
  bound: Bound,
  sqlOf: (index: number) => string,
  parameters: SqlParameters,
): string {
  // From the last part to the first: behind in this part, or the same in it and behind in the next.
  let rest = bound.inclusive ? '1' : '0'
  for (const [index, term] of [...order.entries()].toReversed()) {
    const { behind, same } = termSql(term, bound.position[index] ?? null, sqlOf(index), parameters)
    const further = rest === '0' ? undefined : rest === '1' ? same : `(${same} AND ${rest})`
    const either = [behind, further].filter((part) => part !== undefined)
    rest = either.length === 0 ? '0' : either.length === 1 ? (either[0] ?? '0') : `(${either.join(' OR ')})`
  }
  return rest
}

type TermSql = { readonly behind: string | undefined; readonly same: string }

function termSql(term: OrderTerm, text: string | null, name: string, parameters: SqlParameters): TermSql {
  const { type, nullable, descending, nullsFirst } = term
  const isFloat = type.kind === 'float'
  if (text === null)
    return { behind: nullsFirst ? `${name} IS NOT NULL` : undefined, same: `${name} IS NULL` }
  if (isFloat && text === NAN) {
    const others = nullsFirst ? `NOT isNaN(${name})` : nullable ? `${name} IS NULL` : undefined
    return { behind: others, same: `isNaN(${name})` }
  }
  const place = placeOf(text, type, parameters)
  const behind = [`${name} ${descending ? '<' : '>'} ${place}`]
  if (!nullsFirst && isFloat) behind.push(`isNaN(${name})`)
  if (!nullsFirst && nullable) behind.push(`${name} IS NULL`)
  return {
    behind: behind.length === 1 ? behind[0] : `(${behind.join(' OR ')})`,
    same: `${name} = ${place}`,
  }
}

function placeOf(text: string, type: ColumnType, parameters: SqlParameters): string {
  if (type.kind === 'text') return `unhex(${parameters.add(text, type)})`
  if (type.kind === 'enum') return parameters.add(Buffer.from(text, 'hex').toString('utf8'), type)
  return parameters.add(text, type)
}
