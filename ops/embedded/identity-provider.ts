/**
 * The embedded identity provider: `oidc-provider` as an OpenID Connect issuer on loopback, for laptops, demos and tests.
 *
 * A person is an OAuth client here: `--as` and a notebook log in with the client credentials grant (RFC 6749, 4.4), the user name as client id and the
 * person's generated secret. `mogo login` takes the device authorization grant (RFC 8628): the secret is typed into a page on loopback, and the command
 * line gets a refresh token, which is another one after each use; one that is used twice ends the login, since one of the two users is not who it
 * should be. Access tokens are JWTs (RFC 9068) for the audience of the API, valid for 15 minutes, with tenant, roles and attributes as
 * claims. Rejected: the password grant (gone from OAuth 2.1), and a browser session, since each device is logged in on its own.
 */

import type { JWK } from 'jose'
import Provider, { type Configuration, interactionPolicy } from 'oidc-provider'
import type { GuessLimit } from './guess-limit.ts'
import {
  CLI_CLIENT,
  createCodeGuesses,
  deviceFlow,
  GRANT_SECONDS,
  LOGIN_SECONDS,
  loginUrl,
} from './identity-device-flow.ts'
import { SIGNING_ALGORITHM } from './identity-keys.ts'
import { messagePage } from './identity-pages.ts'
import type { Person } from './identity-people.ts'
import { resourceOf } from './identity-resource.ts'
import { createIdentityStore } from './identity-store.ts'

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
  /** Signs the cookies of logins. */
  readonly cookieKey: string
  readonly codeGuesses?: GuessLimit
}

/** Makes the provider; serve it with `callback()`. */
export function createIdentityProvider(options: IdentityProviderOptions): Provider {
  const { issuer, audience, claims, people, secretOf } = options
  const resource = resourceOf(audience)
  const byName = new Map(people.map((person) => [person.username, person]))
  const scope = 'openid offline_access'
  const idTokens = { id_token_signed_response_alg: SIGNING_ALGORITHM } as const
  const configuration: Configuration = {
    adapter: createIdentityStore(),
    jwks: options.signingKeys as NonNullable<Configuration['jwks']>,
    cookies: { keys: [options.cookieKey] },
    clients: [
      ...people.map((person) => ({
        client_id: person.username,
        client_name: person.displayName,
        client_secret: secretOf(person.username),
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        ...idTokens,
      })),
      { ...CLI_CLIENT, ...idTokens },
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    interactions: { url: (_context, { uid }) => loginUrl(uid), policy: loginEachTime() },
    findAccount: (_context, id) =>
      byName.has(id) ? { accountId: id, claims: async () => ({ sub: id }) } : undefined,
    // Comparing the code was the consent.
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc
      if (!client || session?.accountId === undefined) return undefined
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope(scope)
      await grant.save()
      return grant
    },
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // What happens later in the browser is nothing to a device that is logged in.
    expiresWithSession: async () => false,
    responseTypes: ['code'],
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: deviceFlow(options.codeGuesses ?? createCodeGuesses()),
      revocation: { enabled: true },
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
    ttl: {
      ClientCredentials: TOKEN_SECONDS,
      AccessToken: TOKEN_SECONDS,
      IdToken: TOKEN_SECONDS,
      DeviceCode: LOGIN_SECONDS,
      Interaction: LOGIN_SECONDS,
      Session: LOGIN_SECONDS,
      Grant: GRANT_SECONDS,
      // Refreshing does not make the login last longer.
      RefreshToken: (context) => context.oidc.entities.RotatedRefreshToken?.remainingTTL ?? GRANT_SECONDS,
    },
    extraTokenClaims: (_context, token) => {
      const person = byName.get((token.kind === 'AccessToken' ? token.accountId : token.clientId) ?? '')
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
      const isPage = context.method === 'GET' && context.accepts('json', 'html') === 'html'
      context.type = isPage ? 'html' : 'application/json'
      context.body = isPage
        ? messagePage('That did not work', `Begin again: mogo login. (${out.error})`)
        : JSON.stringify({ error: out.error })
    },
  }
  const provider = new Provider(issuer, configuration)
  return provider
}

/** The usual policy, and: the secret is typed for each device, whoever has used this browser before. */
function loginEachTime() {
  const policy = interactionPolicy.base()
  const { Check } = interactionPolicy
  policy
    .get('login')
    ?.checks.add(
      new Check('each_time', 'each device is logged in on its own', ({ oidc }) =>
        oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    )
  return policy
}
