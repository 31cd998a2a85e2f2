/** Booleans, UUIDs, dates and moments. */
import type { RowWriter } from '../rowbinary/row-writer.ts'
import type { CellReader } from './cell-reader.ts'
import type { MomentBounds } from './moment-bounds.ts'
import { afterWord, BAIL, MINUS, NINE, QUOTE, ZERO } from './scan.ts'

const TWO_32 = 2 ** 32
/** Years that Date32 and DateTime64 hold. */
const FIRST_YEAR = 1900
const LAST_YEAR = 2299
/** Microseconds of later years are not exact in a double. */
const LAST_EXACT_YEAR = 2254

/** Bool. */
export const booleanReader: CellReader = (bytes, at, _end, writer) => {
  const first = bytes[at]
  if (first !== 0x74 && first !== 0x66) return BAIL
  writer.bytes[writer.at++] = first === 0x74 ? 1 : 0
  return afterWord(bytes, at, first === 0x74 ? 'true' : 'false')
}

/** Where byte n of a UUID's text form goes: two 64-bit numbers, each with its lowest byte first. */
const UUID_PLACES = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8]
/** Where byte n begins in the text. */
const UUID_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

const HEX = new Int8Array(256).fill(-1)
for (let value = 0; value < 16; value++) {
  HEX[value.toString(16).charCodeAt(0)] = value
  HEX[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

/** UUID. */
export const uuidReader: CellReader = (bytes, at, _end, writer) => {
  const start = at + 1
  if (bytes[at] !== QUOTE || bytes[start + 36] !== QUOTE) return BAIL
  if (bytes[start + 8] !== MINUS || bytes[start + 13] !== MINUS) return BAIL
  if (bytes[start + 18] !== MINUS || bytes[start + 23] !== MINUS) return BAIL
  let wrong = 0
  for (let index = 0; index < 16; index++) {
    const digits = start + (UUID_DIGITS[index] as number)
    const high = HEX[bytes[digits] as number] as number
    const low = HEX[bytes[digits + 1] as number] as number
    wrong |= high | low
    writer.bytes[writer.at + (UUID_PLACES[index] as number)] = (high << 4) | low
  }
  writer.at += 16
  return wrong < 0 ? BAIL : start + 37
}

/** Two digits; a large negative number if they are none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] as number
  const ones = bytes[at + 1] as number
  if (tens < ZERO || tens > NINE || ones < ZERO || ones > NINE) return -10_000
  return (tens - ZERO) * 10 + (ones - ZERO)
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Later than any day that a column holds. */
const NO_DAY = 2 ** 30

/** Days since 1970-01-01 of `yyyy-mm-dd`; NO_DAY if there is no such day, or no column holds it. */
function epochDay(bytes: Uint8Array, at: number): number {
  const year = two(bytes, at) * 100 + two(bytes, at + 2)
  const month = two(bytes, at + 5)
  const day = two(bytes, at + 8)
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return NO_DAY
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return NO_DAY
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > (month === 2 && isLeap ? 29 : (DAYS[month - 1] as number))) return NO_DAY
  // Days from the civil calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Date32, from `"yyyy-mm-dd"`, with or without the Z that Debezium writes. Bounds are in days. */
export function dateReader({ first, last }: MomentBounds): CellReader {
  return function readDate(bytes, at, _end, writer) {
    if (bytes[at] !== QUOTE) return BAIL
    const day = epochDay(bytes, at + 1)
    const closing = bytes[at + 11] === 0x5a ? at + 12 : at + 11
    if (day === NO_DAY || bytes[closing] !== QUOTE || day < first || day > last) return BAIL
    writer.view.setInt32(writer.at, day, true)
    writer.at += 4
    return closing + 1
  }
}

/** DateTime64(6), from `"yyyy-mm-ddThh:mm:ss.ffffffZ"` with at most six digits behind the point. Bounds are in seconds. */
export function timestampReader({ first, last }: MomentBounds): CellReader {
  return function readTimestamp(bytes, at, _end, writer) {
    const start = at + 1
    if (bytes[at] !== QUOTE) return BAIL
    const day = epochDay(bytes, start)
    const hour = two(bytes, start + 11)
    const minute = two(bytes, start + 14)
    const second = two(bytes, start + 17)
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return BAIL
    if (bytes[start + 10] !== 0x54 || bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return BAIL
    let position = start + 19
    let micros = 0
    if (bytes[position] === 0x2e) {
      const point = position++
      for (; position <= point + 6; position++) {
        const byte = bytes[position] as number
        if (byte < ZERO || byte > NINE) break
        micros = micros * 10 + (byte - ZERO)
      }
      if (position === point + 1) return BAIL
      for (let digits = position - point - 1; digits < 6; digits++) micros *= 10
    }
    if (bytes[position] === 0x5a) position++
    if (bytes[position] !== QUOTE) return BAIL
    // Not a day is beyond them all.
    if (day > LAST_EXACT_DAY) return BAIL
    const seconds = day * 86_400 + hour * 3600 + minute * 60 + second
    if (seconds < first || seconds > last) return BAIL
    writeTicks(writer, seconds * 1_000_000 + micros)
    return position + 1
  }
}

/** A whole number in 64 bits, the lowest byte first. */
function writeTicks(writer: RowWriter, ticks: number): void {
  const { view, at } = writer
  const high = Math.floor(ticks / TWO_32)
  view.setUint32(at, ticks - high * TWO_32, true)
  view.setInt32(at + 4, high, true)
  writer.at = at + 8
}

const LAST_EXACT_DAY = Date.UTC(LAST_EXACT_YEAR, 11, 31) / 86_400_000
