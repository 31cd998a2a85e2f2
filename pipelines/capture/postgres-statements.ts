/** Queries over the Postgres catalog, for postgres-capture.ts. Lists of tables come as two arrays: schemas, tables. */

export const SERVER_STATEMENT = /*sql*/ `
SELECT current_setting('server_version_num')::int AS version,
       current_setting('wal_level') AS wal_level,
       current_setting('is_superuser') = 'on' AS superuser,
       current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int AS free_slots`

const WANTED = /*sql*/ `unnest($1::text[], $2::text[]) AS wanted(schema, "table")`

const RELATION = /*sql*/ `
  JOIN pg_namespace n ON n.nspname = wanted.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted."table"`

const INDEX_COLUMNS = /*sql*/ `(
  SELECT jsonb_agg(a.attname ORDER BY k.position)
  FROM unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, position)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
  WHERE k.position <= i.indnkeyatts)`

/** The type of a column `a` beneath its domains, and what it is. */
const BENEATH_DOMAINS = /*sql*/ `(
  WITH RECURSIVE base (oid, mod) AS (
    SELECT a.atttypid, a.atttypmod
    UNION ALL
    SELECT d.typbasetype, d.typtypmod FROM base JOIN pg_type d ON d.oid = base.oid WHERE d.typtype = 'd')
  SELECT t.oid, base.mod, t.typtype AS kind, e.typtype AS element
  FROM base JOIN pg_type t ON t.oid = base.oid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  WHERE t.typtype <> 'd')`

/** Names for the letters of pg_type.typtype. */
function typeKind(letter: string): string {
  return /*sql*/ `CASE ${letter} WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum'
        WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' END`
}

/** One row a table, with columns and keys as JSON. */
export const TABLES_STATEMENT = /*sql*/ `
SELECT DISTINCT ON (n.nspname, c.relname) n.nspname AS schema, c.relname AS "table", c.relkind AS kind, c.relreplident AS identity,
  c.relrowsecurity AS row_security,
  (SELECT coalesce(jsonb_agg(k.conname ORDER BY 1), '[]') FROM pg_constraint k
   WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated) AS checks,
  c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
  EXISTS (SELECT FROM pg_class part WHERE part.reltoastrelid <> 0
    AND (part.oid = c.oid OR part.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))) AS may_be_large,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'baseType', CASE WHEN u.oid <> a.atttypid THEN format_type(u.oid, u.mod) END,
      'typeKind', ${typeKind('u.kind')},
      'elementKind', ${typeKind('u.element')},
      'notNull', a.attnotnull,
      'generated', a.attgenerated <> '') ORDER BY a.attnum), '[]')
   FROM pg_attribute a CROSS JOIN LATERAL ${BENEATH_DOMAINS} u
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT ${INDEX_COLUMNS} FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS primary_key,
  (SELECT jsonb_agg(${INDEX_COLUMNS}) FROM pg_index i
   WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
     AND NOT EXISTS (SELECT 1 FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int[]) AND NOT a.attnotnull)) AS unique_keys
FROM ${WANTED} ${RELATION}`

/** Leaves of the partitioned ones. */
export const PARTITIONS_STATEMENT = /*sql*/ `
SELECT n.nspname AS root_schema, c.relname AS root_table, ln.nspname AS schema, l.relname AS "table", l.relreplident AS identity,
  coalesce(pg_get_partition_constraintdef(l.oid), '') AS condition,
  l.oid::text || ':' || (SELECT string_agg(i.xmin::text, ',' ORDER BY i.inhrelid)
    FROM pg_partition_ancestors(l.oid) above JOIN pg_inherits i ON i.inhrelid = above.relid) AS attached
FROM ${WANTED} ${RELATION}
CROSS JOIN LATERAL pg_partition_tree(c.oid) tree
JOIN pg_class l ON l.oid = tree.relid
JOIN pg_namespace ln ON ln.oid = l.relnamespace
WHERE c.relkind = 'p' AND tree.isleaf AND tree.relid <> c.oid`

/** A policy `p` of table `c` concerns what role `r` reads. */
const APPLIES = /*sql*/ `p.polrelid = c.oid AND p.polcmd IN ('r', '*')
  AND (0 = ANY (p.polroles) OR EXISTS (SELECT FROM unnest(p.polroles) AS named (oid) WHERE named.oid <> 0 AND pg_has_role(r.oid, named.oid, 'USAGE')))`

