/** Attempts in SQL at rows: straight, by settings, and by what answers and errors tell. */
import { MARKERS, type SqlVector } from './vector.ts'

const NUMBER = MARKERS[1]
type Row = Omit<SqlVector, 'group' | 'gap'>

/** Rows of the other tenant, asked for as they are. */
export const DIRECT: readonly Row[] = [
  { name: 'the other tenant in WHERE', sql: "SELECT * FROM clients WHERE tenant_id = 'south'", leaks: true },
  { name: 'OR 1=1', sql: "SELECT name FROM clients WHERE tenant_id = 'north' OR 1=1", leaks: true },
  {
    name: 'UNION',
    sql: "SELECT name FROM clients UNION ALL SELECT name FROM sales WHERE tenant_id = 'south'",
    leaks: true,
  },
  {
    name: 'INTERSECT and EXCEPT',
    sql: 'SELECT name FROM clients EXCEPT SELECT name FROM sales WHERE 0',
    leaks: true,
  },
  {
    name: 'a CTE that shadows the table',
    sql: 'WITH x AS (SELECT * FROM clients) SELECT max(amount), arraySort(groupUniqArray(name)) FROM x',
    leaks: true,
  },
  {
    name: 'a CTE of the table’s name',
    sql: 'WITH clients AS (SELECT * FROM sales) SELECT max(amount) FROM clients',
    leaks: true,
  },
  {
    name: 'a recursive CTE',
    sql: 'WITH RECURSIVE r AS (SELECT max(amount) AS m, 1 AS n FROM clients UNION ALL SELECT m, n + 1 FROM r WHERE n < 3) SELECT max(m) FROM r',
  },
  {
    name: 'an alias of the filter’s column in WITH',
    sql: "WITH 'north' AS tenant_id SELECT name FROM clients",
    leaks: true,
  },
  {
    name: 'an alias of the filter’s column in SELECT',
    sql: "SELECT name, 'north' AS tenant_id FROM clients WHERE tenant_id = 'north'",
    leaks: true,
  },
  {
    name: 'an alias that calls the tenant',
    sql: "SELECT amount, lower('NORTH') AS tenant_id FROM clients",
    leaks: true,
  },
  {
    name: 'JOIN',
    sql: "SELECT b.name FROM clients a JOIN clients b ON a.id = b.id WHERE b.tenant_id != 'north'",
    leaks: true,
  },
  {
    name: 'JOIN with an inequality',
    sql: 'SELECT max(b.amount) FROM clients a JOIN sales b ON a.amount < b.amount AND a.id = b.id',
    leaks: true,
  },
  { name: 'CROSS JOIN', sql: 'SELECT max(b.amount), count() FROM clients a CROSS JOIN sales b', leaks: true },
  { name: 'PASTE JOIN', sql: 'SELECT max(b.amount) FROM clients a PASTE JOIN sales b', leaks: true },
  {
    name: 'ASOF JOIN',
    sql: 'SELECT max(b.amount) FROM clients a ASOF JOIN clients b ON a.tenant_id != b.tenant_id AND a.amount <= b.amount',
  },
  {
    name: 'ANTI JOIN tells who is missing',
    sql: 'SELECT b.name FROM clients b LEFT ANTI JOIN (SELECT id, tenant_id FROM clients WHERE 0) a USING (id, tenant_id)',
    leaks: true,
  },
  { name: 'a subquery', sql: 'SELECT (SELECT max(amount) FROM clients)', leaks: true },
  {
    name: 'a correlated EXISTS',
    sql: "SELECT a.name FROM clients a WHERE EXISTS (SELECT 1 FROM clients b WHERE b.id = a.id AND b.tenant_id = 'south')",
    leaks: true,
  },
  {
    name: 'IN with a subquery',
    sql: `SELECT count() FROM clients WHERE ${NUMBER} IN (SELECT toUInt64(amount) FROM clients) HAVING count() > 0`,
    leaks: true,
  },
  {
    name: 'GLOBAL IN',
    sql: `SELECT count() FROM clients WHERE ${NUMBER} GLOBAL IN (SELECT toUInt64(amount) FROM clients) HAVING count() > 0`,
    leaks: true,
  },
  {
    name: 'aggregates',
    sql: 'SELECT min(tenant_id), max(tenant_id), uniqExact(tenant_id), sum(amount), max(amount) FROM clients',
    leaks: true,
  },
  { name: 'a window over all', sql: 'SELECT max(amount) OVER () FROM clients LIMIT 1', leaks: true },
  {
    name: 'QUALIFY',
    sql: 'SELECT name FROM clients QUALIFY row_number() OVER (ORDER BY amount DESC) <= 3',
    leaks: true,
  },
  {
    name: 'LIMIT BY',
    sql: 'SELECT tenant_id, amount FROM clients ORDER BY amount DESC LIMIT 1 BY tenant_id',
    leaks: true,
  },
  {
    name: 'LIMIT WITH TIES',
    sql: 'SELECT amount FROM clients ORDER BY amount DESC LIMIT 1 WITH TIES',
    leaks: true,
  },
  {
    name: 'LIMIT with an offset behind the own rows',
    sql: 'SELECT name FROM clients ORDER BY id, tenant_id LIMIT 1000 OFFSET 50',
    leaks: true,
  },
  {
    name: 'GROUP BY WITH TOTALS',
    sql: 'SELECT tenant_id, count(), max(amount) FROM clients GROUP BY tenant_id WITH TOTALS',
    leaks: true,
  },
  {
    name: 'GROUPING SETS, ROLLUP, CUBE',
    sql: 'SELECT tenant_id, max(amount) FROM clients GROUP BY GROUPING SETS ((tenant_id), ()) ORDER BY 1',
    leaks: true,
  },
  {
    name: 'WITH FILL up to a maximum',
    sql: 'SELECT toUInt64(amount) AS a FROM clients ORDER BY a WITH FILL STEP 100000000 LIMIT 500',
    leaks: true,
  },
  {
    name: 'ARRAY JOIN',
    sql: "SELECT name, t FROM clients ARRAY JOIN tags AS t WHERE tenant_id = 'south'",
    leaks: true,
  },
  {
    name: 'topK and groupArray',
    sql: 'SELECT arraySort(topK(400)(name)), arraySort(groupArray(400)(tenant_id)) FROM clients',
    leaks: true,
  },
  { name: 'argMax', sql: 'SELECT argMax(name, amount) FROM clients', leaks: true },
  {
    name: 'a lambda over gathered rows',
    sql: "SELECT arrayFilter(x -> x LIKE '%marker%', groupArray(assumeNotNull(name))) FROM clients",
    leaks: true,
  },
  {
    name: 'FINAL and PREWHERE',
    sql: "SELECT name FROM clients FINAL PREWHERE tenant_id = 'south'",
    leaks: true,
  },
  { name: 'SAMPLE', sql: 'SELECT name FROM clients SAMPLE 1' },
  { name: 'FROM first', sql: "FROM clients SELECT name WHERE tenant_id = 'south'", leaks: true },
  { name: 'the database before the name', sql: 'SELECT max(amount) FROM `analytics`.`clients`', leaks: true },
  {
    name: 'REPLACE of a column',
    sql: 'SELECT * REPLACE (upper(name) AS name) FROM clients WHERE amount > 1000',
    leaks: true,
  },
  {
    name: 'COLUMNS by a pattern',
    sql: "SELECT COLUMNS('^(name|amount)$') FROM clients WHERE amount > 1000",
    leaks: true,
  },
]

