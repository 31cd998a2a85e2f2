/** Columns of a dataset, and what is nested in them: who is who, and what is different. */
import type { DocumentPath } from '../fault.ts'
import type { ContractProperty } from '../model/contract.ts'
import { diffAllowedValues } from './allowed-values.ts'
import { diffBounds } from './bounds.ts'
import type { Difference } from './change.ts'
import { diffPresence, isRequired } from './keys.ts'
import { columnLikeness } from './likeness.ts'
import { type Pair, type Pairing, pairUp } from './pair-up.ts'
import { diffPersonalData, isDropped } from './personal-data.ts'
import { diffQuality } from './quality.ts'
import { type Report, reportTo, spotOf } from './report.ts'
import { diffTypes } from './types.ts'
import { COLUMN_KEYS, diffUnknownKeys, OPTION_KEYS } from './unknown-keys.ts'
import { diffValuePolicies } from './value-policies.ts'
import { diffColumnWords, diffElement } from './words.ts'

/** Where a list of columns is. */
export type ColumnsAt = {
  readonly dataset: string
  /** Put before the name of a column: `address.` inside of an object. */
  readonly prefix: string
  readonly older: DocumentPath
  readonly newer: DocumentPath
  /** The columns that these are nested in. */
  readonly parents: { readonly older?: ContractProperty; readonly newer?: ContractProperty }
  /** The columns that alone make the primary key of their dataset. */
  readonly soleKeys: {
    readonly older?: ContractProperty | undefined
    readonly newer?: ContractProperty | undefined
  }
  /** Newer name of a top-level column, by the name that each side uses. */
  readonly nameOf: { readonly older: (column: string) => string; readonly newer: (column: string) => string }
}

/** Who is who among columns. */
export function pairColumns(
  older: readonly ContractProperty[],
  newer: readonly ContractProperty[],
): Pairing<ContractProperty> {
  return pairUp(older, newer, columnLikeness)
}

/** Compares paired columns. */
export function diffColumns(columns: Pairing<ContractProperty>, at: ColumnsAt, list: Difference[]): void {
  const { dataset, prefix } = at
  for (const { item, index } of columns.removed) {
    const from = list.length
    reportTo(list, {
      dataset,
      column: `${prefix}${item.name}`,
      olderPath: [...at.older, index],
      newerPath: null,
      anchor: at.newer.slice(0, -1),
    })('DIFF_COLUMN_REMOVED', 'the column is gone')
    if (prefix === '' && isDropped(item)) hideFrom(list, from)
  }
  for (const { item, index } of columns.added) {
    const required = isRequired(item, at.parents.newer)
    reportTo(list, {
      dataset,
      column: `${prefix}${item.name}`,
      olderPath: null,
      newerPath: [...at.newer, index],
      anchor: [...at.newer, index],
    })(
      required ? 'DIFF_REQUIRED_COLUMN_ADDED' : 'DIFF_COLUMN_ADDED',
      required ? 'the required column is new' : 'the column is new',
    )
  }
  for (const pair of columns.pairs) {
    const paths = { older: [...at.older, pair.older.index], newer: [...at.newer, pair.newer.index] }
    const from = list.length
    diffNames(pair, `${prefix}${pair.newer.item.name}`, paths, at, list)
    diffColumn(pair.older.item, pair.newer.item, `${prefix}${pair.newer.item.name}`, paths, at, list)
    // Only whole columns are dropped.
    if (prefix === '' && isDropped(pair.older.item) && isDropped(pair.newer.item)) hideFrom(list, from)
  }
  if (orderChanged(columns.pairs))
    reportTo(list, spotOf(dataset, prefix === '' ? null : prefix.replace(/\.$/, ''), at.older, at.newer))(
      'DIFF_ORDER_CHANGED',
      'columns stand in another order',
    )
}

/** Do pairs stand in another order? What was added or removed between them does not matter. */
export function orderChanged(pairs: readonly Pair<unknown>[]): boolean {
  return pairs.some((pair, index) => index > 0 && pair.older.index < (pairs[index - 1]?.older.index ?? 0))
}

/** Marks what was found since then as what no reader sees. */
function hideFrom(list: Difference[], start: number): void {
  for (const [index, difference] of list.entries())
    if (index >= start) list[index] = { ...difference, unseen: true }
}

