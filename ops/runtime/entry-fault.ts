/**
 * How an entry file of ours ends with a fault: what it says on standard error, and its exit code. 1 the answer is no, 2 wrong usage, 3 something
 * is unavailable, or not running.
 */
import { isMogoError, MogoError } from '#contracts/errors.ts'

/** Says the fault, as text for people or as JSON {code, message, remedy}, and returns the exit code. `where` names what met an unexpected one. */
export function sayEntryFault(error: unknown, where: string, format: 'text' | 'json'): number {
  const fault = isMogoError(error) ? error : misused(error, where)
  const { code, message, remedy } = fault
  process.stderr.write(
    format === 'json'
      ? `${JSON.stringify({ code, message, remedy })}\n`
      : `${code}: ${message}\n  ${remedy}\n`,
  )
  if (code === 'MOGO_USAGE') return 2
  return fault.class === 'retriable' || code === 'MOGO_NOT_RUNNING' ? 3 : 1
}

/** Arguments that Node's parser refuses are wrong usage, in its words; anything else is a fault of ours. */
function misused(error: unknown, where: string): MogoError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('ERR_PARSE_ARGS_')
    ? new MogoError('MOGO_USAGE', { detail: (error as Error).message })
    : new MogoError('MOGO_INTERNAL', { where }, { cause: error })
}