/** Settings of the engine, wherever a SELECT may stand. */
export const SETTINGS: readonly Row[] = [
  { name: 'SETTINGS at the end', sql: 'SELECT name FROM clients SETTINGS final = 0' },
  {
    name: 'SETTINGS in a subquery',
    sql: "SELECT name FROM (SELECT name FROM clients SETTINGS additional_table_filters = {'clients': '1'}, final = 0)",
  },
  {
    name: 'SETTINGS in a CTE',
    sql: 'WITH x AS (SELECT name FROM clients SETTINGS apply_row_policy_after_final = 0) SELECT * FROM x',
  },
  { name: 'SETTINGS in IN', sql: 'SELECT 1 WHERE 1 IN (SELECT 1 FROM clients SETTINGS final = 0)' },
  { name: 'SETTINGS in EXISTS', sql: 'SELECT EXISTS (SELECT 1 FROM clients SETTINGS final = 0)' },
  {
    name: 'SETTINGS in a scalar subquery',
    sql: 'SELECT (SELECT max(amount) FROM clients SETTINGS final = 0)',
  },
  {
    name: 'SETTINGS in a JOIN',
    sql: 'SELECT a.id FROM clients a JOIN (SELECT id FROM clients SETTINGS final = 0) b USING (id)',
  },
  {
    name: 'SETTINGS in a UNION branch',
    sql: 'SELECT name FROM clients UNION ALL (SELECT name FROM clients SETTINGS final = 0)',
  },
  {
    name: 'SETTINGS in a lambda',
    sql: 'SELECT arrayMap(x -> (SELECT max(amount) FROM clients SETTINGS final = 0), [1])',
  },
  {
    name: 'SETTINGS in LIMIT',
    sql: 'SELECT id FROM clients ORDER BY id LIMIT (SELECT 1 SETTINGS final = 0)',
  },
  {
    name: 'a filter of one’s own on a withheld column',
    sql: "SELECT count() FROM (SELECT id FROM clients SETTINGS additional_table_filters = {'analytics.clients': 'secret_note = \\'hush\\''})",
  },
  {
    name: 'a filter that fails where the other tenant’s row is',
    sql: "SELECT count() FROM (SELECT id FROM clients SETTINGS additional_table_filters = {'analytics.clients': 'throwIf(amount > 1000) = 0'})",
  },
  { name: 'SET', sql: 'SET final = 0' },
  { name: 'SETTINGS behind FORMAT', sql: 'SELECT name FROM clients FORMAT JSON SETTINGS final = 0' },
  { name: 'SETTINGS behind a comment', sql: 'SELECT name FROM clients /* */ SETTINGS /* */ readonly = 0' },
  { name: 'SETTINGS PROFILE', sql: "SELECT name FROM clients SETTINGS profile = 'default'" },
]

