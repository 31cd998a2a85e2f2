import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitStatements } from '#ops/cli/split-statements.ts'

describe('a script', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['is split at semicolons', 'select 1; select 2;\nselect 3', ['select 1', 'select 2', 'select 3']],
    ['may be empty', ' \n;;\n; -- nothing\n/* at all */', []],
    ['keeps comments inside of statements', 'select /* ; */ 1 -- ;\n, 2;', ['select /* ; */ 1 -- ;\n, 2']],
    [
      'has comments that nest',
      'select /* a /* ; */ ; */ 1; select 2',
      ['select /* a /* ; */ ; */ 1', 'select 2'],
    ],
    ['may end inside of a comment', 'select 1; /* open', ['select 1']],
    ['has quotes', "select ';', ';''; '; select \"a;\"\"b\"", ["select ';', ';''; '", 'select "a;""b"']],
    [
      'has quotes with escapes after E alone',
      "select E'\\'; ', e'\\\\'; select '\\'; select 2",
      ["select E'\\'; ', e'\\\\'", "select '\\'", 'select 2'],
    ],
    ['knows names that end with e', "select type'\\'; select 2", ["select type'\\'", 'select 2']],
    [
      'has dollar quotes',
      'do $$ begin; end $$; select $a$ $$; $b$ $a$; select 3',
      ['do $$ begin; end $$', 'select $a$ $$; $b$ $a$', 'select 3'],
    ],
    [
      'has parameters and names with a dollar',
      'select $1; select a$b$ from t; select c$b$',
      ['select $1', 'select a$b$ from t', 'select c$b$'],
    ],
    ['may end inside of a quote', "select 1; select 'open; ", ['select 1', "select 'open;"]],
    [
      'has parentheses',
      'create rule r as on insert to t do (delete from a; delete from b); select 1',
      ['create rule r as on insert to t do (delete from a; delete from b)', 'select 1'],
    ],
    ['goes on after a parenthesis too many', 'select 1); select 2', ['select 1)', 'select 2']],
    [
      'has bodies in standard SQL',
      'create or replace function f(a int) returns int begin atomic select case when a > 0 then 1 end; select 2; end; select 3',
      [
        'create or replace function f(a int) returns int begin atomic select case when a > 0 then 1 end; select 2; end',
        'select 3',
      ],
    ],
    ['has transactions', 'begin; select 1; end; commit', ['begin', 'select 1', 'end', 'commit']],
    [
      'has CASE outside of bodies',
      'select case when true then 1 end; select 2',
      ['select case when true then 1 end', 'select 2'],
    ],
    [
      'has meta-commands',
      '\\c chinook;\nselect 1;\n  \\c "Other Db"\nselect 2',
      ['\\c chinook', 'select 1', '\\c "Other Db"', 'select 2'],
    ],
    ['has backslashes inside of statements', "select '\n\\c x' ; select 1", ["select '\n\\c x'", 'select 1']],
    ['has a meta-command after a comment', '-- now\n\\c db\n', ['\\c db']],
    ['may begin with a byte order mark', '\ufeffselect 1;', ['select 1']],
    [
      'has line ends of Windows',
      'select 1;\r\n-- x\r\n\\c db\r\nselect 2;\r\n',
      ['select 1', '\\c db', 'select 2'],
    ],
    ['has comments before a statement, which stay', '-- first\nselect 1', ['-- first\nselect 1']],
  ]
  test.each(cases)('%s', (_what, script, statements) => expect(splitStatements(script)).toEqual(statements))

  const piece = fc.constantFrom(
    ';',
    "'",
    '"',
    '$$',
    '$a$',
    '$1',
    '--',
    '/*',
    '*/',
    '\n',
    ' ',
    '\\',
    '\\c x\n',
    'E',
    'e',
    '(',
    ')',
    'begin',
    'end',
    'case',
    'create function f() ',
    'select 1',
    'é',
    'a$',
    "E'\\'",
  )
  const script = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  )

  test('of any kind loses nothing but blanks, comments and semicolons', () => {
    fc.assert(
      fc.property(script, (text) => {
        // Where there are comments, one may hold the very text of a statement: then places tell nothing.
        const commented = /--|\/\*/.test(text)
        let from = 0
        for (const statement of splitStatements(text)) {
          const found = text.indexOf(statement, from)
          expect(found).toBeGreaterThanOrEqual(from)
          const between = text.slice(from, found)
          // What is left out: nothing that is code.
          if (!commented) expect(between).toMatch(/^[\s;]*$/)
          from = found + statement.length
        }
        const rest = text.slice(from)
        if (!commented) expect(rest).toMatch(/^[\s;]*$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('of simple statements comes apart as it was put together', () => {
    const simple = fc.constantFrom(
      'select 1',
      "insert into t values (';')",
      'do $x$ ; $x$',
      'select ";"',
      "select E'\\';'",
      'update t set a = $1',
    )
    fc.assert(
      fc.property(
        fc.array(simple),
        fc.constantFrom(';', ' ;\n', '; -- c ;\n', ';/* ; */'),
        (statements, between) => {
          const texts = splitStatements(statements.join(between))
          const bare = texts.map((text) => text.replaceAll(/^(-- c ;|\/\* ; \*\/|\s)+/g, ''))
          expect(bare).toEqual(statements)
        },
      ),
    )
  })

  test('of megabytes takes no more than moments', () => {
    const long = "insert into t values ('x;y', $$;$$, 1); -- c\n".repeat(50_000)
    const start = performance.now()
    expect(splitStatements(long)).toHaveLength(50_000)
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  const chinook = fileURLToPath(
    new URL('../../../../shared/data/chinook/Chinook_PostgreSql.sql', import.meta.url),
  )
  test.skipIf(!existsSync(chinook))('of the Chinook database has its tables, keys and rows', () => {
    const statements = splitStatements(readFileSync(chinook, 'utf8'))
    const starting = (words: RegExp) =>
      statements.filter((text) => words.test(text.replaceAll(/^(\/\*[\s\S]*?\*\/|\s)+/g, ''))).length
    expect(starting(/^create table/i)).toBe(11)
    expect(starting(/^\\c chinook/)).toBe(1)
    expect(starting(/^(create|drop|alter|insert|\\c)/i)).toBe(statements.length)
  })
})
