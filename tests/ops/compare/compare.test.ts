import { describe, expect, test } from 'vitest'
import { type Ask, compareDataset, matchRows } from '#ops/compare/compare-dataset.ts'
import { keyText, quotePostgres, sourceRowText, targetRowText } from '#ops/compare/expressions.ts'
import { datasetOf, KEY, personal } from '../../contracts/contract-text.ts'

/** The two texts of one more column. */
const textsOf = (property: string): readonly [string, string] => {
  const dataset = datasetOf({ properties: [...KEY, property] })
  const last = (text: string, separator: string) => text.split(separator).at(-1) ?? ''
  return [
    last(sourceRowText(dataset), ' || chr(31) || '),
    last(targetRowText(dataset), ', char(31), ').replace(/\)$/, ''),
  ]
}

describe('the text of a column on both sides', () => {
  test.each([
    ['text, nullable', '{name: a, physicalType: text}'],
    ['text, required', '{name: a, physicalType: text, required: true}'],
    ['numeric(12,2)', '{name: a, physicalType: "numeric(12,2)"}'],
    ['numeric', '{name: a, physicalType: numeric}'],
    ['timestamptz', '{name: a, physicalType: timestamptz}'],
    ['timestamp', '{name: a, physicalType: timestamp without time zone}'],
    ['date', '{name: a, physicalType: date}'],
    ['boolean', '{name: a, physicalType: boolean}'],
    ['float8', '{name: a, physicalType: float8}'],
    ['text[], required', '{name: a, physicalType: "text[]", required: true}'],
    ['bigint[], nullable', '{name: a, physicalType: "bigint[]"}'],
    ['timestamptz[], nullable', '{name: a, physicalType: "timestamptz[]"}'],
    ['time', '{name: a, physicalType: time}'],
    ['hstore: whether it is NULL', '{name: a, physicalType: hstore}'],
    ['timetz[], nullable', '{name: a, physicalType: "timetz[]"}'],
    ['interval', '{name: a, physicalType: interval}'],
    ['bytea', '{name: a, physicalType: bytea}'],
    ['real', '{name: a, physicalType: real}'],
    ['money', '{name: a, physicalType: money}'],
    [
      'a clamped date',
      '{name: a, physicalType: date, customProperties: [{property: outOfRange, value: clamp}]}',
    ],
    [
      'a timestamp in milliseconds, else NULL',
      '{name: a, physicalType: timestamp, customProperties: [{property: targetType, value: "DateTime64(3, \'UTC\')"}, {property: outOfRange, value: null}]}',
    ],
    [
      'numeric, NaN as NULL',
      '{name: a, physicalType: "numeric(12,2)", customProperties: [{property: notFinite, value: null}]}',
    ],
    ['a token: whether it is NULL', personal('a', '{method: hmac, domain: d}')],
    ['quoted names', '{name: x, physicalName: "a\\"b", physicalType: text}'],
  ])('of %s', (_name, property) => {
    const [source, target] = textsOf(property)
    expect(`${source}\n${target}`).toMatchSnapshot()
  })

  test('of a dropped column is none', () => {
    const dataset = datasetOf({ properties: [...KEY, personal('secret', '{method: drop}')] })
    expect(sourceRowText(dataset) + targetRowText(dataset)).not.toContain('secret')
  })
})

describe('the key', () => {
  test('is its columns', () => {
    expect(keyText(datasetOf())).toEqual({
      source: `format('%s', "tenant_id") || chr(31) || format('%s', "id")`,
      target: "concat('', toString(assumeNotNull(`tenant_id`)), char(31), toString(assumeNotNull(`id`)))",
      complete: true,
    })
  })

  test('leaves out what is protected, and says so', () => {
    const key =
      '{name: mail, physicalType: text, primaryKey: true, customProperties: [{property: piiPlan, value: {method: hmac, domain: email}}]}'
    const dataset = datasetOf({ properties: [KEY[0] ?? '', key] })
    expect(keyText(dataset)).toMatchObject({ source: `format('%s', "tenant_id")`, complete: false })
  })
})

test.each([
  ['a', '"a"'],
  ['a"b', '"a""b"'],
])('the name %s is quoted for Postgres', (name, quoted) => expect(quotePostgres(name)).toBe(quoted))

