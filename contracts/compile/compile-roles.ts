/**
 * Roles of a contract -> granted columns and row filter per role. Anything unclear is refused: a role without a row filter
 * sees nothing, so it is a fault to leave it out.
 */
import { z } from 'zod'
import { bindsTenant } from '../access/binds-tenant.ts'
import { readRowFilter } from '../access/read-row-filter.ts'
import { ambiguous, byEitherName, resolveRowFilter } from '../access/resolve-row-filter.ts'
import type { RowPredicate } from '../access/row-filter.ts'
import { type Contract, type ContractRole, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import {
  type CompiledColumn,
  type CompiledRole,
  INTERNAL_COLUMNS,
  type TenantSource,
} from './compiled-dataset.ts'
import type { Report } from './report.ts'

const columnsSchema = z.union([
  z.strictObject({ include: z.array(z.string()).min(1) }),
  z.strictObject({ exclude: z.array(z.string()) }),
])

type Path = readonly (string | number)[]

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

/** Where a custom property of a role stands in the document. */
function customPath(role: ContractRole, name: string, here: Path): (string | number)[] {
  const index = role.customProperties.findIndex(({ property }) => property === name)
  return index < 0 ? [...here, 'customProperties'] : [...here, 'customProperties', index, 'value']
}

function rowFilter(
  role: ContractRole,
  columns: readonly CompiledColumn[],
  tenant: TenantSource,
  here: Path,
  report: Report,
): CompiledRole['rowFilter'] {
  const written = customValue(role, 'rowFilter')
  const at = customPath(role, 'rowFilter', here)
  const say = (path: Path, message: string, severity?: 'readiness' | 'warning'): void =>
    report(
      [...at, ...path],
      'CONTRACT_ROLE_ROW_FILTER',
      `rowFilter of role ${role.role}: ${message}`,
      severity,
    )
  if (written === undefined) {
    say([], 'it has none and would see nothing; say all, or a list of predicates', 'readiness')
    return []
  }
  const { filter, faults } = readRowFilter(written)
  for (const { path, message } of faults) say(path, message)
  if (filter === undefined || filter === 'all') return filter ?? []
  const resolved = resolveRowFilter(filter, byEitherName(columns), tenant, say)
  checkTenant(role, resolved, columns, tenant, here, report)
  return resolved
}

/** A filter that does not hold a caller to the own tenant is one that somebody forgot, or meant: then it says so. */
function checkTenant(
  role: ContractRole,
  filter: readonly RowPredicate[],
  columns: readonly CompiledColumn[],
  tenant: TenantSource,
  here: Path,
  report: Report,
): void {
  const crossing = customValue(role, 'crossTenant')
  if (crossing !== undefined && typeof crossing !== 'boolean')
    report(
      customPath(role, 'crossTenant', here),
      'CONTRACT_ROLE_ROW_FILTER',
      `crossTenant of role ${role.role}: expected true or false`,
    )
  const column =
    tenant.kind === 'constant'
      ? INTERNAL_COLUMNS.tenant
      : columns.find(({ source }) => source === tenant.source)?.target
  if (crossing === true || column === undefined || column === null || bindsTenant(filter, column)) return
  report(
    customPath(role, 'rowFilter', here),
    'CONTRACT_ROLE_CROSS_TENANT',
    `rowFilter of role ${role.role} does not hold callers to their own tenant; add {column: ${column}, operator: '=', principal: tenant}, or the custom property crossTenant: true if that is meant`,
    'warning',
  )
}
