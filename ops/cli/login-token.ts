/** The access token of who has logged in: kept as long as it is valid, renewed without a word, and never somebody else's when it cannot be. */
import { MogoError } from '#contracts/errors.ts'
import { discoverEndpoints } from '#ops/embedded/identity-client.ts'
import { CLI_CLIENT_ID } from '#ops/embedded/identity-device-flow.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { type Endpoints, readEndpoints } from '#ops/runtime/settings.ts'
import { type LoginRequest, tokensOf } from './device-login.ts'
import type { Login, LoginFiles } from './login-files.ts'
import { postForm } from './oauth-form.ts'

/** An issuer that one can log in at. `name` is undefined for the first. */
export type LoginIssuer = LoginRequest & { readonly name: string | undefined }

/** Renewed when it is valid for less than that. */
const LEAST_MILLIS = 30_000

/**
 * The issuers of a project that the command line can log in at. The embedded provider has a client for it; others name theirs.
 *
 * @param endpoints where the embedded provider is; default where it is now
 */
export function loginIssuers(
  project: Project,
  endpoints: Endpoints = readEndpoints(project.stateDir),
): readonly (Omit<LoginIssuer, 'clientId'> & { readonly clientId: string | undefined })[] {
  const { issuer, audience, clientId, loginScope: scope, issuers } = project.config.identity
  const first = issuer ?? endpoints.identity?.issuer
  const own = {
    name: undefined,
    audience,
    scope,
    clientId: clientId ?? (issuer === undefined ? CLI_CLIENT_ID : undefined),
  }
  return [
    ...(first === undefined ? [] : [{ ...own, issuer: first }]),
    ...issuers.map((other) => ({
      ...{ name: other.name, issuer: other.issuer, clientId: other.clientId },
      ...{ audience: other.audience ?? audience, scope },
    })),
  ]
}

/** The login that was made last at one of the issuers. */
export function latestLogin(
  files: LoginFiles,
  issuers: readonly { readonly issuer: string; readonly clientId: string | undefined }[],
): Login | undefined {
  return issuers
    .flatMap(({ issuer, clientId }) =>
      clientId === undefined ? [] : (files.read({ issuer, clientId }) ?? []),
    )
    .toSorted((one, other) => other.loggedInAt - one.loggedInAt)[0]
}

/**
 * The access token of a login, renewed if need be.
 *
 * @throws MogoError MOGO_LOGIN_EXPIRED, MOGO_LOGIN_REFUSED, MOGO_LOGIN_LOCKED, MOGO_IDENTITY_UNREACHABLE
 */
export async function accessTokenOf(
  files: LoginFiles,
  login: Login,
  now: () => number = Date.now,
): Promise<string> {
  if (isFresh(login)) return login.accessToken
  return files.alone(login, async () => {
    // Another command may have renewed it while this one waited.
    const current = files.read(login) ?? login
    return isFresh(current) ? current.accessToken : renew(current)
  })

  function isFresh({ expiresAt }: Login): boolean {
    return expiresAt - now() > LEAST_MILLIS
  }

  async function renew({ issuer, clientId, refreshToken, loggedInAt }: Login): Promise<string> {
    if (refreshToken === undefined) throw new MogoError('MOGO_LOGIN_EXPIRED', { issuer })
    const { token } = await discoverEndpoints(issuer)
    const form = { client_id: clientId, grant_type: 'refresh_token', refresh_token: refreshToken }
    const answer = await postForm(issuer, token, form)
    // The file stays: without it the next command would ask as somebody else.
    if (!answer.ok && answer.error === 'invalid_grant') throw new MogoError('MOGO_LOGIN_EXPIRED', { issuer })
    const tokens = tokensOf(issuer, answer)
    files.write({
      ...{ issuer, clientId, loggedInAt, accessToken: tokens.accessToken },
      expiresAt: now() + tokens.expiresIn * 1000,
      // A provider that does not rotate leaves it out.
      refreshToken: tokens.refreshToken ?? refreshToken,
    })
    return tokens.accessToken
  }
}
