/**
 * Related datasets: to-one references of the contract, as LEFT JOINs.
 *
 * A reference can be followed if it leads to one row at most (it holds the key of the other dataset, where the tenant is added if both have
 * one), if the caller may read every column that is compared, and if these are stored in the same way: a token only finds tokens of its
 * domain. Any other reference is not there for the caller.
 */
import { bindsTenant } from '#contracts/access/binds-tenant.ts'
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { sortKey } from '#contracts/compile/clickhouse-ddl.ts'
import type {
  CompiledColumn,
  CompiledDataset,
  CompiledRelationship,
} from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import { datasetOf } from '../datasets/find-dataset.ts'
import { columnType } from './column-type.ts'
import { shownName } from './parameter-fault.ts'

/** A related dataset. */
export type Relation = {
  /** The column of the reference here, by which two references to one dataset are told apart. */
  readonly by: string
  readonly access: DatasetAccess
  /** Columns that are equal: here, and there. */
  readonly on: readonly { readonly own: string; readonly other: string }[]
}

/** The related datasets that a caller may follow references to. */
export function relationsOf(scope: AccessScope, access: DatasetAccess): readonly Relation[] {
  return access.dataset.relationships.flatMap((relationship) => {
    const relation = relationOf(scope, access, relationship)
    return relation ? [relation] : []
  })
}

/** Finds a relation by the name of the dataset, and the column if that is said. @throws MogoError MOGO_ROWS_RELATION */
export function findRelation(
  relations: readonly Relation[],
  dataset: string,
  wanted: { readonly dataset: string; readonly by: string | undefined },
): Relation {
  const found = relations.filter(
    ({ access, by }) =>
      access.dataset.name === wanted.dataset && (wanted.by === undefined || by === wanted.by),
  )
  const [relation] = found
  if (relation && found.length === 1) return relation
  throw new MogoError('MOGO_ROWS_RELATION', {
    relation: shownName(wanted.by === undefined ? wanted.dataset : `${wanted.dataset}!${wanted.by}`),
    dataset,
    relations: relations.map(({ access, by }) => `${access.dataset.name}!${by}`).join(', ') || 'none',
  })
}

function relationOf(
  scope: AccessScope,
  access: DatasetAccess,
  { columns, to }: CompiledRelationship,
): Relation | undefined {
  const [name = ''] = to[0]?.split('.') ?? []
  const other = datasetOf(scope, name)
  const [by] = columns
  if (!other || by === undefined || columns.length !== to.length) return undefined
  const on: { own: string; other: string }[] = []
  for (const [index, source] of columns.entries()) {
    const own = access.dataset.columns.find((column) => column.source === source)
    const target = referenced(other.dataset, name, to[index] ?? '')
    if (!own || !target || !isComparable(own, target)) return undefined
    on.push({ own: own.target ?? '', other: target.target ?? '' })
  }
  const tenants = { own: access.dataset.tenantColumn, other: other.dataset.tenantColumn }
  const bothStored = access.dataset.tenant.kind === 'column' && other.dataset.tenant.kind === 'column'
  if (bothStored && !on.some((pair) => pair.other === tenants.other)) {
    const [own, target] = [stored(access.dataset, tenants.own), stored(other.dataset, tenants.other)]
    const isShown = isReadable(access, tenants.own) && isReadable(other, tenants.other)
    if (isShown && own && target && isComparable(own, target)) on.push(tenants)
    else if (!seesOneTenant(scope, access) || !seesOneTenant(scope, other)) return undefined
  }
  const compared = new Set(on.map((pair) => pair.other))
  const isOne = sortKey(other.dataset).every(
    (column) => compared.has(column) || (column === tenants.other && hasOneTenant(scope, other)),
  )
  const mayRead = on.every((pair) => isReadable(access, pair.own) && isReadable(other, pair.other))
  const own = access.dataset.columns.find((column) => column.source === by)?.target
  return isOne && mayRead ? { by: own ?? by, access: other, on } : undefined
}

/** The column that `dataset.column` names; `undefined` where it names none. */
function referenced(dataset: CompiledDataset, name: string, to: string): CompiledColumn | undefined {
  const [first, column, ...rest] = to.split('.')
  if (first !== name || column === undefined || rest.length > 0) return undefined
  const { columns, document } = dataset
  return columns.find(({ source }, index) => document.properties[index]?.name === column || source === column)
}

function stored(dataset: CompiledDataset, name: string): CompiledColumn | undefined {
  return dataset.columns.find(({ target }) => target === name)
}

/** Stored so that equal values are equal. */
function isComparable(own: CompiledColumn, other: CompiledColumn): boolean {
  if (own.target === null || other.target === null) return false
  const [type, otherType] = [columnType(own.targetType), columnType(other.targetType)]
  if (type.kind !== otherType.kind || type.kind === 'array' || type.kind === 'other') return false
  return protection(own) === protection(other)
}

function protection({ pii }: CompiledColumn): string {
  if (pii === null) return ''
  const { subject: _subject, ...plan } = { subject: undefined, ...pii }
  return JSON.stringify(plan, Object.keys(plan).toSorted())
}

function isReadable({ columns }: DatasetAccess, column: string): boolean {
  return columns.includes(column)
}

/** The caller sees rows of one tenant alone: the filter of the role says so. */
function seesOneTenant(scope: AccessScope, { dataset }: DatasetAccess): boolean {
  const role = dataset.roles.find((candidate) => candidate.role === scope.role)
  return role !== undefined && bindsTenant(role.rowFilter, dataset.tenantColumn)
}

/** All rows are of one tenant, or those that the caller sees are. */
export function hasOneTenant(scope: AccessScope, access: DatasetAccess): boolean {
  return access.dataset.tenant.kind === 'constant' || seesOneTenant(scope, access)
}
