/**
 * Source = destination, per tenant: counts and a checksum over all rows first; where they differ, row by row.
 *
 * A row that is missing or stale in ClickHouse is *explained* if the source row breaks its contract right now (it is in
 * quarantine then); any other difference is a fault. The checksum is the sum of 60 bits of each row's MD5: it does not depend
 * on the order of rows, and a doubled row changes it.
 */
import { quoteIdentifier, quoteLiteral } from '#contracts/compile/clickhouse-ddl.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { createConvert } from '#transforms/convert.ts'
import { createEnforce } from '#transforms/enforce.ts'
import type { RawRow, RawValue } from '#transforms/record.ts'
import { keyText, quotePostgres, sourceRowText, targetRowText } from './expressions.ts'

/** Asks one side; rows with text values. */
export type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** What the comparison of one dataset found. */
export type DatasetComparison = {
  readonly dataset: string
  readonly tenants: number
  readonly sourceRows: number
  readonly storedRows: number
  /** Source rows that break the contract now, and therefore are not stored as they are. */
  readonly explained: number
  /** Differences that nothing explains: must be 0. */
  readonly unexplained: number
  /** Tenants that have unexplained differences. */
  readonly badTenants: readonly string[]
}

type Totals = { readonly count: number; readonly sum: string }

/** Longest list of differing rows that is looked at, per tenant. */
const MOST_ROWS = 2_000_000

/** Compares one dataset. `database` is that of the datasets in ClickHouse; the session of the source has run SESSION_STATEMENT. */
export async function compareDataset(
  dataset: CompiledDataset,
  source: Ask,
  target: Ask,
  database: string,
): Promise<DatasetComparison> {
  const [left, right] = await Promise.all([
    sourceTotals(dataset, source),
    targetTotals(dataset, target, database),
  ])
  const tenants = new Set([...left.keys(), ...right.keys()])
  let explained = 0
  let unexplained = 0
  const badTenants: string[] = []
  for (const tenant of tenants) {
    const [a, b] = [left.get(tenant), right.get(tenant)]
    if (a && b && a.count === b.count && a.sum === b.sum) continue
    const found = await compareTenant(dataset, source, target, database, tenant)
    explained += found.explained
    unexplained += found.unexplained
    if (found.unexplained > 0) badTenants.push(tenant)
  }
  const total = (side: ReadonlyMap<string, Totals>) =>
    [...side.values()].reduce((sum, { count }) => sum + count, 0)
  return {
    dataset: dataset.name,
    tenants: tenants.size,
    sourceRows: total(left),
    storedRows: total(right),
    explained,
    unexplained,
    badTenants,
  }
}

function tenantExpression(dataset: CompiledDataset): string {
  return dataset.tenant.kind === 'constant'
    ? `'${dataset.tenant.value.replaceAll("'", "''")}'::text`
    : `format('%s', ${quotePostgres(dataset.tenant.source)})`
}

function sourceTable(dataset: CompiledDataset): string {
  return `${quotePostgres(dataset.source.schema)}.${quotePostgres(dataset.source.table)}`
}

async function sourceTotals(dataset: CompiledDataset, source: Ask): Promise<ReadonlyMap<string, Totals>> {
  const rows = await source(/*sql*/ `
    select tenant, count(*)::text as count, sum(('x' || left(hash, 15))::bit(60)::bigint)::text as sum
    from (select ${tenantExpression(dataset)} as tenant, md5(${sourceRowText(dataset)}) as hash from ${sourceTable(dataset)}) as hashed
    group by tenant`)
  return totals(rows)
}

async function targetTotals(
  dataset: CompiledDataset,
  target: Ask,
  database: string,
): Promise<ReadonlyMap<string, Totals>> {
  const rows = await target(/*sql*/ `
    SELECT tenant, toString(count()) AS count, toString(sum(toUInt128(bits))) AS sum
    FROM (
      SELECT toString(${quoteIdentifier(dataset.tenantColumn)}) AS tenant,
             reinterpretAsUInt64(reverse(unhex(concat('0', left(lower(hex(MD5(${targetRowText(dataset)}))), 15))))) AS bits
      FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)} FINAL)
    GROUP BY tenant`)
  return totals(rows)
}

