/** Relationships: from which columns to which. One of a column and one of its dataset that say the same are the same. */

import type { DocumentPath } from '../fault.ts'
import type { ContractObject, ContractProperty, Relationship } from '../model/contract.ts'
import type { Raw } from '../model/raw-value.ts'
import { canonicalText, sameValue } from './canonical-text.ts'
import type { Difference } from './change.ts'
import type { DatasetPair, Names } from './names.ts'
import { pairByKeys } from './pair-by-keys.ts'
import { reportTo, type Spot } from './report.ts'
import { restOf } from './unknown-keys.ts'

type Link = {
  readonly column: string | null
  readonly path: DocumentPath
  readonly type: string
  /** `dataset.column`, as the newer contract names them. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** What else is said of it. */
  readonly rest: Raw
}

/** Compares the relationships of a dataset and its columns. */
export function diffRelationships(
  pair: DatasetPair,
  paths: { readonly older: DocumentPath; readonly newer: DocumentPath },
  names: { readonly older: Names; readonly newer: Names },
  list: Difference[],
): void {
  const dataset = pair.newer.name
  const was = linksOf(pair.older, dataset, paths.older, names.older)
  const is = linksOf(pair.newer, dataset, paths.newer, names.newer)
  const { pairs, removed, added } = pairByKeys(was, is, [
    (link) => canonicalText([link.type, link.from, link.to, link.rest]),
    (link) => canonicalText([link.type, link.from, link.to]),
    (link) => canonicalText([link.type, link.from]),
  ])
  const spot = (older: Link | undefined, newer: Link | undefined): Spot => ({
    dataset,
    column: newer?.column ?? older?.column ?? null,
    olderPath: older?.path ?? null,
    newerPath: newer?.path ?? null,
    anchor: newer?.path ?? paths.newer,
  })
  for (const link of removed)
    reportTo(list, spot(link, undefined))(
      'DIFF_RELATIONSHIP_REMOVED',
      `the relationship ${text(link)} is gone`,
    )
  for (const link of added)
    reportTo(list, spot(undefined, link))('DIFF_RELATIONSHIP_ADDED', `the relationship ${text(link)} is new`)
  for (const [older, newer] of pairs) {
    if (!sameValue(older.rest, newer.rest))
      reportTo(list, spot(older, newer))(
        'DIFF_METADATA_CHANGED',
        `the relationship ${text(newer)}: its id or custom properties changed`,
      )
    if (canonicalText(older.to) !== canonicalText(newer.to))
      reportTo(list, spot(older, newer))(
        'DIFF_RELATIONSHIP_CHANGED',
        `the relationship ${text(older)} leads to ${newer.to.join(', ')}`,
      )
  }
}

/** What is compared by what it means. */
const ENDS = new Set(['type', 'from', 'to'])

function linksOf(dataset: ContractObject, name: string, path: DocumentPath, names: Names): readonly Link[] {
  const links: Link[] = []
  const add = (
    relationship: Relationship,
    from: readonly string[],
    column: string | null,
    where: DocumentPath,
  ): void => {
    const ends = from.map((end, index) => [end, names.reference(relationship.to[index] ?? '')] as const)
    const rest = relationship.to.slice(from.length).map(names.reference)
    // The order of the pairs of a composite key says nothing.
    if (ends.length > 1) ends.sort(([a], [b]) => (a < b ? -1 : 1))
    links.push({
      column: column ?? singleColumn(from, name),
      path: where,
      type: relationship.type,
      from: ends.map(([end]) => end),
      to: [...ends.map(([, end]) => end), ...rest],
      rest: restOf(relationship.raw, ENDS),
    })
  }
  const visit = (column: ContractProperty, columnName: string, where: DocumentPath): void => {
    for (const [index, relationship] of column.relationships.entries())
      add(relationship, [`${name}.${columnName}`], columnName, [...where, 'relationships', index])
    for (const [index, nested] of column.properties.entries())
      visit(nested, `${columnName}.${nested.name}`, [...where, 'properties', index])
    if (column.items) visit(column.items, `${columnName}[]`, [...where, 'items'])
  }
  for (const [index, column] of dataset.properties.entries())
    visit(column, names.column(name, column.name), [...path, 'properties', index])
  for (const [index, relationship] of dataset.relationships.entries())
    add(
      relationship,
      relationship.from.map((end) => names.reference(/[./]/.test(end) ? end : `${name}.${end}`)),
      null,
      [...path, 'relationships', index],
    )
  return links
}

function singleColumn(from: readonly string[], dataset: string): string | null {
  const [end] = from
  return from.length === 1 && end?.startsWith(`${dataset}.`) ? end.slice(dataset.length + 1) : null
}

function text({ from, to }: Link): string {
  return `${from.join(', ')} to ${to.join(', ')}`
}
