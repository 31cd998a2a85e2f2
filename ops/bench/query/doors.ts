/** The two doors that the benchmark compares: ClickHouse's HTTP interface as the user of an access scope, and the API as a person of that scope. */
import { Agent, type IncomingMessage, request } from 'node:http'
import { MogoError } from '#contracts/errors.ts'

/** Formats that both doors speak. */
export type DoorFormat = 'json' | 'ndjson' | 'arrow' | 'parquet'

/** What is asked. */
export type Question = {
  readonly sql: string
  readonly format?: DoorFormat
  /** May the API answer from its cache? Usually not: both doors shall do the same work. */
  readonly cached?: boolean
}

/** How an answer came: milliseconds until its first byte and its last. */
export type Timing = { readonly millis: number; readonly firstMillis: number; readonly bytes: number }

/** A door. */
export type Door = {
  readonly name: string
  /** @throws MogoError if the answer is a refusal */
  ask(question: Question): Promise<Timing>
  close(): void
}

const FORMATS: Readonly<Record<DoorFormat, { readonly engine: string; readonly accept: string }>> = {
  json: { engine: 'JSONCompactEachRowWithNamesAndTypes', accept: 'application/json' },
  ndjson: { engine: 'JSONEachRow', accept: 'application/x-ndjson' },
  arrow: { engine: 'ArrowStream', accept: 'application/vnd.apache.arrow.stream' },
  parquet: { engine: 'Parquet', accept: 'application/vnd.apache.parquet' },
}

/** ClickHouse itself. `settings` are for a user that has none of its own. */
export function directDoor(
  url: string,
  login: { readonly username: string; readonly password: string },
  database: string,
  settings: Readonly<Record<string, string | number>> = {},
): Door {
  const headers = { 'x-clickhouse-user': login.username, 'x-clickhouse-key': login.password }
  return door('ClickHouse', ({ sql, format = 'json' }) => {
    const query = new URLSearchParams({ database, default_format: FORMATS[format].engine })
    for (const [name, value] of Object.entries(settings)) query.set(name, String(value))
    return { url: new URL(`/?${query}`, url), headers, body: sql }
  })
}

/** The query API. */
export function apiDoor(url: string, token: string): Door {
  return door('API', ({ sql, format = 'json', cached = false }) => ({
    url: new URL('/v1/query', url),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: FORMATS[format].accept,
      ...(cached ? {} : { 'cache-control': 'no-cache' }),
    },
    body: JSON.stringify({ sql }),
  }))
}

type Sent = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function door(name: string, sent: (question: Question) => Sent): Door {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return {
    name,
    close: () => agent.destroy(),
    ask(question) {
      const { url, headers, body } = sent(question)
      const started = performance.now()
      return new Promise((resolve, reject) => {
        const call = request(url, { method: 'POST', agent, headers }, (response) => {
          received(name, response, started).then(resolve, reject)
        })
        call.once('error', reject)
        call.end(body)
      })
    },
  }
}

async function received(name: string, response: IncomingMessage, started: number): Promise<Timing> {
  let firstMillis = 0
  let bytes = 0
  let refusal = ''
  const refused = response.statusCode !== 200
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes === 0) firstMillis = performance.now() - started
    bytes += chunk.length
    if (refused) refusal += chunk.toString()
  }
  if (refused)
    throw new MogoError('MOGO_INTERNAL', {
      where: `the benchmark: ${name} answers ${response.statusCode} ${refusal.slice(0, 300)}`,
    })
  return { millis: performance.now() - started, firstMillis, bytes }
}
