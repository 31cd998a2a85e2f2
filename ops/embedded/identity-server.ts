/**
 * Serves the embedded identity provider over HTTP on loopback, with `/healthz` beside it.
 *
 * Pages are given only under the issuer's own host name: a page of somebody else's whose name leads to loopback (DNS rebinding) gets none.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isAbsolute, join, resolve } from 'node:path'
import type { Project } from '#ops/runtime/load-config.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { ensureSecret } from './credentials.ts'
import { createCodeGuesses, DEVICE_PATH } from './identity-device-flow.ts'
import { ensureSigningKeys } from './identity-keys.ts'
import { createIdentityLogin, LOGIN_PATH, send } from './identity-login.ts'
import { messagePage, PAGE_HEADERS } from './identity-pages.ts'
import { loadPeople } from './identity-people.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { portTaken } from './ports.ts'

/** A running provider. */
export type IdentityServer = { stop(): Promise<void> }

/**
 * Starts the provider of a project at its issuer's port.
 *
 * @param issuer `http://127.0.0.1:PORT`
 * @throws MogoError MOGO_CONFIG_INVALID (people), MOGO_PORT_TAKEN
 */
export async function startIdentityServer(
  project: Project,
  issuer: string,
  logger: Logger,
): Promise<IdentityServer> {
  const { config, stateDir, dir } = project
  const secrets = join(stateDir, 'secrets')
  const { people: file } = config.identity
  const people = loadPeople(file === undefined ? undefined : isAbsolute(file) ? file : resolve(dir, file))
  const secretsOf = new Map(
    people.map(({ username }) => [username, ensureSecret(secrets, `identity.${username}`)]),
  )
  const codeGuesses = createCodeGuesses()
  const provider = createIdentityProvider({
    issuer,
    audience: config.identity.audience,
    claims: config.identity.claims,
    people,
    secretOf: (username) => secretsOf.get(username) ?? '',
    codeGuesses,
    signingKeys: await ensureSigningKeys(join(stateDir, 'data', 'identity')),
    cookieKey: ensureSecret(secrets, 'identity.cookies'),
  })
  provider.on('grant.error', (context, error) =>
    logger.info({ client: context.oidc.client?.clientId, reason: error.error }, 'token refused'),
  )
  provider.on('grant.success', (context) =>
    logger.info({ client: context.oidc.client?.clientId }, 'token issued'),
  )
  provider.on('server_error', (_context, error) => logger.error({ err: error }, 'identity provider failed'))
  const login = createIdentityLogin({
    ...{ provider, issuer, logger },
    secretOf: (username) => secretsOf.get(username),
  })
  const serve = provider.callback()
  const { host } = new URL(issuer)
  const servePage = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> => {
    if (request.headers.host !== host)
      return send(response, 421, messagePage('Not here', `This page is at ${issuer}${DEVICE_PATH}.`))
    if (path.startsWith(LOGIN_PATH)) return login(request, response)
    if (request.method === 'POST' && codeGuesses.isSpent())
      return send(response, 429, messagePage('Too many wrong codes', 'Wait five minutes, and try again.'))
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value)
    if (path === DEVICE_PATH && request.method === 'GET') {
      // A code in an address was put there by somebody: it is to be read from one's own command line, and typed.
      request.url = DEVICE_PATH
      // Each login begins anew, whoever has used this browser before.
      delete request.headers.cookie
    }
    return serve(request, response)
  }
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.setHeader('content-type', 'application/json')
      response.end('{"status":"alive","name":"identity"}')
      return
    }
    const [path = ''] = (request.url ?? '').split('?')
    const isPage = path.startsWith(LOGIN_PATH) || path === DEVICE_PATH || /^\/device\/(?!auth$)/.test(path)
    if (!isPage) {
      void serve(request, response)
      return
    }
    servePage(request, response, path).catch((error: unknown) => {
      logger.error({ err: error }, 'identity provider failed')
      if (response.headersSent) response.destroy()
      else send(response, 500, messagePage('That did not work', 'Begin again: mogo login.'))
    })
  })
  server.requestTimeout = 10_000
  await listen(server, new URL(issuer))
  logger.info({ issuer, people: people.length }, 'issuing tokens')
  return {
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 2000).unref()
      }),
  }
}

function listen(server: Server, url: URL): Promise<void> {
  return new Promise((done, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken('identity', Number(url.port), 'identity.port') : error),
    )
    server.listen(Number(url.port), url.hostname, () => done())
  })
}
