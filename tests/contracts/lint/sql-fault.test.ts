// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of queries
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sqlFault } from '#contracts/lint/sql-fault.ts'

const READS: readonly string[] = [
  'select count(*) from Air_Quality where DataValue <= 0 or DataValue >= 500',
  'SELECT 1',
  '  (SELECT 1) UNION ALL (SELECT 2);',
  'WITH a AS (SELECT 1 AS x) SELECT x FROM a',
  "select 'drop table x; delete from y' as text from t",
  'select "delete", `update`, "insert into" from t',
  '-- delete from t\nselect 1 /* drop table t */',
  'select count(*) from ${table} where ${column} is null',
  'select count(*) from {object} where {property} is null',
  "select count(*) from {{ ref('orders') }} where x = :limit and y = ? and z = %(z)s",
  "select replace(name, 'a', 'b'), truncate(price, 2) from t",
  'select t.update, t."delete", update as u from t where update > 1 and load is null order by lock desc',
  "select data #>> '{a,b}' from t",
  "select E'it\\'s' from t",
  "select '\\\\' from t",
  'select $tag$ delete from t; $tag$',
  'select created_at, updated_at, deleted, inserted from t',
  'select extract(epoch from at), sum(a) over (partition by b order by c) from t for system_time as of now()',
]

const REFUSED: readonly (readonly [query: string, why: string])[] = [
  ['', 'the query is empty'],
  ['-- nothing', 'the query is empty'],
  ['delete from t', 'must begin with SELECT or WITH'],
  ['explain analyze delete from t', 'must begin with SELECT or WITH'],
  ['select 1; drop table t', 'more than one statement'],
  ['select 1 drop table t', 'DROP writes'],
  ['with a as (delete from t returning *) select * from a', 'DELETE writes'],
  ['with a as (select 1) insert into t select * from a', 'INSERT writes'],
  ['with a as (update t set x = 1 returning x) select * from a', 'UPDATE writes'],
  ['with a as (select 1) merge into t using a on true when matched then delete', 'MERGE writes'],
  ['select * into t2 from t', 'INTO writes'],
  ["select 1 into outfile '/tmp/x'", 'INTO writes'],
  ['select * from t for update', 'FOR UPDATE'],
  ['select * from t for no key update', 'FOR UPDATE'],
  ['select * from t lock in share mode', 'LOCK writes'],
  ['select pg_sleep(100)', 'the function pg_sleep'],
  ["select pg_read_file('/etc/passwd')", 'the function pg_read_file'],
  ["select * from url('http://169.254.169.254', CSV)", 'the function url'],
  ["select * from dblink ('host=x', 'select 1') as t(a int)", 'the function dblink'],
  ["select lo_export(1, '/tmp/x')", 'the function lo_export'],
  ["select load_file('/etc/passwd')", 'the function load_file'],
  ['select 1 /*! ; drop table t */', 'a comment that some engines run'],
  ['select 1 /* a /* b */ ; drop table t -- */', 'a comment in a comment'],
  ['select 1 --;drop table t', 'a comment without a space'],
  ["select '\\'; drop table t -- '", 'a backslash before a quote'],
  ["select 1 # ' \n; drop table t -- '", 'the sign #'],
  ["select 'abc", 'a text that is not closed'],
  ['select /* abc', 'a comment that is not closed'],
  ['select ${table', 'a placeholder that is not closed'],
  ['select 1 exec xp_cmdshell', 'EXEC writes'],
  ["select 1 waitfor delay '0:1'", 'WAITFOR writes'],
  ['SELECT 1 UNION SELECT 2 COPY t TO PROGRAM x', 'COPY writes'],
  [`select ${'a'.repeat(50_000)}`, 'longer than'],
]

describe('a query of a quality rule', () => {
  test.each(READS.map((query) => [query]))('only reads: %s', (query) =>
    expect(sqlFault(query)).toBeUndefined(),
  )

  test.each(REFUSED)('is refused: %s', (query, why) => expect(sqlFault(query)).toContain(why))

  test('never says what stands in it but keywords and functions', () => {
    expect(sqlFault("select 'hunter2' from hunter2 drop hunter2")).not.toContain('hunter2')
  })

  test('no text makes it throw, and a long one does not take long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const fault = sqlFault(`select ${text}`)
        expect(fault === undefined || fault.length > 0).toBe(true)
      }),
      { numRuns: 1_000 },
    )
    const start = performance.now()
    for (const part of ["'", '"', '/*', '--', '$', '${', '{{', '#', '(', 'a ', '\\', "E'", '\n'])
      sqlFault(`select ${part.repeat(Math.floor(49_000 / part.length))}`)
    expect(performance.now() - start).toBeLessThan(3_000)
  })
})
