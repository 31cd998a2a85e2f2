/**
 * Faults of ClickHouse and of the way to it, in the catalogue's terms. The engine's text is never kept: it quotes values.
 *
 * Retriable: it is away, or has too much to do. Fatal: it refuses the login, or refuses the statement for good.
 */
import { ClickHouseError } from '@clickhouse/client'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { PASSING } from './clickhouse-passing.ts'

/** Where a statement went, for the sentence. */
export type ClickHouseTarget = { readonly url: string; readonly username: string }

/** UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED. */
const REFUSED: ReadonlySet<string> = new Set([192, 193, 194, 516].map(String))

/** The fault of a failed request; `table` names what it was about. */
export function clickhouseFault(error: unknown, target: ClickHouseTarget, table: string): MogoError {
  if (isMogoError(error)) return error
  if (!(error instanceof ClickHouseError))
    return new MogoError(
      'MOGO_CLICKHOUSE_UNREACHABLE',
      { url: target.url, detail: wayText(error) },
      { cause: error },
    )
  if (REFUSED.has(error.code))
    return new MogoError('MOGO_CLICKHOUSE_AUTH', {
      url: target.url,
      user: target.username,
      path: 'clickhouse.login',
    })
  if (PASSING.has(error.code))
    return new MogoError(
      'MOGO_CLICKHOUSE_UNREACHABLE',
      { url: target.url, detail: `code ${error.code}` },
      { cause: error },
    )
  return new MogoError('MOGO_CLICKHOUSE_REJECTED', { table, engineCode: error.code }, { cause: error })
}

/** What a socket's error says: its code, which holds no value. */
function wayText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code
  return 'no answer'
}
