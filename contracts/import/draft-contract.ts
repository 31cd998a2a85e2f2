/**
 * Tables of the common form -> drafts of contracts (ODCS 3.1, YAML) that lint clean and say what was guessed and what was left out.
 *
 * A table with a key becomes a contract that the pipeline can run: with a tenant, roles and a row filter. Without a key its rows cannot be
 * told apart; its draft is a document then, without tenant and roles, and says so.
 *
 * A reference to a table that has no contract cannot be a relationship, which would lead nowhere: it is kept as the custom property
 * `foreignKeys` of the dataset, and importing that table later makes it a relationship.
 */

import { stringify } from 'yaml'
import { oneLine } from '../one-line.ts'
import { isPersonal } from '../pii/is-personal.ts'
import { PII_METHODS } from '../pii/pii-methods.ts'
import { columnNames, datasetNames, isReferable, quotePart } from './choose-names.ts'
import { cut, draftProperty, textRule } from './draft-property.ts'
import type { PersonalGuess } from './guess-personal.ts'
import { guessTables, type TableGuesses } from './guess-tables.ts'
import {
  type ImportedColumn,
  type ImportedForeignKey,
  type ImportedName,
  type ImportedTable,
  keyColumns,
  tableKey,
  tableText,
} from './imported-table.ts'

/** Whose the rows are: a column of the table where there is one of this name, else one constant tenant. */
export type DraftTenant = { readonly column: string | null; readonly constant: string }

/** A table that has a contract already: references to it are relationships. */
export type KnownTable = ImportedName & {
  readonly dataset: string
  /** Column of the source -> name in the contract. */
  readonly columns: ReadonlyMap<string, string>
}

/** What the drafts depend on beside the tables. */
export type DraftOptions = {
  readonly tenant: DraftTenant
  readonly known?: readonly KnownTable[]
}

/** A draft. */
export type Draft = {
  readonly table: ImportedTable
  /** Name of the dataset, and of the file. */
  readonly dataset: string
  readonly text: string
  /** False: a document only, which the pipeline does not run. */
  readonly runnable: boolean
  /** Names of columns that were taken for personal. */
  readonly guessed: readonly string[]
  /** What was left out, and what a person should know. */
  readonly notes: readonly string[]
}

/** What a table without a key is told. */
export const NO_KEY = 'it has no key, so its rows cannot be told apart'

/** Drafts contracts, one per table, in their order. Never throws. */
export function draftContracts(tables: readonly ImportedTable[], options: DraftOptions): readonly Draft[] {
  const { tenant, known = [] } = options
  const own = new Set(tables.map(tableKey))
  const others = known.filter((table) => !own.has(tableKey(table)))
  const datasets = stableNames(tables, known, new Set(others.map(({ dataset }) => dataset)))
  const tenants = tables.map((table) => tenantColumnOf(table, tenant))
  const guesses = guessTables(tables, tenants)
  const named = tables.map((table, index): KnownTable => {
    const names = namesOf(table, guesses[index] ?? new Map())
    return { schema: table.schema, name: table.name, dataset: datasets[index] ?? '', columns: names }
  })
  const targets = new Map([...others, ...named].map((table) => [tableKey(table), table]))
  return tables.map((table, index) => {
    const draft = new DraftedTable(
      table,
      named[index] as KnownTable,
      guesses[index] ?? new Map(),
      tenants[index],
    )
    return draft.draft(tenant.constant, targets)
  })
}

/** A table that has a contract keeps the name that it has there. */
function stableNames(
  tables: readonly ImportedTable[],
  known: readonly KnownTable[],
  taken: ReadonlySet<string>,
): readonly string[] {
  const kept = new Map(known.map((table) => [tableKey(table), table.dataset]))
  const used = new Set(taken)
  for (const table of tables) {
    const name = kept.get(tableKey(table))
    if (name !== undefined) used.add(name)
  }
  const rest = tables.filter((table) => !kept.has(tableKey(table)))
  const fresh = datasetNames(rest, used)
  let next = 0
  return tables.map((table) => kept.get(tableKey(table)) ?? fresh[next++] ?? '')
}

