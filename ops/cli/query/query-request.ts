/** One query to the API, as a stream: what is asked, how it is cancelled, what is said if it does not work. */
import { randomUUID } from 'node:crypto'
import { MogoError } from '#contracts/errors.ts'
import { said } from '../api-caller.ts'
import type { ApiClient } from '../api-client.ts'

/** What is asked beside the SQL. */
export type QueryOptions = {
  readonly role?: string | undefined
  readonly purpose?: string | undefined
  /** Most rows. */
  readonly limit?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly dryRun?: boolean | undefined
}

/** An answer that has begun. */
export type RunningAnswer = {
  readonly queryId: string
  readonly body: AsyncIterable<Uint8Array>
  /** Known when the body has been read. */
  truncated(): Promise<boolean>
}

/** A query that can be cancelled from its first moment on. */
export type CliQuery = {
  /** `undefined` if it was refused, which has been said then. @throws MogoError MOGO_UNAVAILABLE, MOGO_QUERY_CANCELLED */
  readonly answer: Promise<RunningAnswer | undefined>
  /** Ends it at the API; resolves when it has ended there. */
  cancel(): Promise<void>
}

/** Asks. */
export function startQuery(api: ApiClient, sql: string, accept: string, options: QueryOptions): CliQuery {
  const clientQueryId = randomUUID()
  const gone = new AbortController()
  return { answer: ask(), cancel }

  async function ask(): Promise<RunningAnswer | undefined> {
    const response = await send()
    if (response.status >= 400) {
      const type = response.headers.get('content-type') ?? ''
      said({ status: response.status, type, text: await response.text(), headers: response.headers })
      return undefined
    }
    return {
      queryId: response.headers.get('x-mogo-query-id') ?? '',
      body: bodyOf(response),
      truncated: async () => {
        if (options.limit === undefined) return false
        const told = response.headers.get('x-mogo-truncated')
        return told === null ? await toldLater() : told === 'true'
      },
    }
  }

  async function send(): Promise<Response> {
    const { role, purpose, limit, timeoutSeconds, dryRun } = options
    const body = {
      ...{ sql, clientQueryId, role, purpose, timeoutSeconds, dryRun },
      limit: limit === undefined ? undefined : { rows: limit },
    }
    try {
      return await fetch(`${api.url}/v1/query`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api.token}`, accept, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: gone.signal,
      })
    } catch (cause) {
      if (gone.signal.aborted) throw new MogoError('MOGO_QUERY_CANCELLED')
      throw new MogoError('MOGO_UNAVAILABLE', { what: `The query API at ${api.url}` }, { cause })
    }
  }

  async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response.body ?? []) yield chunk
    } catch (cause) {
      if (gone.signal.aborted) throw new MogoError('MOGO_QUERY_CANCELLED')
      throw new MogoError('MOGO_ANSWER_CUT', {}, { cause })
    }
  }

  /** Trailers, where a long answer has it, are not shown by `fetch`. */
  async function toldLater(): Promise<boolean> {
    const { status, text } = await api.request('GET', `/v1/queries/${clientQueryId}`)
    return status === 200 && (JSON.parse(text) as { truncated: boolean }).truncated
  }

  async function cancel(): Promise<void> {
    try {
      await fetch(`${api.url}/v1/queries/${clientQueryId}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${api.token}` },
      })
    } catch {
      // Leaving the connection, which comes next, ends the query too.
    }
    gone.abort()
  }
}
