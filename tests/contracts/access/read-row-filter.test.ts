import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRowFilter } from '#contracts/access/read-row-filter.ts'

const own = { column: 'tenant_id', operator: '=', principal: 'tenant' }
const read = (...predicates: readonly unknown[]) => readRowFilter(predicates)
const messages = (written: unknown): readonly string[] =>
  readRowFilter(written).faults.map(
    ({ path, message, suggestion }) =>
      `${path.join('.')}: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`,
  )

describe('a row filter', () => {
  test('is all, or a list of predicates, kept as they are', () => {
    expect(readRowFilter('all')).toEqual({ filter: 'all', faults: [] })
    expect(read(own)).toEqual({ filter: [own], faults: [] })
    expect(JSON.stringify(read(own).filter)).toBe(
      '[{"column":"tenant_id","operator":"=","principal":"tenant"}]',
    )
  })

  test('reads values as text, in the notation of their type', () => {
    expect(
      read(
        { column: 'a', operator: '=', value: 5 },
        { column: 'a', operator: 'in', value: ['x', 1.5, true] },
        { column: 'a', operator: '!=', value: '' },
        { column: 'a', operator: 'isNull' },
      ).filter,
    ).toEqual([
      { column: 'a', operator: '=', value: '5' },
      { column: 'a', operator: 'in', value: ['x', '1.5', 'true'] },
      { column: 'a', operator: '!=', value: '' },
      { column: 'a', operator: 'isNull' },
    ])
  })

  test('nests any, all and not', () => {
    const nested = { any: [own, { not: { all: [own, { column: 'b', operator: 'isNotNull' }] } }] }
    expect(read(nested)).toEqual({ filter: [nested], faults: [] })
  })
})

describe('what is none is refused, with its place', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, ': expected all, or a list'],
    ['SQL', '1 = 1', ': expected all, or a list'],
    ['an empty list', [], ': expected all, or a list'],
    ['a predicate that is a text', ['a = 1'], '0: expected a predicate'],
    ['no column', [{ operator: '=', principal: 'x' }], '0: a predicate names a column'],
    [
      'a misspelt key',
      [{ ...own, principle: 'x' }],
      '0.principle: a predicate has no principle; did you mean principal?',
    ],
    ['another operator', [{ ...own, operator: 'like' }], '0.operator: an operator is one of'],
    ['the operator of another language', [{ ...own, operator: '==' }], 'did you mean =?'],
    ['the words of SQL', [{ ...own, operator: 'NOT IN' }], 'did you mean notIn?'],
    ['no operator', [{ column: 'a', principal: 'x' }], '0.operator'],
    ['principal and value', [{ ...own, value: 'x' }], '0: = compares with one of principal'],
    ['neither', [{ column: 'a', operator: '=' }], '0: = compares with one of principal'],
    [
      'isNull with a value',
      [{ column: 'a', operator: 'isNull', value: 1 }],
      '0: isNull compares with nothing',
    ],
    ['a list for one value', [{ column: 'a', operator: '=', value: ['x'] }], '0.value: a value is'],
    [
      'one value for a list',
      [{ column: 'a', operator: 'in', value: 'x' }],
      '0.value: in compares with a list',
    ],
    [
      'an empty list of values',
      [{ column: 'a', operator: 'in', value: [] }],
      '0.value: in compares with a list',
    ],
    ['NULL', [{ column: 'a', operator: '=', value: null }], '0.value: to ask for NULL, use isNull'],
    ['NULL in a list', [{ column: 'a', operator: 'in', value: [null] }], '0.value.0: to ask for NULL'],
    ['lost digits', [{ column: 'a', operator: '=', value: 2 ** 60 }], '0.value: YAML has lost digits'],
    ['half a character', [{ column: 'a', operator: '=', value: '\ud800' }], '0.value: a value is valid text'],
    [
      'a value without end',
      [{ column: 'a', operator: '=', value: 'x'.repeat(1001) }],
      '0.value: a value is valid text',
    ],
    ['an empty any', [{ any: [] }], '0.any: any is a list'],
    ['not of a list', [{ not: [own] }], '0.not: expected a predicate'],
    ['two joins', [{ any: [own], all: [own] }], '0: any stands alone'],
    ['a join with a column', [{ any: [own], column: 'a' }], '0: any stands alone'],
    ['a principal that is a number', [{ column: 'a', operator: '=', principal: 5 }], '0.principal'],
    [
      'too many values',
      [{ column: 'a', operator: 'in', value: Array(1001).fill('x') }],
      '0.value: more than 1000',
    ],
    ['too many predicates', Array(201).fill(own), '200: more than 200 predicates'],
  ]
  test.each(cases)('%s', (_name, written, expected) => {
    expect(messages(written).join('\n')).toContain(expected)
    expect(readRowFilter(written).filter).toBeUndefined()
  })

  test('what is nested too deep, or holds itself', () => {
    let deep: unknown = own
    for (let depth = 0; depth < 10; depth++) deep = { not: deep }
    expect(messages([deep]).join()).toContain('nested more than 8 deep')
    const loop: { any: unknown[] } = { any: [] }
    loop.any.push(loop, loop, loop)
    expect(readRowFilter([loop]).filter).toBeUndefined()
  })

  test('no value makes it throw', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 6 }), (value) => {
        expect(Array.isArray(readRowFilter(value).faults)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