function tenantColumnOf(table: ImportedTable, tenant: DraftTenant): string | undefined {
  const column = table.columns.find(({ name }) => name === tenant.column)
  if (!column || !(column.required || column.keyPosition !== undefined)) return undefined
  return isComparable(column) && !isPersonal(column.classification) ? column.name : undefined
}

/** Row filters compare texts and whole numbers of up to 64 bits. */
function isComparable({ logicalType, options }: ImportedColumn): boolean {
  return (
    logicalType === 'string' ||
    (logicalType === 'integer' && !/^u64$|128$/.test(String(options?.['format'] ?? '')))
  )
}

function namesOf(table: ImportedTable, guesses: TableGuesses): ReadonlyMap<string, string> {
  const wishes = table.columns.map(({ name }) => ({ name, token: isToken(guesses.get(name)) }))
  const names = columnNames(wishes)
  return new Map(wishes.map(({ name }, index) => [name, names[index] ?? name]))
}

function isToken(guess: PersonalGuess | undefined): boolean {
  return guess?.plan.method !== undefined && PII_METHODS[guess.plan.method].token
}

/** One table with all that was chosen for it. */
class DraftedTable {
  readonly #table: ImportedTable
  readonly #names: KnownTable
  readonly #guesses: TableGuesses
  readonly #tenantColumn: string | undefined

  constructor(
    table: ImportedTable,
    names: KnownTable,
    guesses: TableGuesses,
    tenantColumn: string | undefined,
  ) {
    this.#table = table
    this.#names = names
    this.#guesses = guesses
    this.#tenantColumn = tenantColumn
  }

