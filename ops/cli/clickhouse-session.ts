/** A plain session with ClickHouse for the commands. */
import { ClickHouseLogLevel, createClient, type ResponseJSON } from '@clickhouse/client'
import { MogoError } from '#contracts/errors.ts'
import type { ClickHouseConnection } from '#ops/runtime/settings.ts'

/** A table as it came back. */
export type ClickHouseRows = {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** An open session. */
export type ClickHouseSession = {
  /** Runs a query and returns its rows; 64-bit integers and decimals as text. */
  query(sql: string): Promise<ClickHouseRows>
  close(): Promise<void>
}

/** Opens a session. Nothing is sent until the first query. */
export function openClickHouse(connection: ClickHouseConnection, database: string): ClickHouseSession {
  const client = createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    database,
    request_timeout: 60_000,
    // Faults are told once, in our words; the client's own lines quote statements.
    log: { level: ClickHouseLogLevel.OFF },
  })
  return {
    async query(sql) {
      try {
        const answer = await client.query({
          query: sql,
          format: 'JSON',
          clickhouse_settings: {
            output_format_json_quote_64bit_integers: 1,
            output_format_json_quote_decimals: 1,
          },
        })
        // A statement without a result (CREATE, DROP) has an empty body.
        const text = await answer.text()
        if (text === '') return { columns: [], rows: [] }
        const body = JSON.parse(text) as ResponseJSON<Readonly<Record<string, unknown>>>
        return { columns: (body.meta ?? []).map((column) => column.name), rows: body.data }
      } catch (error) {
        throw translate(error, connection)
      }
    },
    close: () => client.close(),
  }
}

function translate(error: unknown, connection: ClickHouseConnection): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code))
    return new MogoError(
      'MOGO_CLICKHOUSE_UNREACHABLE',
      { url: connection.url, detail: code },
      { cause: error },
    )
  if (code === '516' || code === '194')
    return new MogoError(
      'MOGO_CLICKHOUSE_AUTH',
      { url: connection.url, user: connection.username },
      { cause: error },
    )
  return error
}
