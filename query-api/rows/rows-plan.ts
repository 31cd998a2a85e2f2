/**
 * A request and the scope that asks -> a plan: columns, conditions and order, where every name is one of the compiled datasets that the
 * caller may read, and every value is of its column's type.
 */
import type { AccessScope, DatasetAccess } from '#contracts/compile/access-scope.ts'
import { type Aggregated, resolveAggregate } from './aggregates.ts'
import { isScalar } from './column-type.ts'
import { type Condition, resolveFilter } from './condition.ts'
import { faultOfParameter } from './parameter-fault.ts'
import type { OrderTerm } from './position.ts'
import { type ReadableColumn, type ReadableColumns, readableColumns } from './readable-columns.ts'
import { findRelation, type Relation, relationsOf } from './relations.ts'
import type { Selected } from './result-grammar.ts'
import { orderOfGroups, orderOfRows } from './row-order.ts'
import type { RowsRequest } from './rows-request.ts'

/** One column of an answer of rows. */
export type RowColumn = {
  /** What it is called there. */
  readonly name: string
  /** The column in its dataset. */
  readonly column: string
  /** Place in `relations`; undefined for a column of the dataset itself. */
  readonly relation: number | undefined
}

/** Rows, with columns of related datasets. */
export type RowsOfDataset = {
  readonly kind: 'rows'
  readonly columns: readonly RowColumn[]
  readonly relations: readonly Relation[]
}

/** Groups. Without a column it is one group of all rows. */
export type GroupsOfDataset = {
  readonly kind: 'groups'
  readonly group: readonly ReadableColumn[]
  readonly aggregates: readonly Aggregated[]
}

/** See the header. */
export type RowsPlan = {
  readonly access: DatasetAccess
  readonly what: RowsOfDataset | GroupsOfDataset
  readonly conditions: readonly Condition[]
  readonly order: readonly OrderTerm[]
}

/** Makes the plan. @throws MogoError MOGO_ROWS_* */
export function planRows(scope: AccessScope, access: DatasetAccess, request: RowsRequest): RowsPlan {
  const columns = readableColumns(access)
  const conditions = request.filters.map((filter) => resolveFilter(filter, columns))
  const { select, sort, group, aggregates } = request
  if (group === undefined && aggregates === undefined) {
    const what = selectedOf(select ?? [{ kind: 'all' }], scope, access, columns)
    return { access, what, conditions, order: orderOfRows(scope, access, columns, sort) }
  }
  if (select !== undefined)
    throw faultOfParameter('select')('with group and aggregate, these say what is in the answer')
  const grouped = (group ?? []).map((name) => groupable(columns.of(name)))
  const aggregated = (aggregates ?? []).map((one) => resolveAggregate(one, columns, grouped.length === 0))
  once(
    [...grouped, ...aggregated].map(({ name }) => name),
    'aggregate',
  )
  const order = orderOfGroups(grouped, aggregated, sort)
  return { access, what: { kind: 'groups', group: grouped, aggregates: aggregated }, conditions, order }
}

/** The datasets that a plan reads. */
export function datasetsOf({ access, what }: RowsPlan): readonly DatasetAccess[] {
  return what.kind === 'rows' ? [access, ...what.relations.map((relation) => relation.access)] : [access]
}

/** All that decides which rows there are, what is given of them and in which order; as text. */
export function planIdentity({ access, what, conditions, order }: RowsPlan): string {
  const answer =
    what.kind === 'rows'
      ? [what.columns, what.relations.map((relation) => [relation.access.dataset.table, relation.by])]
      : [what.group.map(({ name }) => name), what.aggregates.map(({ name }) => name)]
  const filters = conditions.map((condition) => JSON.stringify(condition)).toSorted()
  return JSON.stringify([access.dataset.table, what.kind, answer, filters, order])
}

function selectedOf(
  select: readonly Selected[],
  scope: AccessScope,
  access: DatasetAccess,
  own: ReadableColumns,
): RowsOfDataset {
  const relations: Relation[] = []
  const columns: RowColumn[] = []
  const known = relationsOf(scope, access)
  for (const part of select) {
    if (part.kind === 'all')
      columns.push(...own.all.map(({ name }) => ({ name, column: name, relation: undefined })))
    else if (part.kind === 'column') {
      const { name } = own.of(part.column)
      columns.push({ name, column: name, relation: undefined })
    } else {
      const relation = findRelation(known, access.dataset.name, part)
      const theirs = readableColumns(relation.access)
      const place = relations.push(relation) - 1
      const called = part.by === undefined ? part.dataset : `${part.dataset}!${part.by}`
      const wanted = part.columns ?? theirs.all.map(({ name }) => name)
      for (const name of wanted.map((each) => theirs.of(each).name))
        columns.push({ name: `${called}.${name}`, column: name, relation: place })
    }
  }
  once(
    columns.map(({ name }) => name),
    'select',
  )
  return { kind: 'rows', columns, relations }
}

function groupable(column: ReadableColumn): ReadableColumn {
  if (isScalar(column.type)) return column
  throw faultOfParameter('group')(`rows cannot be grouped by ${column.name} (${column.type.name})`)
}

function once(names: readonly string[], parameter: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw faultOfParameter(parameter)(`two columns of the answer would be called ${twice}`)
}
