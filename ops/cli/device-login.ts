/**
 * Logging in by a device code (RFC 8628): the code is typed in a browser, anywhere; the command line asks until that has happened.
 *
 * It waits the provider's interval before each question, longer when told to slow down or when the provider cannot be reached, and no longer than
 * the code is valid.
 */
import { isMogoError, MogoError } from '#contracts/errors.ts'
import { discoverEndpoints } from '#ops/embedded/identity-client.ts'
import { resourceOf } from '#ops/embedded/identity-resource.ts'
import { type OAuthAnswer, postForm } from './oauth-form.ts'

/** Where one logs in, and for which API. */
export type LoginRequest = {
  readonly issuer: string
  readonly clientId: string
  readonly audience: string
  readonly scope: string
}

/** What is to be shown: where to go, and what to type there. */
export type DeviceCode = { readonly url: string; readonly code: string; readonly seconds: number }

/** Tokens of a login. */
export type LoginTokens = {
  readonly accessToken: string
  /** Seconds. */
  readonly expiresIn: number
  /** Left out if the provider gives none: then one logs in again. */
  readonly refreshToken?: string
}

/** Time, for tests. */
export type LoginClock = { now(): number; sleep(millis: number): Promise<void> }

const SYSTEM: LoginClock = {
  now: Date.now,
  sleep: (millis) => new Promise((done) => setTimeout(done, millis)),
}
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const USUAL_INTERVAL = 5
/** What is added when told to slow down, by section 3.5. */
const SLOWER = 5
const LONGEST_INTERVAL = 60

/**
 * Logs in. `show` is called with the code.
 *
 * @throws MogoError MOGO_LOGIN_UNSUPPORTED, MOGO_LOGIN_REFUSED, MOGO_LOGIN_STOPPED, MOGO_LOGIN_LATE, MOGO_IDENTITY_UNREACHABLE
 */
export async function deviceLogin(
  request: LoginRequest,
  show: (code: DeviceCode) => void,
  clock: LoginClock = SYSTEM,
): Promise<LoginTokens> {
  const { issuer, clientId } = request
  const endpoints = await discoverEndpoints(issuer)
  if (endpoints.deviceAuthorization === undefined) throw new MogoError('MOGO_LOGIN_UNSUPPORTED', { issuer })
  const begun = await postForm(issuer, endpoints.deviceAuthorization, {
    client_id: clientId,
    scope: request.scope,
    // RFC 8707; some providers call it audience.
    resource: resourceOf(request.audience),
    audience: request.audience,
  })
  const device = deviceOf(issuer, begun)
  show({ url: device.url, code: device.code, seconds: device.seconds })

  const deadline = clock.now() + device.seconds * 1000
  let interval = device.interval
  for (;;) {
    await clock.sleep(interval * 1000)
    if (clock.now() >= deadline) throw new MogoError('MOGO_LOGIN_LATE', { issuer })
    const form = { client_id: clientId, grant_type: DEVICE_GRANT, device_code: device.deviceCode }
    const answer = await postForm(issuer, endpoints.token, form).catch((error: unknown) => {
      if (isMogoError(error, 'MOGO_IDENTITY_UNREACHABLE')) return undefined
      throw error
    })
    if (answer?.ok) return tokensOf(issuer, answer)
    if (answer === undefined) interval = Math.min(interval * 2, LONGEST_INTERVAL)
    else if (answer.error === 'slow_down') interval += SLOWER
    else if (answer.error !== 'authorization_pending') throw refusal(issuer, answer.error)
  }
}

/** Tokens of an answer of the token endpoint. @throws MogoError MOGO_LOGIN_REFUSED */
export function tokensOf(issuer: string, answer: OAuthAnswer): LoginTokens {
  if (!answer.ok) throw refusal(issuer, answer.error)
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer.fields
  if (typeof accessToken !== 'string') throw refusal(issuer, 'its answer has no access token')
  return {
    accessToken,
    expiresIn: typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : 60,
    ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
  }
}

function deviceOf(issuer: string, answer: OAuthAnswer) {
  if (!answer.ok) throw refusal(issuer, answer.error)
  const {
    device_code: deviceCode,
    user_code: code,
    verification_uri: url,
    expires_in,
    interval,
  } = answer.fields
  const isUrl = typeof url === 'string' && /^https?:$/.test(URL.parse(url)?.protocol ?? '')
  if (typeof deviceCode !== 'string' || typeof code !== 'string' || !isUrl)
    throw refusal(issuer, 'its answer has no code')
  return {
    deviceCode,
    // Both are printed: nothing in them may steer a terminal.
    code: code.replaceAll(/[^\x21-\x7e]/g, ''),
    url: new URL(url).href,
    seconds: typeof expires_in === 'number' && expires_in > 0 ? expires_in : 600,
    interval:
      typeof interval === 'number' && interval > 0 ? Math.min(interval, LONGEST_INTERVAL) : USUAL_INTERVAL,
  }
}

function refusal(issuer: string, reason: string): MogoError {
  if (reason === 'access_denied') return new MogoError('MOGO_LOGIN_STOPPED', { issuer })
  if (reason === 'expired_token') return new MogoError('MOGO_LOGIN_LATE', { issuer })
  return new MogoError('MOGO_LOGIN_REFUSED', { issuer, reason })
}
