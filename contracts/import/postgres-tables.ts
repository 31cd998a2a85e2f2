/**
 * The catalog of Postgres -> tables of the common form.
 *
 * What the log does not carry is left out and said: generated columns, views, foreign and unlogged tables. Partitions are left out without
 * a word, because their parent stands for them. A table without a primary key goes by a unique index over NOT NULL columns: the one of
 * its replica identity, else the one with the fewest columns.
 */
import { type ColumnRules, checkRules } from './check-rules.ts'
import type {
  Imported,
  ImportedColumn,
  ImportedTable,
  ImportedValue,
  RefusedTable,
} from './imported-table.ts'
import type {
  Catalog,
  CatalogColumn,
  CatalogConstraint,
  CatalogIndex,
  CatalogTable,
} from './postgres-catalog.ts'
import { createTypeResolver, type ResolvedType } from './postgres-type.ts'

/** Makes tables. `named`: they were asked for by name, so that a partition is refused and not passed over. */
export function postgresTables(catalog: Catalog, named: boolean): Imported {
  const resolve = createTypeResolver(catalog.types)
  const tables: ImportedTable[] = []
  const refused: RefusedTable[] = []
  const of = <T extends { readonly table: string }>(items: readonly T[]) =>
    Map.groupBy(items, ({ table }) => table)
  const columns = of(catalog.columns)
  const constraints = of(catalog.constraints)
  const indexes = of(catalog.indexes)
  for (const table of catalog.tables) {
    const { schema, name, oid } = table
    const reason = refusal(table)
    if (reason === undefined) {
      const parts = {
        columns: columns.get(oid) ?? [],
        constraints: constraints.get(oid) ?? [],
        indexes: indexes.get(oid) ?? [],
      }
      tables.push(tableOf(table, parts, resolve))
    } else if (named || !table.isPartition) refused.push({ schema, name, reason })
  }
  return { tables, refused }
}

function refusal(table: CatalogTable): string | undefined {
  if (table.isPartition) return 'it is a partition; its parent stands for it'
  if (table.kind === 'v') return 'it is a view: changes are captured from the tables behind it'
  if (table.kind === 'm') return 'it is a materialized view: changes are captured from the tables behind it'
  if (table.kind === 'f') return 'it is a foreign table: its changes are in the log of another server'
  return table.unlogged ? 'it is unlogged: its changes are in no log' : undefined
}

type Parts = {
  readonly columns: readonly CatalogColumn[]
  readonly constraints: readonly CatalogConstraint[]
  readonly indexes: readonly CatalogIndex[]
}
type Resolve = (oid: string, text: string) => ResolvedType

function tableOf(table: CatalogTable, parts: Parts, resolve: Resolve): ImportedTable {
  const carried = parts.columns.filter(({ generated }) => generated === '')
  const nameOf = new Map(carried.map((column) => [column.number, column.name]))
  const namesOf = (numbers: readonly number[]) => numbers.flatMap((number) => nameOf.get(number) ?? [])
  const resolved = new Map(carried.map((column) => [column.number, resolve(column.typeOid, column.type)]))
  const key = keyOf(parts, carried)
  const unique = parts.indexes.filter((index) => index !== key && index.plain && carries(index, nameOf))
  const checks = parts.constraints.filter(({ kind, holds }) => kind === 'c' && holds)
  const named = checkRules(
    checks.map(({ text }) => text),
    new Map(
      carried.map((column) => [column.name, resolved.get(column.number)?.checked ?? { comparison: 'other' }]),
    ),
  )
  // Words of checks: with the column if they are about one, else with the table.
  const words = [
    ...named.rest.map(({ text, of }) => ({ text: `Check: ${text}`, columns: checks[of]?.columns ?? [] })),
    ...parts.constraints
      .filter(({ kind, holds }) => kind === 'c' && !holds)
      .map(({ text, columns }) => ({ text: `Check (older rows may break it): ${text}`, columns })),
    ...parts.constraints
      .filter(({ kind }) => kind === 'x')
      .map(({ text, columns }) => ({ text: `Exclusion: ${text}`, columns })),
    ...parts.indexes
      .filter((index) => !index.plain)
      .map(({ text }) => ({ text: `Unique: ${text}`, columns: [] })),
  ]
  const notYet = new Set(
    parts.constraints.filter(({ kind, holds }) => kind === 'n' && !holds).flatMap(({ columns }) => columns),
  )
  const partitions = table.partitionColumns.filter((number) => number > 0)
  const columns = carried.map((column): ImportedColumn => {
    const position = key?.columns.indexOf(column.number) ?? -1
    const partition = partitions.indexOf(column.number)
    const own = words.filter(({ columns: numbers }) => numbers.length === 1 && numbers[0] === column.number)
    return columnOf(column, resolved.get(column.number) as ResolvedType, {
      ...(position < 0 ? {} : { keyPosition: position + 1 }),
      ...(partition < 0 ? {} : { partitionPosition: partition + 1 }),
      unique: unique.some((index) => index.columns.length === 1 && index.columns[0] === column.number),
      nullable: notYet.has(column.number),
      checks: named.columns.get(column.name),
      words: own.map(({ text }) => text),
    })
  })
  const generated = parts.columns.filter((column) => column.generated !== '')
  return {
    schema: table.schema,
    name: table.name,
    from: 'the catalog of Postgres',
    physicalType: 'table',
    ...(table.comment === null ? {} : { comment: table.comment }),
    columns,
    foreignKeys: parts.constraints.flatMap((constraint) => foreignKey(constraint, nameOf)),
    uniqueKeys: unique.filter((index) => index.columns.length > 1).map((index) => namesOf(index.columns)),
    rules: words.filter(({ columns: numbers }) => numbers.length !== 1).map(({ text }) => text),
    custom: table.partitionStrategy === null ? {} : { partitionStrategy: table.partitionStrategy },
    ...(key && !key.primary ? { keyFrom: `the unique index ${key.name}` } : {}),
    notes: [
      ...generated.map(
        ({ name }) =>
          `Left out: the column ${name}, which is generated; logical replication does not carry it.`,
      ),
      ...(partitions.length < table.partitionColumns.length
        ? [`Left out: the expressions in its partition key, ${table.partitionKey}.`]
        : []),
      ...(table.rowSecurity
        ? ['Row-level security is on in Postgres; the roles below do not repeat its policies.']
        : []),
    ],
  }
}