describe('matching rows', () => {
  const left = (...rows: readonly (readonly [string, string])[]) =>
    rows.map(([key, hash]) => ({ '#key': key, '#hash': hash }))
  const right = (...rows: readonly (readonly [string, string])[]) =>
    rows.map(([key, hash]) => ({ key, hash }))
  const cases: readonly (readonly [
    string,
    ReturnType<typeof left>,
    ReturnType<typeof right>,
    number,
    number,
  ])[] = [
    ['the same rows', left(['1', 'a'], ['2', 'b']), right(['2', 'b'], ['1', 'a']), 0, 0],
    ['a missing row', left(['1', 'a'], ['2', 'b']), right(['1', 'a']), 1, 0],
    ['a row too many', left(['1', 'a']), right(['1', 'a'], ['2', 'b']), 0, 1],
    ['a stale row is one difference', left(['1', 'a']), right(['1', 'old']), 1, 0],
    ['a doubled row', left(['1', 'a']), right(['1', 'a'], ['1', 'a']), 0, 1],
    [
      'rows of one protected key',
      left(['', 'a'], ['', 'b'], ['', 'b']),
      right(['', 'b'], ['', 'b'], ['', 'a']),
      0,
      0,
    ],
    ['one of them missing', left(['', 'a'], ['', 'b']), right(['', 'b']), 1, 0],
  ]
  test.each(cases)('%s', (_name, source, stored, unmatched, surplus) => {
    const found = matchRows(source, stored)
    expect([found.unmatched.length, found.surplus]).toEqual([unmatched, surplus])
  })
})

describe('the comparison of a dataset', () => {
  const dataset = datasetOf({
    properties: [...KEY, '{name: total, physicalType: integer, logicalTypeOptions: {minimum: 0}}'],
  })
  /** Answers by what is asked: totals, or the rows of a tenant. */
  const side =
    (totals: readonly object[], rows: readonly object[]): Ask =>
    async (sql) =>
      (/group by/i.test(sql) ? totals : rows) as never

  test('of equal sums asks for no row', async () => {
    const totals = [{ tenant: 'acme', count: '2', sum: '17' }]
    const never: Ask = async (sql) => {
      if (/group by/i.test(sql)) return totals
      throw new Error('asked for rows')
    }
    expect(await compareDataset(dataset, never, never, 'analytics')).toEqual({
      dataset: 'things',
      tenants: 1,
      sourceRows: 2,
      storedRows: 2,
      explained: 0,
      unexplained: 0,
      badTenants: [],
    })
  })

  test('explains rows that break the contract, and no others', async () => {
    const source = side(
      [{ tenant: 'acme', count: '3', sum: '1' }],
      [
        { '#key': '1', '#hash': 'a', '#0': 'acme', '#1': '1', '#2': '-1' },
        { '#key': '2', '#hash': 'b', '#0': 'acme', '#1': '2', '#2': '5' },
        { '#key': '3', '#hash': 'c', '#0': 'acme', '#1': '3', '#2': null },
      ],
    )
    const target = side([{ tenant: 'acme', count: '1', sum: '2' }], [{ key: '3', hash: 'c' }])
    expect(await compareDataset(dataset, source, target, 'analytics')).toMatchObject({
      sourceRows: 3,
      storedRows: 1,
      explained: 1,
      unexplained: 1,
      badTenants: ['acme'],
    })
  })

  test('finds rows of a tenant that the source does not have', async () => {
    const target = side([{ tenant: 'ghost', count: '1', sum: '2' }], [{ key: '3', hash: 'c' }])
    expect(await compareDataset(dataset, side([], []), target, 'analytics')).toMatchObject({
      unexplained: 1,
      badTenants: ['ghost'],
    })
  })

  test('asks about a tenant by a literal, whatever its name', async () => {
    const asked: string[] = []
    const ask: Ask = async (sql) => {
      asked.push(sql)
      return /group by/i.test(sql) ? [{ tenant: "o'b\\", count: String(asked.length), sum: '1' }] : []
    }
    await compareDataset(dataset, ask, ask, 'analytics')
    expect(asked.some((sql) => sql.includes(`format('%s', "tenant_id") = 'o''b\\'`))).toBe(true)
    expect(asked.some((sql) => sql.includes("toString(`tenant_id`) = 'o\\'b\\\\'"))).toBe(true)
  })
})
