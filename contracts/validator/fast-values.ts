/**
 * Reads usual values by their characters, without making objects or running regular expressions. Each function says "I do not
 * know" (NaN or false) of anything unusual, which the plain column check then decides: so they need only be right about what
 * they accept.
 */

const ZERO = 48
/** Digits that a double holds without loss, whatever they are. */
const MAX_DIGITS = 15
/** Digits that a small integer of the engine holds: reckoning with those is several times faster. */
const FEW_DIGITS = 9
const POWERS: readonly number[] = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent)

/** The number that a plain decimal text of at most 15 digits is; else NaN. A quotient of exact doubles is the nearest double. */
export function smallDecimal(value: unknown): number {
  if (typeof value !== 'string') return Number.NaN
  const length = value.length
  if (length === 0 || length > MAX_DIGITS + 2) return Number.NaN
  const start = value.charCodeAt(0) === 45 ? 1 : 0
  let at = start
  let digits = 0
  let point = -1
  for (const few = Math.min(length, start + FEW_DIGITS); at < few; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (digit >= 0 && digit <= 9) digits = (digits * 10 + digit) | 0
    else if (digit === -2 && point < 0) point = at
    else return Number.NaN
  }
  let many = digits
  for (; at < length; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (digit >= 0 && digit <= 9) many = many * 10 + digit
    else if (digit === -2 && point < 0) point = at
    else return Number.NaN
  }
  if (point < 0) {
    if (length === start || length - start > MAX_DIGITS) return Number.NaN
  } else {
    // Digits on both sides of the point.
    if (point === start || point === length - 1 || length - start > MAX_DIGITS + 1) return Number.NaN
    many /= POWERS[length - 1 - point] ?? Number.NaN
  }
  return start === 1 ? -many : many
}

/** The number that a text of at most 15 digits is; else NaN. */
export function smallInteger(value: unknown): number {
  if (typeof value !== 'string') return Number.NaN
  const length = value.length
  if (length === 0 || length > MAX_DIGITS + 1) return Number.NaN
  const start = value.charCodeAt(0) === 45 ? 1 : 0
  if (length === start || length - start > MAX_DIGITS) return Number.NaN
  let at = start
  let few = 0
  for (const end = Math.min(length, start + FEW_DIGITS); at < end; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    few = (few * 10 + digit) | 0
  }
  let many = few
  for (; at < length; at++) {
    const digit = value.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    many = many * 10 + digit
  }
  return start === 1 ? -many : many
}

/**
 * Finds what is no date of the first 28 days of a month; the expressions below that are turned around (`^(?!…)`) match what is
 * wrong, because V8 takes half the time for an expression that does not match.
 */
export const NO_USUAL_DATE = /^(?!\d\d\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])Z?$)/
/** The same of a timestamp in UTC, with milliseconds, microseconds or neither. */
export const NO_USUAL_TIMESTAMP =
  /^(?!\d\d\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d\d\d(?:\d\d\d)?)?Z$)/

/** `2026-01-31`, with or without `Z`: a day of the calendar. */
export function isDate(value: string): boolean {
  const length = value.length
  return (length === 10 || (length === 11 && value.charCodeAt(10) === 90)) && isDay(value)
}

/** `2026-01-31T10:00:00`, with a fraction of up to six digits and `Z` or not. */
export function isTimestamp(value: string): boolean {
  const length = value.length
  if (length < 19 || length > 27 || value.charCodeAt(10) !== 84) return false
  if (value.charCodeAt(13) !== 58 || value.charCodeAt(16) !== 58) return false
  const hour = twoDigits(value, 11)
  const minute = twoDigits(value, 14)
  const second = twoDigits(value, 17)
  if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59) return false
  const end = value.charCodeAt(length - 1) === 90 ? length - 1 : length
  if (end !== 19) {
    if (end < 21 || end > 26 || value.charCodeAt(19) !== 46) return false
    for (let at = 20; at < end; at++) {
      const digit = value.charCodeAt(at) - ZERO
      if (digit < 0 || digit > 9) return false
    }
  }
  return isDay(value)
}

const DAYS: readonly number[] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDay(value: string): boolean {
  if (value.charCodeAt(4) !== 45 || value.charCodeAt(7) !== 45) return false
  const century = twoDigits(value, 0)
  const year = twoDigits(value, 2)
  const month = twoDigits(value, 5)
  const day = twoDigits(value, 8)
  if ((century | year | month | day) < 0 || month > 12 || month === 0 || day === 0) return false
  if (day <= 28) return true
  const isLeap = month === 2 && year % 4 === 0 && (year !== 0 || century % 4 === 0)
  return day <= (isLeap ? 29 : (DAYS[month] ?? 0))
}

/** Negative if one is no digit. The value must be long enough. */
function twoDigits(value: string, at: number): number {
  const tens = value.charCodeAt(at) - ZERO
  const ones = value.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? (tens * 10 + ones) | 0 : -1
}

/** 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12. */
export function plainUuid(value: unknown): boolean {
  if (typeof value !== 'string' || value.length !== 36) return false
  for (let at = 0; at < 36; at++) {
    const code = value.charCodeAt(at)
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== 45) return false
      // Digits, a to f, A to F.
    } else if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)))
      return false
  }
  return true
}

/** Characters (code points) of a text: code units less the pairs. */
export function characters(value: string): number {
  let count = value.length
  for (let at = 0; at < value.length - 1; at++)
    if ((value.charCodeAt(at) & 0xfc00) === 0xd800 && (value.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      count--
      at++
    }
  return count
}

/** Are these texts, and each one of the known ones? */
export function allKnown(values: readonly unknown[], known: ReadonlySet<unknown>): boolean {
  for (const value of values) if (typeof value !== 'string' || !known.has(value)) return false
  return true
}

/** Few texts, none of them twice? */
export function fewUnique(values: readonly unknown[]): boolean {
  if (values.length > 8) return false
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (typeof value !== 'string') return false
    for (let before = 0; before < at; before++) if (values[before] === value) return false
  }
  return true
}

/** Is this a list of so many numbers? */
export function isVector(value: unknown, size: number): boolean {
  if (!Array.isArray(value) || value.length !== size) return false
  for (const number of value) if (typeof number !== 'number') return false
  return true
}

/** Digits behind the point of a plain decimal text: -1 if it is not known to be one. */
export function fractionDigits(value: unknown): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 0 : -1
  if (typeof value !== 'string' || value.length > 40) return -1
  for (let at = value.length - 1; at >= 0; at--) {
    const code = value.charCodeAt(at)
    if (code === 46) return value.length - 1 - at
    if (code === 45 && at === 0) return 0
    if (code < 48 || code > 57) return -1
  }
  return 0
}
