/** Queries for rows by their key: the last known one (resolve-unchanged.ts), and whether a version of one is there. */
import { quoteIdentifier, quoteLiteral, tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { insertColumns } from '#transforms/to-row.ts'
import type { UnchangedLookup } from '../ports.ts'

/** Key columns in the order in which a row's key cells stand: that of the table. */
export function keyColumns(dataset: CompiledDataset): readonly string[] {
  return dataset.columns
    .filter(
      (column) =>
        column.target !== null &&
        (dataset.key.includes(column.source) ||
          (dataset.tenant.kind === 'column' && dataset.tenant.source === column.source)),
    )
    .map((column) => column.target ?? '')
}

/**
 * One row per key found: its number in `wanted` (1 is the first), then every insert column. Without FINAL, because a row that has just got
 * another key is a tombstone already, but its parts still hold the values; and not above the version asked for, so that a
 * replay finds what the first try found.
 */
export function lookupStatement(
  dataset: CompiledDataset,
  database: string,
  wanted: readonly UnchangedLookup[],
): string {
  const types = new Map(tableColumns(dataset).map((column) => [column.name, column.type]))
  const keys = keyColumns(dataset)
  const tupleType = `Tuple(${keys.map((key) => plainType(types.get(key) ?? 'String')).join(', ')})`
  const keyTuple = `tuple(${keys.map(quoteIdentifier).join(', ')})`
  const tuples = wanted.map(({ key }) => `tuple(${key.map(literalOf).join(', ')})`)
  const versions = wanted.map(({ version }) => quoteLiteral(version))
  const version = quoteIdentifier(INTERNAL_COLUMNS.version)
  return /*sql*/ `WITH CAST([${tuples.join(', ')}], 'Array(${tupleType})') AS keys,
  CAST([${versions.join(', ')}], 'Array(UInt128)') AS versions
SELECT indexOf(keys, ${keyTuple}) AS number, ${insertColumns(dataset).map(quoteIdentifier).join(', ')}
FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}
WHERE ${keyTuple} IN (SELECT arrayJoin(keys)) AND ${quoteIdentifier(INTERNAL_COLUMNS.deleted)} = 0
  AND ${version} <= versions[indexOf(keys, ${keyTuple})]
ORDER BY number, ${version} DESC
LIMIT 1 BY number
FORMAT JSONCompactEachRow`
}

/**
 * One row if the table holds this version of a key, or a later one, live or deleted; none else. A merge, and the insert itself, keep the last
 * version of a key only.
 */
export function holdsStatement(
  dataset: CompiledDataset,
  database: string,
  { key, version }: UnchangedLookup,
): string {
  const types = new Map(tableColumns(dataset).map((column) => [column.name, column.type]))
  const conditions = keyColumns(dataset).map((column, index) => {
    const type = plainType(types.get(column) ?? 'String')
    return `${quoteIdentifier(column)} = CAST(${literalOf(key[index] ?? '')}, ${quoteLiteral(type)})`
  })
  conditions.push(`${quoteIdentifier(INTERNAL_COLUMNS.version)} >= toUInt128(${quoteLiteral(version)})`)
  return /*sql*/ `SELECT 1 FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}
WHERE ${conditions.join(' AND ')} LIMIT 1
FORMAT JSONCompactEachRow`
}

function plainType(type: string): string {
  return type.replace(/^LowCardinality\((.*)\)$/, '$1')
}

/** A key cell (JSON text) as a literal: everything as text, the cast above gives it its type. */
function literalOf(cell: string): string {
  return quoteLiteral(cell.startsWith('"') ? String(JSON.parse(cell)) : cell)
}
