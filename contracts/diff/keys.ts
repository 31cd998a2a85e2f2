/** Presence and identity: required, unique, primary key, partitions. */
import type { ContractObject, ContractProperty } from '../model/contract.ts'
import { sameValue } from './canonical-text.ts'
import type { Pairing } from './pair-up.ts'
import type { Report } from './report.ts'

/** Compares what one column promises of its presence. `parents`: the objects that the columns are nested in, if they are. */
export function diffPresence(
  older: ContractProperty,
  newer: ContractProperty,
  parents: { readonly older?: ContractProperty; readonly newer?: ContractProperty },
  report: Report,
): void {
  const [was, is] = [isRequired(older, parents.older), isRequired(newer, parents.newer)]
  if (was !== is)
    report(
      is ? 'DIFF_REQUIRED_ADDED' : 'DIFF_REQUIRED_REMOVED',
      is ? 'was optional, is required' : 'was required, is optional',
      ['required'],
    )
  if (older.unique !== newer.unique)
    report(
      newer.unique ? 'DIFF_UNIQUE_ADDED' : 'DIFF_UNIQUE_REMOVED',
      newer.unique ? 'became unique' : 'is no longer unique',
      ['unique'],
    )
}

/** Required by itself, or by the list of the object that it is in. */
export function isRequired(column: ContractProperty, parent?: ContractProperty): boolean {
  return column.required || (parent?.logicalTypeOptions?.required?.includes(column.name) ?? false)
}

/** Compares primary key and partitions of a dataset: by which columns, and in which order. A renamed column is the same one. */
export function diffKeys(
  older: ContractObject,
  newer: ContractObject,
  columns: Pairing<ContractProperty>,
  report: Report,
): void {
  const newName = new Map(columns.pairs.map((pair) => [pair.older.item, pair.newer.item.name]))
  const nameOf = (column: ContractProperty): string => newName.get(column) ?? column.name
  const was = members(older, keyPosition, nameOf)
  const is = members(newer, keyPosition, ({ name }) => name)
  if (!sameValue(was, is)) {
    const message = `primary key: ${keyText(was)} -> ${keyText(is)}`
    if (was.length === 0) report('DIFF_PRIMARY_KEY_ADDED', message)
    else if (is.length === 0) report('DIFF_PRIMARY_KEY_REMOVED', message)
    else if (sameValue([...was].sort(), [...is].sort())) report('DIFF_PRIMARY_KEY_ORDER_CHANGED', message)
    else report('DIFF_PRIMARY_KEY_CHANGED', message)
  }
  if (
    !sameValue(
      members(older, partitionPosition, nameOf),
      members(newer, partitionPosition, ({ name }) => name),
    )
  )
    report('DIFF_PARTITIONING_CHANGED', 'the data is partitioned by other columns')
}

type PositionOf = (column: ContractProperty) => number | undefined

const keyPosition: PositionOf = (column) => (column.primaryKey ? column.primaryKeyPosition : undefined)
const partitionPosition: PositionOf = (column) =>
  column.partitioned ? column.partitionKeyPosition : undefined

/** Names of the members by their positions. Those without one come last, by name: where they stand in the document says nothing. */
function members(
  dataset: ContractObject,
  positionOf: PositionOf,
  nameOf: (column: ContractProperty) => string,
): readonly string[] {
  return dataset.properties
    .flatMap((column) => {
      const position = positionOf(column)
      if (position === undefined) return []
      return [{ name: nameOf(column), position: position < 1 ? Number.MAX_VALUE : position }]
    })
    .sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
}

function keyText(names: readonly string[]): string {
  return names.length === 0 ? 'none' : `(${names.join(', ')})`
}
