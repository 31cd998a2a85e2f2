/**
 * GET /problems and GET /problems/{code}: what each error code means and what to do about it, as a page or, for programs, as JSON. A problem
 * (RFC 9457) names this address as its type. The text is the catalogue's, with its places as they are; nothing of a caller is in it, so
 * no login is needed.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode, MogoError } from '#contracts/errors.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import { PROBLEM_PAGES, titleOf } from '#ops/runtime/problem.ts'

/** What a page says. */
type ProblemKind = {
  readonly type: string
  readonly code: string
  readonly title: string
  readonly status: number
  readonly meaning: string
  readonly remedy: string
  readonly retriable: boolean
}

const DAY = 'public, max-age=86400'
/** Nothing is loaded, framed or run; the style stands in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}code{font-family:ui-monospace,monospace}a{color:#0645ad}dt{font-weight:600;margin-top:1rem}dd{margin:0}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ab4f8}}'

/** Adds the routes. */
export function problemPages(server: HttpServer): void {
  const schema = { hide: true } as object
  server.get(PROBLEM_PAGES, { schema }, async (request, reply) => {
    const kinds = (Object.keys(ERRORS) as ErrorCode[]).sort().map(kindOf)
    if (!wantsPage(request)) return send(reply, JSON.stringify({ problems: kinds }))
    const items = kinds.map(
      ({ type, code, title, status }) =>
        `<li><a href="${type}"><code>${code}</code></a> ${escaped(title)} (${status})</li>`,
    )
    return sendPage(reply, 'Error codes', `<ul>${items.join('\n')}</ul>`)
  })
  server.get(`${PROBLEM_PAGES}/:code`, { schema }, async (request, reply) => {
    const { code } = request.params as { readonly code: string }
    if (!Object.hasOwn(ERRORS, code))
      throw new MogoError('MOGO_ROUTE_UNKNOWN', { method: 'GET', path: PROBLEM_PAGES })
    const kind = kindOf(code as ErrorCode)
    if (!wantsPage(request)) return send(reply, JSON.stringify(kind))
    const { title, status, meaning, remedy, retriable } = kind
    const rows = [
      ['What it means', meaning],
      ['What to do', remedy],
      ['Status', String(status)],
      ['Trying the same again', retriable ? 'may succeed later' : 'does not help'],
    ].map(([name = '', text = '']) => `<dt>${name}</dt><dd>${escaped(text)}</dd>`)
    const body = `<p><code>${code}</code></p><dl>${rows.join('\n')}</dl><p><a href="${PROBLEM_PAGES}">All codes</a> · <a href="/docs">Documentation</a></p>`
    return sendPage(reply, title, body)
  })
}

function kindOf(code: ErrorCode): ProblemKind {
  const { status, message, remedy, class: kind } = ERRORS[code]
  return {
    ...{ type: `${PROBLEM_PAGES}/${code}`, code, title: titleOf(code), status },
    ...{ meaning: placed(message), remedy: placed(remedy), retriable: kind === 'retriable' },
  }
}

/** `{column}` is a place that each occurrence fills. */
function placed(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, '…')
}

/** A browser asks for HTML by name; everything else gets JSON. */
function wantsPage(request: FastifyRequest): boolean {
  return /\btext\/html\b/i.test(request.headers.accept ?? '')
}

function send(reply: FastifyReply, body: string): FastifyReply {
  return reply
    .headers({ 'cache-control': DAY, vary: 'Accept' })
    .type('application/json; charset=utf-8')
    .send(body)
}

function sendPage(reply: FastifyReply, title: string, body: string): FastifyReply {
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}</main></body></html>
`
  return reply
    .headers({ 'cache-control': DAY, vary: 'Accept', 'content-security-policy': POLICY })
    .type('text/html; charset=utf-8')
    .send(page)
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
