/**
 * Names that one contract uses for datasets and columns -> the name that the newer contract has for the same thing, so that a rename
 * alone does not look like another key, filter or reference. A column may be named as in the model, as in the data store, and as it is
 * stored under a token (`email_token`).
 */
import type { ContractObject, ContractProperty } from '../model/contract.ts'
import type { Pairing } from './pair-up.ts'
import { shortReference } from './qualified-reference.ts'

/**
 * Canonical names. What is not known stays as it is; an unknown name that is that of something else on the other side is marked,
 * because it does not mean that.
 */
export type Names = {
  /** Of a column, in a dataset of that canonical name. */
  readonly column: (dataset: string, name: string) => string
  /** All columns that a name means, whatever the dataset: `orders.id, people.id`. */
  readonly anyColumn: (name: string) => string
  /** Of `dataset.column`, or of a reference by identifiers. */
  readonly reference: (text: string) => string
}

/** A pair of datasets, and who is who among their columns. */
export type DatasetPair = {
  readonly older: ContractObject
  readonly newer: ContractObject
  readonly columns: Pairing<ContractProperty>
}

/** Datasets of which the other side has none. */
export type Unpaired = Readonly<Record<'older' | 'newer', readonly ContractObject[]>>

/** Names as one side uses them. */
export function namesOf(side: 'older' | 'newer', pairs: readonly DatasetPair[], unpaired: Unpaired): Names {
  const datasets = createMeanings()
  const columns = new Map<string, ColumnNames>()
  const taken = new Set([
    ...pairs.map(({ newer }) => newer.name),
    ...everyOne(unpaired).map(({ name }) => name),
  ])
  for (const pair of pairs) {
    datasets.add(datasetSpellings(pair[side]), pair.newer.name)
    columns.set(pair.newer.name, columnNames(side, pair.columns))
  }
  for (const dataset of unpaired[side]) {
    datasets.add(datasetSpellings(dataset), dataset.name)
    const none = { pairs: [], removed: [], added: [] }
    const alone = dataset.properties.map((item, index) => ({ item, index }))
    columns.set(dataset.name, columnNames(side, { ...none, [side === 'older' ? 'removed' : 'added']: alone }))
  }
  const column = (dataset: string, name: string): string => columns.get(dataset)?.of(name) ?? name
  const datasetOf = (name: string): string => datasets.get(name) ?? (taken.has(name) ? unknown(name) : name)
  const own = [...pairs.map((pair) => pair[side]), ...unpaired[side]]
  let anywhere: ReadonlyMap<string, readonly string[]> | undefined
  return {
    column,
    anyColumn: (name) => {
      anywhere ??= indexOf(columns)
      return anywhere.get(name)?.toSorted().join(', ') ?? name
    },
    reference: (written) => {
      const text = shortReference(written, own)
      const point = text.indexOf('.')
      if (point < 0) return datasetOf(text)
      const dataset = datasetOf(text.slice(0, point))
      return `${dataset}.${column(dataset, text.slice(point + 1))}`
    },
  }
}

/** Columns of all datasets by their spellings. */
function indexOf(datasets: ReadonlyMap<string, ColumnNames>): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>()
  for (const [dataset, { known }] of datasets)
    for (const [spelling, name] of known()) {
      if (name === unknown(spelling)) continue
      const meant = index.get(spelling)
      if (meant) meant.push(`${dataset}.${name}`)
      else index.set(spelling, [`${dataset}.${name}`])
    }
  return index
}

/** Canonical names of the columns of one dataset, by the spellings that one side uses. */
type ColumnNames = {
  /** Undefined if there is no such column. */
  readonly of: (spelling: string) => string | undefined
  readonly known: () => Iterable<readonly [spelling: string, name: string]>
}

function columnNames(
  side: 'older' | 'newer',
  { pairs, removed, added }: Pairing<ContractProperty>,
): ColumnNames {
  const known = createMeanings()
  const add = (column: ContractProperty, name: string): void => known.add(spellings(column), name)
  for (const pair of pairs) add(pair[side].item, pair.newer.item.name)
  for (const { item } of side === 'older' ? removed : added) add(item, item.name)
  const taken = new Set([
    ...pairs.map(({ newer }) => newer.item.name),
    ...[...removed, ...added].map(({ item }) => item.name),
  ])
  return {
    of: (spelling) => known.get(spelling) ?? (taken.has(spelling) ? unknown(spelling) : undefined),
    known: known.entries,
  }
}

/** Spellings and what they mean: the stronger ones have the last word, and what means two things alike means neither. */
function createMeanings() {
  const meanings = new Map<string, { readonly name: string; readonly strength: number }>()
  return {
    get: (spelling: string): string | undefined => meanings.get(spelling)?.name,
    entries: (): readonly (readonly [string, string])[] =>
      [...meanings].map(([spelling, { name }]) => [spelling, name]),
    /** Adds spellings, the weaker ones first. */
    add(from: readonly string[], name: string): void {
      for (const [strength, spelling] of from.entries()) {
        const other = meanings.get(spelling)
        if (other && other.strength > strength) continue
        const clash = other?.strength === strength && other.name !== name
        meanings.set(spelling, { name: clash ? unknown(spelling) : name, strength })
      }
    },
  }
}

function unknown(name: string): string {
  return `${name} (unknown)`
}

function everyOne({ older, newer }: Unpaired): readonly ContractObject[] {
  return [...older, ...newer]
}

/** The name in the model has the last word. */
function datasetSpellings({ name, physicalName = name }: ContractObject): readonly string[] {
  return [physicalName, name]
}

/** The weaker ones first. */
function spellings({ name, physicalName = name }: ContractProperty): readonly string[] {
  return [`${physicalName}_token`, `${name}_token`, physicalName, name]
}
