/** Asks the query API as a person of the embedded identity provider, or with a token of one's own (MOGO_TOKEN). */
import { MogoError } from '#contracts/errors.ts'
import { fetchAccessToken } from '#ops/embedded/identity-client.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { resolveSettings } from '#ops/runtime/settings.ts'

/** An answer of the API: its status, and its body as text. */
export type ApiAnswer = {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers: Headers
}

/** A caller of the API. */
export type ApiClient = {
  readonly url: string
  readonly token: string
  request(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options?: { readonly body?: unknown; readonly accept?: string },
  ): Promise<ApiAnswer>
}

/** A problem as the API answers it (RFC 9457). */
export type ApiProblem = {
  readonly title?: string
  readonly status?: number
  readonly detail?: string
  readonly code?: string
  readonly remedy?: string
}

/**
 * Makes a caller. `username` is one of the project's people.
 *
 * @throws MogoError MOGO_NOT_RUNNING, MOGO_IDENTITY_UNREACHABLE, MOGO_IDENTITY_REFUSED, MOGO_SECRET_MISSING
 */
export async function apiClient(project: Project, username: string, ownToken?: string): Promise<ApiClient> {
  const settings = resolveSettings(project)
  const url = settings.endpoints.api?.url
  if (url === undefined) throw new MogoError('MOGO_NOT_RUNNING')
  const token =
    ownToken ??
    (
      await fetchAccessToken({
        issuer: settings.issuer(),
        username,
        secret: settings.secret(`identity.${username}`),
        audience: project.config.identity.audience,
      })
    ).token
  return {
    url,
    token,
    async request(method, path, options = {}) {
      let response: Response
      try {
        response = await fetch(`${url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            accept: options.accept ?? 'application/json',
            ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        })
      } catch (cause) {
        throw new MogoError('MOGO_UNAVAILABLE', { what: `The query API at ${url}` }, { cause })
      }
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        text: await response.text(),
        headers: response.headers,
      }
    },
  }
}

/** The problem in an answer. */
export function problemIn(answer: ApiAnswer): ApiProblem {
  try {
    return JSON.parse(answer.text) as ApiProblem
  } catch {
    return { status: answer.status, title: `status ${answer.status}` }
  }
}
