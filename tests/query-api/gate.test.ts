/** The gate without an engine: on syntax trees that ClickHouse 26.7 gave (recorded/explain.json), and on made-up ones. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { EngineFault } from '#query-api/engine/engine-fault.ts'
import { parseAst, walk } from '#query-api/gate/ast-tree.ts'
import { checkAst } from '#query-api/gate/check-ast.ts'
import { expandAsterisks } from '#query-api/gate/expand-asterisk.ts'
import { ALL_FUNCTIONS, isAllowedFunction, suggestFunction } from '#query-api/gate/functions.ts'
import { readSql } from '#query-api/gate/gate.ts'
import { renameTables } from '#query-api/gate/rename-tables.ts'
import { cteNames, tokenize, withoutLiterals } from '#query-api/gate/sql-text.ts'

type Recorded = { readonly sql: string; readonly ast: string; readonly tree: string }
const recorded = JSON.parse(
  readFileSync(new URL('./recorded/explain.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

const names = (sql = '') => ({
  database: 'analytics',
  tables: new Set(['orders', 'customers']),
  ctes: cteNames(tokenize(sql)),
})
const verdict = (ast: string, sql = ''): string => {
  try {
    checkAst(parseAst(ast), names(sql))
    return 'passed'
  } catch (error) {
    return isMogoError(error) ? error.code : String(error)
  }
}
const tree = (...lines: readonly string[]): string =>
  [
    'SelectWithUnionQuery (children 1)',
    ' ExpressionList (children 1)',
    '  SelectQuery (children 1)',
    `   ExpressionList (children ${lines.filter((line) => !line.startsWith(' ')).length})`,
    ...lines.map((line) => `    ${line}`),
  ].join('\n')

test.each(recorded)('passes: $sql', ({ sql, ast }) => {
  expect(verdict(ast, sql)).toBe('passed')
})

describe('a tree is refused', () => {
  test.each([
    ['with a node that is not listed', tree('CreateQuery'), 'MOGO_QUERY_FORBIDDEN'],
    ['with SETTINGS, however deep', tree('Subquery (children 1)', ' Set'), 'MOGO_QUERY_FORBIDDEN'],
    [
      'with a function that is not listed',
      tree('Function file (children 1)', ' ExpressionList'),
      'MOGO_QUERY_FUNCTION',
    ],
    [
      'with an unlisted function in a case that differs',
      tree('Function FILE (children 1)', ' ExpressionList'),
      'MOGO_QUERY_FUNCTION',
    ],
    ['with a table function', tree('TableExpression (children 1)', ' Function sum'), 'MOGO_QUERY_FORBIDDEN'],
    ['with a foreign table', tree('TableIdentifier system.users'), 'MOGO_QUERY_TABLE'],
    [
      'with a table of the scope in another database',
      tree('TableIdentifier default.orders'),
      'MOGO_QUERY_TABLE',
    ],
    ['with a three-part name', tree('TableIdentifier a.analytics.orders'), 'MOGO_QUERY_TABLE'],
    ['with an internal name', tree('Identifier _part'), 'MOGO_QUERY_FORBIDDEN'],
    ['with a qualified internal name', tree('Identifier orders._version'), 'MOGO_QUERY_FORBIDDEN'],
    ['with an internal alias', tree('Literal 1 (alias _x)'), 'MOGO_QUERY_FORBIDDEN'],
    [
      'with a table at the right of IN',
      tree(
        'Function in (children 1)',
        ' ExpressionList (children 2)',
        '  Identifier id',
        '  Identifier orders',
      ),
      'MOGO_QUERY_FORBIDDEN',
    ],
    [
      'with APPLY, whose function it does not show',
      tree('Asterisk (children 1)', ' ColumnsTransformerList (children 1)', '  ColumnsApplyTransformer'),
      'MOGO_QUERY_FORBIDDEN',
    ],
    ['that is a statement', 'InsertQuery   (children 1)\n Identifier x', 'MOGO_QUERY_NOT_SELECT'],
    [
      'with FORMAT',
      'SelectWithUnionQuery (children 2)\n ExpressionList\n Identifier CSV',
      'MOGO_QUERY_FORBIDDEN',
    ],
    ['whose counts do not agree', tree('Identifier x (children 1)'), 'MOGO_QUERY_FORBIDDEN'],
    ['whose lines jump', 'SelectWithUnionQuery (children 1)\n   ExpressionList', 'MOGO_QUERY_FORBIDDEN'],
    ['with two roots', 'SelectWithUnionQuery\nSelectWithUnionQuery', 'MOGO_QUERY_FORBIDDEN'],
    ['that is empty', '', 'MOGO_QUERY_FORBIDDEN'],
    [
      'that is too deep',
      Array.from(
        { length: 600 },
        (_, i) =>
          `${' '.repeat(i)}${i === 0 ? 'SelectWithUnionQuery' : 'ExpressionList'}${i === 599 ? '' : ' (children 1)'}`,
      ).join('\n'),
      'MOGO_QUERY_LIMIT',
    ],
  ])('%s', (_what, ast, code) => {
    expect(verdict(ast)).toBe(code)
  })

  test('wherever a name forges lines, the real node behind it is still seen', () => {
    // As the engine would write: SELECT 1 AS `x<line break>    Literal y`, file('…')
    const ast = tree('Literal 1 (alias x', 'Literal y)', 'Function file (children 1)', ' ExpressionList')
    expect(verdict(ast)).not.toBe('passed')
  })
})

describe('any text is answered by a verdict', () => {
  const word = fc.constantFrom(
    'SelectWithUnionQuery',
    'ExpressionList',
    'SelectQuery',
    'Function',
    'Identifier',
    'Literal',
    'Set',
    'TableIdentifier',
    'sum',
    'file',
    'orders',
    '(alias x)',
    '(alias ',
    ')',
    '(children 1)',
    '(children 2)',
    "'",
    '\\',
  )
  const line = fc
    .tuple(fc.nat(6), fc.array(word, { maxLength: 5 }))
    .map(([depth, parts]) => ' '.repeat(depth) + parts.join(' '))

  test('of a tree that looks real', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        expect(verdict(lines.join('\n'))).toMatch(/^(passed|MOGO_QUERY_\w+)$/)
      }),
      { numRuns: 2000 },
    )
  })

  test('and no tree with an unlisted function or a foreign table passes', () => {
    const bad = fc.constantFrom(
      'Function file',
      'Function url (children 1)',
      'TableIdentifier system.one',
      'Set',
      'Identifier _part',
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 15 }),
        bad,
        fc.array(line, { maxLength: 15 }),
        fc.nat(6),
        (before, middle, after, depth) => {
          const text = [...before, ' '.repeat(depth) + middle, ...after].join('\n')
          expect(verdict(text)).not.toBe('passed')
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('in little time, even for a text made to be slow', () => {
    const started = performance.now()
    for (const text of [
      ' (alias '.repeat(20_000),
      `${'('.repeat(100_000)}`,
      ' (children 1)'.repeat(10_000),
      '\n'.repeat(100_000),
    ])
      verdict(text)
    for (const sql of [
      '/*'.repeat(50_000),
      '{a:'.repeat(30_000),
      "'".repeat(99_999),
      '$'.repeat(99_999),
      '"\\'.repeat(49_000),
      '1e'.repeat(49_000),
    ])
      withoutLiterals(tokenize(sql))
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe('the text', () => {
  test('is split into tokens that make it up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (sql) => {
        expect(
          tokenize(sql)
            .map(({ text }) => text)
            .join(''),
        ).toBe(sql)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    [
      "SELECT 'it''s', \"a b\", 1.5e3 -- note\n, {p:Array(String)} /* x /* y */ z */",
      'SELECT ?, "a b", ? , {p:Array(String)}',
    ],
    ["SELECT $tag$ it's $tag$, 'a\\'b', 0x1F # end", 'SELECT ?, ?, ?'],
    ["SELECT 'never closed", 'SELECT ?'],
    ['SELECT ‘curly’, a.b', 'SELECT ?, a.b'],
  ])('%j without its literals', (sql, expected) => {
    expect(withoutLiterals(tokenize(sql))).toBe(expected)
  })

  test('gives the names of CTEs', () => {
    const sql = 'WITH a AS (SELECT 1), "b c" AS MATERIALIZED (SELECT 2), 5 AS n SELECT * FROM a'
    expect([...cteNames(tokenize(sql))]).toEqual(['a', 'b c'])
  })

  test.each([
    ['SELECT \u0000', 'MOGO_QUERY_FORBIDDEN'],
    ['SELECT \ud800', 'MOGO_QUERY_FORBIDDEN'],
    ['SELECT `a\\nb`', 'MOGO_QUERY_FORBIDDEN'],
    ['SELECT "a\nb"', 'MOGO_QUERY_FORBIDDEN'],
    [' -- nothing', 'MOGO_QUERY_NOT_SELECT'],
    [`SELECT '${'é'.repeat(50_001)}'`, 'MOGO_QUERY_LIMIT'],
  ])('%j is refused', (sql, code) => {
    expect(() => readSql(sql)).toThrow(expect.objectContaining({ code }))
  })
})

