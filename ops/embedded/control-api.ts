/**
 * The supervisor's control API: HTTP on the loopback address, for the CLI and the other processes of the project.
 *
 *   GET  /status            {supervisor, startedAt, processes}
 *   POST /stop              202; everything is stopped in order
 *   POST /restart/{name}    200 when it is ready again
 *   PUT  /scopes            {scopes: RenderedScope[]}; 200 {changed, restarted} when ClickHouse serves with them
 *
 * Address and token are in `.mogo/run/control.json` (0600). Every request needs `Authorization: Bearer <token>`.
 */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { isMogoError } from '#contracts/errors.ts'
import type { RenderedScope } from './clickhouse-config.ts'

/** What the API lets callers do. */
export type ControlActions = {
  readonly status: () => unknown
  readonly stop: () => void
  readonly restart: (name: string) => Promise<void>
  readonly putScopes: (scopes: readonly RenderedScope[]) => Promise<{ changed: boolean }>
}

/** What control.json holds. */
export type ControlFile = { readonly url: string; readonly token: string; readonly pid: number }

/** A running control API. */
export type ControlApi = ControlFile & { readonly close: () => Promise<void> }

const MOST_BYTES = 16 * 1024 * 1024
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const scopesBody = z.object({
  scopes: z.array(
    z.object({
      name: z.string().regex(NAME),
      passwordSha256: z.string().regex(/^[0-9a-f]{64}$/),
      grants: z.array(z.string().regex(/^GRANT\s/i)),
      rowFilters: z.array(
        z.object({
          database: z.string().regex(NAME),
          table: z.string().regex(NAME),
          filter: z.string().min(1),
        }),
      ),
    }),
  ),
})

/** Starts it on a free port. */
export async function startControlApi(actions: ControlActions): Promise<ControlApi> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer((request, response) => {
    handle(request, token, actions)
      .catch((error: unknown) => failure(error))
      .then(({ status, body }) => reply(response, status, body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    pid: process.pid,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Answer = { readonly status: number; readonly body: unknown }

async function handle(request: IncomingMessage, token: string, actions: ControlActions): Promise<Answer> {
  if (!authorized(request.headers.authorization, token))
    return { status: 401, body: { code: 'MOGO_AUTH_MISSING' } }
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  const route = `${request.method} ${path}`
  if (route === 'GET /status') return { status: 200, body: actions.status() }
  if (route === 'POST /stop') {
    setImmediate(actions.stop)
    return { status: 202, body: { stopping: true } }
  }
  const name = /^POST \/restart\/([\w.-]+)$/.exec(route)?.[1]
  if (name !== undefined) {
    await actions.restart(name)
    return { status: 200, body: { restarted: name } }
  }
  if (route === 'PUT /scopes') {
    const parsed = scopesBody.safeParse(await readBody(request))
    if (!parsed.success) {
      const detail = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; ')
      return { status: 400, body: { code: 'MOGO_REQUEST_INVALID', detail } }
    }
    return { status: 200, body: await actions.putScopes(parsed.data.scopes) }
  }
  return { status: 404, body: { code: 'MOGO_ROUTE_UNKNOWN' } }
}

function authorized(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

function failure(error: unknown): Answer {
  if (!isMogoError(error)) return { status: 500, body: { code: 'MOGO_INTERNAL' } }
  return { status: error.status, body: { code: error.code, detail: error.message, remedy: error.remedy } }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