function diffNames(
  { older, newer, renamed }: Pair<ContractProperty>,
  column: string,
  paths: { readonly older: DocumentPath; readonly newer: DocumentPath },
  at: ColumnsAt,
  list: Difference[],
): void {
  const report = reportTo(list, spotOf(at.dataset, column, paths.older, paths.newer))
  if (renamed) report('DIFF_COLUMN_RENAMED', `was ${older.item.name}`, ['name'])
  if (at.prefix !== '') diffIdle(older.item, newer.item, KEY_FIELDS, report)
  const [was, is] = [older.item.physicalName ?? older.item.name, newer.item.physicalName ?? newer.item.name]
  // A rename says it already where the name in the data store follows the name in the model.
  if (was !== is && !(renamed && was === older.item.name && is === newer.item.name))
    report('DIFF_COLUMN_PHYSICAL_NAME_CHANGED', `physicalName: ${was} -> ${is}`, ['physicalName'])
}

/** Compares one column with itself. Names are compared by whoever paired them: items of an array need none. */
function diffColumn(
  older: ContractProperty,
  newer: ContractProperty,
  column: string,
  paths: { readonly older: DocumentPath; readonly newer: DocumentPath },
  at: ColumnsAt,
  list: Difference[],
): void {
  const report = reportTo(list, spotOf(at.dataset, column, paths.older, paths.newer))
  diffTypes(older, newer, report)
  diffValuePolicies(older, newer, report)
  const isSoleKey = { older: older === at.soleKeys.older, newer: newer === at.soleKeys.newer }
  diffPresence(older, newer, at.parents, isSoleKey, report)
  diffBounds(older, newer, report)
  diffAllowedValues(older, newer, report)
  diffPersonalData(older, newer, at.nameOf, report)
  diffQuality(older.quality, newer.quality, report)
  diffElement(older, newer, 'column', report)
  diffColumnWords(older, newer, report)
  diffUnknownKeys(older.raw, newer.raw, COLUMN_KEYS, report)
  diffUnknownKeys(
    older.logicalTypeOptions?.raw ?? {},
    newer.logicalTypeOptions?.raw ?? {},
    OPTION_KEYS,
    (code, message, inside = []) => report(code, message, ['logicalTypeOptions', ...inside]),
  )
  if (older.properties.length > 0 || newer.properties.length > 0)
    diffColumns(
      pairColumns(older.properties, newer.properties),
      {
        ...at,
        prefix: `${column}.`,
        older: [...paths.older, 'properties'],
        newer: [...paths.newer, 'properties'],
        parents: { older, newer },
      },
      list,
    )
  diffNested(older.items, newer.items, `${column}[]`, ['items'], paths, at, list)
  diffNested(older.map?.key, newer.map?.key, `${column}{key}`, ['map', 'key'], paths, at, list)
  diffNested(older.map?.value, newer.map?.value, `${column}{value}`, ['map', 'value'], paths, at, list)
}

/** Items of an array, keys or values of a map: there is one of them, whatever its name. */
function diffNested(
  older: ContractProperty | undefined,
  newer: ContractProperty | undefined,
  column: string,
  inside: DocumentPath,
  paths: { readonly older: DocumentPath; readonly newer: DocumentPath },
  at: ColumnsAt,
  list: Difference[],
): void {
  const nested = { older: [...paths.older, ...inside], newer: [...paths.newer, ...inside] }
  if (older && newer) {
    const report = reportTo(list, spotOf(at.dataset, column, nested.older, nested.newer))
    diffIdle(older, newer, [...KEY_FIELDS, 'name', 'physicalName'], report)
    diffColumn(older, newer, column, nested, { ...at, parents: {} }, list)
  } else if (older || newer)
    reportTo(list, spotOf(at.dataset, column, nested.older, nested.newer))(
      newer ? 'DIFF_TYPE_STATED' : 'DIFF_TYPE_UNSTATED',
      newer ? 'its type was open and is said now' : 'its type was said and is open now',
    )
}

/** Keys are made of whole columns: inside of one these fields mean nothing. */
const KEY_FIELDS = ['primaryKey', 'primaryKeyPosition', 'partitioned', 'partitionKeyPosition'] as const

/** Compares fields that mean nothing where they stand. */
function diffIdle(
  older: ContractProperty,
  newer: ContractProperty,
  fields: readonly (keyof ContractProperty)[],
  report: Report,
): void {
  for (const field of fields)
    if (older[field] !== newer[field]) report('DIFF_METADATA_CHANGED', `${field} changed`, [field])
}
