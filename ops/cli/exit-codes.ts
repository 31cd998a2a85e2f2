/**
 * Exit codes: 0 done, 1 the answer is no, 2 wrong usage or configuration, 3 something is unavailable.
 * Errors go to standard error as `code: message` and the remedy; an unexpected one never shows its text, which may hold data.
 */
import colors from 'picocolors'
import { type ErrorCode, isMogoError, MogoError } from '#contracts/errors.ts'
import { note } from './output.ts'

const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'MOGO_USAGE',
  'MOGO_CONFIG_INVALID',
  'MOGO_CONFIG_NOT_FOUND',
  'MOGO_CONFIG_SYNTAX',
  'MOGO_CONTRACT_SOURCE',
  'MOGO_CONTRACT_NONE',
])

/** The exit code of a fault. */
export function exitCodeOf(error: unknown): number {
  if (!isMogoError(error)) return 1
  if (USAGE.has(error.code)) return 2
  return error.status === 503 ? 3 : 1
}

/** Says a fault on standard error. */
export function sayError(error: unknown): void {
  const fault = isMogoError(error) ? error : unexpected(error)
  note(`${colors.red('error')} ${colors.bold(fault.code)}: ${fault.message}`)
  note(`  ${colors.dim('what to do:')} ${fault.remedy}`)
}

function unexpected(error: unknown): MogoError {
  const name = error instanceof Error ? error.name : typeof error
  const frame = error instanceof Error ? /\(?([^()\s]+:\d+):\d+\)?$/m.exec(error.stack ?? '')?.[1] : undefined
  return new MogoError('MOGO_INTERNAL', { where: `${name}${frame ? ` at ${frame}` : ''}` }, { cause: error })
}
