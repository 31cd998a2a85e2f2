/**
 * Reads what a contract needs to know of a table from Postgres' catalogs. The connection is a port, so that contracts stay
 * free of any driver.
 */

/** Runs one statement with parameters and returns its rows. */
export type CatalogQuery = (
  sql: string,
  parameters: readonly unknown[],
) => Promise<readonly Record<string, unknown>[]>

/** A column of the catalog. */
export type CatalogColumn = {
  readonly name: string
  /** As `format_type` prints it: `numeric(12,2)`, `text[]`, … */
  readonly type: string
  readonly required: boolean
  readonly comment: string | null
  /** Position in the primary key, from 1; null outside. */
  readonly keyPosition: number | null
  /** Labels, if the type is an enum. */
  readonly enumLabels: readonly string[] | null
}

/** A table of the catalog. */
export type CatalogTable = {
  readonly schema: string
  readonly table: string
  readonly comment: string | null
  readonly columns: readonly CatalogColumn[]
  readonly foreignKeys: readonly {
    readonly column: string
    readonly table: string
    readonly toColumn: string
  }[]
}

const TABLES = /*sql*/ `
  select c.oid::int8::text as oid, n.nspname as schema, c.relname as name, obj_description(c.oid, 'pg_class') as comment
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema', 'mogo') and n.nspname !~ '^pg_'
    and ($1::text[] is null or n.nspname || '.' || c.relname = any ($1))
  order by n.nspname, c.relname`

const COLUMNS = /*sql*/ `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
         col_description(a.attrelid, a.attnum) as comment,
         (select k.position from pg_index i, unnest(i.indkey) with ordinality as k (attnum, position)
          where i.indrelid = a.attrelid and i.indisprimary and k.attnum = a.attnum) as key_position,
         (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = a.atttypid) as labels
  from pg_attribute a
  where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
  order by a.attnum`

const FOREIGN_KEYS = /*sql*/ `
  select a.attname as column, f.relname as "table", b.attname as to_column
  from pg_constraint c
  join pg_class f on f.oid = c.confrelid
  cross join unnest(c.conkey, c.confkey) as k (own, other)
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
  join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.other
  where c.contype = 'f' and c.conrelid = $1::oid
  order by c.conname, a.attnum`

/**
 * The tables of a database, or just the named ones (`schema.table`).
 * Partitions are left out: their parent stands for them.
 */
export async function readCatalog(
  query: CatalogQuery,
  only: readonly string[] | null,
): Promise<readonly CatalogTable[]> {
  const tables: CatalogTable[] = []
  for (const table of await query(TABLES, [only])) {
    const columns = await query(COLUMNS, [table['oid']])
    const foreignKeys = await query(FOREIGN_KEYS, [table['oid']])
    tables.push({
      schema: String(table['schema']),
      table: String(table['name']),
      comment: textOrNull(table['comment']),
      columns: columns.map((column) => ({
        name: String(column['name']),
        type: String(column['type']),
        required: column['required'] === true,
        comment: textOrNull(column['comment']),
        keyPosition: column['key_position'] === null ? null : Number(column['key_position']),
        enumLabels: Array.isArray(column['labels']) ? column['labels'].map(String) : null,
      })),
      foreignKeys: foreignKeys.map((key) => ({
        column: String(key['column']),
        table: String(key['table']),
        toColumn: String(key['to_column']),
      })),
    })
  }
  return tables
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
