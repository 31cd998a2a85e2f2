/**
 * Roles of a contract -> granted columns and row filter per role. Anything unclear is refused: a role without a row filter
 * sees nothing, so it is a fault to leave it out.
 */
import { bindsTenant } from '../access/binds-tenant.ts'
import { readColumns, type SayColumnsFault } from '../access/read-columns.ts'
import { readRowFilter } from '../access/read-row-filter.ts'
import { ambiguous, byEitherName, resolveRowFilter } from '../access/resolve-row-filter.ts'
import type { RowPredicate } from '../access/row-filter.ts'
import { shortKey } from '../fault.ts'
import { type Contract, type ContractRole, customPath, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import { clampedColumns } from './clamped-column.ts'
import {
  type CompiledColumn,
  type CompiledRole,
  INTERNAL_COLUMNS,
  type TenantSource,
} from './compiled-dataset.ts'
import type { Report } from './report.ts'

type Path = readonly (string | number)[]

/** Most names of columns that are searched for near misses: a contract may be hostile. */
const MAX_SUGGESTIONS = 20

/** The known name that is nearest. Searched a limited number of times. */
type Suggest = (name: string, known: Iterable<string>) => string | undefined

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
  let left = MAX_SUGGESTIONS
  const suggest: Suggest = (name, known) => (left-- > 0 ? nearest(name, [...known]) : undefined)
  return readers.map(({ role, index }) => {
    const here = ['^', 'roles', index] as const
    // A role is one set of columns on one set of rows; two of one name would have to be joined or one be passed over.
    if (seen.has(role.role))
      report([...here, 'role'], 'CONTRACT_ROLE_TWICE', `the role ${role.role} is defined twice`)
    seen.add(role.role)
    return {
      role: role.role,
      columns: grantedColumns(role, stored, here, report, suggest),
      rowFilter: rowFilter(role, columns, tenant, here, report),
    }
  })
}

function grantedColumns(
  role: ContractRole,
  stored: readonly CompiledColumn[],
  here: Path,
  report: Report,
  suggest: Suggest,
): readonly string[] {
  const all = granted(stored)
  const written = customValue(role, 'columns')
  if (written === undefined) return all
  const at = customPath(role, 'columns', here)
  const say: SayColumnsFault = (path, message, near) =>
    report(
      [...at, ...path],
      'CONTRACT_ROLE_COLUMNS',
      `columns of role ${role.role}: ${message}${near === undefined ? '' : `; did you mean ${near}?`}`,
      'error',
      near,
    )
  const chosen = readColumns(written, say)
  if (!chosen) return []
  const known = byEitherName(stored)
  for (const [index, name] of chosen.names.entries()) {
    const meant = known.get(name) ?? []
    if (meant.length === 1) continue
    const path = [chosen.mode, index]
    if (meant.length > 1) say(path, ambiguous(name))
    else {
      const near = suggest(name, known.keys())
      say(path, `there is no column ${shortKey(name)}`, near)
    }
  }
  // A column may be named as in the source or as it is stored.
  const wanted = new Set(chosen.names)
  const named = (column: CompiledColumn) => wanted.has(column.target ?? '') || wanted.has(column.source)
  const keep = chosen.mode === 'include' ? stored.filter(named) : stored.filter((column) => !named(column))
  return granted(keep)
}

/** Whoever may read a value may know that it was clamped. */
function granted(columns: readonly CompiledColumn[]): readonly string[] {
  return [...columns, ...clampedColumns(columns)].map((column) => column.target ?? '')
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
  const say = (path: Path, message: string, severity?: 'readiness' | 'warning', near?: string): void =>
    report(
      [...at, ...path],
      'CONTRACT_ROLE_ROW_FILTER',
      `rowFilter of role ${role.role}: ${message}${near === undefined ? '' : `; did you mean ${near}?`}`,
      severity,
      near,
    )
  if (written === undefined) {
    say([], 'it has none and would see nothing; say all, or a list of predicates', 'readiness')
    return []
  }
  const { filter, faults } = readRowFilter(written)
  for (const { path, message, suggestion } of faults) say(path, message, undefined, suggestion)
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
