/**
 * Bytes from the governance topic -> an event, or why it is none. Pure.
 *
 * Beyond the schema it checks what would make the store refuse a whole batch: a time that is none, or outside of what the tables hold,
 * and strings that are not well-formed Unicode (those are repaired: the replacement character says enough).
 */
import { type GovernanceEvent, governanceEventSchema } from '#contracts/events/governance-event.ts'

/** An event, or the fault in words that hold no value: paths and kinds only. */
export type Decoded =
  | { readonly ok: true; readonly event: GovernanceEvent }
  | { readonly ok: false; readonly fault: string }

const refused = (fault: string): Decoded => ({ ok: false, fault })
const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)

/** Decodes the value of a record. */
export function decodeEvent(value: Buffer | null): Decoded {
  if (value === null) return refused('the record has no value')
  let parsed: unknown
  try {
    parsed = JSON.parse(value.toString('utf8'), (_key, held: unknown) =>
      typeof held === 'string' ? held.toWellFormed() : held,
    )
  } catch {
    return refused('the record is not JSON')
  }
  const result = governanceEventSchema.safeParse(parsed)
  if (!result.success)
    return refused(
      result.error.issues
        .slice(0, 5)
        .map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.code}`)
        .join('; '),
    )
  const time = Date.parse(result.data.at)
  if (!Number.isFinite(time) || time < EARLIEST || time > LATEST) return refused('at: not a time')
  return { ok: true, event: { ...result.data, at: new Date(time).toISOString() } }
}
