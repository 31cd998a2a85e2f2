/** Requests of the command line to an OAuth 2 endpoint: a form out, an object or an error code back. */
import { MogoError } from '#contracts/errors.ts'

/** An answer: its fields, or the error code of RFC 6749, 5.2. */
export type OAuthAnswer =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: string }

const TIMEOUT = 10_000

/**
 * Posts a form. It is not sent again when the connection breaks: a refresh token counts once.
 *
 * @throws MogoError MOGO_IDENTITY_UNREACHABLE
 */
export async function postForm(
  issuer: string,
  endpoint: string,
  form: Readonly<Record<string, string>>,
): Promise<OAuthAnswer> {
  let response: Response
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(form),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    })
  } catch (cause) {
    throw new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail: 'no connection' }, { cause })
  }
  if (response.status >= 500)
    throw new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail: `status ${response.status}` })
  const fields = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>> | null
  if (response.ok) return { ok: true, fields: fields ?? {} }
  const error = fields?.['error']
  // The code alone: a description may quote the request.
  const isCode = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error)
  return { ok: false, error: isCode ? error : `status ${response.status}` }
}
