import { describe, expect, test } from 'vitest'
import { bindsTenant } from '#contracts/access/binds-tenant.ts'
import { type FilterPrincipal, filterExpression } from '#contracts/access/filter-expression.ts'
import type { RowFilter, RowOperator, RowPredicate } from '#contracts/access/row-filter.ts'
import { rowFilterText } from '#contracts/access/row-filter-text.ts'
import { type ComparedColumn, typedLiteral } from '#contracts/access/typed-literal.ts'
import { compileText, datasetOf, KEY, OWN_ROWS, personal } from '../contract-text.ts'
import { evaluate } from './evaluate.ts'

const ana: FilterPrincipal = {
  tenant: 'acme',
  attributes: { region: 'eu', regions: ['eu', 'us'], level: '3' },
}
const columns: Readonly<Record<string, ComparedColumn & { nullable: boolean }>> = {
  tenant_id: { kind: 'text', type: 'String', nullable: false },
  region: { kind: 'text', type: 'String', nullable: true },
  n: { kind: 'bigint', type: 'Int64', nullable: true },
}
const own: RowPredicate = { column: 'tenant_id', operator: '=', principal: 'tenant' }
const inRegion: RowPredicate = { column: 'region', operator: 'in', principal: 'regions' }
const sql = (filter: RowFilter, principal = ana) =>
  filterExpression(filter, principal, (name) => columns[name])

describe('a compiled row filter', () => {
  const cases: readonly (readonly [string, RowFilter, string])[] = [
    ['all', 'all', '1'],
    ['one predicate', [own], "`tenant_id` = 'acme'"],
    ['a conjunction', [own, inRegion], "`tenant_id` = 'acme' AND `region` IN ('eu', 'us')"],
    [
      'any within it',
      [
        own,
        {
          any: [
            { column: 'region', operator: '=', value: "o'x" },
            { column: 'region', operator: 'isNull' },
          ],
        },
      ],
      "`tenant_id` = 'acme' AND (`region` = 'o\\'x' OR `region` IS NULL)",
    ],
    ['any of one', [{ any: [own] }], "`tenant_id` = 'acme'"],
    ['not of a comparison', [{ not: { column: 'n', operator: '<', value: '5' } }], "`n` >= toInt64('5')"],
    [
      'not of any is all of not',
      [{ not: { any: [own, { column: 'n', operator: 'isNull' }] } }],
      "(`tenant_id` != 'acme' AND `n` IS NOT NULL)",
    ],
    [
      'not of all is any of not',
      [{ not: { all: [own, { not: inRegion }] } }],
      "(`tenant_id` != 'acme' OR `region` IN ('eu', 'us'))",
    ],
    [
      'a list that a NULL could be outside of',
      [{ not: inRegion }],
      "(`region` IS NOT NULL AND `region` NOT IN ('eu', 'us'))",
    ],
    [
      'a list on a column without NULL',
      [{ column: 'tenant_id', operator: 'notIn', value: ['a', 'b'] }],
      "`tenant_id` NOT IN ('a', 'b')",
    ],
    [
      'an attribute for a number',
      [{ column: 'n', operator: '<=', principal: 'level' }],
      "`n` <= toInt64('3')",
    ],
  ]
  test.each(cases)('%s', (_name, filter, expected) => expect(sql(filter)).toBe(expected))

  const nobody: RowPredicate = { column: 'region', operator: '=', principal: 'nothing' }
  test.each<readonly [string, RowFilter]>([
    ['the filter is empty', []],
    ['an attribute is missing', [own, nobody]],
    ['an attribute is missing under not', [{ not: nobody }]],
    ['an attribute is missing beside another branch', [{ any: [own, nobody] }]],
    ['an attribute is missing under not any', [{ not: { any: [own, nobody] } }]],
    ['an attribute is no value of the type', [{ column: 'n', operator: '=', principal: 'region' }]],
    ['an attribute has two values', [{ column: 'region', operator: '!=', principal: 'regions' }]],
    ['the column is none', [{ column: 'gone', operator: '=', principal: 'region' }]],
    ['any is empty', [{ any: [] }]],
  ])('hides the dataset if %s', (_why, filter) => expect(sql(filter)).toBeUndefined())
})

describe('NULL lets no row through', () => {
  const operators: readonly RowOperator[] = ['=', '!=', '<', '<=', '>', '>=', 'in', 'notIn']
  const row = { tenant_id: 'acme', region: null, n: null }
  test.each(operators)('under %s, nor under its negation', (operator) => {
    const value = operator === 'in' || operator === 'notIn' ? ['eu'] : 'eu'
    const predicate: RowPredicate = { column: 'region', operator, value } as RowPredicate
    expect(evaluate([predicate], row, ana)).toBe(false)
    expect(evaluate([{ not: predicate }], row, ana)).toBe(false)
    expect(evaluate([{ not: { not: predicate } }], row, ana)).toBe(false)
  })

  test('but by isNull, and by another branch', () => {
    expect(evaluate([{ column: 'region', operator: 'isNull' }], row, ana)).toBe(true)
    expect(evaluate([{ any: [{ not: inRegion }, own] }], row, ana)).toBe(true)
    expect(evaluate([{ not: { all: [inRegion, own] } }], row, ana)).toBe(false)
  })
})

