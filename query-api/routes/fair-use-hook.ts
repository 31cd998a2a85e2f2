/** Fair use for routes: before, at and after the login of a request; use it as `onRequest`, before a body is read. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FairUse } from '../fair-use/fair-use.ts'
import { principalOf } from './access-hook.ts'

/** Makes the hook around a login. */
export function fairUseHook(fairUse: FairUse, login: (request: FastifyRequest) => Promise<void>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    fairUse.takeRequest()
    await fairUse.login(request.ip, request.headers.authorization, () => login(request))
    await fairUse.countRequest(
      principalOf(request),
      routeOf(request),
      (headers) => void reply.headers(headers),
    )
  }
}

/** The route as the OpenAPI document writes it. There are few, so each is made once. */
function routeOf(request: FastifyRequest): string {
  const { url = '' } = request.routeOptions
  const known = routes.get(url)
  if (known !== undefined) return known
  const route = url.replaceAll(/:(\w+)/g, '{$1}')
  routes.set(url, route)
  return route
}

const routes = new Map<string, string>()