function totals(rows: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, Totals> {
  return new Map(
    rows.map((row) => [
      String(row['tenant']),
      { count: Number(row['count']), sum: String(row['sum'] ?? '0') },
    ]),
  )
}

async function compareTenant(
  dataset: CompiledDataset,
  source: Ask,
  target: Ask,
  database: string,
  tenant: string,
): Promise<{ readonly explained: number; readonly unexplained: number }> {
  const key = keyText(dataset)
  const columns = dataset.columns.map((column, index) => `${rawText(column)} as "#${index}"`)
  const literal = `'${tenant.replaceAll("'", "''")}'`
  const [left, right] = await Promise.all([
    source(/*sql*/ `
      select ${key.source} as "#key", md5(${sourceRowText(dataset)}) as "#hash", ${columns.join(', ')}
      from ${sourceTable(dataset)} where ${tenantExpression(dataset)} = ${literal} limit ${MOST_ROWS}`),
    target(/*sql*/ `
      SELECT ${key.target} AS key, lower(hex(MD5(${targetRowText(dataset)}))) AS hash
      FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)} FINAL
      WHERE toString(${quoteIdentifier(dataset.tenantColumn)}) = ${quoteLiteral(tenant)} LIMIT ${MOST_ROWS}`),
  ])
  const breaks = contractBreaker(dataset)
  const { unmatched, surplus } = matchRows(left, right)
  const explained = unmatched.filter(breaks).length
  // What is left is stored and has no source row: a delete that did not arrive, or a row of somebody else's.
  return { explained, unexplained: unmatched.length - explained + surplus }
}

type Row = Readonly<Record<string, unknown>>

/**
 * Source rows without an equal stored row, and the number of stored rows that belong to no source row. Several rows may have
 * one key here, because protected key columns cannot be compared: a source row takes the equal one, else any of its key.
 */
export function matchRows(
  left: readonly Row[],
  right: readonly Row[],
): { readonly unmatched: readonly Row[]; readonly surplus: number } {
  const stored = new Map<string, string[]>()
  for (const row of right) {
    const hashes = stored.get(String(row['key']))
    if (hashes) hashes.push(String(row['hash']))
    else stored.set(String(row['key']), [String(row['hash'])])
  }
  const take = (row: Row, index: (hashes: readonly string[]) => number): boolean => {
    const hashes = stored.get(String(row['#key'])) ?? []
    const at = index(hashes)
    if (at >= 0) hashes.splice(at, 1)
    return at >= 0
  }
  const unmatched = left.filter((row) => !take(row, (hashes) => hashes.indexOf(String(row['#hash']))))
  // A stale row stands for the source row of its key: the two are one difference.
  for (const row of unmatched) take(row, (hashes) => hashes.length - 1)
  let surplus = 0
  for (const hashes of stored.values()) surplus += hashes.length
  return { unmatched, surplus }
}

/** Postgres text of a column in the form in which the transforms see it, so that the contract's own rules can judge it. */
function rawText(column: CompiledDataset['columns'][number]): string {
  const name = quotePostgres(column.source)
  return `case when ${name} is not distinct from null then null else ${presentText(column, name)} end`
}

function presentText({ kind, sourceType }: CompiledDataset['columns'][number], name: string): string {
  const type = typeName(sourceType).name
  if (kind === 'array') return `array_to_json(${name})::text`
  if (kind === 'decimal') return `${name}::numeric::text`
  if (type === 'bytea') return `translate(encode(${name}, 'base64'), E'\\n', '')`
  if (kind !== 'timestamp' && kind !== 'date') return `format('%s', ${name})`
  const value = type === 'timestamp with time zone' ? `(${name} at time zone 'UTC')` : name
  const time = kind === 'date' ? '' : '"T"HH24:MI:SS.US"Z"'
  // Years before Christ are counted from 0, as in ISO 8601.
  const before = `'-' || lpad((-extract(year from ${value}) - 1)::int::text, 4, '0') || to_char(${value}, '-MM-DD${time}')`
  const far = `'+' || to_char(${value}, 'FMYYYY-MM-DD${time}')`
  return `case when not isfinite(${name}) then ${name}::text when extract(year from ${value}) < 1 then ${before}
    when extract(year from ${value}) > 9999 then ${far} else to_char(${value}, 'YYYY-MM-DD${time}') end`
}

/** Does a source row break its contract? By the very rules and conversions that the worker runs. */
function contractBreaker(dataset: CompiledDataset): (row: Readonly<Record<string, unknown>>) => boolean {
  const enforce = createEnforce(dataset, () => false)
  const converts = dataset.columns.map((column) => ({ column, convert: createConvert(column) }))
  return (row) => {
    const image: Record<string, RawValue> = {}
    for (const [index, { column }] of converts.entries())
      image[column.source] = rawValue(row[`#${index}`], column.kind)
    if (enforce(image as RawRow).length > 0) return true
    return converts.some(
      ({ column, convert }) => !column.pii && !isMomentArray(column) && !convert(image[column.source]).ok,
    )
  }
}

/** Arrays of timestamps are printed here in the session's time zone, not as capture sends them: they are not judged. */
function isMomentArray(column: CompiledDataset['columns'][number]): boolean {
  return column.kind === 'array' && /^timestamp/i.test(column.sourceType)
}

/** Whole numbers that a double cannot hold stay text, as in what capture sends. */
function exactly(_name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' &&
    source !== undefined &&
    /^-?\d{16,}$/.test(source) &&
    !Number.isSafeInteger(value)
    ? source
    : value
}

function rawValue(text: unknown, kind: CompiledDataset['columns'][number]['kind']): RawValue {
  if (text === null || text === undefined) return null
  const value = String(text)
  if (kind === 'integer' || kind === 'float') return Number(value)
  if (kind === 'boolean') return value === 't' || value === 'true'
  return kind === 'array' ? (JSON.parse(value, exactly) as RawValue) : value
}
