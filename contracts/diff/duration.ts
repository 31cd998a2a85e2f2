/** Durations of service levels in seconds, whatever the unit: `15` with `min`, `24h`, `PT15M`. */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The mean year of the Gregorian calendar is 365.2425 days; a month is a twelfth of it. */
const YEAR = 365.2425 * DAY

const UNITS: ReadonlyMap<string, number> = new Map([
  ...['ms', 'msec', 'millisecond', 'milliseconds'].map((unit) => [unit, 0.001] as const),
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((unit) => [unit, 1] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, MINUTE] as const),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((unit) => [unit, HOUR] as const),
  ...['d', 'day', 'days'].map((unit) => [unit, DAY] as const),
  ...['w', 'wk', 'week', 'weeks'].map((unit) => [unit, 7 * DAY] as const),
  ...['mo', 'mon', 'month', 'months'].map((unit) => [unit, YEAR / 12] as const),
  ...['y', 'yr', 'yrs', 'year', 'years'].map((unit) => [unit, YEAR] as const),
])

const ISO =
  /^P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const ISO_UNITS = [YEAR, YEAR / 12, 7 * DAY, DAY, HOUR, MINUTE, 1]

/** Seconds of a value and its unit; undefined if it is no duration. */
export function secondsOf(value: unknown, unit: string | undefined): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const text = String(value).trim()
  // `24 h`, where no unit stands beside it.
  const [, number, own] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? []
  const named = [unit?.trim(), own].filter((name) => name !== undefined && name !== '')
  const factor =
    number !== undefined && named.length === 1 ? UNITS.get(named[0]?.toLowerCase() ?? '') : undefined
  if (factor !== undefined) return Number(number) * factor
  const iso = ISO.exec(text)
  if (!iso || text.length < 3) return undefined
  return ISO_UNITS.reduce((sum, seconds, index) => sum + Number(iso[index + 1] ?? 0) * seconds, 0)
}

/** Longer, shorter or the same; a year that is said as 365 or 366 days is the same. */
export function compareSeconds(a: number, b: number): number {
  const larger = Math.max(a, b)
  const tolerance = larger >= YEAR / 13 ? 0.003 * larger : 1e-9 * larger
  return Math.abs(a - b) <= tolerance ? 0 : a < b ? -1 : 1
}
