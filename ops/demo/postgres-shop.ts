/**
 * A session with the demo's source database: the one file here that knows the Postgres client.
 *
 * One session is one connection; statements run one after the other. Faults become catalogue errors that name the place
 * and the SQLSTATE only: the server's own text may quote values.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { isMogoError, MogoError } from '#contracts/errors.ts'

/** Where the source database is, and as whom to enter. */
export type ShopConnection = {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/** A value that a statement takes. */
export type ShopParameter = string | number | boolean | null

/** Rows that a statement returned, and how many it touched. */
export type ShopResult<Row> = { readonly rows: readonly Row[]; readonly count: number }

/** An open session. */
export type ShopSession = {
  /** Runs one statement; it is prepared once per session under its own text. */
  readonly query: <Row>(text: string, values?: readonly ShopParameter[]) => Promise<ShopResult<Row>>
  /** Runs several statements without parameters. */
  readonly script: (text: string) => Promise<void>
  /** Streams a COPY; the source is only asked for more when the server has taken what came before. */
  readonly copyIn: (table: string, columns: readonly string[], chunks: Iterable<Buffer>) => Promise<void>
  /** Ends the session; safe to call twice. */
  readonly close: () => Promise<void>
}

/** The SQLSTATE of a fault, if the server gave one. */
export function sqlState(error: unknown): string | undefined {
  if (isMogoError(error)) return sqlState(error.cause)
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

const NETWORK = /^(E[A-Z]+|57P0[123]|08\w{3})$/

function shopFault(error: unknown, connection: ShopConnection, where: string): MogoError {
  if (isMogoError(error)) return error
  const { host, port, user, database } = connection
  const code = sqlState(error)
  if (code === undefined || NETWORK.test(code)) {
    const detail = code ?? 'the connection ended'
    return new MogoError('MOGO_POSTGRES_UNREACHABLE', { host, port, detail }, { cause: error })
  }
  if (code.startsWith('28')) {
    return new MogoError(
      'MOGO_POSTGRES_AUTH',
      { host, port, user, database, path: 'postgres' },
      { cause: error },
    )
  }
  if (code === '3D000') {
    const detail = `there is no database ${database}.`
    const remedy = 'Create it, or correct postgres.database in mogo.yaml.'
    return new MogoError('MOGO_POSTGRES_CONFIG', { host, port, detail, remedy }, { cause: error })
  }
  return new MogoError('MOGO_DEMO_STATEMENT', { where, state: code }, { cause: error })
}

/**
 * Opens a session.
 *
 * @throws MogoError MOGO_POSTGRES_UNREACHABLE, MOGO_POSTGRES_AUTH or MOGO_POSTGRES_CONFIG.
 */
export async function openShop(connection: ShopConnection, applicationName: string): Promise<ShopSession> {
  const client = new Client({
    ...connection,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // A connection that breaks while idle is told by the next statement; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(`set time zone 'UTC'`)
  } catch (error) {
    await client.end().catch(() => {})
    throw shopFault(error, connection, 'connect')
  }

  const names = new Map<string, string>()
  const nameOf = (text: string): string => {
    let name = names.get(text)
    if (name === undefined) {
      name = `demo_${names.size + 1}`
      names.set(text, name)
    }
    return name
  }
  const guarded = async <T>(where: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw shopFault(error, connection, where)
    }
  }
  let closing: Promise<void> | undefined

  return {
    query: (text, values) =>
      guarded(text.trim().split(/\s+/).slice(0, 3).join(' '), async () => {
        const config = values ? { name: nameOf(text), text, values: [...values] } : { text }
        const result = await client.query(config)
        return { rows: result.rows, count: result.rowCount ?? 0 }
      }),
    script: (text) => guarded('script', async () => void (await client.query(text))),
    copyIn: (table, columns, chunks) =>
      guarded(`COPY ${table}`, () =>
        pipeline(
          Readable.from(chunks, { objectMode: true, highWaterMark: 4 }),
          client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)),
        ),
      ),
    close: () => {
      closing ??= client.end().catch(() => {})
      return closing
    },
  }
}

/** Runs `work` in a transaction: committed if it returns, rolled back if it throws. */
export async function inTransaction<T>(session: ShopSession, work: () => Promise<T>): Promise<T> {
  await session.script('begin')
  try {
    const result = await work()
    await session.script('commit')
    return result
  } catch (error) {
    await session.script('rollback').catch(() => {})
    throw error
  }
}
