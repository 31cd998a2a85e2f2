/**
 * Faults as RFC 9457 problems (`application/problem+json`).
 *
 * A problem carries what the catalogue says (code, status, sentence, remedy) and where it happened (`instance`, a URN of the
 * request that is also in the log). It never carries the text of a driver's error, a stack or a value from a table: whatever is
 * not in the catalogue becomes MOGO_INTERNAL. The URL is left out on purpose: a query string may hold a person's data.
 */
import { ERRORS, type ErrorCode, type ErrorParams, isMogoError, MogoError } from '#contracts/errors.ts'

/** Media type of a problem. */
export const PROBLEM_TYPE = 'application/problem+json'

/** Where pages about codes are. */
export const PROBLEM_PAGES = '/problems'

/** RFC 9457 section 3, with our extension members. */
export type Problem = {
  /**
   * `/problems/MOGO_…`: stable, one per code. A reference relative to the address that was asked (RFC 9457, 3.1.1); the query API serves a
   * page there.
   */
  readonly type: string
  /** What kind of fault, the same for every occurrence of the code. */
  readonly title: string
  readonly status: number
  /** What happened here. */
  readonly detail: string
  /** URN of this occurrence: the request id, also in the log. */
  readonly instance: string
  readonly code: ErrorCode
  readonly remedy: string
  /** True if the same request may succeed later. */
  readonly retriable: boolean
  readonly traceId?: string
}

/** Any thrown thing as a fault of the catalogue; what is unknown becomes MOGO_INTERNAL. `where` names the process. */
export function faultOf(error: unknown, where: string): MogoError {
  if (isMogoError(error)) return error
  const { code, statusCode, validation, validationContext } = frameworkFields(error)
  if (validation) {
    const first = validation[0]
    const place = `${validationContext}${first?.instancePath ?? ''}`.replaceAll('/', '.').replace(/\.$/, '')
    return new MogoError('MOGO_REQUEST_INVALID', {
      detail: `${place}: ${first?.message ?? 'not as expected'}`,
    })
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new MogoError('MOGO_REQUEST_TOO_LARGE')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new MogoError('MOGO_REQUEST_MEDIA_TYPE')
  const known = code === undefined ? undefined : REQUEST_FAULTS[code]
  if (known !== undefined) return new MogoError('MOGO_REQUEST_INVALID', { detail: known })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new MogoError('MOGO_REQUEST_INVALID', { detail: 'it cannot be read' })
  if (statusCode === 503) return new MogoError('MOGO_UNAVAILABLE', { what: where }, { cause: error })
  return new MogoError('MOGO_INTERNAL', { where }, { cause: error })
}

/** The problem of a fault. `where` names the process, for faults that are not in the catalogue. */
export function problemOf(
  error: unknown,
  instance: string,
  options: { readonly where?: string; readonly traceId?: string } = {},
): Problem {
  const fault = faultOf(error, options.where ?? 'this service')
  return {
    type: `${PROBLEM_PAGES}/${fault.code}`,
    title: titleOf(fault.code),
    status: fault.status,
    detail: fault.message,
    instance,
    code: fault.code,
    remedy: fault.remedy,
    retriable: fault.class === 'retriable',
    ...(options.traceId === undefined ? {} : { traceId: options.traceId }),
  }
}

/** `MOGO_AUTH_EXPIRED` -> `Auth expired`: the catalogue's sentences differ per occurrence, a title may not. */
export function titleOf(code: string): string {
  const words = code.slice('MOGO_'.length).toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * Headers that some faults ask for: a challenge for 401 (RFC 6750), methods for 405, a pause for what may come back. `params` are those of the fault: `seconds` is
 * how long the pause is, `methods` what there is instead.
 */
export function problemHeaders(problem: Problem, params: ErrorParams = {}): Readonly<Record<string, string>> {
  if (problem.code === 'MOGO_ROUTE_METHOD') return { allow: String(params['methods']) }
  if (problem.status === 401)
    return {
      'www-authenticate': problem.code === 'MOGO_AUTH_MISSING' ? 'Bearer' : 'Bearer error="invalid_token"',
    }
  if (!problem.retriable) return {}
  const { seconds = ERRORS[problem.code].status === 503 ? 1 : undefined } = params
  return seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(Number(seconds)))) }
}

/** Faults of the HTTP framework in our words; its own messages may quote the request. */
const REQUEST_FAULTS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not valid JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the content length does not fit the body',
  FST_ERR_BAD_URL: 'the path is not a valid URL path',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
}

type FrameworkFields = {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[]
  readonly validationContext?: string
}

function frameworkFields(error: unknown): FrameworkFields {
  return typeof error === 'object' && error !== null ? (error as FrameworkFields) : {}
}
