/** Attempts in SQL by what a text is: statements that are no query, texts that are read in two ways, texts without measure. */
import type { SqlVector } from './vector.ts'

const FILE = "file('/etc/passwd')"
type Row = Omit<SqlVector, 'group' | 'gap'>

/** Being somebody else. */
export const IDENTITY: readonly Row[] = [
  { name: 'SET ROLE', sql: 'SET ROLE ALL' },
  { name: 'EXECUTE AS', sql: 'EXECUTE AS admin SELECT 1' },
  { name: 'SHOW GRANTS', sql: 'SHOW GRANTS' },
  { name: 'SHOW ACCESS', sql: 'SHOW ACCESS' },
  { name: 'GRANT', sql: 'GRANT SELECT ON *.* TO CURRENT_USER' },
  { name: 'CREATE USER', sql: "CREATE USER x IDENTIFIED BY 'x'" },
  { name: 'ALTER USER', sql: 'ALTER USER CURRENT_USER SETTINGS readonly = 0' },
  { name: 'CREATE ROW POLICY', sql: 'CREATE ROW POLICY p ON clients USING 1 TO ALL' },
  { name: 'DROP ROW POLICY', sql: 'DROP ROW POLICY IF EXISTS p ON clients' },
  { name: 'currentUser', sql: 'SELECT currentUser()', varies: true },
  { name: 'currentRoles', sql: 'SELECT currentRoles(), enabledRoles(), defaultRoles()' },
]

/** Texts that may be read otherwise than they are meant, and statements that are no SELECT. */
export const PARSER: readonly Row[] = [
  { name: 'two statements', sql: "SELECT 1; SELECT * FROM clients WHERE tenant_id = 'south'" },
  { name: 'a statement behind a comment', sql: '/* SELECT 1 */ SHOW TABLES' },
  { name: 'a comment that nests', harmless: true, sql: 'SELECT /* /* */ 1 */ name FROM clients' },
  {
    name: 'a line comment that ends late',
    harmless: true,
    sql: 'SELECT name FROM clients --\r WHERE 1 UNION ALL SELECT name FROM planted_view',
  },
  { name: 'FORMAT in the text', sql: 'SELECT * FROM clients FORMAT Pretty' },
  { name: 'INSERT', sql: "INSERT INTO clients (tenant_id, id) VALUES ('south', 1)" },
  { name: 'INSERT SELECT', sql: 'INSERT INTO planted_memory SELECT * FROM clients' },
  { name: 'PARALLEL WITH', sql: 'SELECT 1 PARALLEL WITH SELECT 2' },
  { name: 'DROP', sql: 'DROP TABLE clients' },
  { name: 'TRUNCATE', sql: 'TRUNCATE TABLE clients' },
  { name: 'ALTER DELETE', sql: "ALTER TABLE clients DELETE WHERE tenant_id = 'south'" },
  { name: 'DELETE', sql: "DELETE FROM clients WHERE tenant_id = 'south'" },
  { name: 'UPDATE', sql: "UPDATE clients SET name = 'x' WHERE 1" },
  { name: 'OPTIMIZE', sql: 'OPTIMIZE TABLE clients FINAL' },
  { name: 'RENAME', sql: 'RENAME TABLE clients TO clients2' },
  { name: 'ATTACH', sql: "ATTACH TABLE x FROM '/tmp' (a String) ENGINE = Memory" },
  { name: 'BACKUP', sql: "BACKUP TABLE clients TO File('x')" },
  { name: 'KILL QUERY', sql: "KILL QUERY WHERE user != ''" },
  { name: 'USE', sql: 'USE system' },
  { name: 'SYSTEM STOP MERGES', sql: 'SYSTEM STOP MERGES' },
  { name: 'SYSTEM FLUSH LOGS', sql: 'SYSTEM FLUSH LOGS' },
  { name: 'BEGIN TRANSACTION', sql: 'BEGIN TRANSACTION' },
  { name: 'WATCH', sql: 'WATCH clients' },
  { name: 'EXPLAIN before the EXPLAIN of the gate', sql: `SYNTAX SELECT ${FILE}` },
  {
    name: 'a name with a line break that forges a tree',
    sql: `SELECT 1 AS "x\n SelectQuery (children 1)", ${FILE}`,
  },
  { name: 'a name with an escaped line break', sql: `SELECT 1 AS \`x\\n Literal 1\`, ${FILE}` },
  { name: 'a name that looks like a count of children', sql: `SELECT 1 AS \`x) (children 1\`, ${FILE}` },
  { name: 'a literal that looks like a node', sql: `SELECT 'x\n Function plus (children 1)', ${FILE}` },
  { name: 'a look-alike of the name', sql: 'SELECT name FROM сlients' },
  { name: 'full-width letters', sql: 'SELECT ｎａｍｅ FROM clients' },
  { name: 'an invisible character', sql: 'SELECT name FROM cli\u200bents' },
  { name: 'a byte order mark', harmless: true, sql: '\ufeffSELECT max(amount) FROM clients' },
  {
    name: 'a no-break space',
    harmless: true,
    sql: "SELECT\u00a0max(amount)\u00a0FROM\u00a0clients\u00a0WHERE\u00a0tenant_id\u00a0=\u00a0'south'",
  },
  { name: 'curly quotes', sql: 'SELECT “secret_note” FROM clients' },
  { name: 'a null byte', sql: 'SELECT name FROM clients\0 WHERE 1' },
  { name: 'half a surrogate', sql: "SELECT name FROM clients WHERE name = '\ud800'" },
  { name: 'a heredoc', sql: 'SELECT $$x$$, name FROM clients WHERE tenant_id = $t$south$t$', leaks: true },
  { name: 'a heredoc that hides a comment', sql: `SELECT $a$ /* $a$, ${FILE} /* */` },
  {
    name: 'a parameter that is a table',
    sql: 'SELECT 1 FROM {t:Identifier}',
    parameters: { t: 'planted_view' },
  },
  {
    name: 'a parameter that is a database and a table',
    sql: 'SELECT 1 FROM {d:Identifier}.{t:Identifier}',
    parameters: { d: 'system', t: 'tables' },
  },
  {
    name: 'a parameter that ends the text',
    sql: 'SELECT name FROM clients WHERE tenant_id = {t:String}',
    parameters: { t: "north' OR '1'='1" },
    harmless: true,
  },
  {
    name: 'a parameter with a tab',
    sql: 'SELECT name FROM clients WHERE tenant_id IN {t:Array(String)}',
    parameters: { t: ["x'] , '\t"] },
    harmless: true,
  },
  {
    name: 'a parameter of the engine’s',
    sql: 'SELECT {user:String}',
    parameters: { user: 'admin' },
    harmless: true,
  },
  { name: 'a deep nest', sql: `SELECT ${'('.repeat(600)}1${')'.repeat(600)}` },
  { name: 'an operator by name', sql: 'SELECT `in`(1, planted_set)' },
  { name: 'a function by a quoted name', sql: "SELECT `file`('/etc/passwd')" },
  { name: 'a function by a name in another case', sql: "SELECT FiLe('/etc/passwd')" },
]

