/** Length of an interval in microseconds. */

const INTERVAL =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d{1,6})?)S)?)?$/

/**
 * `text` is an interval as Postgres writes it under `intervalstyle = iso_8601`; undefined for what is none. Years, months and days have no
 * fixed length: a day may have 23 hours.
 */
export function intervalMicros(text: string): bigint | 'no fixed length' | undefined {
  const parts = text === 'P' || text.endsWith('T') ? null : INTERVAL.exec(text)
  if (!parts) return undefined
  const [years, months, days, hours, minutes] = parts.slice(1, 6).map((part) => BigInt(part ?? 0))
  if (years || months || days) return 'no fixed length'
  const seconds = parts[6] ?? '0'
  const [whole = '0', fraction = ''] = seconds.replace('-', '').split('.')
  const micros = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  const signed = seconds.startsWith('-') ? -micros : micros
  return ((hours ?? 0n) * 60n + (minutes ?? 0n)) * 60_000_000n + signed
}
