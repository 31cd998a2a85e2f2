/**
 * The access scope of a principal in a role, worked out once for as long as the principal is remembered (a verified token is, until it
 * expires): hashing all contracts anew for each query would cost more than the rest of a short one.
 */
import { type AccessScope, accessScope, type Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'

/** Makes it for the contracts of this process, which do not change while it runs. */
export function createScopeMemo(
  datasets: readonly CompiledDataset[],
): (principal: Principal, role: string) => AccessScope {
  const scopes = new WeakMap<Principal, Map<string, AccessScope>>()
  return (principal, role) => {
    let byRole = scopes.get(principal)
    if (byRole === undefined) {
      byRole = new Map()
      scopes.set(principal, byRole)
    }
    let scope = byRole.get(role)
    if (scope === undefined) {
      scope = accessScope(datasets, principal, role)
      byRole.set(role, scope)
    }
    return scope
  }
}

/** Works something out once per object, for as long as the object lives. */
export function memoize<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}