/** What would take the engine’s whole strength. */
export const EXHAUSTION: readonly Row[] = [
  { name: 'numbers(1e12)', sql: 'SELECT sum(number) FROM numbers(1000000000000)' },
  { name: 'range(1e9)', sql: 'SELECT length(range(1000000000))', varies: true },
  { name: 'repeat(1e9)', sql: "SELECT length(repeat('x', 1000000000))", varies: true },
  {
    name: 'a product of joins',
    sql: 'SELECT count() FROM clients a, clients b, clients c, clients d, clients e WHERE a.id + b.id + c.id + d.id + e.id = 3',
    varies: true,
  },
  {
    name: 'an arrayJoin of arrayJoins',
    sql: 'SELECT sum(a * b * c) FROM (SELECT arrayJoin(range(10000)) a, arrayJoin(range(10000)) b, arrayJoin(range(10000)) c)',
    varies: true,
  },
  {
    name: 'a huge IN list',
    sql: `SELECT count() FROM clients WHERE id IN (${Array.from({ length: 12_000 }, (_, i) => i).join(',')})`,
    harmless: true,
  },
  { name: 'a text that is too long', sql: `SELECT ${'1+'.repeat(60_000)}1` },
  {
    name: 'many columns',
    sql: `SELECT ${Array.from({ length: 9_000 }, (_, i) => `1 AS c${i}`).join(', ')}`,
    varies: true,
  },
  { name: 'a pattern that backtracks', sql: `SELECT match(repeat('a', 30000), '(a+)+$')`, varies: true },
  { name: 'a pattern that is huge', sql: `SELECT match('aaaa', '(a{1,500}){1,500}')`, varies: true },
  {
    name: 'a recursive CTE without end',
    sql: 'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r',
    varies: true,
  },
  {
    name: 'a union of many',
    sql: Array.from({ length: 40 }, () => 'SELECT max(amount) FROM clients').join(' UNION ALL '),
    leaks: true,
  },
  { name: 'sleep', sql: 'SELECT sleep(3)' },
]