/** Every column is one that the log carries. */
function carries(index: CatalogIndex, nameOf: ReadonlyMap<number, string>): boolean {
  return index.columns.length > 0 && index.columns.every((number) => nameOf.has(number))
}

function keyOf(parts: Parts, carried: readonly CatalogColumn[]): CatalogIndex | undefined {
  const notNull = new Map(
    carried.filter((column) => column.notNull).map(({ number, name }) => [number, name]),
  )
  const fitting = parts.indexes.filter(
    (index) => (index.primary || (index.plain && index.immediate)) && carries(index, notNull),
  )
  const order = (index: CatalogIndex): number =>
    index.primary ? 0 : index.identity ? 1 : 1 + index.columns.length
  return fitting.toSorted((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1))[0]
}

type ColumnParts = {
  readonly keyPosition?: number
  readonly partitionPosition?: number
  readonly unique: boolean
  readonly nullable: boolean
  readonly checks: ColumnRules | undefined
  readonly words: readonly string[]
}

function columnOf(column: CatalogColumn, resolved: ResolvedType, parts: ColumnParts): ImportedColumn {
  const { keyPosition, partitionPosition, unique, nullable, checks, words } = parts
  const domain = checkRules(resolved.checks, new Map([['VALUE', resolved.checked]]))
  const ofDomain = domain.columns.get('VALUE')
  const options = joinOptions(resolved.type.options, ofDomain?.options, checks?.options)
  const values = narrow(narrow(resolved.type.values, ofDomain?.values), checks?.values)
  const asked = checks?.values ?? ofDomain?.values ?? []
  const lost = values && asked.length > 0 && !values.some((value) => asked.includes(value))
  const rules = [
    ...domain.rest.map(({ text }) => `Check: ${text}`),
    ...words,
    ...options.words,
    ...(lost ? [`Check: only ${asked.join(', ')}, of which its type allows none`] : []),
  ]
  const custom = { ...resolved.type.custom, ...filled(column) }
  return {
    ...resolved.type,
    name: column.name,
    ...(column.comment === null ? {} : { comment: column.comment }),
    required:
      (column.notNull && !nullable) ||
      resolved.notNull ||
      ofDomain?.required === true ||
      checks?.required === true,
    ...(unique ? { unique } : {}),
    ...(keyPosition === undefined ? {} : { keyPosition }),
    ...(partitionPosition === undefined ? {} : { partitionPosition }),
    ...(Object.keys(options.options).length > 0 ? { options: options.options } : {}),
    ...(values === undefined ? {} : { values }),
    ...(rules.length > 0 ? { rules } : {}),
    ...(Object.keys(custom).length > 0 ? { custom } : {}),
  }
}

/** Where values come from if nobody gives one. */
function filled(column: CatalogColumn): Readonly<Record<string, string>> {
  if (column.identity === 'a') return { identity: 'always' }
  if (column.identity === 'd') return { identity: 'by default' }
  if (column.defaultText === null) return {}
  return /^nextval\('.*'::regclass\)$/s.test(column.defaultText)
    ? { identity: 'serial' }
    : { default: column.defaultText }
}

type Options = Readonly<Record<string, ImportedValue>>

const LEAST: ReadonlySet<string> = new Set(['minimum', 'exclusiveMinimum', 'minLength'])
const MOST: ReadonlySet<string> = new Set(['maximum', 'exclusiveMaximum', 'maxLength'])

/** Type, domain and table may each say a bound: the narrower one counts. Of two patterns the second is kept in words. */
function joinOptions(...all: readonly (Options | undefined)[]): {
  options: Options
  words: readonly string[]
} {
  const options: Record<string, ImportedValue> = {}
  const words: string[] = []
  for (const [name, value] of all.flatMap((one) => Object.entries(one ?? {}))) {
    const before = options[name]
    // Bounds of dates are texts, which order like the dates.
    if (before === undefined || before === value) options[name] = value
    else if (LEAST.has(name)) {
      if (value > before) options[name] = value
    } else if (MOST.has(name)) {
      if (value < before) options[name] = value
    } else words.push(`${name}: ${value}`)
  }
  return { options, words }
}

/** Values that both lists allow. */
function narrow(
  values: readonly ImportedValue[] | undefined,
  others: readonly ImportedValue[] | undefined,
): readonly ImportedValue[] | undefined {
  if (!values || !others) return values ?? others
  const both = values.filter((value) => others.includes(value))
  // Nothing fits both: the contract keeps the values of the type, and a person sees what was asked of them.
  return both.length > 0 ? both : values
}

function foreignKey(
  constraint: CatalogConstraint,
  nameOf: ReadonlyMap<number, string>,
): ImportedTable['foreignKeys'] {
  const { kind, toSchema, toTable, toColumns, columns } = constraint
  if (kind !== 'f' || toSchema === null || toTable === null) return []
  const names = columns.map((number) => nameOf.get(number))
  if (!names.every((name) => name !== undefined)) return []
  return [{ columns: names, to: { schema: toSchema, name: toTable }, toColumns }]
}
