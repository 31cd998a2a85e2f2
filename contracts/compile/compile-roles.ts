/**
 * Roles of a contract -> granted columns and row filter per role. Anything unclear is refused: a role without a row filter
 * sees nothing, so it is a fault to leave it out.
 */
import { z } from 'zod'
import { type Contract, type ContractRole, customValue, rowPredicateSchema } from '../model.ts'
import { nearest } from '../nearest.ts'
import type { CompiledColumn, CompiledRole, TenantSource } from './compiled-dataset.ts'
import type { Report } from './report.ts'

const columnsSchema = z.union([
  z.strictObject({ include: z.array(z.string()).min(1) }),
  z.strictObject({ exclude: z.array(z.string()) }),
])
const rowFilterSchema = z.union([z.literal('all'), z.array(rowPredicateSchema).min(1)])

/** Compiles the roles that may read. */
export function compileRoles(
  contract: Contract,
  columns: readonly CompiledColumn[],
  tenant: TenantSource,
  report: Report,
): readonly CompiledRole[] {
  const stored = columns.filter((column) => column.target !== null)
  const readers = contract.roles
    .map((role, index) => ({ role, index }))
    .filter(({ role }) => (role.access ?? 'read') === 'read')
  const seen = new Set<string>()
  return readers.map(({ role, index }) => {
    const here = ['^', 'roles', index] as const
    // A role is one set of columns on one set of rows; two of one name would have to be joined or one be passed over.
    if (seen.has(role.role))
      report([...here, 'role'], 'CONTRACT_ROLE_TWICE', `the role ${role.role} is defined twice`)
    seen.add(role.role)
    return {
      role: role.role,
      columns: grantedColumns(role, stored, here, report),
      rowFilter: rowFilter(role, columns, tenant, here, report),
    }
  })
}

function grantedColumns(
  role: ContractRole,
  stored: readonly CompiledColumn[],
  here: readonly (string | number)[],
  report: Report,
): readonly string[] {
  const all = stored.map((column) => column.target ?? '')
  const written = customValue(role, 'columns')
  if (written === undefined) return all
  const parsed = columnsSchema.safeParse(written)
  if (!parsed.success) {
    report(
      [...here, 'customProperties'],
      'CONTRACT_ROLE_COLUMNS',
      `columns of role ${role.role}: expected {include: […]} or {exclude: […]}`,
    )
    return []
  }
  const names = 'include' in parsed.data ? parsed.data.include : parsed.data.exclude
  const known = byEitherName(stored)
  for (const name of names) {
    const meant = known.get(name) ?? []
    if (meant.length === 1) continue
    if (meant.length > 1) {
      report(
        [...here, 'customProperties'],
        'CONTRACT_ROLE_COLUMNS',
        `columns of role ${role.role}: ${ambiguous(name)}`,
      )
      continue
    }
    const near = nearest(name, all)
    report(
      [...here, 'customProperties'],
      'CONTRACT_ROLE_COLUMNS',
      `columns of role ${role.role}: there is no column ${name}${near ? `; did you mean ${near}?` : ''}`,
    )
  }
  // A column may be named as in the source or as it is stored.
  const wanted = new Set(names)
  const named = (column: CompiledColumn) => wanted.has(column.target ?? '') || wanted.has(column.source)
  const keep = 'include' in parsed.data ? stored.filter(named) : stored.filter((column) => !named(column))
  return keep.map((column) => column.target ?? '')
}

/** Columns by the name in Postgres and by the name as they are stored. */
function byEitherName(columns: readonly CompiledColumn[]): ReadonlyMap<string, readonly CompiledColumn[]> {
  const byName = new Map<string, CompiledColumn[]>()
  for (const column of columns)
    for (const name of new Set([column.source, column.target ?? column.source]))
      byName.set(name, [...(byName.get(name) ?? []), column])
  return byName
}

function ambiguous(name: string): string {
  return `${name} is one column in Postgres and another one as stored; name it the other way`
}

function rowFilter(
  role: ContractRole,
  columns: readonly CompiledColumn[],
  tenant: TenantSource,
  here: readonly (string | number)[],
  report: Report,
): CompiledRole['rowFilter'] {
  const parsed = rowFilterSchema.safeParse(customValue(role, 'rowFilter'))
  if (!parsed.success) {
    report(
      [...here, 'customProperties'],
      'CONTRACT_ROLE_ROW_FILTER',
      `role ${role.role} has no usable rowFilter; expected all, or a list of {column, operator, principal}`,
    )
    return []
  }
  if (parsed.data === 'all') return 'all'
  const known = byEitherName(columns)
  return parsed.data.map((predicate) => {
    if (predicate.column === '_tenant' && tenant.kind === 'constant') return predicate
    const meant = known.get(predicate.column) ?? []
    if (meant.length > 1) {
      report(
        [...here, 'customProperties'],
        'CONTRACT_ROLE_ROW_FILTER',
        `rowFilter of role ${role.role}: ${ambiguous(predicate.column)}`,
      )
      return predicate
    }
    const column = meant[0]
    if (column?.target == null) {
      const near = nearest(
        predicate.column,
        columns.map((candidate) => candidate.source),
      )
      report(
        [...here, 'customProperties'],
        'CONTRACT_ROLE_ROW_FILTER',
        `rowFilter of role ${role.role}: there is no stored column ${predicate.column}${near ? `; did you mean ${near}?` : ''}`,
      )
      return predicate
    }
    return { ...predicate, column: column.target }
  })
}
