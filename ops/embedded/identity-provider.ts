/**
 * The embedded identity provider: `oidc-provider` as an OpenID Connect issuer on loopback, for laptops, demos and tests.
 *
 * A person is an OAuth client here: the command line and a notebook log in with the client credentials grant (RFC 6749, 4.4),
 * the user name as client id and the person's generated secret. The access token is a JWT (RFC 9068) for the audience of the
 * API, valid for 15 minutes, with tenant, roles and attributes as claims. Rejected: the password grant (gone from OAuth 2.1)
 * and a login page of our own (passwords in a browser are a real provider's job).
 *
 * Nothing needs to be stored: tokens carry everything, so the adapter forgets.
 */

import type { JWK } from 'jose'
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider'
import { SIGNING_ALGORITHM } from './identity-keys.ts'
import type { Person } from './identity-people.ts'
import { resourceOf } from './identity-resource.ts'

/** Seconds that an access token is valid. */
export const TOKEN_SECONDS = 15 * 60

/** What the provider is made of. */
export type IdentityProviderOptions = {
  readonly issuer: string
  readonly audience: string
  /** Names of the claims. */
  readonly claims: { readonly tenant: string; readonly roles: string; readonly attributes: string }
  readonly people: readonly Person[]
  /** Secret of a person. */
  readonly secretOf: (username: string) => string
  readonly signingKeys: { readonly keys: readonly JWK[] }
  /** Signs the provider's own cookies, of which it sets none as long as there is no login page. */
  readonly cookieKey: string
}

/** Makes the provider; serve it with `callback()`. */
export function createIdentityProvider(options: IdentityProviderOptions): Provider {
  const { issuer, audience, claims, people, secretOf } = options
  const resource = resourceOf(audience)
  const byName = new Map(people.map((person) => [person.username, person]))
  const configuration: Configuration = {
    adapter: ForgetfulAdapter,
    jwks: options.signingKeys as NonNullable<Configuration['jwks']>,
    cookies: { keys: [options.cookieKey] },
    clients: people.map((person) => ({
      client_id: person.username,
      client_name: person.displayName,
      client_secret: secretOf(person.username),
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: SIGNING_ALGORITHM,
    })),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    responseTypes: ['code'],
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: (_context, indicator) => ({
          scope: '',
          // Any other indicator gets a token for that audience, which this API then refuses.
          audience: indicator === resource ? audience : indicator,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_SECONDS,
          jwt: { sign: { alg: SIGNING_ALGORITHM } },
        }),
      },
    },
    ttl: { ClientCredentials: TOKEN_SECONDS },
    extraTokenClaims: (_context, token) => {
      const person = byName.get(token.clientId ?? '')
      return person
        ? {
            [claims.tenant]: person.tenant,
            [claims.roles]: person.roles,
            [claims.attributes]: person.attributes,
            name: person.displayName,
          }
        : undefined
    },
    renderError: (context, out) => {
      context.type = 'application/json'
      context.body = JSON.stringify({ error: out.error })
    },
  }
  const provider = new Provider(issuer, configuration)
  return provider
}

/** Storage that keeps nothing. */
class ForgetfulAdapter implements Adapter {
  async upsert(): Promise<void> {}
  async find(): Promise<AdapterPayload | undefined> {
    return undefined
  }
  async findByUserCode(): Promise<AdapterPayload | undefined> {
    return undefined
  }
  async findByUid(): Promise<AdapterPayload | undefined> {
    return undefined
  }
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}
