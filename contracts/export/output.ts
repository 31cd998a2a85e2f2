/** What an output is made of: compiled datasets, and which of the two sides it describes. */
import { clampedColumns } from '../compile/clamped-column.ts'
import type { CompiledColumn, CompiledDataset } from '../compile/compiled-dataset.ts'
import type { ContractProperty } from '../model/contract.ts'
import { piiDescription } from '../pii/pii-words.ts'

/** `source`: the rows as they are in the source. `stored`: as they are in ClickHouse, with tokens in place of personal data. */
export type Side = 'source' | 'stored'

/** A column as one side has it. */
export type SideColumn = {
  readonly name: string
  readonly column: CompiledColumn
  readonly property: ContractProperty
}

/** The columns of a side, in their order: what is dropped is not stored; what tells clamped values is stored only. */
export function sideColumns(dataset: CompiledDataset, side: Side): readonly SideColumn[] {
  const own = dataset.columns.flatMap((column, index): SideColumn[] => {
    const name = side === 'source' ? column.source : column.target
    const property = dataset.document.properties[index]
    return name === null || !property ? [] : [{ name, column, property }]
  })
  if (side === 'source') return own
  const told = clampedColumns(dataset.columns).flatMap((column): SideColumn[] =>
    column.target === null ? [] : [{ name: column.target, column, property: booleanProperty(column) }],
  )
  return [...own, ...told]
}

/** The property that a column of the table would have, if the contract had one for it. */
function booleanProperty({ target, source, description }: CompiledColumn): ContractProperty {
  return {
    raw: {},
    name: target ?? source,
    logicalType: 'boolean',
    physicalType: 'boolean',
    description,
    required: true,
    unique: false,
    primaryKey: false,
    primaryKeyPosition: -1,
    partitioned: false,
    partitionKeyPosition: -1,
    criticalDataElement: false,
    transformSourceObjects: [],
    examples: [],
    relationships: [],
    quality: [],
    properties: [],
    synonyms: [],
    tags: [],
    customProperties: [],
    authoritativeDefinitions: [],
  }
}

/** Is the value of this column another one than that of the source? */
export function isProtected(column: CompiledColumn, side: Side): boolean {
  return side === 'stored' && column.pii !== null
}

/** The plan of a column, for machines: its options, in words, and the name under which what remains is stored. */
export function piiFacts(column: CompiledColumn): Readonly<Record<string, unknown>> | undefined {
  if (!column.pii) return undefined
  return { ...column.pii, storedAs: column.target, meaning: piiDescription(column.pii) }
}

/** One line per protected column: `email: one-way token, hmac(email); …; stored as email_token`. */
export function piiLines(dataset: CompiledDataset): readonly string[] {
  return dataset.columns.flatMap((column) =>
    column.pii
      ? [
          `${column.source}: ${piiDescription(column.pii)}${column.target === null ? '' : `; stored as ${column.target}`}`,
        ]
      : [],
  )
}

/** The values that a column may have; undefined if the contract does not list them. */
export function allowedValues(column: CompiledColumn): readonly string[] | undefined {
  const rule = column.rules.find(({ rule: name }) => name === 'validValues')
  return rule?.rule === 'validValues' ? rule.values : undefined
}

/** Why a property should not be used in new work; undefined if it may. */
export function deprecation(holder: { readonly deprecated?: boolean | string }): string | undefined {
  if (holder.deprecated === undefined || holder.deprecated === false) return undefined
  return holder.deprecated === true ? 'deprecated' : `deprecated: ${holder.deprecated}`
}
