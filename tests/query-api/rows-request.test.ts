/** The query string of GET /v1/datasets/{name}/rows: what it means, and that nothing in it does more than be refused. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { DEEPEST_FILTER, type Filter, MOST_TESTS, MOST_VALUES } from '#query-api/rows/filter-grammar.ts'
import { OPERATORS } from '#query-api/rows/operators.ts'
import { LONGEST_QUERY, readAsker, readRowsRequest } from '#query-api/rows/rows-request.ts'

const read = (query: string) => readRowsRequest(query, 10_000)
const filters = (query: string): readonly Filter[] => read(query).filters
const refusal = (query: string, mostRows = 10_000): string => {
  try {
    readRowsRequest(query, mostRows)
    return 'read'
  } catch (error) {
    return isMogoError(error) ? `${error.code}: ${error.message}` : `not of the catalogue: ${error}`
  }
}
const oneTest = (column: string, operator: string, values: readonly string[], negated = false) => ({
  ...{ kind: 'test', column, operator, negated, values },
})

describe('a filter', () => {
  test.each([
    ['total=gt.100', [oneTest('total', 'gt', ['100'])]],
    ['total=gte.10&total=lt.20', [oneTest('total', 'gte', ['10']), oneTest('total', 'lt', ['20'])]],
    ['at=eq.2026-01-31T08:00:00.5%2B02:00', [oneTest('at', 'eq', ['2026-01-31T08:00:00.5+02:00'])]],
    ['note=eq.', [oneTest('note', 'eq', [''])]],
    ['note=eq.a,b)"c', [oneTest('note', 'eq', ['a,b)"c'])]],
    ['note=not.like.*x*', [oneTest('note', 'like', ['*x*'], true)]],
    ['note=eq.not.x', [oneTest('note', 'eq', ['not.x'])]],
    ['flag=is.not_null', [oneTest('flag', 'is', ['not_null'])]],
    ['status=in.(paid,"on, hold","a\\"b\\\\")', [oneTest('status', 'in', ['paid', 'on, hold', 'a"b\\'])]],
    ['tags=contains.(vip,"")', [oneTest('tags', 'contains', ['vip', ''])]],
    ['a%20b=eq.1', [oneTest('a b', 'eq', ['1'])]],
  ])('%s', (query, expected) => {
    expect(filters(query)).toEqual(expected)
  })

  test('of a column that is called like a parameter', () => {
    const {
      filters: found,
      total,
      limit,
    } = read('total=gt.1&total=exact&limit=lt.5&limit=7&total=not.in.(3)')
    expect({ total, limit }).toEqual({ total: 'exact', limit: 7 })
    expect(found).toEqual([
      oneTest('total', 'gt', ['1']),
      oneTest('limit', 'lt', ['5']),
      oneTest('total', 'in', ['3'], true),
    ])
    expect(readAsker('total=gt.1&total=exact&role=eq.x')).toMatchObject({ total: 'exact', role: 'eq.x' })
    expect(read('sort=eq.desc').sort).toMatchObject([{ name: 'eq', descending: true }])
    expect(refusal('total=exact&total=none')).toContain('more than once')
  })

  test('in groups, in groups', () => {
    expect(
      filters('or=(total.gt.100,and(status.eq.open,not.or(kind.in.(a,"b)"),not.is.null)),"and".not.eq.1)'),
    ).toEqual([
      {
        ...{ kind: 'group', join: 'or', negated: false },
        parts: [
          oneTest('total', 'gt', ['100']),
          {
            ...{ kind: 'group', join: 'and', negated: false },
            parts: [
              oneTest('status', 'eq', ['open']),
              {
                ...{ kind: 'group', join: 'or', negated: true },
                parts: [oneTest('kind', 'in', ['a', 'b)']), oneTest('not', 'is', ['null'])],
              },
            ],
          },
          oneTest('and', 'eq', ['1'], true),
        ],
      },
    ])
    expect(filters('not.and=(a.eq.1)')).toMatchObject([{ join: 'and', negated: true }])
    expect(filters('and=(limit.gt.5)')).toMatchObject([{ parts: [oneTest('limit', 'gt', ['5'])] }])
  })

  test.each([
    ['amount=100', 'a filter is operator.value, and the operators are eq, neq'],
    ['amount=gt', 'a filter is operator.value'],
    ['amount=toString.1', 'a filter is operator.value'],
    ['amount=__proto__.1', 'a filter is operator.value'],
    ['amount=not.not.eq.1', 'a filter is operator.value'],
    ['status=in.', '( is missing at its end'],
    ['status=in.()', 'a value is missing at character 2'],
    ['status=in.(a', ') is missing at its end'],
    ['status=in.(a)b', 'something is left over at character 4'],
    ['status=in.(a b"c)', 'stands in double quotes, at character 5'],
    ['status=in.("a"b)', 'stands in double quotes, at character 5'],
    ['flag=is.maybe', 'is asks for one of null, not_null, true, false'],
    ['or=', '( is missing'],
    ['or=()', 'a name is missing at character 2'],
    ['or=(a)', '. is missing at character 3'],
    ['or=(a.b.c)', 'a part is column.operator.value'],
    ['or=(a."eq".c)', 'a part is column.operator.value'],
    ['or=(a.eq.1', ') is missing'],
    ['or=(a.eq.1))', 'something is left over'],
    ['=eq.1', undefined],
  ])('%s is not read', (query, detail) => {
    if (detail === undefined) expect(filters(query)).toEqual([oneTest('', 'eq', ['1'])])
    else expect(refusal(query)).toContain(detail)
  })

  test('cannot be nested without end, nor be too many', () => {
    const nested = (depth: number) => `or=${'(or'.repeat(depth - 1)}(a.eq.1${')'.repeat(depth)}`
    expect(refusal(nested(DEEPEST_FILTER))).toBe('read')
    expect(refusal(nested(DEEPEST_FILTER + 1))).toContain('nested more than')
    expect(refusal(nested(900))).toContain('nested more than')
    const many = (count: number) => Array.from({ length: count }, () => 'a=eq.1').join('&')
    expect(refusal(many(MOST_TESTS))).toBe('read')
    expect(refusal(many(MOST_TESTS + 1))).toContain(`more than ${MOST_TESTS} filters`)
    const list = (count: number) => `a=in.(${Array.from({ length: count }, () => '1').join(',')})`
    expect(refusal(list(MOST_VALUES))).toBe('read')
    expect(refusal(list(MOST_VALUES + 1))).toContain(`more than ${MOST_VALUES} values`)
  })
})

describe('what is asked for', () => {
  test('columns and related datasets', () => {
    expect(read('select=id,"a,b",customers(name_token,country),customers!gift_for_id(*),*').select).toEqual([
      { kind: 'column', column: 'id' },
      { kind: 'column', column: 'a,b' },
      { kind: 'related', dataset: 'customers', by: undefined, columns: ['name_token', 'country'] },
      { kind: 'related', dataset: 'customers', by: 'gift_for_id', columns: undefined },
      { kind: 'all' },
    ])
    expect(read('').select).toBeUndefined()
  })

  test('an order', () => {
    expect(read('sort=a,b.desc,c.nullsfirst,d.desc.nullslast,"e.desc".asc').sort).toEqual([
      { name: 'a', descending: false, nullsFirst: false },
      { name: 'b', descending: true, nullsFirst: false },
      { name: 'c', descending: false, nullsFirst: true },
      { name: 'd', descending: true, nullsFirst: false },
      { name: 'e.desc', descending: false, nullsFirst: false },
    ])
  })

  test('groups', () => {
    const { group, aggregates } = read('group=status,country&aggregate=count(),sum(total)')
    expect(group).toEqual(['status', 'country'])
    expect(aggregates).toEqual([
      { name: 'count', column: undefined },
      { name: 'sum', column: 'total' },
    ])
  })

  test.each([
    ['select=', 'a name is missing'],
    ['select=a,', 'a name is missing'],
    ['select=a(b)c', 'something is left over'],
    ['select=a(b(c))', ') is missing'],
    ['select=a:b(c', ') is missing'],
    ['select=a!b', '( is missing'],
    ['sort=a.up', 'behind a name may stand .asc or .desc'],
    ['sort=a.nullsfirst.desc', 'behind a name may stand'],
    ['sort=a.desc.nullslast.x', 'behind a name may stand'],
    ['aggregate=median(a)', 'an aggregate is one of count, sum'],
    ['aggregate=count(a)', 'count() is of no column'],
    ['aggregate=sum()', 'count() is of no column, every other'],
    ['aggregate=sum(a', ') is missing'],
    ['limit=0', 'a whole number from 1 to 10000'],
    ['limit=-1', 'a whole number from 1 to 10000'],
    ['limit=10001', 'a whole number from 1 to 10000'],
    ['limit=1e3', 'a whole number'],
    ['limit=0x10', 'a whole number'],
    ['total=yes', 'it is one of none, estimate, exact'],
    ['limit=1&limit=2', 'more than once'],
    ['cursor=a&cursor=b', 'more than once'],
  ])('%s is not read', (query, detail) => {
    expect(refusal(query)).toContain(detail)
  })

  test('a page that has no size of its own is never larger than an answer may be', () => {
    expect(readRowsRequest('', 7).limit).toBe(7)
    expect(readRowsRequest('', 10_000).limit).toBe(100)
    expect(refusal('limit=8', 7)).toContain('from 1 to 7')
  })

  test('a query string that is too long is refused, the cursor aside', () => {
    expect(refusal(`note=eq.${'x'.repeat(LONGEST_QUERY)}`)).toContain('MOGO_ROWS_QUERY_LONG')
    expect(refusal(`cursor=${'x'.repeat(LONGEST_QUERY)}`)).toBe('read')
  })

  test('as whom and why', () => {
    expect(readAsker('role=analyst&purpose=case%204711&total=exact')).toEqual({
      ...{ role: 'analyst', purpose: 'case 4711', total: 'exact' },
    })
    expect(readAsker('total=x')).toEqual({ role: undefined, purpose: '', total: 'none' })
    expect(() => readAsker('role=a&role=b')).toThrow('more than once')
    expect(() => readAsker(`purpose=${'x'.repeat(201)}`)).toThrow('longer than 200')
  })
})

describe('whatever stands there', () => {
  const pieces = fc.constantFrom(
    ...Object.keys(OPERATORS),
    ...['not', 'and', 'or', 'select', 'sort', 'group', 'aggregate', 'limit', 'cursor', 'null', '*', 'a', 'b'],
    ...[
      '.',
      ',',
      '(',
      ')',
      '"',
      '\\',
      '=',
      '&',
      '!',
      ':',
      '%00',
      '%',
      '%FF',
      '+',
      "'",
      '`',
      ';--',
      '\u2028',
      '🙂',
    ],
  )
  const hostile = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(fc.constantFrom('select', 'sort', 'group', 'aggregate', 'or', 'not.and', 'a'), fc.array(pieces))
      .map(([name, parts]) => `${name}=${parts.join('')}`),
  )

  test('nothing but a fault of the catalogue is thrown, and it quotes no value', () => {
    let refused = 0
    let taken = 0
    fc.assert(
      fc.property(hostile, (query) => {
        const outcome = refusal(query)
        expect(outcome).toMatch(/^read$|^MOGO_ROWS_/)
        if (outcome === 'read') taken++
        else refused++
      }),
      { numRuns: 3000 },
    )
    // Both ways were gone, or the pieces would be no test.
    expect(Math.min(refused, taken)).toBeGreaterThan(50)
  })

  test('a value comes out as it went in, however it is written', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 30 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const quoted = values.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`)
        const list = new URLSearchParams({ a: `in.(${quoted.join(',')})` })
        expect(filters(String(list))).toEqual([oneTest('a', 'in', values)])
        const [first = ''] = values
        const plain = new URLSearchParams({ a: `eq.${first}` })
        expect(filters(String(plain))).toEqual([oneTest('a', 'eq', [first])])
        const inGroup = new URLSearchParams({ or: `("x ${values.length}".neq.${quoted[0]})` })
        expect(filters(String(inGroup))).toMatchObject([
          { parts: [oneTest(`x ${values.length}`, 'neq', [first])] },
        ])
      }),
      { numRuns: 500 },
    )
  })
})