/** What errors, orders, counts and plans tell. */
export const SIDE: readonly Row[] = [
  {
    name: 'division by zero in WHERE',
    sql: "SELECT count() FROM clients WHERE intDiv(1, tenant_id != 'south') = 1 AND name = 'x'",
    harmless: true,
  },
  {
    name: 'division by zero at a value',
    sql: `SELECT count() FROM clients WHERE intDiv(1, amount != ${NUMBER}) = 1`,
    harmless: true,
  },
  {
    name: 'a cast that prints the value',
    sql: "SELECT toUInt8(assumeNotNull(name)) FROM clients WHERE tenant_id = 'south'",
    harmless: true,
  },
  {
    name: 'a cast in WHERE before the filter',
    sql: "SELECT count() FROM clients WHERE toUInt64OrZero(assumeNotNull(name)) = 0 AND accurateCast(amount, 'UInt16') >= 0",
    harmless: true,
  },
  { name: 'throwIf', sql: "SELECT throwIf(name LIKE '%marker%', name) FROM clients" },
  {
    name: 'a name in the error',
    sql: "SELECT CAST(name AS Enum8('a' = 1)) FROM clients WHERE amount > 1000",
    harmless: true,
  },
  { name: 'sleepEachRow', sql: 'SELECT sleepEachRow(0.01) FROM clients' },
  { name: 'sleep if', sql: 'SELECT if(max(amount) > 1000, sleep(1), 0) FROM clients' },
  {
    name: 'memory if',
    sql: "SELECT length(repeat('x', if(max(amount) > 1000, 1000000, 1))) FROM clients",
    harmless: true,
  },
  { name: 'range if', sql: 'SELECT length(range(toUInt64(max(amount)))) FROM clients', harmless: true },
  { name: 'EXPLAIN', sql: 'EXPLAIN SELECT * FROM clients' },
  { name: 'EXPLAIN ESTIMATE', sql: 'EXPLAIN ESTIMATE SELECT id FROM clients' },
  {
    name: 'EXPLAIN indexes',
    sql: "EXPLAIN indexes = 1 SELECT id FROM clients WHERE tenant_id = 'south'",
  },
  { name: 'EXPLAIN PIPELINE', sql: 'EXPLAIN PIPELINE SELECT id FROM clients', varies: true },
  { name: 'EXPLAIN QUERY TREE', sql: 'EXPLAIN QUERY TREE SELECT secret_note FROM clients' },
  { name: 'DESCRIBE', sql: 'DESCRIBE TABLE clients' },
  { name: 'DESCRIBE a subquery', sql: 'DESCRIBE (SELECT * FROM clients)' },
  { name: 'SHOW CREATE TABLE', sql: 'SHOW CREATE TABLE clients' },
  { name: 'SHOW TABLES', sql: 'SHOW TABLES' },
  { name: 'EXISTS TABLE', sql: 'EXISTS TABLE analytics.planted_view' },
  { name: 'CHECK TABLE', sql: 'CHECK TABLE clients' },
  { name: 'indexHint', sql: "SELECT count() FROM clients WHERE indexHint(tenant_id = 'south')" },
  {
    name: 'blockNumber',
    sql: 'SELECT blockNumber(), rowNumberInAllBlocks(), blockSize() FROM clients',
    varies: true,
  },
  { name: 'runningAccumulate', sql: 'SELECT runningAccumulate(sumState(amount)) FROM clients GROUP BY id' },
  { name: 'states of aggregates', sql: 'SELECT finalizeAggregation(maxState(amount)) FROM clients' },
  { name: 'ignore', sql: 'SELECT ignore(secret_note) FROM clients' },
  { name: 'the query cache', sql: 'SELECT max(amount) FROM clients SETTINGS use_query_cache = 1' },
  { name: 'the result of a count', sql: 'SELECT count(), countIf(amount > 1000) FROM clients', leaks: true },
  {
    name: 'an order that others decide',
    sql: 'SELECT r FROM (SELECT amount, rank() OVER (ORDER BY amount DESC) AS r FROM clients) WHERE amount = 49',
    leaks: true,
  },
  { name: 'a quantile', sql: 'SELECT quantileExact(0.99)(amount) FROM clients', leaks: true },
  {
    name: 'an estimate of different values',
    sql: 'SELECT uniqExact(name), uniq(name) FROM clients',
    leaks: true,
  },
]