describe('asterisks leave out what is hidden', () => {
  test.each([
    ['SELECT * FROM t', 'SELECT * EXCEPT (`_v`, `x`) FROM t'],
    ['SELECT t.*, 1 FROM t', 'SELECT t.* EXCEPT (`_v`, `x`), 1 FROM t'],
    ['SELECT DISTINCT * EXCEPT (id) FROM t', 'SELECT DISTINCT * EXCEPT (`_v`, `x`) EXCEPT (id) FROM t'],
    ['SELECT count(*), a * b, 2 * 3 FROM t', 'SELECT count(*), a * b, 2 * 3 FROM t'],
    ["SELECT '*', /* * */ `*` FROM t -- *", "SELECT '*', /* * */ `*` FROM t -- *"],
    [
      'SELECT a, * FROM (SELECT * FROM t)',
      'SELECT a, * EXCEPT (`_v`, `x`) FROM (SELECT * EXCEPT (`_v`, `x`) FROM t)',
    ],
  ])('%s', (sql, expected) => {
    expect(expandAsterisks(sql, tokenize(sql), ['_v', 'x'])).toBe(expected)
  })
})

describe('datasets are written as their tables', () => {
  const renamed = new Map([['orders', 'orders_v2']])
  test.each([
    ['SELECT 1 FROM orders', 'SELECT 1 FROM `orders_v2` AS `orders`'],
    ['SELECT 1 FROM orders o', 'SELECT 1 FROM `orders_v2` o'],
    ['SELECT 1 FROM orders AS o FINAL', 'SELECT 1 FROM `orders_v2` AS o FINAL'],
    ['SELECT 1 FROM orders FINAL', 'SELECT 1 FROM `orders_v2` AS `orders` FINAL'],
    ['SELECT 1 FROM analytics.orders WHERE 1', 'SELECT 1 FROM analytics.`orders_v2` AS `orders` WHERE 1'],
    ['SELECT 1 FROM other.orders', 'SELECT 1 FROM other.orders'],
    ['SELECT orders FROM a, orders', 'SELECT orders FROM a, `orders_v2` AS `orders`'],
    [
      'SELECT 1 FROM a JOIN "orders" ON a.x = orders.x',
      'SELECT 1 FROM a JOIN `orders_v2` AS `orders` ON a.x = orders.x',
    ],
    [
      "SELECT 'FROM orders', orders.id FROM (SELECT 1 FROM orders)",
      "SELECT 'FROM orders', orders.id FROM (SELECT 1 FROM `orders_v2` AS `orders`)",
    ],
    ['WITH orders AS (SELECT 1) SELECT 1 FROM orders', 'WITH orders AS (SELECT 1) SELECT 1 FROM orders'],
    ['SELECT a, orders FROM t WHERE x IN (1, orders)', 'SELECT a, orders FROM t WHERE x IN (1, orders)'],
  ])('%s', (sql, expected) => {
    const tokens = tokenize(sql)
    expect(renameTables(sql, tokens, renamed, 'analytics', cteNames(tokens))).toBe(expected)
  })
})

