/**
 * Contracts -> DDL for Postgres: the tables that they describe, for a test database, a prototype, or to read a contract as SQL.
 *
 * Written from the document, not from the compiled form, so that contracts that the pipeline does not run (no tenant, no key) have one too.
 * Contracts are untrusted: names and texts are quoted, types are rebuilt from their parts, and of expressions only those are taken over that are
 * known to be harmless (constants, the clock, random identifiers). Rules in words and quality rules become no constraints.
 */
import { type Contract, type ContractObject, type ContractProperty, customValue } from '../model/contract.ts'
import { quoteName, quoteText } from '../postgres-quotes.ts'
import { PGVECTOR_COMMENT } from './pgvector-type.ts'
import { checkLines } from './postgres-checks.ts'
import { type CreateType, nameParts, postgresType } from './postgres-type.ts'

/** Defaults that may be written as they are. */
const HARMLESS = new RegExp(
  `^(?:${[
    '-?\\d+(?:\\.\\d+)?',
    'true|false|now\\(\\)|clock_timestamp\\(\\)|gen_random_uuid\\(\\)|uuidv7\\(\\)|CURRENT_(?:DATE|TIMESTAMP|TIME|USER)',
    // A constant and its type: 'new'::shop.order_status
    `'(?:[^'\\\\]|'')*'(?:::(?:[a-z][a-z_0-9]*|"(?:[^"]|"")+")(?:[ .](?:[a-z][a-z_0-9]*|"(?:[^"]|"")+"))*(?:\\(\\d+(?:,\\d+)?\\))?(?:\\[\\])?)?`,
  ].join('|')})$`,
)

/** The statements, in an order in which they can be run. */
export function postgresStatements(contracts: readonly Contract[]): readonly string[] {
  const tables = contracts.flatMap(({ schema }) => schema.map((object) => new PostgresTable(object)))
  const types = new Map<string, CreateType>()
  for (const table of tables)
    for (const type of table.types()) if (!types.has(type.name)) types.set(type.name, type)
  const schemas = new Set([
    ...tables.map(({ schema }) => schema),
    ...[...types.values()].flatMap(({ schema }) => schema ?? []),
  ])
  schemas.delete('public')
  const [first, ...rest] = [
    ...[...schemas].map((schema) => `create schema if not exists ${quoteName(schema)}`),
    ...[...types.values()].map(({ statement }) => statement),
    ...tables.flatMap((table) => table.statements()),
    ...tables.flatMap((table) => table.foreignKeys(tables)),
  ]
  if (first === undefined) return []
  return [tables.some((table) => table.usesPgvector()) ? `${PGVECTOR_COMMENT}\n${first}` : first, ...rest]
}

/** The statements as one script. */
export function postgresScript(contracts: readonly Contract[]): string {
  return postgresStatements(contracts)
    .map((statement) => `${statement};\n`)
    .join('\n')
}

/** A table of a contract. */
class PostgresTable {
  readonly schema: string
  readonly #object: ContractObject
  readonly #name: string

  constructor(object: ContractObject) {
    const parts = nameParts(object.physicalName ?? object.name)
    this.schema = parts.length > 1 ? (parts[0] ?? 'public') : 'public'
    this.#name = `${quoteName(this.schema)}.${quoteName(parts.at(-1) ?? object.name)}`
    this.#object = object
  }

  types(): readonly CreateType[] {
    return this.#object.properties.flatMap((property) => postgresType(property).creates)
  }

  usesPgvector(): boolean {
    return this.#object.properties.some((property) => postgresType(property).usesPgvector)
  }

  statements(): readonly string[] {
    const { properties, description } = this.#object
    const partitioned = ordered(properties, 'partitioned', 'partitionKeyPosition')
    const strategy = customValue(this.#object, 'partitionStrategy')
    const isPartitioned = partitioned.length > 0 && ['range', 'list', 'hash'].includes(String(strategy))
    const lines = [...properties.map(columnLine), ...this.#keyLines(), ...properties.flatMap(checkLines)]
    const by = isPartitioned
      ? ` partition by ${String(strategy)} (${partitioned.map(columnName).join(', ')})`
      : ''
    const rest = strategy === 'hash' ? 'for values with (modulus 1, remainder 0)' : 'default'
    return [
      `create table ${this.#name} (\n  ${lines.join(',\n  ')}\n)${by}`,
      ...(isPartitioned ? [`create table ${this.#partitionName()} partition of ${this.#name} ${rest}`] : []),
      ...(description === undefined ? [] : [`comment on table ${this.#name} is ${quoteText(description)}`]),
      ...properties.flatMap((property) =>
        property.description === undefined
          ? []
          : [`comment on column ${this.#name}.${columnName(property)} is ${quoteText(property.description)}`],
      ),
    ]
  }

  /** References to tables that are here, and to columns that are a key there: Postgres has no others. */
  foreignKeys(tables: readonly PostgresTable[]): readonly string[] {
    const { name, properties, relationships } = this.#object
    const all = [
      ...relationships.map(({ from, to }) => ({ from, to })),
      ...properties.flatMap((property) =>
        property.relationships.map(({ to }) => ({ from: [`${name}.${property.name}`], to })),
      ),
    ]
    return all.flatMap(({ from, to }) => {
      const target = tables.find((table) => to.every((reference) => table.#owns(reference)))
      const own = from.map((reference) => this.#column(reference))
      if (!target) return []
      const others = to.map((reference) => target.#column(reference))
      if (!own.every((one) => one !== undefined) || !others.every((one) => one !== undefined)) return []
      if (!target.#isKey(others)) return []
      const list = (columns: readonly ContractProperty[]) => columns.map(columnName).join(', ')
      return [
        `alter table ${this.#name} add foreign key (${list(own)}) references ${target.#name} (${list(others)})`,
      ]
    })
  }

  #owns(reference: string): boolean {
    return reference.slice(0, reference.indexOf('.')) === this.#object.name
  }

  #column(reference: string): ContractProperty | undefined {
    const name = reference.slice(reference.indexOf('.') + 1)
    return this.#object.properties.find((property) => property.name === name)
  }

  #isKey(columns: readonly ContractProperty[]): boolean {
    const wanted = columns.map(({ name }) => name).sort()
    const same = (names: readonly string[]) => JSON.stringify([...names].sort()) === JSON.stringify(wanted)
    const key = this.#object.properties.filter(({ primaryKey }) => primaryKey).map(({ name }) => name)
    return (
      same(key) || columns.every((one) => columns.length === 1 && one.unique) || this.#uniqueSets().some(same)
    )
  }

  #uniqueSets(): readonly (readonly string[])[] {
    return this.#object.quality.flatMap((rule) => {
      const names = rule.arguments?.['properties']
      const isUnique = rule.metric === 'duplicateValues' && rule.operators['mustBe'] === 0
      return isUnique && Array.isArray(names)
        ? [names.filter((one): one is string => typeof one === 'string')]
        : []
    })
  }

  #keyLines(): readonly string[] {
    const key = ordered(this.#object.properties, 'primaryKey', 'primaryKeyPosition').map(columnName)
    // A key that was taken from a unique index stays one.
    const index = /^the unique index (.+)$/s.exec(String(customValue(this.#object, 'keyFrom') ?? ''))?.[1]
    const kind = index === undefined ? 'primary key' : `constraint ${quoteName(index)} unique`
    const sets = this.#uniqueSets().map((names) =>
      names.flatMap((name) => this.#object.properties.filter((one) => one.name === name).map(columnName)),
    )
    return [
      ...(key.length === 0 ? [] : [`${kind} (${key.join(', ')})`]),
      ...sets.filter((columns) => columns.length > 0).map((columns) => `unique (${columns.join(', ')})`),
    ]
  }

  #partitionName(): string {
    const parts = nameParts(this.#object.physicalName ?? this.#object.name)
    return `${quoteName(this.schema)}.${quoteName(`${(parts.at(-1) ?? '').slice(0, 40)}_rest`)}`
  }
}

function ordered(
  properties: readonly ContractProperty[],
  flag: 'primaryKey' | 'partitioned',
  position: 'primaryKeyPosition' | 'partitionKeyPosition',
): readonly ContractProperty[] {
  return properties.filter((property) => property[flag]).toSorted((a, b) => a[position] - b[position])
}

function columnName(property: ContractProperty): string {
  return quoteName(property.physicalName ?? property.name)
}

function columnLine(property: ContractProperty): string {
  const { sql } = postgresType(property)
  const identity = customValue(property, 'identity')
  const given = customValue(property, 'default')
  const type =
    identity === 'serial'
      ? sql.replace('smallint', 'smallserial').replace('integer', 'serial').replace('bigint', 'bigserial')
      : sql
  return [
    columnName(property),
    type,
    ...(identity === 'always' || identity === 'by default' ? [`generated ${identity} as identity`] : []),
    ...(typeof given === 'string' && HARMLESS.test(given) ? [`default ${given}`] : []),
    ...(property.required ? ['not null'] : []),
    ...(property.unique && !property.primaryKey ? ['unique'] : []),
  ].join(' ')
}
