/** Presence and identity: required, unique, primary key, partitions. */
import type { ContractObject, ContractProperty } from '../model/contract.ts'
import { sameValue } from './canonical-text.ts'
import type { Pairing } from './pair-up.ts'
import type { Report } from './report.ts'

/** Compares what one column promises of its presence. `parents`: the objects that the columns are nested in, if they are.
 * `soleKey`: is it the one column of the primary key? Then it is unique without saying it. */
export function diffPresence(
  older: ContractProperty,
  newer: ContractProperty,
  parents: { readonly older?: ContractProperty; readonly newer?: ContractProperty },
  soleKey: { readonly older: boolean; readonly newer: boolean },
  report: Report,
): void {
  const [was, is] = [isRequired(older, parents.older), isRequired(newer, parents.newer)]
  // Where it only joined or left the key, the key says it.
  if (was !== is && saysRequired(older, parents.older) !== saysRequired(newer, parents.newer))
    report(
      is ? 'DIFF_REQUIRED_ADDED' : 'DIFF_REQUIRED_REMOVED',
      is ? 'was optional, is required' : 'was required, is optional',
      ['required'],
    )
  const [alone, isAlone] = [older.unique || soleKey.older, newer.unique || soleKey.newer]
  if (alone !== isAlone && older.unique !== newer.unique)
    report(
      newer.unique ? 'DIFF_UNIQUE_ADDED' : 'DIFF_UNIQUE_REMOVED',
      newer.unique ? 'became unique' : 'is no longer unique',
      ['unique'],
    )
}

/** A column of the primary key is required without saying it. */
export function isRequired(column: ContractProperty, parent?: ContractProperty): boolean {
  return column.primaryKey || saysRequired(column, parent)
}

/** Required by itself, or by the list of the object that it is in. */
function saysRequired(column: ContractProperty, parent?: ContractProperty): boolean {
  return column.required || (parent?.logicalTypeOptions?.required?.includes(column.name) ?? false)
}

/** The one column that makes the primary key; undefined if there is none, or more. */
export function soleKeyOf({ properties }: ContractObject): ContractProperty | undefined {
  const members = properties.filter(({ primaryKey }) => primaryKey)
  return members.length === 1 ? members[0] : undefined
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
  const sameMembers = sameValue(was.names.toSorted(), is.names.toSorted())
  const message = `primary key: ${keyText(was.names)} -> ${keyText(is.names)}`
  if (!sameMembers) {
    if (was.names.length === 0) report('DIFF_PRIMARY_KEY_ADDED', message)
    else if (is.names.length === 0) report('DIFF_PRIMARY_KEY_REMOVED', message)
    else report('DIFF_PRIMARY_KEY_CHANGED', message)
  } else if (isReordered(was, is)) report('DIFF_PRIMARY_KEY_ORDER_CHANGED', message)
  const former = members(older, partitionPosition, nameOf)
  const present = members(newer, partitionPosition, ({ name }) => name)
  if (!sameValue(former.names.toSorted(), present.names.toSorted()) || isReordered(former, present))
    report('DIFF_PARTITIONING_CHANGED', 'the data is partitioned by other columns')
}

type PositionOf = (column: ContractProperty) => number | undefined

const keyPosition: PositionOf = (column) => (column.primaryKey ? column.primaryKeyPosition : undefined)
const partitionPosition: PositionOf = (column) =>
  column.partitioned ? column.partitionKeyPosition : undefined

/** Names of the members, in their order where it is known: where each has a position of its own. */
type Members = { readonly names: readonly string[]; readonly inOrder: boolean }

function members(
  dataset: ContractObject,
  positionOf: PositionOf,
  nameOf: (column: ContractProperty) => string,
): Members {
  const placed = dataset.properties
    .flatMap((column) => {
      const position = positionOf(column)
      return position === undefined ? [] : [{ name: nameOf(column), position }]
    })
    .sort((a, b) => a.position - b.position)
  const positions = new Set(placed.map(({ position }) => position).filter((position) => position >= 1))
  return { names: placed.map(({ name }) => name), inOrder: positions.size === placed.length }
}

function isReordered(was: Members, is: Members): boolean {
  return was.inOrder && is.inOrder && !sameValue(was.names, is.names)
}

function keyText(names: readonly string[]): string {
  return names.length === 0 ? 'none' : `(${names.join(', ')})`
}
