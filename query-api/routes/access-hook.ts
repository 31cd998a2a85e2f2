/** Login for routes: the bearer token of a request -> its principal, for every route that is not public. */
import type { FastifyRequest } from 'fastify'
import type { Principal } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import type { BearerAuth } from '#ops/runtime/bearer-auth.ts'

const principals = new WeakMap<FastifyRequest, Principal>()

/** A hook that refuses requests without a valid token; use it as `onRequest`, before a body is read. */
export function loginHook(auth: BearerAuth) {
  return async (request: FastifyRequest): Promise<void> => {
    principals.set(request, await auth.verify(request.headers.authorization))
  }
}

/** A hook that refuses API keys: what the route leads to knows people only. */
export async function refuseKeys(request: FastifyRequest): Promise<void> {
  if (principals.get(request)?.keyId === undefined) return
  throw new MogoError('MOGO_KEY_NOT_HERE', {
    what: request.routeOptions.url?.replace(/\/\*$/, '') ?? 'this route',
  })
}

/** The principal of a request that passed {@link loginHook}. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = principals.get(request)
  if (!principal) throw new MogoError('MOGO_AUTH_MISSING')
  return principal
}
