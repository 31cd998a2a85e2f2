/**
 * Runs work as an access scope. The scope and its freshness companion are made at the engine together, so that a new scope costs
 * one restart of an embedded engine and not two.
 *
 * If the engine does not know the scope after all (it came back with older users), it is made anew once; then it is closed.
 */
import {
  type AccessScope,
  type EngineScope,
  engineScope,
  freshnessScope,
} from '#contracts/compile/access-scope.ts'
import { MogoError } from '#contracts/errors.ts'
import { AUTH_CODES, EngineFault } from '../engine/engine-fault.ts'
import type { EngineIdentity, ScopeStore } from '../ports.ts'
import { memoize } from './scope-memo.ts'

/** Identities of one scope. */
export type ScopeIdentities = {
  /** May read what the role grants. */
  readonly scope: EngineIdentity
  /** May read when the rows of the same filters were committed and loaded, and nothing else. Never runs a caller's SQL. */
  readonly freshness: EngineIdentity
}

/** Makes the runner for one database. */
export function createScopeSession(store: ScopeStore, database: string) {
  const wantedBy = memoize((scope: AccessScope) => [
    engineScope(scope, database),
    freshnessScope(scope, database),
  ])
  return { run }

  /** @throws whatever `work` throws; MogoError MOGO_UNAVAILABLE if the engine keeps refusing the scope */
  async function run<T>(scope: AccessScope, work: (identities: ScopeIdentities) => Promise<T>): Promise<T> {
    const wanted = wantedBy(scope)
    try {
      return await work(await identities(wanted))
    } catch (error) {
      if (!isUnknownIdentity(error)) throw error
    }
    store.forget(wanted.map(({ name }) => name))
    try {
      return await work(await identities(wanted))
    } catch (error) {
      if (!isUnknownIdentity(error)) throw error
      throw new MogoError('MOGO_UNAVAILABLE', { what: 'Your access scope' }, { cause: error })
    }
  }

  async function identities(wanted: readonly EngineScope[]): Promise<ScopeIdentities> {
    const [scope, freshness] = await store.ensure(wanted)
    if (!scope || !freshness) throw new MogoError('MOGO_UNAVAILABLE', { what: 'Your access scope' })
    return { scope, freshness }
  }
}

function isUnknownIdentity(error: unknown): boolean {
  return error instanceof EngineFault && AUTH_CODES.has(error.code)
}
