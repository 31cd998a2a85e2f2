/** Requests -> SQL: only names of the dataset get into the text, every value is a parameter, and what is not the caller's is refused. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AccessScope, accessScope } from '#contracts/compile/access-scope.ts'
import { isMogoError } from '#contracts/errors.ts'
import { findDataset } from '#query-api/datasets/find-dataset.ts'
import { isAllowedFunction } from '#query-api/gate/functions.ts'
import { readSql } from '#query-api/gate/gate.ts'
import { identifierName, significant } from '#query-api/gate/sql-text.ts'
import { planIdentity, planRows, type RowsPlan } from '#query-api/rows/rows-plan.ts'
import { readRowsRequest } from '#query-api/rows/rows-request.ts'
import { type RowsStatement, rowsStatement } from '#query-api/rows/rows-sql.ts'
import { totalOf, totalStatement } from '#query-api/rows/rows-total.ts'
import { shopDatasets } from './support/shop.ts'

const DATASETS = shopDatasets()
const scopeOf = (role: string): AccessScope =>
  accessScope(DATASETS, { subject: 'x', tenant: 'north', roles: [role], attributes: {} }, role)

const plan = (query: string, role = 'analyst', dataset = 'orders'): RowsPlan => {
  const scope = scopeOf(role)
  return planRows(scope, findDataset(scope, dataset), readRowsRequest(query, 10_000))
}
const first = (query: string, role?: string, dataset?: string): RowsStatement =>
  rowsStatement(plan(query, role, dataset), { backward: false, limit: 3, give: 'both' }, 'analytics')
const refusal = (query: string, role?: string, dataset?: string): string => {
  try {
    plan(query, role, dataset)
    return 'planned'
  } catch (error) {
    return isMogoError(error) ? `${error.code}: ${error.message} ${error.remedy}` : `unknown: ${error}`
  }
}

describe('the SQL of a page', () => {
  test('of rows', () => {
    expect(first('select=id,total&status=in.(paid,open)&note=not.like.a*b%25&sort=total.desc')).toEqual({
      sql:
        'SELECT [toString(page.o0), hex(page.o1), toString(page.o2)] AS position, page.c0 AS `id`, page.c1 AS `total` FROM (' +
        'SELECT source.`total` AS o0, source.`tenant_id` AS o1, source.`id` AS o2, source.`id` AS c0, source.`total` AS c1 ' +
        'FROM `analytics`.`orders` AS source WHERE source.`status` IN ({p0:String}, {p1:String}) AND NOT (source.`note` LIKE {p2:String}) ' +
        'ORDER BY source.`total` DESC NULLS LAST, source.`tenant_id` ASC NULLS LAST, source.`id` ASC NULLS LAST LIMIT {p3:UInt64}) AS page ' +
        'ORDER BY page.o0 DESC NULLS LAST, page.o1 ASC NULLS LAST, page.o2 ASC NULLS LAST',
      parameters: { p0: 'paid', p1: 'open', p2: 'a%b\\\\%', p3: '3' },
    })
  })

  test('behind a position, and backwards up to another', () => {
    const range = { from: { position: ['7', '6E', '1'], inclusive: false }, upTo: [null, '6E', '9'] }
    const { sql, parameters } = rowsStatement(
      plan('select=id&sort=small'),
      { backward: true, ...range, give: 'columns' },
      'analytics',
    )
    expect(sql).toContain(
      'WHERE (source.`small` < {p2:Int16} OR (source.`small` = {p2:Int16} AND (source.`tenant_id` < unhex({p1:String}) OR (source.`tenant_id` = unhex({p1:String}) AND source.`id` < {p0:Int64})))) ' +
        'AND (source.`small` IS NULL AND (source.`tenant_id` > unhex({p1:String}) OR (source.`tenant_id` = unhex({p1:String}) AND (source.`id` > {p3:Int64} OR source.`id` = {p3:Int64})))) ' +
        'ORDER BY source.`small` DESC NULLS FIRST, source.`tenant_id` DESC NULLS FIRST, source.`id` DESC NULLS FIRST) AS page ' +
        'ORDER BY page.o0 ASC NULLS LAST',
    )
    expect(parameters).toEqual({ p0: '1', p1: '6E', p2: '7', p3: '9' })
    expect(sql).not.toMatch(/position|LIMIT/)
  })

  test('of related datasets: joined behind the page, the tenant with them', () => {
    const { sql } = first('select=id,customers!gift_for_id(country,tier)')
    expect(sql).toContain(
      'related0.`country` AS `customers!gift_for_id.country`, related0.`tier` AS `customers!gift_for_id.tier` FROM (SELECT',
    )
    expect(sql).toContain(
      'source.`gift_for_id` AS j0x0, source.`tenant_id` AS j0x1 FROM `analytics`.`orders` AS source ORDER BY',
    )
    expect(sql).toContain(
      'AS page LEFT JOIN `analytics`.`customers` AS related0 ON related0.`id` = page.j0x0 AND related0.`tenant_id` = page.j0x1 ORDER BY page.o0',
    )
    // The auditor sees one tenant, and not its column: the key alone is enough.
    const auditor = first('select=id,customers!gift_for_id(tier)', 'auditor').sql
    expect(auditor).toContain('ON related0.`id` = page.j0x0 ORDER BY page.o0')
    expect(auditor).not.toContain('tenant_id')
    const country = first('select=id,countries(continent)', 'analyst', 'customers').sql
    expect(country).toContain('LEFT JOIN `analytics`.`countries` AS related0 ON related0.`code` = page.j0x0')
  })

  test('of groups: their columns make the order total', () => {
    const { sql } = first(
      'group=score,status&aggregate=count(),sum(u64),avg(number)&sort=sum_u64.desc&total=gt.5',
    )
    expect(sql).toContain(
      "FROM (SELECT CAST(if(isNaN(source.`score`), CAST('nan' AS Float64), source.`score` + 0) AS Nullable(Float64)) AS g0, source.`status` AS g1, count() AS g2, sum(toDecimal128(source.`u64`, 0)) AS g3, avg(source.`number`) AS g4 " +
        'FROM `analytics`.`orders` AS source WHERE source.`total` > {p0:Decimal(12, 2)} GROUP BY CAST(if(isNaN(source.`score`)',
    )
    expect(sql).toContain(
      'ORDER BY groups.g3 DESC NULLS LAST, groups.g0 ASC NULLS LAST, groups.g1 ASC NULLS LAST LIMIT',
    )
    expect(sql).toContain('page.c2 AS `count`, page.c3 AS `sum_u64`, page.c4 AS `avg_number`')
    expect(first('aggregate=min(total),sum(total)').sql).toContain(
      'minOrNull(source.`total`) AS g0, sumOrNull(source.`total`) AS g1 FROM',
    )
  })

  test('counts without the page', () => {
    expect(totalStatement(plan('total=gt.5&sort=total'), 'exact', 'analytics')).toEqual({
      sql: 'SELECT count() AS total FROM `analytics`.`orders` AS source WHERE source.`total` > {p0:Decimal(12, 2)}',
      parameters: { p0: '5' },
    })
    expect(totalStatement(plan('group=status'), 'exact', 'analytics').sql).toBe(
      'SELECT count() AS total FROM (SELECT source.`status` AS g0 FROM `analytics`.`orders` AS source GROUP BY source.`status`) AS groups',
    )
    expect(totalStatement(plan('total=gt.5'), 'estimate', 'analytics').sql).toBe(
      'SELECT countIf(source.`total` > {p0:Decimal(12, 2)}) AS matching, count() AS seen FROM (SELECT source.`total` AS `total`, source.`id` AS `id` FROM `analytics`.`orders` AS source LIMIT {p1:UInt64}) AS source',
    )
  })
})

describe('a total', () => {
  const rows = plan('total=gt.5')
  const groups = plan('group=status')
  test.each([
    ['of rows that were counted', rows, 'exact', ['7'], undefined, { rows: 7, kind: 'exact' }],
    ['of few rows, all looked at', rows, 'estimate', ['7', '99'], 1_000_000, { rows: 7, kind: 'exact' }],
    ['by share', rows, 'estimate', ['25000', '100000'], 1_000_001, { rows: 250_000, kind: 'estimate' }],
    ['at least', rows, 'estimate', ['25000', '100000'], undefined, { rows: 25_000, kind: 'atLeast' }],
    ['of groups', groups, 'estimate', ['4', 0], 1_000, { rows: 4, kind: 'estimate' }],
    ['of one group', plan('aggregate=count()'), 'estimate', ['1'], 5, { rows: 1, kind: 'exact' }],
  ] as const)('%s', (_what, made, kind, answer, visible, expected) => {
    expect(totalOf(made, kind, answer, visible)).toEqual(expected)
  })
})

describe('not is carried to the tests', () => {
  test.each([
    [
      'not.and=(number.gt.1,small.lt.2)',
      '(NOT (source.`number` > {p0:Int32}) OR NOT (source.`small` < {p1:Int16}))',
    ],
    [
      'not.or=(number.gt.1,not.and(small.lt.2,id.eq.3))',
      '(NOT (source.`number` > {p0:Int32}) AND (source.`small` < {p1:Int16} AND source.`id` = {p2:Int64}))',
    ],
    ['small=not.in.(1)', '(source.`small` IS NOT NULL AND source.`small` NOT IN ({p0:Int16}))'],
    ['number=not.in.(1)', 'source.`number` NOT IN ({p0:Int32})'],
    ['small=is.null', 'source.`small` IS NULL'],
    ['small=not.is.null', 'source.`small` IS NOT NULL'],
    ['small=not.is.not_null', 'source.`small` IS NULL'],
    ['flag=is.true', 'source.`flag` = {p0:Bool}'],
    ['flag=not.is.true', '(source.`flag` IS NULL OR source.`flag` != {p0:Bool})'],
    ['tags=contains.(a,b)', 'hasAll(source.`tags`, [{p0:String}, {p1:String}])'],
    ['numbers=not.contains.(1)', 'NOT (hasAll(source.`numbers`, [{p0:Int32}]))'],
    ['note=starts.x', 'startsWith(source.`note`, {p0:String})'],
    ['note=ilike.x', 'source.`note` ILIKE {p0:String}'],
    ['state=eq.a ] b', "source.`state` = {p0:Enum8('new' = 1, 'a ] b' = 3, 'done' = 2)}"],
  ])('%s', (query, sql) => {
    expect(first(query).sql).toContain(`WHERE ${sql} ORDER BY`)
  })

  test('and a star is any text in like, unless a backslash stands before it', () => {
    const pattern = (text: string) =>
      first(String(new URLSearchParams({ note: `like.${text}` }))).parameters['p0']
    // Parameters have backslashes doubled once more.
    expect(pattern('a*b')).toBe('a%b')
    expect(pattern('50%_')).toBe('50\\\\%\\\\_')
    expect(pattern('a\\*b')).toBe('a*b')
    expect(pattern('\\\\')).toBe('\\\\\\\\')
    expect(pattern('\\%')).toBe('\\\\%')
    expect(pattern('x\\')).toBe('x\\\\\\\\')
  })
})

describe('what is not the caller’s is refused', () => {
  test.each([
    'secret_note=eq.x',
    'select=secret_note',
    'sort=secret_note',
    'group=secret_note',
    'aggregate=min(secret_note)',
    'or=(id.eq.1,secret_note.eq.x)',
    'select=customers!customer_id(secret_note)',
  ])('%s, in the words for what is not there', (query) => {
    const hidden = refusal(query)
    expect(hidden).toContain('MOGO_ROWS_COLUMN')
    expect(hidden.replaceAll('secret_note', 'x')).toBe(
      refusal(query.replace('secret_note', 'no_such_one')).replaceAll('no_such_one', 'x'),
    )
    expect(refusal(query, 'engineer')).toBe('planned')
  })

  test('a relation by a column that may not be read', () => {
    const hidden = refusal('select=customers!hidden_for_id(tier)')
    expect(hidden).toBe(
      'MOGO_ROWS_RELATION: There is no related dataset customers!hidden_for_id of orders that you may read. Related to orders are, for you: customers!customer_id, customers!gift_for_id.',
    )
    expect(hidden.replaceAll('hidden_for_id', 'x')).toBe(refusal('select=customers!x(tier)'))
    expect(refusal('select=customers!hidden_for_id(tier)', 'engineer')).toBe('planned')
    // A dataset that the role may not read at all.
    expect(refusal('select=countries(continent)', 'auditor', 'customers')).toContain('are, for you: none.')
    expect(refusal('select=customers(tier)', 'clerk')).toContain('are, for you: none.')
  })

  test('two references need their column, and a relation ends after one step', () => {
    expect(refusal('select=customers(tier)')).toContain('MOGO_ROWS_RELATION')
    expect(refusal('select=id,customers!customer_id(tier),customers!gift_for_id(tier)')).toBe('planned')
    expect(refusal('select=id,customers!customer_id(tier),customers!customer_id(tier)')).toContain(
      'two columns of the answer would be called customers!customer_id.tier',
    )
  })

  test.each(['_version=gt.1', 'select=_tenant', 'sort=_loaded_at', 'select=constructor', '__proto__=eq.1'])(
    '%s: the engine’s own and the language’s own names',
    (query) => {
      expect(refusal(query, 'engineer')).toContain('MOGO_ROWS_COLUMN')
    },
  )

  test('the source’s name of a column that is stored under another one is answered with that, if it may be read', () => {
    expect(refusal('email=eq.x')).toContain('perhaps email_token')
    expect(refusal('phone=eq.x')).not.toContain('phone_token')
    expect(refusal('phone=eq.x', 'engineer')).toContain('perhaps phone_token')
    expect(refusal('limt=5')).toContain('a filter is operator.value')
    expect(refusal('limt=eq.5')).toContain('perhaps limit')
  })

  test('rows whose key may not be read cannot be paged, groups of them can', () => {
    expect(refusal('', 'clerk')).toContain('MOGO_ROWS_KEYLESS')
    expect(refusal('group=status&aggregate=count()', 'clerk')).toBe('planned')
    expect(plan('', 'auditor').order.map(({ name }) => name)).toEqual(['id'])
    expect(plan('sort=id.desc', 'engineer').order).toMatchObject([
      { name: 'id', descending: true },
      { name: 'tenant_id', descending: false },
    ])
  })
})

describe('operators and values fit the column', () => {
  test.each([
    ['tags=eq.a', 'MOGO_ROWS_OPERATOR', 'Operators that can be: is, contains.'],
    ['number=like.1*', 'MOGO_ROWS_OPERATOR', 'eq, neq, gt, gte, lt, lte, in, is.'],
    ['ref=gt.0b5e8f5a-8a2c-4d53-9f5e-2f0d3a4b5c6d', 'MOGO_ROWS_OPERATOR', 'eq, neq, in, is.'],
    ['flag=gt.true', 'MOGO_ROWS_OPERATOR', 'eq, neq, in, is.'],
    // A number that is stored as text would be in the order of texts.
    ['code=gt.5', 'MOGO_ROWS_OPERATOR', 'eq, neq, in, is, like, ilike, starts.'],
    ['note=is.true', 'MOGO_ROWS_OPERATOR', 'is.true cannot be used on note'],
    ['number=contains.(1)', 'MOGO_ROWS_OPERATOR', 'contains cannot be used on number'],
    ['number=eq.2147483649', 'MOGO_ROWS_VALUE', 'number is compared with is no Int32'],
    ['number=eq.1.5', 'MOGO_ROWS_VALUE', 'Write a whole number from -2147483648 to 2147483647.'],
    ['total=eq.1.005', 'MOGO_ROWS_VALUE', 'at most 10 digits before the point and 2 behind it'],
    ['numbers=contains.(x)', 'MOGO_ROWS_VALUE', 'numbers is compared with is no Int32'],
    ['state=eq.old', 'MOGO_ROWS_VALUE', 'one of its values'],
    ['sort=tags', 'MOGO_ROWS_PARAMETER', 'the values of tags'],
    ['sort=code', 'MOGO_ROWS_PARAMETER', 'have no order'],
    ['sort=id,id.desc', 'MOGO_ROWS_PARAMETER', 'id stands twice'],
    ['group=tags', 'MOGO_ROWS_PARAMETER', 'cannot be grouped by tags'],
    ['group=status,status', 'MOGO_ROWS_PARAMETER', 'two columns'],
    ['group=status&select=id', 'MOGO_ROWS_PARAMETER', 'select'],
    ['group=status&sort=total', 'MOGO_ROWS_PARAMETER', 'groups are sorted by what is in the answer: status'],
    ['aggregate=sum(note)', 'MOGO_ROWS_PARAMETER', 'sum cannot be taken of note'],
    ['aggregate=max(code)', 'MOGO_ROWS_PARAMETER', 'max cannot be taken of code'],
    ['aggregate=uniq(tags)', 'MOGO_ROWS_PARAMETER', 'uniq cannot be taken of tags'],
    ['group=status&aggregate=sum(score)&sort=sum_score', 'MOGO_ROWS_PARAMETER', 'made of floats'],
    ['select=id,id', 'MOGO_ROWS_PARAMETER', 'two columns of the answer would be called id'],
  ])('%s', (query, code, text) => {
    expect(refusal(query)).toContain(`${code}: `)
    expect(refusal(query)).toContain(text)
    expect(refusal(query)).not.toMatch(/2147483649|1\.005|old/)
  })
})

describe('of whatever is asked', () => {
  const names = DATASETS.flatMap(({ columns }) =>
    columns.flatMap(({ target, source }) => [target ?? '', source]),
  )
  const column = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom(
      '_version',
      'count()',
      'id) OR (1',
      '`id`',
      'id`, version() AS `x',
      'a.b',
      '*',
      "x'",
      '{p0:String}',
      'page',
      'o0',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  const marker = fc.constantFrom(
    "zq'marker",
    'zqmarker`',
    'zqmarker) OR 1=1 --',
    '{zqmarker:String}',
    'zqmarker\\',
    '1',
    '1.5',
    'true',
    '2026-01-31',
    '2026-01-31T08:00:00Z',
    '0b5e8f5a-8a2c-4d53-9f5e-2f0d3a4b5c6d',
  )
  const operator = fc.constantFrom('eq', 'neq', 'gt', 'lte', 'like', 'ilike', 'starts', 'not.eq', 'not.like')
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  const filter = fc
    .tuple(column, operator, marker)
    .map(([name, op, value]): [string, string] => [name, `${op}.${value}`])
  const list = fc
    .tuple(
      column,
      fc.constantFrom('in', 'not.in', 'contains'),
      fc.array(marker, { minLength: 1, maxLength: 3 }),
    )
    .map(([name, op, values]): [string, string] => [name, `${op}.(${values.map(quoted).join(',')})`])
  const group = fc
    .tuple(
      fc.constantFrom('or', 'not.and'),
      fc.array(fc.tuple(column, operator, marker), { minLength: 1, maxLength: 3 }),
    )
    .map(([name, parts]): [string, string] => [
      name,
      `(${parts.map(([each, op, value]) => `${quoted(each)}.${op}.${quoted(value)}`).join(',')})`,
    ])
  const columns = fc.array(column, { minLength: 1, maxLength: 4 })
  const select = columns.map((all): [string, string] => ['select', all.map(quoted).join(',')])
  const related = columns.map((all): [string, string] => [
    ...(['select', `id,customers!customer_id(${all.map(quoted).join(',')})`] as const),
  ])
  const sort = columns.map((all): [string, string] => [
    'sort',
    all.map((one) => `${quoted(one)}.desc`).join(','),
  ])
  const groups = columns.map((all): [string, string] => ['group', all.map(quoted).join(',')])
  const aggregate = fc
    .tuple(fc.constantFrom('sum', 'min', 'uniq'), column)
    .map(([name, of]): [string, string] => ['aggregate', `${name}(${quoted(of)})`])
  const request = fc
    .array(fc.oneof(filter, list, group), { maxLength: 3 })
    .chain((filters) =>
      fc
        .oneof(
          fc.tuple(fc.oneof(select, related), sort),
          fc.tuple(groups, aggregate),
          fc.tuple(sort),
          fc.constant([] as [string, string][]),
        )
        .map((rest) => String(new URLSearchParams([...filters, ...rest]))),
    )

  /** Everything that is not a name of the dataset: words of SQL, functions of the gate's list, and our own aliases. */
  const WORDS = new Set(
    'select from as where and or not in is null like ilike order by asc desc nulls first last limit left join on group cast'.split(
      ' ',
    ),
  )
  const isOurs = (word: string) =>
    WORDS.has(word.toLowerCase()) ||
    isAllowedFunction(word) ||
    /^(?:source|groups|page|position|related\d+|[ocg]\d+|j\d+x\d+|total|matching|seen|Nullable|Float32|Float64)$/.test(
      word,
    )
  const stored = new Set(
    DATASETS.flatMap(({ table, columns: all }) => [table, ...all.flatMap(({ target }) => target ?? [])]),
  )
  const isResult = (name: string): boolean => {
    const [, of] = /^customers!customer_id\.(.+)$/.exec(name) ?? []
    const [, aggregated] = /^(?:sum|min|uniq)_(.+)$/.exec(name) ?? []
    return stored.has(of ?? aggregated ?? '')
  }
  const hidden = ['secret_note', 'phone_token', 'hidden_for_id']

  function checkText({ sql, parameters }: RowsStatement): void {
    expect(sql).not.toContain('zqmarker')
    const tokens = significant(readSql(sql))
    // Types of parameters with quotes in them are no single tokens; they come out of the contract.
    const typed = sql.replaceAll(
      /\{p\d+:(?:DateTime64\(\d, 'UTC'\)|DateTime\('UTC'\)|Enum8\((?:'[^']*'|[^'{}])*\))\}/g,
      '{p0:String}',
    )
    for (const token of significant(readSql(typed))) {
      if (token.kind === 'quoted') {
        const name = identifierName(token)
        expect(stored.has(name) || isResult(name) || ['analytics'].includes(name), `${name} in ${sql}`).toBe(
          true,
        )
        expect(hidden).not.toContain(name)
      } else if (token.kind === 'word') expect(isOurs(token.text), `${token.text} in ${sql}`).toBe(true)
      else if (token.kind === 'string') expect(token.text).toBe("'nan'")
      else if (token.kind === 'number') expect(['0', '1']).toContain(token.text)
      else if (token.kind === 'parameter')
        expect(parameters).toHaveProperty(/p\d+/.exec(token.text)?.[0] ?? '-')
      else expect(token.kind).toBe('symbol')
    }
    expect(tokens.some(({ kind }) => kind === 'comment' || kind === 'broken')).toBe(false)
  }

  test('the text holds names of the dataset that the caller may read, and no value', () => {
    let planned = 0
    fc.assert(
      fc.property(request, (query) => {
        const outcome = refusal(query)
        if (outcome !== 'planned') {
          expect(outcome).toMatch(/^MOGO_ROWS_/)
          return
        }
        planned++
        const made = plan(query)
        const position = made.order.map(({ type }) =>
          type.kind === 'text' || type.kind === 'enum' ? '6E6577' : '1',
        )
        const range = { from: { position, inclusive: true }, upTo: position, limit: 5 }
        checkText(rowsStatement(made, { backward: true, give: 'both', ...range }, 'analytics'))
        checkText(totalStatement(made, 'exact', 'analytics'))
        checkText(totalStatement(made, 'estimate', 'analytics'))
      }),
      { numRuns: 2000 },
    )
    expect(planned).toBeGreaterThan(100)
  })

  test('another value makes no other text, and another question another identity', () => {
    const value = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(value, value, (one, other) => {
        const asked = (text: string) =>
          String(new URLSearchParams({ note: `eq.${text}`, status: 'eq.fixed' }))
        fc.pre(one !== other && one !== 'fixed' && other !== 'fixed')
        expect(first(asked(one)).sql).toBe(first(asked(other)).sql)
        expect(planIdentity(plan(asked(one)))).not.toBe(planIdentity(plan(asked(other))))
      }),
      { numRuns: 300 },
    )
    const identity = (query: string) => planIdentity(plan(query))
    expect(identity('id=eq.1&number=gt.2')).toBe(identity('number=gt.2&id=eq.1'))
    expect(identity('id=eq.1&limit=5&total=exact&purpose=x')).toBe(identity('id=eq.1'))
    const questions = [
      '',
      'id=eq.1',
      'id=neq.1',
      'id=not.eq.1',
      'sort=id',
      'sort=id.desc',
      'sort=small',
      'sort=small.nullsfirst',
      'select=id',
      'select=id,total',
      'select=total,id',
      'group=status',
      'group=status&aggregate=count()',
      'select=id,customers!gift_for_id(tier)',
      'select=id,customers!customer_id(tier)',
    ]
    const all = questions.map(identity)
    // The key is the order without a sort, so that asking for it in full is the same question; here the tenant comes second.
    expect(new Set(all).size).toBe(questions.length)
  })

  test('a column that is called like one of our aliases changes the alias', () => {
    const datasets = DATASETS.map((dataset) => ({
      ...dataset,
      columns: dataset.columns.map((each) =>
        each.target === 'note' ? { ...each, target: 'page', source: 'page' } : each,
      ),
      roles: dataset.roles.map((each) => ({
        ...each,
        columns: each.columns.map((name) => (name === 'note' ? 'page' : name)),
      })),
    }))
    const scope = accessScope(
      datasets,
      { subject: 'x', tenant: 'north', roles: ['analyst'], attributes: {} },
      'analyst',
    )
    const made = planRows(scope, findDataset(scope, 'orders'), readRowsRequest('select=page', 100))
    const { sql } = rowsStatement(made, { backward: false, limit: 3, give: 'columns' }, 'analytics')
    expect(sql).toMatch(/^SELECT pagex\.c0 AS `page` FROM \(SELECT sourcex\./)
  })
})
