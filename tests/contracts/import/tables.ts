/** Tables of the common form, for tests. */
import type { ImportedColumn, ImportedTable } from '#contracts/import/imported-table.ts'

/** A column; text unless said otherwise. */
export const column = (
  name: string,
  physicalType = 'text',
  more: Partial<ImportedColumn> = {},
): ImportedColumn => ({ name, physicalType, logicalType: 'string', required: false, ...more })

/** A column of the key. */
export const key = (name: string, physicalType = 'bigint', position = 1): ImportedColumn =>
  column(name, physicalType, { logicalType: 'integer', required: true, keyPosition: position })

/** A table, `public.things` unless said otherwise. */
export const table = (
  columns: readonly ImportedColumn[],
  more: Partial<ImportedTable> = {},
): ImportedTable => ({
  schema: 'public',
  name: 'things',
  from: 'the catalog of Postgres',
  physicalType: 'table',
  columns,
  foreignKeys: [],
  uniqueKeys: [],
  rules: [],
  custom: {},
  notes: [],
  ...more,
})
