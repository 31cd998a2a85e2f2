/** Asks for rows of the shop, as somebody. */
import { expect } from 'vitest'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import type { Tenants } from './tenants.ts'

/** One page as JSON. */
export type Page = {
  readonly queryId: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number
  readonly next: string | null
  readonly prev: string | null
  readonly total?: { readonly rows: number; readonly kind: string }
}

/** How it is asked. */
export type Asking = {
  readonly as?: string
  readonly dataset?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Another application than the usual one. */
  readonly app?: HttpServer
}

/** A query string: pairs, a text that is encoded already, or an object. */
export type Query = string | readonly [string, string][] | Readonly<Record<string, string>>

/** Makes the client. */
export function rowsClient(tenantsOf: () => Tenants) {
  return { ask, page, ids, refusal }

  async function ask(query: Query, options: Asking = {}) {
    const { as = 'nora', dataset = 'orders', headers = {}, app = tenantsOf().app } = options
    const text = typeof query === 'string' ? query : String(new URLSearchParams(query))
    return app.inject({
      method: 'GET',
      url: `/v1/datasets/${dataset}/rows?${text}`,
      headers: { authorization: `Bearer ${await tenantsOf().token(as)}`, ...headers },
    })
  }

  async function page(query: Query, options?: Asking): Promise<Page> {
    const response = await ask(query, options)
    expect(response.statusCode, `${JSON.stringify(query)} ${response.body.slice(0, 500)}`).toBe(200)
    return response.json()
  }

  /** First column of the rows. */
  async function ids(query: Query, options?: Asking): Promise<unknown[]> {
    return (await page(query, options)).rows.map(([id]) => id)
  }

  async function refusal(
    query: Query,
    options?: Asking,
  ): Promise<{ code: string; status: number; detail: string; remedy: string }> {
    const response = await ask(query, options)
    expect(response.headers['content-type'], response.body.slice(0, 300)).toContain(
      'application/problem+json',
    )
    return response.json()
  }
}