describe('a literal', () => {
  const of = (kind: ComparedColumn['kind'], type: string): ComparedColumn => ({ kind, type })
  const long = of('bigint', 'Int64')
  const money = of('decimal', 'Decimal(6, 2)')
  const day = of('date', 'Date32')
  const time = of('timestamp', "DateTime64(6, 'UTC')")
  const cases: readonly (readonly [string, ComparedColumn, string | undefined])[] = [
    ["a'b", of('text', 'String'), "'a\\'b'"],
    ['007', long, "toInt64('7')"],
    ['-9223372036854775808', long, "toInt64('-9223372036854775808')"],
    ['9223372036854775808', long, undefined],
    ['1 OR 1=1', long, undefined],
    ['1.0', long, undefined],
    ['١', long, undefined],
    ['1.50', money, "CAST('1.5' AS Decimal(6, 2))"],
    ['-0012', money, "CAST('-12' AS Decimal(6, 2))"],
    ['.5', money, "CAST('0.5' AS Decimal(6, 2))"],
    ['0', money, "CAST('0' AS Decimal(6, 2))"],
    ['0.001', money, undefined],
    ['12345', money, undefined],
    ['1e3', money, undefined],
    ['-', money, undefined],
    ['1.', money, undefined],
    ['true', of('boolean', 'Bool'), 'true'],
    ['1', of('boolean', 'Bool'), undefined],
    [
      'AAAAAAAA-0000-0000-0000-000000000001',
      of('uuid', 'UUID'),
      "toUUID('aaaaaaaa-0000-0000-0000-000000000001')",
    ],
    ['aaaa', of('uuid', 'UUID'), undefined],
    ['2024-02-29', day, "toDate32('2024-02-29')"],
    ['2023-02-29', day, undefined],
    ['1899-12-31', day, undefined],
    ['2024-2-9', day, undefined],
    ['2024-01-31', time, "toDateTime64('2024-01-31 00:00:00.000000', 6, 'UTC')"],
    ['2024-01-31T10:20:30.5Z', time, "toDateTime64('2024-01-31 10:20:30.500000', 6, 'UTC')"],
    ['2024-01-31T10:20:30+02:00', time, undefined],
    ['2024-13-31', time, undefined],
    ['1', of('float', 'Float64'), undefined],
    ['[]', of('array', 'Array(String)'), undefined],
  ]
  test.each(cases)('%j', (text, column, expected) => expect(typedLiteral(text, column)).toBe(expected))
})

test.each<readonly [RowFilter, string]>([
  ['all', 'every row'],
  [[], 'no rows'],
  [[own], 'rows whose tenant_id is your tenant'],
  [[own, inRegion], 'rows whose tenant_id is your tenant and whose region is among your regions'],
  [
    [
      {
        any: [{ column: 'n', operator: '>=', value: '5' }, { not: { column: 'region', operator: 'isNull' } }],
      },
    ],
    "rows whose (n is at least '5' or not (region is empty))",
  ],
  [[{ column: 'region', operator: 'notIn', value: ['a', 'b'] }], "rows whose region is not among 'a', 'b'"],
])('%j reads: %s', (filter, text) => expect(rowFilterText(filter)).toBe(text))

test.each<readonly [boolean, RowFilter]>([
  [true, [own]],
  [true, [inRegion, own]],
  [true, [{ all: [own, inRegion] }]],
  [true, [{ any: [own, { all: [inRegion, own] }] }]],
  [true, [{ column: 'tenant_id', operator: 'in', principal: 'tenant' }]],
  [false, 'all'],
  [false, []],
  [false, [inRegion]],
  [false, [{ any: [own, inRegion] }]],
  [false, [{ not: own }]],
  [false, [{ column: 'tenant_id', operator: '!=', principal: 'tenant' }]],
  [false, [{ column: 'tenant_id', operator: '=', principal: 'region' }]],
  [false, [{ column: 'tenant_id', operator: '=', value: 'acme' }]],
  [false, [{ column: 'region', operator: '=', principal: 'tenant' }]],
])('binds the tenant: %s for %j', (binds, filter) => expect(bindsTenant(filter, 'tenant_id')).toBe(binds))

