/** Principal -> the one role in which a request is answered. */
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'

/**
 * The role asked for, if it is the caller's; else the caller's first role that any contract knows. Never more than one: a union
 * of roles would show the columns of one on the rows of another.
 *
 * @throws MogoError MOGO_ACCESS_NO_ROLE
 */
export function chooseRole(
  datasets: readonly CompiledDataset[],
  principal: Principal,
  asked: string | undefined,
): string {
  const known = [...new Set(datasets.flatMap(({ roles }) => roles.map(({ role }) => role)))]
  const own = principal.roles.filter((role) => known.includes(role))
  const role = asked === undefined ? own[0] : own.find((candidate) => candidate === asked)
  if (role !== undefined) return role
  throw new MogoError('MOGO_ACCESS_NO_ROLE', {
    roles: principal.roles.join(', ') || 'none',
    what: asked === undefined ? 'any dataset' : 'in the role asked for',
    allowed: known.join(', ') || 'none',
  })
}
