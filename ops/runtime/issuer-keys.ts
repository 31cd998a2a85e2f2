/**
 * The public keys of one OpenID Connect issuer: found by discovery, kept, and followed when they are rotated.
 *
 * - A key that is new is found at once: a token with an unknown key id makes us ask again, but at most once per cooldown, so that
 *   forged key ids cannot make us hammer the issuer.
 * - A key that is taken away stops working within {@link FRESH_MILLIS} and one fetch. If the issuer cannot be reached meanwhile, what is
 *   known goes on being used up to {@link LONGEST_MILLIS}; then nothing of this issuer is believed until it answers.
 * - While the issuer is away it is asked again after pauses that grow, whatever number of tokens comes.
 *
 * Rejected: the key set of `jose` that fetches by itself. It asks for the keys but not for where they are, keeps to the system's clock, and does
 * not say when they have changed, which what was verified with them must know.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { isMogoError, MogoError } from '#contracts/errors.ts'
import type { Logger } from './logger.ts'
import { steadyFetch } from './steady-fetch.ts'

/** Age from which keys are asked for again before they are used. */
export const FRESH_MILLIS = 5 * 60_000
/** Age from which keys are not used any more. */
export const LONGEST_MILLIS = 15 * 60_000
/** Least time between two fetches because of unknown key ids. */
export const COOLDOWN_MILLIS = 10_000

/** Asked for without waiting from this part of {@link FRESH_MILLIS} on, so that hardly any request waits. */
const EARLY_SHARE = 0.8
const TIMEOUT = 5_000
const MOST_KEYS = 100
const LONGEST_PAUSE = 30_000

/** Keys as they are known at a time. */
export type KnownKeys = {
  readonly getKey: JWTVerifyGetKey
  /** Another number whenever the keys have changed: what was verified with other ones is to be verified again. */
  readonly generation: number
}

/** Follows the keys of an issuer. */
export type IssuerKeys = {
  /** Keys that may be used now. @throws MogoError MOGO_IDENTITY_UNREACHABLE */
  current(): Promise<KnownKeys>
}

/** What it is made of. */
export type IssuerKeysOptions = {
  readonly issuer: string
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

type Kept = { readonly known: KnownKeys; readonly text: string; readonly at: number }

/** Keys that never change, for tests. */
export function fixedKeys(getKey: JWTVerifyGetKey): IssuerKeys {
  const known = { getKey, generation: 0 }
  return { current: async () => known }
}

/** Makes it. Nothing is fetched before the keys are needed. */
export function createIssuerKeys(options: IssuerKeysOptions): IssuerKeys {
  const { issuer, logger, now } = options
  let kept: Kept | undefined
  let asking: Promise<Kept> | undefined
  let askedForUnknown = Number.NEGATIVE_INFINITY
  let failures = 0
  let notBefore = Number.NEGATIVE_INFINITY

  return {
    async current() {
      const age = kept ? now() - kept.at : Number.POSITIVE_INFINITY
      if (kept && age < FRESH_MILLIS && age >= 0) {
        if (age >= FRESH_MILLIS * EARLY_SHARE) ask().catch(() => {})
        return kept.known
      }
      const asked = ask()
      if (kept && failures > 0 && age < LONGEST_MILLIS) {
        // It is known to be away: nobody waits for it to be found away once more.
        asked.catch(() => {})
        return kept.known
      }
      try {
        return (await asked).known
      } catch (error) {
        if (kept && age < LONGEST_MILLIS) return kept.known
        throw error
      }
    },
  }

  /** One fetch at a time; none during a pause after failures. */
  function ask(): Promise<Kept> {
    if (asking) return asking
    if (now() < notBefore) return Promise.reject(unreachable(issuer, 'it did not answer a moment ago'))
    asking = fetchKeys(issuer)
      .then(keep, (error: unknown) => {
        failures++
        // The first failure may be one broken connection: the next token asks again.
        notBefore = failures < 2 ? notBefore : now() + Math.min(LONGEST_PAUSE, 500 * 2 ** (failures - 2))
        logger.warn({ err: error, issuer }, 'the keys of the identity provider cannot be had')
        throw error
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  function keep(set: JSONWebKeySet): Kept {
    failures = 0
    notBefore = Number.NEGATIVE_INFINITY
    const text = JSON.stringify(set)
    const at = now()
    if (kept?.text === text) kept = { ...kept, at }
    else {
      if (kept) logger.info({ issuer, keys: set.keys.length }, 'the identity provider has other keys')
      const generation = (kept?.known.generation ?? 0) + 1
      kept = { known: { getKey: findingNewKeys(createLocalJWKSet(set)), generation }, text, at }
    }
    return kept
  }

  /** The key of a token; if none fits, the issuer may have a new one. */
  function findingNewKeys(local: JWTVerifyGetKey): JWTVerifyGetKey {
    return async (header, token) => {
      try {
        return await local(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        if (!asking && now() - askedForUnknown < COOLDOWN_MILLIS) throw error
        askedForUnknown = now()
        const { text } = await ask()
        return await createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)(header, token)
      }
    }
  }
}

/** Discovery (OpenID Connect Discovery 1.0, 4) and then the key set (RFC 7517). */
async function fetchKeys(issuer: string): Promise<JSONWebKeySet> {
  const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const document = await fetchJson<{ issuer?: unknown; jwks_uri?: unknown }>(issuer, where, 'discovery')
  // Section 4.3: a document of another issuer must not be believed.
  if (document.issuer !== issuer) throw unreachable(issuer, 'discovery names another issuer')
  if (typeof document.jwks_uri !== 'string' || !URL.canParse(document.jwks_uri))
    throw unreachable(issuer, 'discovery names no key set')
  if (issuer.startsWith('https:') && !document.jwks_uri.startsWith('https:'))
    throw unreachable(issuer, 'its keys are not behind TLS as it is itself')
  const { keys } = await fetchJson<{ keys?: unknown }>(issuer, document.jwks_uri, 'the key set')
  const isSet =
    Array.isArray(keys) &&
    keys.length <= MOST_KEYS &&
    keys.every((key) => key !== null && typeof key === 'object')
  if (!isSet) throw unreachable(issuer, 'its keys cannot be read')
  return { keys } as JSONWebKeySet
}

async function fetchJson<T>(issuer: string, url: string, what: string): Promise<T> {
  try {
    const response = await steadyFetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) })
    if (!response.ok) throw unreachable(issuer, `${what} answers ${response.status}`)
    const document = (await response.json()) as T | null
    if (document === null || typeof document !== 'object') throw unreachable(issuer, `${what} is no object`)
    return document
  } catch (cause) {
    if (isMogoError(cause)) throw cause
    throw unreachable(issuer, `no connection for ${what}`, cause)
  }
}

function unreachable(issuer: string, detail: string, cause?: unknown): MogoError {
  return new MogoError('MOGO_IDENTITY_UNREACHABLE', { issuer, detail }, { cause })
}
