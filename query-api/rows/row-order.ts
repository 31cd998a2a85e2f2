/**
 * The order of an answer. It is total: whatever is asked for is followed by what tells rows apart (tenant and key of the dataset, or all
 * columns of a group), so that equal values do not leave the place of a row open.
 */
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { sortKey } from '#contracts/compile/clickhouse-ddl.ts'
import { MogoError } from '#contracts/errors.ts'
import type { Aggregated } from './aggregates.ts'
import { isScalar } from './column-type.ts'
import { faultOfParameter } from './parameter-fault.ts'
import type { OrderTerm } from './position.ts'
import type { ReadableColumn, ReadableColumns } from './readable-columns.ts'
import { hasOneTenant } from './relations.ts'
import type { SortTerm } from './result-grammar.ts'

/** The order of rows. @throws MogoError MOGO_ROWS_COLUMN, MOGO_ROWS_PARAMETER, MOGO_ROWS_KEYLESS */
export function orderOfRows(
  scope: AccessScope,
  access: DatasetAccess,
  columns: ReadableColumns,
  sort: readonly SortTerm[],
): readonly OrderTerm[] {
  const asked = sort.map((term) => {
    const column = columns.of(term.name)
    return termOf(column, sortable(column), term)
  })
  return total(asked, keyColumns(scope, access, columns))
}

/** The order of groups, by their columns and aggregates. @throws MogoError MOGO_ROWS_PARAMETER */
export function orderOfGroups(
  group: readonly ReadableColumn[],
  aggregates: readonly Aggregated[],
  sort: readonly SortTerm[],
): readonly OrderTerm[] {
  const fault = faultOfParameter('sort')
  const asked = sort.map((term) => {
    const column = group.find(({ name }) => name === term.name)
    if (column) return termOf(column, true, term)
    const aggregate = aggregates.find(({ name }) => name === term.name)
    if (!aggregate)
      throw fault(
        `groups are sorted by what is in the answer: ${[...group, ...aggregates].map(({ name }) => name).join(', ')}`,
      )
    if (!aggregate.isExact)
      throw fault(`${aggregate.name} is made of floats, and differs in its last digits from run to run`)
    return termOf(aggregate, true, term)
  })
  return total(asked, group)
}

/** Tenant and key, as they are stored. */
function keyColumns(
  scope: AccessScope,
  access: DatasetAccess,
  columns: ReadableColumns,
): readonly ReadableColumn[] {
  const { dataset } = access
  return sortKey(dataset).flatMap((name) => {
    const column = columns.find(name)
    if (column && isScalar(column.type)) return [column]
    // All rows that the caller sees have the same tenant: it tells none of them apart.
    if (name === dataset.tenantColumn && hasOneTenant(scope, access)) return []
    throw new MogoError('MOGO_ROWS_KEYLESS', { role: scope.role, dataset: dataset.name })
  })
}

type Named = Pick<OrderTerm, 'name' | 'type' | 'nullable'>

function termOf({ name, type, nullable }: Named, isSortable: boolean, sort: SortTerm): OrderTerm {
  const fault = faultOfParameter('sort')
  if (!isSortable) throw fault(`the values of ${name} (${type.name}) have no order`)
  return { name, type, nullable, descending: sort.descending, nullsFirst: sort.nullsFirst }
}

/** What only comes in some order (tokens, UUIDs, booleans) may be sorted by; numbers that are stored as text may not. */
function sortable({ type, abilities }: ReadableColumn): boolean {
  return type.kind === 'text' ? abilities.has('order') : isScalar(type)
}

function total(asked: readonly OrderTerm[], rest: readonly Named[]): readonly OrderTerm[] {
  const order = new Map<string, OrderTerm>()
  for (const term of asked) {
    if (order.has(term.name)) throw faultOfParameter('sort')(`${term.name} stands twice`)
    order.set(term.name, term)
  }
  for (const { name, type, nullable } of rest)
    if (!order.has(name)) order.set(name, { name, type, nullable, descending: false, nullsFirst: false })
  return [...order.values()]
}
