/**
 * Scopes of the embedded engine. It has no SQL for users, so the supervisor keeps them in its users.xml: a new scope means a
 * restart of half a second. Scopes that are asked for at about the same time are sent together, so that they share one.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { passwordHash, scopePassword } from '#ops/runtime/scope-password.ts'
import { steadyFetch } from '#ops/runtime/steady-fetch.ts'
import type { EngineIdentity, ScopeStore } from '../ports.ts'

/** What the store needs. */
export type SupervisorScopeStoreOptions = {
  /** `<stateDir>/run/control.json`; read anew each time, since a new supervisor has another address. */
  readonly controlFile: string
  /** The secret `clickhouse.scopes`. */
  readonly secret: string
  readonly gate: EngineIdentity
}

const controlSchema = z.object({ url: z.string(), token: z.string() })
const GATHER_MILLIS = 10
const TIMEOUT = 20_000

/** Makes the store. */
export function createSupervisorScopeStore(options: SupervisorScopeStoreOptions): ScopeStore {
  const { controlFile, secret, gate } = options
  const known = new Map<string, EngineIdentity>()
  let waiting = new Map<string, EngineScope>()
  let next: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()

  return {
    async ensure(scopes) {
      const missing = scopes.filter(({ name }) => !known.has(name))
      if (missing.length > 0) {
        for (const scope of missing) waiting.set(scope.name, scope)
        next ??= gather()
        await next
      }
      return scopes.map(({ name }) => known.get(name) ?? identityOf(name))
    },
    forget(names) {
      for (const name of names) known.delete(name)
    },
    gate: () => gate,
  }

  /** Waits a moment for more, and for the request before it; then sends everything at once. */
  async function gather(): Promise<void> {
    await wait(GATHER_MILLIS)
    await running
    const batch = [...waiting.values()]
    waiting = new Map()
    next = undefined
    const sent = put(batch)
    running = sent.catch(() => undefined)
    await sent
    for (const { name } of batch) known.set(name, identityOf(name))
  }

  function identityOf(name: string): EngineIdentity {
    return { username: name, password: scopePassword(secret, name) }
  }

  async function put(scopes: readonly EngineScope[]): Promise<void> {
    const { url, token } = readControl()
    const body = JSON.stringify({
      scopes: scopes.map(({ name, grants, rowFilters }) => ({
        name,
        passwordSha256: passwordHash(scopePassword(secret, name)),
        grants,
        rowFilters,
      })),
    })
    let status: number
    try {
      const response = await steadyFetch(new URL('/scopes', url), {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
      })
      await response.body?.cancel()
      status = response.status
    } catch (cause) {
      throw new MogoError(
        'MOGO_UNAVAILABLE',
        { what: 'The supervisor, which keeps access scopes,' },
        { cause },
      )
    }
    if (status !== 200)
      throw new MogoError('MOGO_UNAVAILABLE', { what: `Your access scope (status ${status})` })
  }

  function readControl(): z.output<typeof controlSchema> {
    try {
      return controlSchema.parse(JSON.parse(readFileSync(controlFile, 'utf8')))
    } catch (cause) {
      throw new MogoError('MOGO_NOT_RUNNING', {}, { cause })
    }
  }
}
