/**
 * Order of two bounds, exactly: numbers with all their digits, dates and moments by what they mean (a moment in another time zone is
 * the same moment). Texts that are neither have no order.
 */
import { compareDecimals } from '../validator/compare-decimals.ts'

/** A bound as it stands in a contract. */
export type Bound = number | string

const MOMENT =
  /^(-?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/
/** Longest text that is taken for a number or a moment. */
const MAX_TEXT = 1_000
/** Parts of a second that are compared, as a power of ten. */
const FRACTION = 18

/** Negative, zero or positive as a is below, at or above b; undefined if they have no common order. */
export function orderOf(a: Bound, b: Bound): number | undefined {
  const [left, right] = [String(a).trim(), String(b).trim()]
  if (left.length > MAX_TEXT || right.length > MAX_TEXT) return left === right ? 0 : undefined
  const [from, to] = [moment(left), moment(right)]
  if (from !== undefined && to !== undefined) return sign(from - to)
  const [early, late] = [time(left), time(right)]
  if (early !== undefined && late !== undefined) return sign(early - late)
  return compareDecimals(left, right)
}

/** The next whole number, where the bound is a whole number. */
export function nextWhole(bound: Bound, step: 1 | -1): string | undefined {
  const text = String(bound).trim()
  return /^-?\d{1,400}$/.test(text) ? String(BigInt(text) + BigInt(step)) : undefined
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** A date or moment as a count of the smallest parts of a second since 1970; without a zone it is taken as UTC. */
function moment(text: string): bigint | undefined {
  const match = MOMENT.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (Number.isNaN(date.getTime())) return undefined
  return BigInt(date.getTime() / 1000) * 10n ** BigInt(FRACTION) + clock(hour, minute, second, fraction, zone)
}

function time(text: string): bigint | undefined {
  const match = TIME.exec(text)
  return match ? clock(match[1], match[2], match[3], match[4], match[5]) : undefined
}

function clock(hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'): bigint {
  const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  const away = offset
    ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 3600 + Number(offset[3] ?? 0) * 60)
    : 0
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - away
  return BigInt(seconds) * 10n ** BigInt(FRACTION) + BigInt(fraction.padEnd(FRACTION, '0'))
}
