/**
 * Is a value one of the column's kind, as Debezium writes it (decimals as text, times as ISO text, long integers as text)?
 *
 * Only the shape is looked at: a value that the kind knows but the stored type cannot hold (a date of the year 20000, NaN in a
 * decimal) passes, and is refused by the converter with a reason of its own. Text takes any value: types that are not known
 * (domains, geometry) are stored as their text.
 */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import type { RowValue } from './row.ts'

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/
/** Debezium prints Java's names of these. */
const NOT_FINITE = /^(nan|[+-]?inf(inity)?|(positive|negative)_infinity)$/i
const LONG = /^-?\d{1,19}$/
const WHOLE = /^-?\d+$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DATE = /^\d{4}-\d\d-\d\dZ?$/
const TIMESTAMP =
  /^\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|\+00(?::?00)?)?$/
/** Years before Christ or of more than four digits, and Postgres' infinities. */
const FAR_AWAY = /^(?:[+-]\d{4,}-\d\d-\d\d|\d{5,}-\d\d-\d\d|-?infinity$)/

/** The check of a kind; `element` is the kind of an array's elements. */
export function typeCheck(kind: ValueKind, element: ValueKind = 'text'): (value: RowValue) => boolean {
  if (kind !== 'array') return CHECKS[kind]
  const check = element === 'array' ? CHECKS.text : CHECKS[element]
  return (value) => Array.isArray(value) && value.every((item) => item === null || check(item))
}

const CHECKS: Readonly<Record<Exclude<ValueKind, 'array'>, (value: RowValue) => boolean>> = {
  text: () => true,
  json: () => true,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  bigint: (value) => Number.isSafeInteger(value) || (typeof value === 'string' && LONG.test(value)),
  decimal: (value) =>
    typeof value === 'number' ||
    (typeof value === 'string' && (DECIMAL.test(value) || NOT_FINITE.test(value))),
  float: (value) =>
    typeof value === 'number' || (typeof value === 'string' && (WHOLE.test(value) || NOT_FINITE.test(value))),
  uuid: (value) => typeof value === 'string' && UUID.test(value),
  date: (value) => typeof value === 'string' && (DATE.test(value) ? isDay(value) : FAR_AWAY.test(value)),
  timestamp: (value) =>
    typeof value === 'string' && (TIMESTAMP.test(value) ? isDay(value) : FAR_AWAY.test(value)),
}

const DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Is there such a day? The text begins with `yyyy-mm-dd`. */
function isDay(value: string): boolean {
  const [year, month, day] = [
    Number(value.slice(0, 4)),
    Number(value.slice(5, 7)),
    Number(value.slice(8, 10)),
  ]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0))
}
