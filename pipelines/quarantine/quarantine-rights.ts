/**
 * Who may work on which quarantined records. A record of the quarantine belongs to a tenant that often nobody can tell (it may be unreadable), so
 * a role must be given every row of the dataset by its contract: a tenant's own engineer sees no quarantine at all.
 */
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'

/** The roles, from mogo.yaml. */
export type QuarantineRoles = {
  readonly operatorRoles: readonly string[]
  readonly payloadRoles: readonly string[]
}

/** What somebody may do: datasets by name, and the role that gives it. */
export type QuarantineRight = { readonly role: string; readonly datasets: readonly string[] }

/**
 * The datasets on which somebody may work in one of the roles.
 *
 * @throws MogoError MOGO_ACCESS_NO_ROLE if there is none
 */
export function quarantineRight(
  datasets: readonly CompiledDataset[],
  principal: Principal,
  allowed: readonly string[],
  what: string,
): QuarantineRight {
  const mine = principal.roles.filter((role) => allowed.includes(role))
  const givesAll = ({ roles }: CompiledDataset, role: string): boolean =>
    roles.some((each) => each.role === role && each.rowFilter === 'all')
  const names = datasets
    .filter((dataset) => mine.some((role) => givesAll(dataset, role)))
    .map(({ name }) => name)
  const role = mine.find((each) => datasets.some((dataset) => givesAll(dataset, each)))
  if (role === undefined)
    throw new MogoError('MOGO_ACCESS_NO_ROLE', {
      roles: principal.roles.join(', '),
      what,
      allowed: allowed.join(', '),
    })
  return { role, datasets: [...new Set(names)] }
}
