/**
 * Dates and moments as Debezium writes them: ISO text in UTC, `2016-11-04Z`, `2016-11-04T13:51:30.123456Z`; years before Christ counted
 * from 0 (0044 BC is `-0043`), years of more than four digits with a sign.
 *
 * Postgres' infinities come as text, or as the ends of Java's clock, which differ by type and by the way that the value took (all of them
 * measured). No real value is near them: Postgres' own calendar ends with the year 5874897.
 */

/** A day, and the time of a moment; `year` is 0 for 1 BC. `time` is empty for a date, else `hh:mm:ss` with its fraction, if it has one. */
export type Moment = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly time: string
}

/** What was read: a moment, or an end of time. */
export type ReadMoment = Moment | 'infinity' | '-infinity'

const DAY = String.raw`([+-]?\d{4,9})-(\d\d)-(\d\d)`
const DATE = new RegExp(`^${DAY}Z?$`)
const TIMESTAMP = new RegExp(
  `^${DAY}[T ]((?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,6})?)?)(?:Z|\\+00(?::?00)?)?$`,
)
/** Later and earlier ones are ends of Java's clock. */
const LAST_YEAR = 5_874_897
/** The year of -infinity where the era was lost: the end of Java's clock, counted without a sign. */
const LOST_ERA = 292_269_055

/** Reads a date, or a moment; undefined if it is none, or not one of the calendar. */
export function readMoment(value: string, kind: 'date' | 'timestamp'): ReadMoment | undefined {
  if (value === 'infinity' || value === '-infinity') return value
  const [, yearText, monthText, dayText, clock = ''] = (kind === 'date' ? DATE : TIMESTAMP).exec(value) ?? []
  if (yearText === undefined) return undefined
  // Five digits and more have a sign in ISO 8601.
  if (yearText.length > 4 && /^\d/.test(yearText)) return undefined
  const year = Number(yearText)
  if (year === LOST_ERA || year < -LAST_YEAR) return '-infinity'
  if (year > LAST_YEAR) return 'infinity'
  const [month, day] = [Number(monthText), Number(dayText)]
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  return { year, month, day, time: clock.length === 5 ? `${clock}:00` : clock }
}

function daysOf(year: number, month: number): number {
  // Day 0 of the next month is the last of this one; the calendar repeats itself after 400 years.
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** `2016-11-04`: of a year with four digits. */
export function dayText({ year, month, day }: Moment): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

/** As Postgres prints it (ISO, in UTC); `zoned`: with the zone, as of timestamptz. */
export function postgresMoment(moment: ReadMoment, zoned: boolean): string {
  if (typeof moment === 'string') return moment
  const { year, time } = moment
  const isBefore = year < 1
  const day = dayText({ ...moment, year: isBefore ? 1 - year : year })
  const clock = time === '' ? '' : ` ${time.includes('.') ? time.replace(/\.?0+$/, '') : time}`
  return `${day}${clock}${zoned ? '+00' : ''}${isBefore ? ' BC' : ''}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
