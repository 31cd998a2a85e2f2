/**
 * The error catalogue: every fault that a person may meet has one entry here, with a stable code.
 *
 * Terms. A *code* (`MOGO_…`) never changes its meaning and, once retired, is never used again. The *class* says what a
 * process does with the fault:
 *   - `retriable`  the dependency may come back: retry with jitter and a budget;
 *   - `rejected`   the input is wrong: say so, count it, go on with the next;
 *   - `fatal`      going on could lose or leak data, or is pointless: stop loudly.
 * `status` is the HTTP status if the fault is answered over HTTP; `remedy` is the sentence that tells the reader what to do.
 *
 * Templates name columns, files, hosts and codes, never a data value: `{name}` places are filled from `params`, which
 * must hold no personal data either.
 */

import { CONFIGURATION_ERRORS } from './errors/configuration.ts'
import { CONTRACT_ERRORS } from './errors/contracts.ts'
import { DEMO_ERRORS } from './errors/demo.ts'
import { DEPENDENCY_ERRORS } from './errors/dependencies.ts'
import type { ErrorClass, ErrorEntry } from './errors/error-entry.ts'
import { GIT_ERRORS } from './errors/git.ts'
import { IDENTITY_ERRORS } from './errors/identity.ts'
import { LAUNCHER_ERRORS } from './errors/launcher.ts'
import { QUERY_API_ERRORS } from './errors/query-api.ts'
import { SERVER_ERRORS } from './errors/servers.ts'
import { WORKER_ERRORS } from './errors/worker.ts'

/** The catalogue. Keys are the stable codes. Each part of the product has its file in `errors/`. */
export const ERRORS = {
  ...CONFIGURATION_ERRORS,
  ...LAUNCHER_ERRORS,
  ...GIT_ERRORS,
  ...SERVER_ERRORS,
  ...DEPENDENCY_ERRORS,
  ...CONTRACT_ERRORS,
  ...WORKER_ERRORS,
  ...QUERY_API_ERRORS,
  ...IDENTITY_ERRORS,
  ...DEMO_ERRORS,
} as const satisfies Record<string, ErrorEntry>

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS

/** Values for the places of a template: names, counts, paths; never data. */
export type ErrorParams = Readonly<Record<string, string | number>>

const fill = (template: string, params: ErrorParams): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return value === undefined ? whole : String(value)
  })

/**
 * A fault with a code from the catalogue.
 *
 * `message` is the filled template, `remedy` the filled remedy. The original cause is kept for the log's error class and
 * code only: its text may carry data values, so nothing prints it.
 */
export class MogoError extends Error {
  readonly code: ErrorCode
  readonly params: ErrorParams

  constructor(code: ErrorCode, params: ErrorParams = {}, options: { readonly cause?: unknown } = {}) {
    super(fill(ERRORS[code].message, params), options)
    this.name = 'MogoError'
    this.code = code
    this.params = params
  }

  get class(): ErrorClass {
    return ERRORS[this.code].class
  }

  /** HTTP status of the fault. */
  get status(): number {
    return ERRORS[this.code].status
  }

  /** What the reader should do. */
  get remedy(): string {
    return fill(ERRORS[this.code].remedy, this.params)
  }
}

/** True for a fault of the catalogue (of one code, if given). */
export function isMogoError(error: unknown, code?: ErrorCode): error is MogoError {
  return error instanceof MogoError && (code === undefined || error.code === code)
}
