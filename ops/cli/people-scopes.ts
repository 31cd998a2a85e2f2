/** The access scopes of a project's people, made before they first ask. Scopes of others are made when they come. */

import { join } from 'node:path'
import { accessScope, engineScope, freshnessScope } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { RenderedScope } from '#ops/embedded/clickhouse-config.ts'
import { ensureSecret } from '#ops/embedded/credentials.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { passwordHash, scopePassword } from '#ops/runtime/scope-password.ts'
import { projectPeople } from './people.ts'

/** One scope per person and role that reads anything; equal rights share one. */
export function peopleScopes(
  project: Project,
  datasets: readonly CompiledDataset[],
): readonly RenderedScope[] {
  const secret = ensureSecret(join(project.stateDir, 'secrets'), 'clickhouse.scopes', 32)
  const scopes = new Map<string, RenderedScope>()
  for (const person of projectPeople(project))
    for (const role of person.roles) {
      const principal = {
        subject: person.username,
        tenant: person.tenant,
        roles: person.roles,
        attributes: person.attributes,
      }
      const scope = accessScope(datasets, principal, role)
      if (scope.datasets.length === 0) continue
      const { database } = project.config.clickhouse
      for (const rendered of [engineScope(scope, database), freshnessScope(scope, database)]) {
        const { name, grants, rowFilters } = rendered
        scopes.set(name, {
          name,
          passwordSha256: passwordHash(scopePassword(secret, name)),
          grants,
          rowFilters,
        })
      }
    }
  return [...scopes.values()]
}
