/**
 * Dataset -> ClickHouse DDL. One ReplacingMergeTree per dataset version, sorted by (tenant, key) so that a row filter on the
 * tenant reads only its own granules; `_version` decides which row of a key is the last, `_deleted` marks tombstones.
 */
import { clampedColumns } from './clamped-column.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from './compiled-dataset.ts'

/** Quotes an identifier for ClickHouse. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

/**
 * Quotes a string literal for ClickHouse. Control characters are written as escapes: row filters also travel in XML, which
 * has no place for most of them and turns a carriage return into a line break.
 */
export function quoteLiteral(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
    .replaceAll(/[\u0000-\u001f\u007f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `'${escaped}'`
}

/** One column of a table. */
export type TableColumn = { readonly name: string; readonly type: string; readonly comment: string }

/** Columns of the dataset's table in order: those of the contract, those that tell clamped values, then the internal ones. */
export function tableColumns(dataset: CompiledDataset): readonly TableColumn[] {
  const own = [...dataset.columns, ...clampedColumns(dataset.columns)].flatMap((column) =>
    column.target === null
      ? []
      : [{ name: column.target, type: column.targetType, comment: column.description }],
  )
  const tenant =
    dataset.tenant.kind === 'constant'
      ? [
          {
            name: INTERNAL_COLUMNS.tenant,
            type: 'LowCardinality(String)',
            comment: 'Tenant of the row (constant of the contract).',
          },
        ]
      : []
  return [
    ...own,
    ...tenant,
    {
      name: INTERNAL_COLUMNS.version,
      type: 'UInt128',
      comment: 'Row version: epoch, LSN of the commit before, order in the transaction.',
    },
    { name: INTERNAL_COLUMNS.deleted, type: 'UInt8', comment: '1 marks a deleted row.' },
    { name: INTERNAL_COLUMNS.committedAt, type: "DateTime64(3, 'UTC')", comment: 'Commit time in Postgres.' },
    {
      name: INTERNAL_COLUMNS.loadedAt,
      type: "DateTime64(3, 'UTC') DEFAULT now64(3)",
      comment: 'When the row was loaded.',
    },
  ]
}

/** Sort key: the tenant, then the key columns as they are stored. */
export function sortKey(dataset: CompiledDataset): readonly string[] {
  const key = dataset.key.map(
    (source) => dataset.columns.find((column) => column.source === source)?.target ?? source,
  )
  return [dataset.tenantColumn, ...key.filter((column) => column !== dataset.tenantColumn)]
}

/** `CREATE TABLE IF NOT EXISTS` of the dataset's table. */
export function createTableStatement(dataset: CompiledDataset, database: string): string {
  const columns = tableColumns(dataset).map(
    (column) =>
      `  ${quoteIdentifier(column.name)} ${column.type}${column.comment === '' ? '' : ` COMMENT ${quoteLiteral(column.comment)}`}`,
  )
  return /*sql*/ `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)} (
${columns.join(',\n')}
)
ENGINE = ReplacingMergeTree(${INTERNAL_COLUMNS.version}, ${INTERNAL_COLUMNS.deleted})
ORDER BY (${sortKey(dataset).map(quoteIdentifier).join(', ')})
SETTINGS non_replicated_deduplication_window = 1000
COMMENT ${quoteLiteral(`${dataset.contractId} ${dataset.contractVersion}`)}`
}
