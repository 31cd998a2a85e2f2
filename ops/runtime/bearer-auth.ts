/**
 * Bearer tokens: JWT access tokens (RFC 9068, RFC 7519) of one OpenID Connect issuer -> a principal.
 *
 * Keys come from the issuer's discovery document and key set; they are fetched when an unknown key id is met, at most once per
 * cooldown, so that forged key ids cannot make us hammer the issuer. Only asymmetric algorithms are accepted: with HS256
 * allowed, anyone could sign with the public key. A verified token is kept by its hash until it expires (bounded), because
 * verifying costs more than everything else a small query does here.
 *
 * Not done: asking the issuer whether a token was revoked. Tokens live 15 minutes; the cache never outlives them.
 */
import { createHash } from 'node:crypto'
import {
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { Logger } from './logger.ts'
import { type ClaimNames, principalOf } from './principal.ts'
import type { Settings } from './settings.ts'
import { steadyFetch } from './steady-fetch.ts'

/** Verifies bearer tokens. */
export type BearerAuth = {
  /**
   * @param authorization the request's Authorization header
   * @throws MogoError MOGO_AUTH_*, MOGO_IDENTITY_UNREACHABLE
   */
  verify(authorization: string | undefined): Promise<Principal>
  /** Rejects if the issuer's keys cannot be had: for readiness. */
  check(): Promise<void>
}

/** The verifier of a project's tokens. */
export function createProjectAuth(settings: Settings, logger: Logger): BearerAuth {
  const { audience, claims } = settings.project.config.identity
  return createBearerAuth({ issuer: settings.issuer(), audience, claims, logger })
}

/** What it is made of. */
export type BearerAuthOptions = {
  readonly issuer: string
  readonly audience: string
  readonly claims: ClaimNames
  readonly logger: Logger
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number
  /** Keys instead of the issuer's, for tests. */
  readonly keys?: JWTVerifyGetKey
}

/** RFC 8725, 3.1: an allowlist; no `none`, nothing symmetric. */
const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
]
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt'])
const SKEW_SECONDS = 30
const LONGEST_TOKEN = 16 * 1024
const CACHE_SIZE = 10_000
const TIMEOUT = 5_000

type Known = { readonly principal: Principal; readonly notBefore: number; readonly expires: number }

/** Makes the verifier. Nothing is fetched before the first token. */
export function createBearerAuth(options: BearerAuthOptions): BearerAuth {
  const { issuer, audience, claims, logger, now = Date.now } = options
  const cache = new Map<string, Known>()
  let keySet: Promise<JWTVerifyGetKey> | undefined = options.keys && Promise.resolve(options.keys)

  return { verify, check }

  async function verify(authorization: string | undefined): Promise<Principal> {
    const token = bearerToken(authorization, issuer)
    const hash = createHash('sha256').update(token).digest('base64')
    const known = cache.get(hash)
    if (known && now() < known.expires && now() >= known.notBefore) return known.principal
    cache.delete(hash)
    const payload = await verified(token)
    const principal = principalOf(payload, claims)
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value ?? '')
    cache.set(hash, {
      principal,
      notBefore: ((payload.nbf ?? 0) - SKEW_SECONDS) * 1000,
      expires: ((payload.exp ?? 0) + SKEW_SECONDS) * 1000,
    })
    return principal
  }

  async function check(): Promise<void> {
    await keys()
  }

  async function verified(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, await keys(), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(now()),
        requiredClaims: ['exp', 'sub'],
      })
      return payload
    } catch (error) {
      throw authFault(error, issuer, audience)
    }
  }

  function keys(): Promise<JWTVerifyGetKey> {
    keySet ??= discover(issuer).then(
      (found) => found,
      (error: unknown) => {
        keySet = undefined // ask again with the next token
        logger.warn({ err: error, issuer }, 'the identity provider cannot be reached')
        throw error
      },
    )
    return keySet
  }
}

/** The token of the header; refuses what cannot be a signed JWT before any key is looked up. */
function bearerToken(authorization: string | undefined, issuer: string): string {
  if (authorization === undefined || authorization === '') throw new MogoError('MOGO_AUTH_MISSING')
  const token = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1]
  if (token === undefined || token.length > LONGEST_TOKEN) {
    const other = /^Bearer(\s|$)/i.test(authorization) ? 'MOGO_AUTH_MALFORMED' : 'MOGO_AUTH_MISSING'
    throw new MogoError(other, { issuer })
  }
  try {
    const { typ, alg } = decodeProtectedHeader(token)
    const typeFits = typ === undefined || TYPES.has(String(typ).toLowerCase())
    if (typeFits && ALGORITHMS.includes(String(alg))) return token
  } catch {
    // Not JSON: malformed, said below.
  }
  throw new MogoError('MOGO_AUTH_MALFORMED', { issuer })
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  let document: { issuer?: unknown; jwks_uri?: unknown }
  try {
    const response = await steadyFetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) })
    if (!response.ok)
      throw new MogoError('MOGO_IDENTITY_UNREACHABLE', {
        issuer,
        detail: `discovery answers ${response.status}`,
      })
    document = (await response.json()) as typeof document
  } catch (cause) {
    if (isMogoError(cause)) throw cause
    throw new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail: 'no connection' }, { cause })
  }
  // OpenID Connect Discovery 1.0, 4.3: a document of another issuer must not be believed.
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string')
    throw new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail: 'discovery names another issuer' })
  return createRemoteJWKSet(new URL(document.jwks_uri), {
    timeoutDuration: TIMEOUT,
    cooldownDuration: 10_000,
    [customFetch]: steadyFetch,
  })
}

function authFault(error: unknown, issuer: string, audience: string): MogoError {
  if (isMogoError(error)) return error
  const code = (): MogoError => {
    if (error instanceof errors.JWTExpired) return new MogoError('MOGO_AUTH_EXPIRED')
    if (error instanceof errors.JWTClaimValidationFailed) {
      if (error.claim === 'aud') return new MogoError('MOGO_AUTH_AUDIENCE', { audience })
      if (error.claim === 'iss') return new MogoError('MOGO_AUTH_ISSUER', { issuer })
      if (error.claim === 'nbf') return new MogoError('MOGO_AUTH_NOT_YET')
      return new MogoError('MOGO_AUTH_CLAIM', { claim: error.claim })
    }
    if (
      error instanceof errors.JWSSignatureVerificationFailed ||
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWKSMultipleMatchingKeys
    )
      return new MogoError('MOGO_AUTH_SIGNATURE', { issuer })
    const keysAway =
      error instanceof errors.JWKSTimeout ||
      error instanceof errors.JWKSInvalid ||
      (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
      !(error instanceof errors.JOSEError)
    if (keysAway)
      return new MogoError(
        'MOGO_IDENTITY_UNREACHABLE',
        { issuer, detail: 'its keys cannot be read' },
        { cause: error },
      )
    return new MogoError('MOGO_AUTH_MALFORMED', { issuer })
  }
  return code()
}
