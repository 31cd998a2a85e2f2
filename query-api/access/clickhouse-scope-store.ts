/** Scopes of a real ClickHouse server, kept by SQL as an identity that may create users and row policies. */
import type { EngineScope } from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { passwordHash, scopePassword } from '#ops/runtime/scope-password.ts'
import type { EngineIdentity, QueryEngine, ScopeStore } from '../ports.ts'
import { gateStatements, isSafeVersion, scopeStatements } from './scope-statements.ts'

/** What the store needs. */
export type ClickHouseScopeStoreOptions = {
  readonly engine: QueryEngine
  readonly url: string
  /** May create users and row policies, and holds what it grants with grant option. */
  readonly admin: EngineIdentity
  /** Key that passwords are derived from. */
  readonly secret: string
  readonly settings: Readonly<Record<string, string | number>>
}

const GATE = 'mogo_gate'

/** Makes the store and its gate identity. @throws MogoError MOGO_CLICKHOUSE_REJECTED, MOGO_CLICKHOUSE_UNREACHABLE */
export async function createClickHouseScopeStore(options: ClickHouseScopeStoreOptions): Promise<ScopeStore> {
  const { engine, admin, secret, settings, url } = options
  const version = (await run('SELECT version()')).trim()
  if (!isSafeVersion(version))
    throw new MogoError('MOGO_CLICKHOUSE_VERSION', { url, version, safe: '26.6.5.113, 26.7.7.84, 26.8.3.74' })
  for (const statement of gateStatements(GATE, passwordHash(scopePassword(secret, GATE))))
    await run(statement)
  const made = new Map<string, Promise<void>>()

  return {
    async ensure(scopes) {
      await Promise.all(scopes.map((scope) => once(scope)))
      return scopes.map(({ name }) => ({ username: name, password: scopePassword(secret, name) }))
    },
    forget(names) {
      for (const name of names) made.delete(name)
    },
    gate: () => ({ username: GATE, password: scopePassword(secret, GATE) }),
  }

  function once(scope: EngineScope): Promise<void> {
    const started = made.get(scope.name) ?? create(scope)
    made.set(scope.name, started)
    started.catch(() => made.delete(scope.name))
    return started
  }

  async function create(scope: EngineScope): Promise<void> {
    const hash = passwordHash(scopePassword(secret, scope.name))
    for (const statement of scopeStatements(scope, hash, settings)) await run(statement)
  }

  function run(sql: string): Promise<string> {
    return engine.text(admin, { sql, format: 'TSVRaw' })
  }
}
