/**
 * The doors that attacks are made through: SQL, rows, pages by cursor, the same question after another has asked it (where a cache
 * would answer), and straight at the engine without the gate.
 */
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { EngineFault } from '#query-api/engine/engine-fault.ts'
import { engineParameters } from '#query-api/formats/parameters.ts'
import type { EngineIdentity, QueryEngine } from '#query-api/ports.ts'
import type { Tenants } from '../support/tenants.ts'
import { comparable, type Outcome, type RowsVector, type SqlVector, sortedLines } from './vector.ts'

/** Who asks through which application. */
export type Asker = { readonly tenants: Tenants; readonly app: HttpServer; readonly as?: string }

type Response = Awaited<ReturnType<HttpServer['inject']>>

/** What a response shows. */
export function outcomeOf(response: Response): Outcome {
  const { statusCode, headers, body } = response
  const isProblem = String(headers['content-type']).includes('problem+json')
  const code = isProblem ? String((JSON.parse(body) as { code?: unknown }).code) : ''
  return { status: statusCode, code, seen: comparable(statusCode, headers, body) }
}

/** POST /v1/query. */
export async function askSql(
  { tenants, app, as = 'nora' }: Asker,
  { sql, parameters }: Pick<SqlVector, 'sql' | 'parameters'>,
  accept = 'application/json',
): Promise<Outcome> {
  const response = await app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { authorization: `Bearer ${await tenants.token(as)}`, accept },
    payload: { sql, ...(parameters && { parameters }) },
  })
  return outcomeOf(response)
}

/** GET /v1/datasets/{name}/rows. */
export async function askRows(
  { tenants, app, as = 'nora' }: Asker,
  { query, dataset = 'clients', headers = {} }: Pick<RowsVector, 'query' | 'dataset' | 'headers'>,
  accept = 'application/json',
): Promise<Outcome> {
  return outcomeOf(await rowsResponse({ tenants, app, as }, { query, dataset, headers }, accept))
}

async function rowsResponse(
  { tenants, app, as }: Required<Asker>,
  { query, dataset, headers }: Required<Pick<RowsVector, 'query' | 'dataset' | 'headers'>>,
  accept: string,
): Promise<Response> {
  return app.inject({
    method: 'GET',
    url: `/v1/datasets/${dataset}/rows?${query}`,
    headers: { authorization: `Bearer ${await tenants.token(as)}`, accept, ...headers },
  })
}

/** Any other address. */
export async function askPath(
  { tenants, app, as = 'nora' }: Asker,
  request: {
    readonly method?: string
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
  },
): Promise<Outcome> {
  const { method = 'GET', url, headers = {} } = request
  const response = await app.inject({
    ...{ method: method as 'GET', url },
    headers: { authorization: `Bearer ${await tenants.token(as)}`, ...headers },
  })
  return outcomeOf(response)
}

/** Cursors of the first page of a question. */
export async function cursorsOf(
  { tenants, app, as = 'nora' }: Asker,
  query: string,
  dataset = 'clients',
): Promise<{ readonly next: string | null; readonly prev: string | null }> {
  const response = await rowsResponse(
    { tenants, app, as },
    { query, dataset, headers: {} },
    'application/json',
  )
  return response.json()
}

/** All pages of a question, one way or the other. */
export async function walk(
  asker: Asker,
  query: string,
  towards: 'next' | 'prev',
  from?: string,
): Promise<Outcome> {
  const { tenants, app, as = 'nora' } = asker
  const seen: string[] = []
  let cursor: string | null | undefined = from
  for (let pages = 0; pages < 60; pages++) {
    const at = cursor === undefined ? '' : `&cursor=${cursor}`
    const address = { query: `${query}${at}`, dataset: 'clients', headers: {} }
    const response = await rowsResponse({ tenants, app, as }, address, 'application/json')
    const outcome = outcomeOf(response)
    seen.push(outcome.seen)
    if (outcome.code !== '') return { ...outcome, seen: seen.join('\n') }
    cursor = (response.json() as Record<'next' | 'prev', string | null>)[towards]
    if (cursor === null) break
  }
  return { status: 200, code: '', seen: seen.join('\n') }
}

/** Straight at the engine, as the scope. Of its errors the code is compared, and the text is searched for what must not be in it. */
export async function askEngine(
  engine: QueryEngine,
  identity: EngineIdentity,
  { sql, parameters }: Pick<SqlVector, 'sql' | 'parameters'>,
): Promise<Outcome> {
  try {
    const text = await engine.text(identity, {
      // The engine does not know datasets by their names, only tables.
      sql: sql.replaceAll(/\bsales\b/g, 'sales_v2'),
      parameters: engineParameters(parameters as Parameters<typeof engineParameters>[0]),
      ...{ format: 'TSVRaw', database: 'analytics', signal: AbortSignal.timeout(20_000) },
    })
    return { status: 200, code: '', seen: sortedLines(text).join('\n') }
  } catch (error) {
    if (!(error instanceof EngineFault)) return { status: 0, code: 'no answer', seen: 'no answer' }
    const told = error.find(/(zq-southern-marker|77777777|root:)/) ?? ''
    const code = error.symbol || `code ${error.code}`
    return { status: 0, code, seen: `${code} ${told}` }
  }
}
