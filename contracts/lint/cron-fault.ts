/** Is a schedule one of cron? Five fields, six with seconds, seven with years (Quartz), or a name such as `@daily`. */

const FIELD = /^[\dA-Za-z*,/?#-]+$/
const NAME = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|reboot|every\s+\S+)$/

/** What is wrong, in words; undefined if nothing is. What the fields mean is not judged: dialects differ. */
export function cronFault(schedule: string): string | undefined {
  const text = schedule.trim()
  if (NAME.test(text)) return undefined
  const fields = text.split(/\s+/)
  if (fields.length < 5 || fields.length > 7) return 'a schedule of cron has five fields (or six, or seven)'
  return fields.every((field) => FIELD.test(field)) ? undefined : 'a field of the schedule is none of cron'
}
