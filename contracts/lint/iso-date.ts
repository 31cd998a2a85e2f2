/** Dates of ISO 8601, as people write them into a contract. */

const FORM = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)([Zz]|[+-]\d{2}:?\d{2})?)?$/

/** Milliseconds since 1970 of a day, or of a moment (in UTC, where it has no zone); undefined if the text is neither. */
export function isoTime(text: string): number | undefined {
  const [, day = '', time = '00:00', zone = 'Z'] = FORM.exec(text.trim()) ?? []
  if (day === '' || !isDay(day)) return undefined
  const written = zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase()
  const value = Date.parse(`${day}T${time}${written}`)
  return Number.isNaN(value) ? undefined : value
}

/** Is there such a day? The 30th of February would be taken for one of March. */
function isDay(day: string): boolean {
  const value = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(value) && new Date(value).toISOString().startsWith(day)
}