describe('functions', () => {
  test.each([
    'sum',
    'SUM',
    'sumIf',
    'countDistinctIf',
    'quantileExactIf',
    'uniqExactArray',
    'toStartOfMonth',
    'lag',
    'groupArrayDistinct',
  ])('%s is allowed', (name) => {
    expect(isAllowedFunction(name)).toBe(true)
  })
  test.each([
    'file',
    'sumState',
    'sumMerge',
    'dictGet',
    'joinGet',
    'throwIf',
    'sleep',
    'sleepEachRow',
    'getSetting',
    'currentUser',
    'hostName',
    'arrayReduce',
    'initializeAggregation',
    'finalizeAggregation',
    'getMacro',
    'hasColumnInTable',
    'globalVariable',
    'formatQuery',
    'catboostEvaluate',
    'url',
    'if_',
    'If',
    'Array'.repeat(3),
    '',
  ])('%j is not', (name) => {
    expect(isAllowedFunction(name)).toBe(name === 'If')
  })
  test('a near miss is named', () => {
    expect(suggestFunction('toStartOfMont')).toBe(', perhaps toStartOfMonth')
    expect(suggestFunction('qqqqqqqqqqq')).toBe('')
  })
  test('none is listed twice', () => {
    const twice = ALL_FUNCTIONS.filter((name, index) => ALL_FUNCTIONS.indexOf(name) !== index)
    expect(twice).toEqual([])
  })
})

test('every node of a tree is walked once', () => {
  for (const { ast } of recorded) {
    const parsed = parseAst(ast)
    expect(parsed && [...walk(parsed.root)].length).toBe(ast.trimEnd().split('\n').length)
  }
})

test('a fault of the engine keeps its text to itself', () => {
  const fault = EngineFault.of(
    "Code: 6. DB::Exception: Cannot parse string 'ana@example.org' as UInt8. (CANNOT_PARSE_TEXT) (version 26.7.2.1)",
  )
  expect({ code: fault.code, symbol: fault.symbol, message: fault.message }).toEqual({
    code: 6,
    symbol: 'CANNOT_PARSE_TEXT',
    message: 'engine code 6',
  })
  expect(JSON.stringify(fault) + String(fault) + fault.stack).not.toContain('ana@')
})
