/** A plain session with Postgres for the commands: one client, errors in our words. */
import pg from 'pg'
import { MogoError } from '#contracts/errors.ts'
import type { PostgresConnection } from '#ops/runtime/settings.ts'

/** Result of one statement. */
export type SessionResult = {
  readonly command: string
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly count: number
}

/** An open session. */
export type PostgresSession = {
  query(sql: string, parameters?: readonly unknown[]): Promise<SessionResult>
  close(): Promise<void>
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ECONNRESET',
])
/** invalid_password, invalid_authorization_specification, invalid_catalog_name */
const REFUSED = new Set(['28P01', '28000', '3D000'])

/**
 * Opens a session. Values come back as Postgres prints them, so that no digit is lost.
 *
 * @throws MogoError MOGO_POSTGRES_UNREACHABLE, MOGO_POSTGRES_AUTH
 */
export async function openPostgres(connection: PostgresConnection): Promise<PostgresSession> {
  const { host, port, database, user, password, tls } = connection
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl: tls,
    connectionTimeoutMillis: 5000,
    application_name: 'mogo cli',
    types: {
      getTypeParser: (oid: number) =>
        TEXT_ARRAYS.has(oid)
          ? parseTextArray
          : oid === 16
            ? (text: string) => text === 't'
            : (text: string) => text,
    } as never,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (REFUSED.has(code))
      throw new MogoError(
        'MOGO_POSTGRES_AUTH',
        { host, port, user, database, path: 'postgres.passwordFile' },
        { cause },
      )
    const detail = UNREACHABLE.has(code) ? code : 'no answer'
    throw new MogoError('MOGO_POSTGRES_UNREACHABLE', { host, port, detail }, { cause })
  }
  return {
    async query(sql, parameters) {
      const answer = parameters
        ? await client.query({ text: sql, values: [...parameters] })
        : await client.query(sql)
      const result = Array.isArray(answer) ? answer[answer.length - 1] : answer
      return {
        command: result?.command ?? '',
        columns: result?.fields?.map((field: { name: string }) => field.name) ?? [],
        rows: result?.rows ?? [],
        count: result?.rowCount ?? 0,
      }
    },
    close: () => client.end(),
  }
}

const TEXT_ARRAYS = new Set([1009, 1015, 1003])

/** `{a,"b c",NULL}` -> its elements; NULL elements are left out (catalog queries have none). */
function parseTextArray(text: string): readonly string[] {
  return [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map((match) =>
    match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll(/\\(.)/g, '$1'),
  )
}
