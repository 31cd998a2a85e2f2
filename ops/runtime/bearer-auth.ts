/**
 * Bearer tokens: JWT access tokens (RFC 9068, RFC 7519) of the issuers that a project trusts -> a principal.
 *
 * The claim `iss` of a token, which nobody has verified yet, only chooses whose keys it is verified with; an issuer that is not trusted is
 * refused without any fetch. Only asymmetric algorithms are accepted: with HS256 allowed, anyone could sign with the public key. A
 * verified token is kept by its hash until it expires, or until the keys of its issuer change (bounded), because verifying costs more than
 * everything else a small query does here. How keys are followed: issuer-keys.ts; which tenants an issuer may give: trusted-issuers.ts.
 *
 * Not done: asking the issuer whether a token was revoked. Tokens live 15 minutes; what is kept never outlives them.
 */
import { hash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { authFault } from './auth-fault.ts'
import { createIssuerKeys, fixedKeys, type IssuerKeys, type KnownKeys } from './issuer-keys.ts'
import type { Logger } from './logger.ts'
import { type ClaimNames, principalOf } from './principal.ts'
import type { Settings } from './settings.ts'
import { ownSubject, type TrustedIssuer, trustedIssuers } from './trusted-issuers.ts'

/** Verifies bearer tokens. */
export type BearerAuth = {
  /**
   * @param authorization the request's Authorization header
   * @throws MogoError MOGO_AUTH_*, MOGO_IDENTITY_UNREACHABLE
   */
  verify(authorization: string | undefined): Promise<Principal>
  /** Rejects if the first issuer's keys cannot be had: for readiness. Another issuer that is away concerns its own people only. */
  check(): Promise<void>
}

/** The verifier of a project's tokens. */
export function createProjectAuth(settings: Settings, logger: Logger): BearerAuth {
  return createIssuersAuth({ issuers: trustedIssuers(settings), logger })
}

/** What the verifier of one issuer's tokens is made of. */
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

/** A verifier of one issuer's tokens, of any tenant. */
export function createBearerAuth(options: BearerAuthOptions): BearerAuth {
  const { logger, now, keys, ...issuer } = options
  return createIssuersAuth({
    issuers: [{ ...issuer, mayGive: () => true, subjectOf: ownSubject }],
    logger,
    ...(now ? { now } : {}),
    ...(keys ? { keysOf: () => fixedKeys(keys) } : {}),
  })
}

/** What the verifier of several issuers' tokens is made of. */
export type IssuersAuthOptions = {
  /** At least one; see {@link BearerAuth.check} about the first. */
  readonly issuers: readonly TrustedIssuer[]
  readonly logger: Logger
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number
  /** Keys of an issuer; default those that it publishes. */
  readonly keysOf?: (issuer: string) => IssuerKeys
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

type Verifier = { readonly trusted: TrustedIssuer; readonly keys: IssuerKeys }
type Verified = {
  readonly principal: Principal
  readonly keys: IssuerKeys
  readonly generation: number
  readonly notBefore: number
  readonly expires: number
}

/** Makes the verifier. Nothing is fetched before the first token. */
export function createIssuersAuth(options: IssuersAuthOptions): BearerAuth {
  const { issuers, logger, now = Date.now } = options
  const { keysOf = (issuer: string) => createIssuerKeys({ issuer, logger, now }) } = options
  const verifiers = new Map(
    issuers.map((trusted): [string, Verifier] => [trusted.issuer, { trusted, keys: keysOf(trusted.issuer) }]),
  )
  const own = issuers[0]?.issuer ?? ''
  const cache = new Map<string, Verified>()

  return { verify, check }

  async function verify(authorization: string | undefined): Promise<Principal> {
    const token = bearerToken(authorization, own)
    const digest = hash('sha256', token, 'base64')
    const found = cache.get(digest)
    if (found && now() < found.expires && now() >= found.notBefore) {
      const { generation } = await found.keys.current()
      if (generation === found.generation) return found.principal
    }
    cache.delete(digest)
    checkForm(token, own)
    const { trusted, keys } = verifierOf(token)
    const known = await keys.current()
    const payload = await verified(token, trusted, known)
    const principal = principalIn(payload, trusted)
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value ?? '')
    cache.set(digest, {
      principal,
      keys,
      generation: known.generation,
      notBefore: ((payload.nbf ?? 0) - SKEW_SECONDS) * 1000,
      expires: ((payload.exp ?? 0) + SKEW_SECONDS) * 1000,
    })
    return principal
  }

  async function check(): Promise<void> {
    await verifiers.get(own)?.keys.current()
  }

  function verifierOf(token: string): Verifier {
    const verifier = verifiers.get(issuerOf(token, own))
    if (!verifier) throw new MogoError('MOGO_AUTH_ISSUER', { issuer: own })
    return verifier
  }

  async function verified(token: string, trusted: TrustedIssuer, keys: KnownKeys): Promise<JWTPayload> {
    const { issuer, audience } = trusted
    try {
      const { payload } = await jwtVerify(token, keys.getKey, {
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
}

/** The principal of a verified token, if its issuer may give its tenant. */
function principalIn(payload: JWTPayload, trusted: TrustedIssuer): Principal {
  const { issuer, claims, fixedTenant, mayGive, subjectOf } = trusted
  const principal = principalOf(payload, claims, fixedTenant)
  if (!mayGive(principal.tenant)) throw new MogoError('MOGO_AUTH_TENANT', { issuer })
  const subject = subjectOf(principal.subject)
  if (subject === undefined) throw new MogoError('MOGO_AUTH_CLAIM', { claim: 'sub' })
  return { ...principal, subject }
}

/** What the token says who has signed it; to be believed when the signature fits. */
function issuerOf(token: string, own: string): string {
  try {
    const { iss } = decodeJwt(token)
    if (typeof iss === 'string') return iss
  } catch {
    throw new MogoError('MOGO_AUTH_MALFORMED', { issuer: own })
  }
  throw new MogoError('MOGO_AUTH_ISSUER', { issuer: own })
}

/** The token of the header. */
function bearerToken(authorization: string | undefined, issuer: string): string {
  if (authorization === undefined || authorization === '') throw new MogoError('MOGO_AUTH_MISSING')
  const token = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1]
  if (token === undefined || token.length > LONGEST_TOKEN) {
    const other = /^Bearer(\s|$)/i.test(authorization) ? 'MOGO_AUTH_MALFORMED' : 'MOGO_AUTH_MISSING'
    throw new MogoError(other, { issuer })
  }
  return token
}

/** Refuses what cannot be a signed JWT before any key is looked up. */
function checkForm(token: string, issuer: string): void {
  try {
    const { typ, alg } = decodeProtectedHeader(token)
    const typeFits = typ === undefined || TYPES.has(String(typ).toLowerCase())
    if (typeFits && ALGORITHMS.includes(String(alg))) return
  } catch {
    // Not JSON: malformed, said below.
  }
  throw new MogoError('MOGO_AUTH_MALFORMED', { issuer })
}
