/** Gets access tokens from an OpenID Connect issuer by the client credentials grant (RFC 6749, 4.4). */
import { MogoError } from '#contracts/errors.ts'
import { steadyFetch } from '#ops/runtime/steady-fetch.ts'
import { resourceOf } from './identity-resource.ts'

/** Who asks for a token, and where. */
export type TokenRequest = {
  readonly issuer: string
  /** User name; the client id. */
  readonly username: string
  readonly secret: string
  /** Audience of the API; the issuer's default if left out. */
  readonly audience?: string
}

/** An access token. */
export type AccessToken = {
  readonly token: string
  /** Seconds that it is valid. */
  readonly expiresIn: number
}

const TIMEOUT = 10_000

/**
 * Fetches an access token.
 *
 * @throws MogoError MOGO_IDENTITY_UNREACHABLE, MOGO_IDENTITY_REFUSED
 */
export async function fetchAccessToken(request: TokenRequest): Promise<AccessToken> {
  const { issuer, username, secret, audience } = request
  const { token: endpoint } = await discoverEndpoints(issuer)
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (audience !== undefined) body.set('resource', resourceOf(audience))
  const credentials = [username, secret].map((part) => encodeURIComponent(part)).join(':')
  const response = await call(issuer, endpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: body.toString(),
  })
  if (!response.ok) {
    const code = await errorCode(response)
    if (response.status >= 500) throw unreachable(issuer, `status ${response.status}`)
    throw new MogoError('MOGO_IDENTITY_REFUSED', { issuer, username, reason: code })
  }
  const answer = (await response.json().catch(() => ({}))) as { access_token?: unknown; expires_in?: unknown }
  if (typeof answer.access_token !== 'string') throw unreachable(issuer, 'its answer has no access token')
  return {
    token: answer.access_token,
    expiresIn: typeof answer.expires_in === 'number' ? answer.expires_in : 60,
  }
}

/** What an issuer says of itself (OpenID Connect Discovery 1.0, RFC 8414), as far as it is used here. */
export type IssuerEndpoints = {
  readonly token: string
  readonly deviceAuthorization: string | undefined
  readonly revocation: string | undefined
}

/** Asks an issuer for its endpoints. @throws MogoError MOGO_IDENTITY_UNREACHABLE */
export async function discoverEndpoints(issuer: string): Promise<IssuerEndpoints> {
  const response = await call(issuer, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {})
  if (!response.ok) throw unreachable(issuer, `discovery answers ${response.status}`)
  const document = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>
  if (document['issuer'] !== issuer) throw unreachable(issuer, 'discovery names another issuer')
  const endpoint = (name: string): string | undefined => {
    const url = document[name]
    if (typeof url !== 'string') return undefined
    // Secrets go there: never in clear if the issuer itself is behind TLS.
    if (issuer.startsWith('https:') && !url.startsWith('https:'))
      throw unreachable(issuer, `its ${name} is not behind TLS as it is itself`)
    return url
  }
  const token = endpoint('token_endpoint')
  if (token === undefined) throw unreachable(issuer, 'discovery names no token endpoint')
  return {
    token,
    deviceAuthorization: endpoint('device_authorization_endpoint'),
    revocation: endpoint('revocation_endpoint'),
  }
}

async function call(issuer: string, url: string, init: RequestInit): Promise<Response> {
  try {
    return await steadyFetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) })
  } catch (cause) {
    throw unreachable(issuer, 'no connection', cause)
  }
}

/** The OAuth error code alone: a description may quote the request. */
async function errorCode(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => ({}))) as { error?: unknown }
  return typeof answer.error === 'string' && /^[a-z_]{1,40}$/.test(answer.error)
    ? answer.error
    : `status ${response.status}`
}

function unreachable(issuer: string, detail: string, cause?: unknown): MogoError {
  return new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail }, { cause })
}