describe('a role of a contract', () => {
  const properties = [
    ...KEY,
    '{name: region, logicalType: string, physicalType: text}',
    '{name: score, logicalType: number, physicalType: "double precision"}',
    '{name: price, logicalType: number, physicalType: "numeric(6,2)"}',
    '{name: huge, logicalType: number, physicalType: numeric}',
    '{name: born, logicalType: date, physicalType: birth_day}',
    '{name: tags, logicalType: array, physicalType: "text[]"}',
    '{name: ok, logicalType: boolean, physicalType: boolean}',
    personal('email', '{method: hmac, domain: email}'),
    personal('street', '{method: drop}'),
    personal('phone', '{method: mask}'),
    personal('zip', '{method: bucket, keep: 2}'),
  ]
  const OWN = '{column: tenant_id, operator: "=", principal: tenant}'
  const faultsOf = (predicates: string, more = '') =>
    compileText({
      properties,
      roles: [`{role: a, customProperties: [{property: rowFilter, value: [${predicates}]}${more}]}`],
    }).faults.filter(({ code }) => code.startsWith('CONTRACT_ROLE'))

  const refused: readonly (readonly [string, string])[] = [
    ['{column: regio, operator: "=", value: x}', 'there is no stored column regio; did you mean region?'],
    ['{column: street, operator: isNull}', 'street is not stored (its piiPlan drops it)'],
    ['{column: email, operator: "=", value: x}', 'email is stored as the token email_token'],
    ['{column: email, operator: "!=", principal: x}', 'email is stored as the token email_token'],
    ['{column: email, operator: "<", principal: x}', 'email is stored as the token email_token'],
    ['{column: phone, operator: "=", value: x}', 'phone is stored protected (mask)'],
    ['{column: zip, operator: "<", value: x}', 'zip is stored as ranges'],
    ['{column: score, operator: ">", value: 1}', 'score is of a type that cannot be compared'],
    ['{column: huge, operator: "=", value: 1}', 'huge is of a type that cannot be compared'],
    ['{column: tags, operator: "=", value: x}', 'tags is of a type that cannot be compared'],
    ['{column: born, operator: "<", value: "2000-01-01"}', 'born has no order'],
    ['{column: ok, operator: "<", value: true}', 'ok has no order'],
    ['{column: id, operator: "=", value: x}', 'what id is compared with is no value of its type (Int64)'],
    [
      '{column: price, operator: in, value: [1.5, 1.555]}',
      'what price is compared with is no value of its type',
    ],
  ]
  test.each(refused)('%s is refused', (predicate, message) => {
    const faults = faultsOf(`${OWN}, ${predicate}`)
    expect(faults.map((fault) => [fault.severity, fault.code])).toEqual([
      ['error', 'CONTRACT_ROLE_ROW_FILTER'],
    ])
    expect(faults[0]?.message).toContain(message)
    expect(faults[0]?.path).toMatch(/^roles\[0\]\.customProperties\[0\]\.value\[1\]/)
  })

  test.each([
    '{column: zip, operator: "=", value: "12"}',
    '{column: born, operator: "=", value: "2000-01-01"}',
    '{column: phone, operator: isNull}',
    '{column: email, operator: isNotNull}',
    '{not: {any: [{column: region, operator: "<", value: m}, {column: price, operator: ">=", value: 10}]}}',
  ])('%s is fine', (predicate) => expect(faultsOf(`${OWN}, ${predicate}`)).toEqual([]))

  test('that compares a token with an attribute is told that it must be one', () => {
    const faults = faultsOf(`${OWN}, {column: email, operator: in, principal: mails}`)
    expect(faults.map(({ severity, message }) => [severity, message.includes('holds tokens')])).toEqual([
      ['warning', true],
    ])
  })

  test('that does not hold callers to their tenant says that it means it', () => {
    const region = '{column: region, operator: "=", principal: region}'
    expect(faultsOf(region).map(({ severity, code }) => [severity, code])).toEqual([
      ['warning', 'CONTRACT_ROLE_CROSS_TENANT'],
    ])
    expect(faultsOf(region, ', {property: crossTenant, value: true}')).toEqual([])
    expect(faultsOf(region, ', {property: crossTenant, value: "yes"}').map(({ code }) => code)).toEqual([
      'CONTRACT_ROLE_ROW_FILTER',
      'CONTRACT_ROLE_CROSS_TENANT',
    ])
  })

  test('is compiled over stored columns, and the plain form is what it always was', () => {
    const filter = (predicates: string) =>
      datasetOf({
        properties,
        roles: [`{role: a, customProperties: [{property: rowFilter, value: [${predicates}]}]}`],
      }).roles[0]?.rowFilter
    expect(filter(`${OWN}, {not: {any: [{column: email, operator: isNull}]}}`)).toEqual([
      own,
      { not: { any: [{ column: 'email_token', operator: 'isNull' }] } },
    ])
    expect(JSON.stringify(datasetOf({ roles: [OWN_ROWS] }).roles[0]?.rowFilter)).toBe(
      '[{"column":"tenant_id","operator":"=","principal":"tenant"}]',
    )
  })
})
