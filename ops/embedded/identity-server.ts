/** Serves the embedded identity provider over HTTP on loopback, with `/healthz` beside it. */
import { createServer, type Server } from 'node:http'
import { isAbsolute, join, resolve } from 'node:path'
import type { Project } from '#ops/runtime/load-config.ts'
import type { Logger } from '#ops/runtime/logger.ts'
import { ensureSecret } from './credentials.ts'
import { ensureSigningKeys } from './identity-keys.ts'
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
  const provider = createIdentityProvider({
    issuer,
    audience: config.identity.audience,
    claims: config.identity.claims,
    people,
    secretOf: (username) => ensureSecret(secrets, `identity.${username}`),
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
  const serve = provider.callback()
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.setHeader('content-type', 'application/json')
      response.end('{"status":"alive","name":"identity"}')
      return
    }
    void serve(request, response)
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