/** Tables, whether role $3 may read them, and whether row-level security then hides rows from it. */
export const GRANTS_STATEMENT = /*sql*/ `
SELECT DISTINCT n.nspname AS schema, c.relname AS "table",
  has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_table_privilege(r.oid, c.oid, 'SELECT') AS may_select,
  c.relrowsecurity AND NOT (r.rolsuper OR r.rolbypassrls
    OR (pg_has_role(r.oid, c.relowner, 'USAGE') AND NOT c.relforcerowsecurity)
    OR (EXISTS (SELECT FROM pg_policy p WHERE ${APPLIES} AND p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true')
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE ${APPLIES} AND NOT p.polpermissive))) AS hides_rows
FROM ${WANTED} ${RELATION}
JOIN pg_roles r ON r.rolname = $3`

/** Managed services give replication through a role of their own. */
export const ROLE_STATEMENT = /*sql*/ `
SELECT r.rolcanlogin AS login, has_database_privilege(r.oid, current_database(), 'CONNECT') AS connect,
  r.rolreplication OR r.rolsuper OR EXISTS (
    SELECT 1 FROM pg_roles managed
    WHERE managed.rolname IN ('rds_replication', 'rds_superuser', 'azure_pg_admin', 'cloudsqlsuperuser')
      AND pg_has_role(r.oid, managed.oid, 'MEMBER')) AS replication
FROM pg_roles r WHERE r.rolname = $1`

export const PUBLICATION_STATEMENT = /*sql*/ `
SELECT puballtables AS all_tables, pubviaroot AS via_root,
  pubinsert AND pubupdate AND pubdelete AND pubtruncate AS all_operations
FROM pg_publication WHERE pubname = $1`

/** to_jsonb, because versions 13 and 14 have neither row filters nor column lists. */
export const PUBLICATION_TABLES_STATEMENT = /*sql*/ `
SELECT n.nspname AS schema, c.relname AS "table", to_jsonb(r) ->> 'prqual' IS NULL AND to_jsonb(r) ->> 'prattrs' IS NULL AS plain
FROM pg_publication p
JOIN pg_publication_rel r ON r.prpubid = p.oid
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.pubname = $1 ORDER BY 1, 2`

/**
 * The slot $1, which the role $2 reads. While the tables are read for the first time nobody reads the slot, but a transaction of that role holds locks on
 * them, which everybody may see. to_jsonb, because older servers lack some of the columns.
 */
export const SLOT_STATEMENT = /*sql*/ `
SELECT s.active,
  NOT s.active AND EXISTS (
    SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE a.usename = $2 AND l.locktype = 'relation' AND l.relation >= 16384
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.mode = 'AccessShareLock' AND l.granted
  ) AS snapshotting,
  coalesce(s.wal_status, 'lost') AS wal_status,
  pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::text AS lag,
  pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::text AS retained,
  to_jsonb(s) ->> 'safe_wal_size' AS safe,
  extract(epoch FROM clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz)::text AS inactive,
  pg_wal_lsn_diff(s.confirmed_flush_lsn, '0/0')::text AS confirmed,
  to_jsonb(s) ->> 'invalidation_reason' AS invalidation
FROM pg_replication_slots s WHERE s.slot_name = $1`

/** Where the log is now, in bytes. */
export const POSITION_STATEMENT = /*sql*/ `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS position`

/**
 * Transactions that have written to tables (schemas $1, names $2), partitions included: each holds a lock of these modes until it ends. The
 * way in which CREATE INDEX CONCURRENTLY waits for them, too.
 */
export const WRITERS_STATEMENT = /*sql*/ `
  WITH RECURSIVE relations AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN unnest($1::text[], $2::text[]) AS wanted (schema, name) ON n.nspname = wanted.schema AND c.relname = wanted.name
    UNION
    SELECT i.inhrelid FROM pg_inherits i JOIN relations r ON r.oid = i.inhparent
  )
  SELECT DISTINCT l.virtualtransaction AS transaction, l.pid
  FROM pg_locks l JOIN relations r ON r.oid = l.relation
  WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.granted
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND l.pid <> pg_backend_pid()`
