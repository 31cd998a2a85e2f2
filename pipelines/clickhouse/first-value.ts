/** The query behind {@link RowSink.firstValue}: since which version a column has values. */
import { quoteIdentifier, quoteLiteral, tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'

/**
 * One row `[version]`, or none. With `below` the first value that is found will do, which is quick where there are many; without, it is that of the
 * lowest version. NULL is no value, nor is what the engine gives rows that are older than the column.
 */
export function firstValueStatement(
  dataset: CompiledDataset,
  database: string,
  source: string,
  below: string | null,
): string {
  const target = dataset.columns.find((column) => column.source === source)?.target ?? source
  const type = tableColumns(dataset).find(({ name }) => name === target)?.type ?? ''
  const column = quoteIdentifier(target)
  const version = quoteIdentifier(INTERNAL_COLUMNS.version)
  const isValue = /^(?:LowCardinality\()?Nullable\(/.test(type)
    ? `${column} IS NOT NULL`
    : `${column} != defaultValueOfTypeName(${quoteLiteral(type)})`
  const from = /*sql*/ `FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)} WHERE ${isValue}`
  return below === null
    ? /*sql*/ `SELECT toString(min(${version})) ${from} HAVING count() > 0 FORMAT JSONCompactEachRow`
    : /*sql*/ `SELECT toString(${version}) ${from} AND ${version} < toUInt128(${quoteLiteral(below)}) LIMIT 1 FORMAT JSONCompactEachRow`
}
