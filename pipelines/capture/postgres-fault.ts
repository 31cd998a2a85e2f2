/** Faults of Postgres as faults of the catalogue. A driver's message may quote a value: only its code is told. */
import { MogoError } from '#contracts/errors.ts'
import { quoteName } from '#contracts/postgres-quotes.ts'
import type { PostgresConnection } from '#ops/runtime/settings.ts'

const AUTH_CODES = new Set(['28P01', '28000', '3D000', '42501'])
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'EPIPE',
])

/** Translates a driver's error. */
export function postgresFault(error: unknown, connection: PostgresConnection): MogoError {
  const { host, port, user, database } = connection
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === '42501')
    return new MogoError(
      'MOGO_POSTGRES_CONFIG',
      {
        host,
        port,
        detail: `the user ${quoteName(user)} lacks a right that capture needs (SQLSTATE 42501)`,
        remedy:
          'Let mogo.yaml name a user who owns the tables and may create publications, or have an owner run the plan.',
      },
      { cause: error },
    )
  if (AUTH_CODES.has(code))
    return new MogoError(
      'MOGO_POSTGRES_AUTH',
      { host, port, user, database, path: 'postgres.passwordFile' },
      { cause: error },
    )
  if (NETWORK_CODES.has(code) || code.startsWith('08') || code.startsWith('57P') || code === '')
    return new MogoError(
      'MOGO_POSTGRES_UNREACHABLE',
      { host, port, detail: code || 'connection lost' },
      { cause: error },
    )
  return new MogoError(
    'MOGO_POSTGRES_CONFIG',
    {
      host,
      port,
      detail: `a statement of capture failed (SQLSTATE ${code})`,
      remedy: 'Look into the log of Postgres at this moment.',
    },
    { cause: error },
  )
}
