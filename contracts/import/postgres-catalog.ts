/**
 * Reads what a contract needs to know of tables from Postgres' catalogs (13 and newer), as rows of plain values; what they mean is
 * said in `postgres-tables.ts`. The connection is a port, so that contracts stay free of any driver.
 *
 * A handful of statements for any number of tables. Lists travel as JSON text, which every driver hands over alike.
 */

/** Runs one statement with parameters and returns its rows. */
export type CatalogQuery = (
  sql: string,
  parameters: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Which tables; all of them without any. */
export type CatalogChoice = {
  /** `schema.table`, names as they are or quoted as in SQL. */
  readonly tables?: readonly string[] | undefined
  readonly schemas?: readonly string[] | undefined
}

/** A relation. `kind` as in `pg_class.relkind`. */
export type CatalogTable = {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly isPartition: boolean
  readonly unlogged: boolean
  readonly comment: string | null
  /** Row-level security is on. */
  readonly rowSecurity: boolean
  /** Estimate of the planner; -1 if never analyzed. */
  readonly rowEstimate: number
  /** `range`, `list`, `hash`; null if it is not partitioned. */
  readonly partitionStrategy: string | null
  /** Columns of the partition key; 0 stands for an expression. */
  readonly partitionColumns: readonly number[]
  readonly partitionKey: string | null
}

/** A column. */
export type CatalogColumn = {
  readonly table: string
  readonly number: number
  readonly name: string
  /** As `format_type` prints it: `numeric(12,2)`, `text[]`, … */
  readonly type: string
  readonly typeOid: string
  readonly notNull: boolean
  readonly comment: string | null
  /** `a`, `d` or empty, as in `pg_attribute.attidentity`. */
  readonly identity: string
  /** `s`, `v` or empty, as in `pg_attribute.attgenerated`. */
  readonly generated: string
  readonly defaultText: string | null
}

/** A constraint. `kind` as in `pg_constraint.contype`. */
export type CatalogConstraint = {
  readonly table: string
  readonly name: string
  readonly kind: string
  readonly columns: readonly number[]
  /** The expression of a check; the whole constraint for others. */
  readonly text: string
  /** Holds for every row that is there: validated, and enforced. */
  readonly holds: boolean
  readonly toSchema: string | null
  readonly toTable: string | null
  readonly toColumns: readonly string[]
}

/** A unique index. */
export type CatalogIndex = {
  readonly table: string
  readonly name: string
  readonly primary: boolean
  /** Columns of the key; 0 stands for an expression. */
  readonly columns: readonly number[]
  /** Of all rows, without expressions. */
  readonly plain: boolean
  /** Checked at once, not at the end of the transaction. */
  readonly immediate: boolean
  readonly identity: boolean
  readonly text: string
}

/** A type that is not built in: domain (d), enum (e), composite (c). */
export type CatalogType = {
  readonly oid: string
  readonly kind: string
  readonly name: string
  /** Of domains. */
  readonly baseOid: string
  readonly baseType: string
  readonly notNull: boolean
  /** Of arrays: the type of the elements. */
  readonly elementOid: string
  readonly labels: readonly string[]
  readonly checks: readonly string[]
  readonly fields: readonly { readonly name: string; readonly type: string; readonly typeOid: string }[]
}

/** All of it. */
export type Catalog = {
  readonly tables: readonly CatalogTable[]
  readonly columns: readonly CatalogColumn[]
  readonly constraints: readonly CatalogConstraint[]
  readonly indexes: readonly CatalogIndex[]
  readonly types: readonly CatalogType[]
}

const TABLES = /*sql*/ `
  select c.oid::int8::text as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         c.relispartition::text as is_partition, c.relpersistence::text as persistence, c.relrowsecurity::text as row_security,
         c.reltuples::text as estimate, obj_description(c.oid, 'pg_class') as comment,
         case p.partstrat when 'r' then 'range' when 'l' then 'list' when 'h' then 'hash' end as strategy,
         array_to_json(p.partattrs::int2[])::text as partition_columns, pg_get_partkeydef(c.oid) as partition_key
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_partitioned_table p on p.partrelid = c.oid
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema', 'mogo') and n.nspname !~ '^pg_'
    and ($1::text[] is null or n.nspname = any ($1))
    and ($2::text[] is null or n.nspname || '.' || c.relname = any ($2)
         or quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any ($2)
         or (n.nspname = 'public' and (c.relname = any ($2) or quote_ident(c.relname) = any ($2))))
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by n.nspname, c.relname`

const COLUMNS = /*sql*/ `
  select a.attrelid::int8::text as "table", a.attnum::text as number, a.attname as name,
         format_type(a.atttypid, a.atttypmod) as type, a.atttypid::int8::text as type_oid, a.attnotnull::text as not_null,
         col_description(a.attrelid, a.attnum) as comment, a.attidentity::text as identity, a.attgenerated::text as generated,
         pg_get_expr(d.adbin, d.adrelid) as default_text
  from pg_attribute a
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
  order by a.attrelid, a.attnum`

const CONSTRAINTS = /*sql*/ `
  select c.conrelid::int8::text as "table", c.conname as name, c.contype::text as kind,
         array_to_json(c.conkey)::text as columns,
         case when c.contype = 'c' then pg_get_expr(c.conbin, c.conrelid) else pg_get_constraintdef(c.oid) end as text,
         (c.convalidated and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true))::text as holds,
         n.nspname as to_schema, f.relname as to_table,
         (select json_agg(a.attname order by k.position) from unnest(c.confkey) with ordinality as k (number, position)
          join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number)::text as to_columns
  from pg_constraint c
  left join pg_class f on f.oid = c.confrelid and c.contype = 'f'
  left join pg_namespace n on n.oid = f.relnamespace
  where c.conrelid = any ($1::oid[]) and c.contype in ('c', 'f', 'x', 'n') and (c.contype <> 'f' or c.conparentid = 0)
  order by c.conrelid, c.conname`

const INDEXES = /*sql*/ `
  select i.indrelid::int8::text as "table", c.relname as name, i.indisprimary::text as "primary",
         (select json_agg(k.number order by k.position) from unnest(i.indkey::int2[]) with ordinality as k (number, position)
          where k.position <= i.indnkeyatts)::text as columns,
         (i.indpred is null and i.indexprs is null)::text as plain, i.indimmediate::text as immediate,
         i.indisreplident::text as identity, pg_get_indexdef(i.indexrelid) as text
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  where i.indrelid = any ($1::oid[]) and i.indisunique and i.indisvalid
  order by i.indrelid, c.relname`

const TYPES = /*sql*/ `
  select t.oid::int8::text as oid, t.typtype::text as kind, format_type(t.oid, null) as name,
         t.typbasetype::int8::text as base_oid, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type,
         t.typnotnull::text as not_null, case when t.typcategory = 'A' then t.typelem::int8::text else '0' end as element_oid,
         (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)::text as labels,
         (select json_agg(pg_get_expr(c.conbin, 0) order by c.conname) from pg_constraint c
          where c.contypid = t.oid and c.contype = 'c')::text as checks,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                            'typeOid', a.atttypid::int8::text) order by a.attnum)
          from pg_attribute a where a.attrelid = nullif(t.typrelid, 0) and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped
         )::text as fields
  from pg_type t
  join pg_namespace n on n.oid = t.typnamespace
  left join pg_type e on e.oid = t.typelem
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and (t.typtype in ('d', 'e')
         or (t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
         or (t.typcategory = 'A' and e.typtype in ('d', 'e')))`

/** Reads the catalog. The tables come in order of schema and name. */
export async function readCatalog(query: CatalogQuery, choice: CatalogChoice): Promise<Catalog> {
  const tables = (await query(TABLES, [choice.schemas ?? null, choice.tables ?? null])).map(tableOf)
  const oids = [tables.map(({ oid }) => oid)]
  return {
    tables,
    columns: (await query(COLUMNS, oids)).map(columnOf),
    constraints: (await query(CONSTRAINTS, oids)).map(constraintOf),
    indexes: (await query(INDEXES, oids)).map(indexOf),
    types: (await query(TYPES, [])).map(typeOf),
  }
}

type Row = Readonly<Record<string, unknown>>

const text = (row: Row, name: string): string => String(row[name] ?? '')
const textOrNull = (row: Row, name: string): string | null =>
  row[name] === null || row[name] === undefined ? null : String(row[name])
const flag = (row: Row, name: string): boolean => row[name] === true || /^t(rue)?$/.test(text(row, name))
const list = (row: Row, name: string): readonly unknown[] => {
  const value = row[name]
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
  return Array.isArray(parsed) ? parsed : []
}

function tableOf(row: Row): CatalogTable {
  return {
    oid: text(row, 'oid'),
    schema: text(row, 'schema'),
    name: text(row, 'name'),
    kind: text(row, 'kind'),
    isPartition: flag(row, 'is_partition'),
    unlogged: text(row, 'persistence') === 'u',
    comment: textOrNull(row, 'comment'),
    rowSecurity: flag(row, 'row_security'),
    rowEstimate: Number(row['estimate'] ?? -1),
    partitionStrategy: textOrNull(row, 'strategy'),
    partitionColumns: list(row, 'partition_columns').map(Number),
    partitionKey: textOrNull(row, 'partition_key'),
  }
}

function columnOf(row: Row): CatalogColumn {
  return {
    table: text(row, 'table'),
    number: Number(row['number']),
    name: text(row, 'name'),
    type: text(row, 'type'),
    typeOid: text(row, 'type_oid'),
    notNull: flag(row, 'not_null'),
    comment: textOrNull(row, 'comment'),
    identity: text(row, 'identity').trim(),
    generated: text(row, 'generated').trim(),
    defaultText: textOrNull(row, 'default_text'),
  }
}

function constraintOf(row: Row): CatalogConstraint {
  return {
    table: text(row, 'table'),
    name: text(row, 'name'),
    kind: text(row, 'kind'),
    columns: list(row, 'columns').map(Number),
    text: text(row, 'text'),
    holds: flag(row, 'holds'),
    toSchema: textOrNull(row, 'to_schema'),
    toTable: textOrNull(row, 'to_table'),
    toColumns: list(row, 'to_columns').map(String),
  }
}

function indexOf(row: Row): CatalogIndex {
  return {
    table: text(row, 'table'),
    name: text(row, 'name'),
    primary: flag(row, 'primary'),
    columns: list(row, 'columns').map(Number),
    plain: flag(row, 'plain'),
    immediate: flag(row, 'immediate'),
    identity: flag(row, 'identity'),
    text: text(row, 'text'),
  }
}

function typeOf(row: Row): CatalogType {
  return {
    oid: text(row, 'oid'),
    kind: text(row, 'kind'),
    name: text(row, 'name'),
    baseOid: text(row, 'base_oid'),
    baseType: text(row, 'base_type'),
    notNull: flag(row, 'not_null'),
    elementOid: text(row, 'element_oid'),
    labels: list(row, 'labels').map(String),
    checks: list(row, 'checks').map(String),
    fields: list(row, 'fields').map((field) => {
      const raw = field as Row
      return { name: text(raw, 'name'), type: text(raw, 'type'), typeOid: text(raw, 'typeOid') }
    }),
  }
}
