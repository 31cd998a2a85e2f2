/** Who may see what: the tenant of a dataset, the roles, their columns and rows. */
import { type Contract, type ContractObject, type ContractRole, customValue } from '../model/contract.ts'
import { isRecord } from '../model/raw-value.ts'
import { blanksAside, canonicalText, orderlessText, sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import type { DiffCode } from './grades.ts'
import type { Names } from './names.ts'
import { pairByKeys } from './pair-by-keys.ts'
import { customPath, type Report, reportTo, spotOf } from './report.ts'
import { rowFilterForm } from './row-filter-form.ts'
import { diffUnknownKeys, ROLE_KEYS } from './unknown-keys.ts'
import { diffCustomProperties } from './words.ts'

/** Most columns of roles that are compared one by one. */
const MAX_GRANTS = 5_000_000

type BothNames = { readonly older: Names; readonly newer: Names }
type Placed = { readonly role: ContractRole; readonly index: number }

/** Compares whose the rows of a dataset are. */
export function diffTenant(
  older: ContractObject,
  newer: ContractObject,
  names: BothNames,
  report: Report,
): void {
  const tenant = (dataset: ContractObject, { column }: Names): unknown => {
    const value = customValue(dataset, 'tenant') ?? null
    return isRecord(value) && typeof value['column'] === 'string'
      ? { ...value, column: column(newer.name, value['column']) }
      : value
  }
  if (!sameValue(tenant(older, names.older), tenant(newer, names.newer)))
    report(
      'DIFF_TENANT_CHANGED',
      'whose a row is is found in another way',
      customPath(newer, 'tenant'),
      customPath(older, 'tenant'),
    )
}

/** Compares the roles. `columns`: the columns that both contracts have, as `dataset.column`, by their newer names. */
export function diffRoles(
  older: Contract,
  newer: Contract,
  names: BothNames,
  columns: readonly string[],
  list: Difference[],
): void {
  const placed = (contract: Contract): readonly Placed[] =>
    contract.roles.map((role, index) => ({ role, index }))
  const { pairs, removed, added } = pairByKeys(placed(older), placed(newer), [
    // Names may stand twice: what did not change is itself.
    ({ role }) => orderlessText(role.raw),
    ({ role }) => canonicalText([role.role, role.access]),
    ({ role }) => role.role,
  ])
  // Each role has its own columns: beyond what any real contract has, only the text of the lists is compared.
  const compared = pairs.length * columns.length > MAX_GRANTS ? [] : columns
  const alone = { dataset: null, column: null }
  for (const { role, index } of removed)
    reportTo(list, { ...alone, olderPath: ['roles', index], newerPath: null, anchor: ['roles'] })(
      'DIFF_ROLE_REMOVED',
      `the role ${role.role} is gone`,
    )
  for (const { role, index } of added)
    reportTo(list, { ...alone, olderPath: null, newerPath: ['roles', index], anchor: ['roles', index] })(
      'DIFF_ROLE_ADDED',
      `the role ${role.role} is new`,
    )
  for (const [was, is] of pairs)
    diffRole(
      was.role,
      is.role,
      names,
      compared,
      reportTo(list, spotOf(null, null, ['roles', was.index], ['roles', is.index])),
    )
}

function diffRole(
  was: ContractRole,
  is: ContractRole,
  names: BothNames,
  columns: readonly string[],
  report: Report,
): void {
  if ((was.access ?? 'read') !== (is.access ?? 'read'))
    report(
      'DIFF_ROLE_ACCESS_CHANGED',
      `the role ${is.role}: access ${was.access ?? 'read'} -> ${is.access ?? 'read'}`,
      ['access'],
    )
  diffRoleColumns(was, is, names, columns, report)
  const form = (role: ContractRole, { anyColumn }: Names): string =>
    rowFilterForm(customValue(role, 'rowFilter'), anyColumn)
  if (form(was, names.older) !== form(is, names.newer))
    report(
      'DIFF_ROW_FILTER_CHANGED',
      `the role ${is.role} sees other rows`,
      customPath(is, 'rowFilter'),
      customPath(was, 'rowFilter'),
    )
  const [crossed, crosses] = [crossesTenants(was), crossesTenants(is)]
  if (crossed !== crosses)
    report(
      'DIFF_ROW_FILTER_CHANGED',
      `the role ${is.role} ${crosses ? 'may see' : 'no longer sees'} rows of all tenants`,
      customPath(is, 'crossTenant'),
      customPath(was, 'crossTenant'),
    )
  if (!sameValue(approvers(was), approvers(is)))
    report('DIFF_METADATA_CHANGED', `the role ${is.role}: other approvers, or another id`)
  diffCustomProperties(was.raw, is.raw, 'role', report)
  diffUnknownKeys(was.raw, is.raw, ROLE_KEYS, report)
  if (blanksAside(was.description) !== blanksAside(is.description))
    report('DIFF_DOCUMENTATION_CHANGED', `the role ${is.role}: other description`, ['description'])
}

function crossesTenants(role: ContractRole): boolean {
  return customValue(role, 'crossTenant') === true
}

function approvers(role: ContractRole): unknown {
  return [role.firstLevelApprovers, role.secondLevelApprovers, role.raw['id']]
}

function diffRoleColumns(
  was: ContractRole,
  is: ContractRole,
  names: BothNames,
  columns: readonly string[],
  report: Report,
): void {
  const written = [customValue(was, 'columns'), customValue(is, 'columns')] as const
  const say = (code: DiffCode, words: string): void =>
    report(code, `the role ${is.role} ${words}`, customPath(is, 'columns'), customPath(was, 'columns'))
  const before = visible(written[0], columns, names.older.anyColumn)
  const after = visible(written[1], columns, names.newer.anyColumn)
  if (!before || !after || columns.length === 0) {
    if (!sameValue(inAnyOrder(written[0]), inAnyOrder(written[1])))
      say('DIFF_ROLE_COLUMNS_CHANGED', 'has columns that cannot be compared')
    return
  }
  const lost = columns.filter((column) => before.has(column) && !after.has(column))
  const won = columns.filter((column) => !before.has(column) && after.has(column))
  if (lost.length > 0) say('DIFF_ROLE_COLUMNS_NARROWED', `no longer sees ${listText(lost)}`)
  if (won.length > 0) say('DIFF_ROLE_COLUMNS_WIDENED', `sees ${listText(won)} too`)
}

/** What is written of columns, its lists in one order. */
function inAnyOrder(written: unknown): unknown {
  if (!isRecord(written)) return written
  return Object.fromEntries(
    Object.entries(written).map(([key, list]) => [key, Array.isArray(list) ? list.toSorted() : list]),
  )
}

/** Columns that a role sees, of those given; undefined if what is written is no list of columns. */
function visible(
  written: unknown,
  columns: readonly string[],
  nameOf: (name: string) => string,
): ReadonlySet<string> | undefined {
  if (written === undefined || written === null) return new Set(columns)
  if (!isRecord(written)) return undefined
  const include = written['include'] ?? undefined
  const list = include ?? written['exclude']
  if (!Array.isArray(list)) return undefined
  const texts = list.filter((name): name is string => typeof name === 'string')
  const named = new Set(texts.flatMap((name) => nameOf(name).split(', ')))
  return new Set(columns.filter((column) => named.has(column) === (include !== undefined)))
}

function listText(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}
