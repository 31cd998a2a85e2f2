/**
 * How long a caller gives a query: `timeoutSeconds` of the body, `Prefer: wait=N` of the request (RFC 7240, 4.3), the shorter of both.
 *
 * It covers everything, from the check of the text to the last byte, and is held by ending the query. It is not handed to the engine as a
 * setting: all settings of an access scope are constant, so that no text and no request can change one. The engine's own limit of run
 * time (`api.maxSeconds`) holds beside it.
 */
import { MogoError } from '#contracts/errors.ts'

/** What was asked for. */
export type Deadline = {
  readonly seconds: number
  /** Value of `Preference-Applied`; `undefined` if the header did not decide. */
  readonly applied: string | undefined
}

/** The deadline of a request, if it has one. */
export function deadlineOf(
  timeoutSeconds: number | undefined,
  prefer: string | readonly string[] | undefined,
): Deadline | undefined {
  if (prefer === undefined && timeoutSeconds === undefined) return undefined
  const wait = waitOf(typeof prefer === 'string' ? prefer : (prefer ?? []).join(','))
  if (wait !== undefined && wait <= (timeoutSeconds ?? Number.POSITIVE_INFINITY))
    return { seconds: wait, applied: `wait=${wait}` }
  return timeoutSeconds === undefined ? undefined : { seconds: timeoutSeconds, applied: undefined }
}

/** Ends a query when its time is over. Returns what stops the clock. */
export function startDeadline(seconds: number, cancel: (fault: MogoError) => void): () => void {
  const timer = setTimeout(
    () => cancel(new MogoError('MOGO_QUERY_DEADLINE', { seconds })),
    Math.min(seconds * 1000, LONGEST_TIMER),
  )
  return () => clearTimeout(timer)
}

const LONGEST_TIMER = 2 ** 31 - 1

/** The first `wait` counts (RFC 7240, section 2); one that is no number of seconds is ignored, as every preference may be. */
function waitOf(prefer: string): number | undefined {
  for (const part of prefer.slice(0, 1_000).split(',')) {
    const [name = '', value = ''] = (part.split(';')[0] ?? '').split('=').map((piece) => piece.trim())
    if (name.toLowerCase() !== 'wait') continue
    const digits = value.replace(/^"(.*)"$/, '$1')
    return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined
  }
  return undefined
}