  draft(constantTenant: string, targets: ReadonlyMap<string, KnownTable>): Draft {
    const table = this.#table
    const { dataset } = this.#names
    const runnable = keyColumns(table).length > 0
    const about = cut(table.comment ?? `Rows of ${tableText(table)}.`)
    const { single, composite, kept } = this.#references(targets)
    const custom = {
      ...(runnable
        ? {
            tenant:
              this.#tenantColumn === undefined ? { value: constantTenant } : { column: this.#tenantColumn },
          }
        : {}),
      ...(table.keyFrom === undefined ? {} : { keyFrom: table.keyFrom }),
      ...table.custom,
      ...(kept.length > 0 ? { foreignKeys: kept } : {}),
    }
    const quality = [
      ...table.uniqueKeys.map((columns) => ({
        type: 'library',
        metric: 'duplicateValues',
        mustBe: 0,
        arguments: { properties: columns.map((column) => this.#nameOf(column)) },
      })),
      ...table.rules.map(textRule),
    ]
    const document = {
      apiVersion: 'v3.1.0',
      kind: 'DataContract',
      id: `urn:mogo:${dataset}`,
      name: dataset,
      version: '1.0.0',
      status: 'draft',
      description: {
        purpose: about,
        ...(runnable ? {} : { limitations: `Drafted as a document: ${NO_KEY}.` }),
      },
      schema: [
        {
          name: dataset,
          physicalName: `${table.schema === '' ? '' : `${quotePart(table.schema)}.`}${quotePart(table.name)}`,
          physicalType: table.physicalType,
          logicalType: 'object',
          description: about,
          ...(composite.length > 0 ? { relationships: composite } : {}),
          ...(quality.length > 0 ? { quality } : {}),
          ...(Object.keys(custom).length > 0
            ? { customProperties: Object.entries(custom).map(([property, value]) => ({ property, value })) }
            : {}),
          properties: table.columns.map((column) =>
            draftProperty(column, {
              name: this.#nameOf(column.name),
              guess: this.#guesses.get(column.name),
              references: single.get(column.name) ?? [],
              custom: {},
            }),
          ),
        },
      ],
      ...(runnable ? { roles: this.#roles() } : {}),
    }
    const notes = [
      ...(runnable
        ? []
        : [
            'It has no key, so its rows cannot be told apart: a document, which the pipeline does not run until a property is its primaryKey.',
          ]),
      ...(table.keyFrom === undefined ? [] : [`The key is ${table.keyFrom}: the source has no primary key.`]),
      ...table.notes,
    ]
    // Readers of YAML 1.1 take 2026-01-31 for a date, and yes for true, unless they are quoted.
    const body = stringify(document, { lineWidth: 120, aliasDuplicateObjects: false, compat: 'yaml-1.1' })
    return {
      table,
      dataset,
      text: `${head(table, notes)}${body}`.toWellFormed(),
      runnable,
      guessed: [...this.#guesses.keys()],
      notes,
    }
  }

  #nameOf(column: string): string {
    return this.#names.columns.get(column) ?? column
  }

  /** Foreign keys: of one column, of several, and those that lead to a table without a contract. */
  #references(targets: ReadonlyMap<string, KnownTable>): {
    readonly single: ReadonlyMap<string, readonly string[]>
    readonly composite: readonly object[]
    readonly kept: readonly object[]
  } {
    const single = new Map<string, readonly string[]>()
    const composite: object[] = []
    const kept: object[] = []
    for (const key of this.#table.foreignKeys) {
      const [from, to] = this.#sides(key, targets) ?? []
      const [column, ...others] = key.columns
      if (from === undefined || to === undefined || column === undefined)
        kept.push({ columns: key.columns, to: tableText(key.to), toColumns: key.toColumns })
      else if (others.length === 0) {
        const before = single.get(column) ?? []
        single.set(column, [...new Set([...before, ...to])])
      } else composite.push({ type: 'foreignKey', from, to })
    }
    return { single, composite, kept }
  }

  /** Both sides as the standard writes them; undefined if the other table is not known, or a name cannot stand in a reference. */
  #sides(
    key: ImportedForeignKey,
    targets: ReadonlyMap<string, KnownTable>,
  ): readonly [readonly string[], readonly string[]] | undefined {
    const target = targets.get(tableKey(key.to))
    const toNames = key.toColumns.map((column) => target?.columns.get(column))
    const fromNames = key.columns.map((column) => this.#names.columns.get(column))
    const all = [...fromNames, ...toNames]
    if (!target || !isReferable(target.dataset) || key.columns.length !== key.toColumns.length)
      return undefined
    if (!all.every((name) => name !== undefined && isReferable(name))) return undefined
    if (new Set(fromNames).size < fromNames.length || new Set(toNames).size < toNames.length) return undefined
    return [
      fromNames.map((name) => `${this.#names.dataset}.${name}`),
      toNames.map((name) => `${target.dataset}.${name}`),
    ]
  }

  #roles(): readonly object[] {
    const column = this.#tenantColumn ?? '_tenant'
    const filter = [{ column, operator: '=', principal: 'tenant' }]
    const role = (name: string, description: string, rowFilter: unknown) => ({
      role: name,
      access: 'read',
      description,
      customProperties: [{ property: 'rowFilter', value: rowFilter }],
    })
    return [
      role('analyst', 'Reads the rows of the own tenant.', filter),
      role('data_engineer', 'Keeps the data running; reads every row.', 'all'),
      role('compliance', 'Answers for the use of personal data; reads every row.', 'all'),
    ]
  }
}

/** The comment at the top. Names are untrusted: nothing in them may end the comment. */
function head(table: ImportedTable, notes: readonly string[]): string {
  const lines = [
    `Drafted from ${table.from}. What is marked "guessed" was concluded from names and samples: confirm or correct it.`,
    ...notes,
  ]
  return lines.map((line) => `# ${cut(oneLine(line))}\n`).join('')
}
