/** Contracts against the source: every way in which they do not fit is told, with the way out. */
import { describe, expect, it } from 'vitest'
import { checkSource } from '#pipelines/capture/check-source.ts'
import { typeFault } from '#pipelines/capture/postgres-types.ts'
import { catalogOf, column, compiled, sourceTable } from '../support/catalog.ts'

const dataset = compiled({
  dataset: 'orders',
  table: 'public.orders',
  tenant: 'tenant',
  columns: [
    { name: 'tenant', type: 'text', key: 1 },
    { name: 'id', type: 'bigint', key: 2 },
    { name: 'amount', type: 'numeric(12,2)' },
  ],
})
const columns = [column('tenant', 'text'), column('id', 'bigint'), column('amount', 'numeric(12,2)')]
const faults = (...tables: Parameters<typeof catalogOf>[0]) =>
  checkSource([dataset], catalogOf(tables)).map(({ message }) => message)

describe('a contract against its source', () => {
  it('fits', () => {
    expect(faults(sourceTable('orders', columns, ['tenant', 'id']))).toEqual([])
    // What the key holds beside a unique one does no harm.
    expect(faults(sourceTable('orders', columns, ['id']))).toEqual([])
  })

  it.each([
    ['a table that is not there', [], [/no such table/]],
    ['a view', [sourceTable('orders', columns, [], { kind: 'other' })], [/not a table/]],
    [
      'a missing column, with what may be meant',
      [sourceTable('orders', [columns[0]!, columns[1]!, column('amout', 'numeric(12,2)')], ['id'])],
      [/column amount: not in the source; did you mean amout/],
    ],
    [
      'another type',
      [sourceTable('orders', [columns[0]!, column('id', 'integer'), columns[2]!], ['id'])],
      [/column id: the contract says bigint, the source is integer/],
    ],
    [
      'a generated column',
      [
        sourceTable(
          'orders',
          [columns[0]!, columns[1]!, column('amount', 'numeric(12,2)', { generated: true })],
          ['id'],
        ),
      ],
      [/generated columns are not replicated/],
    ],
    [
      'no primary key',
      [sourceTable('orders', columns, [])],
      [/no primary key: add one, or .*REPLICA IDENTITY FULL/],
    ],
    [
      'a key that is not unique',
      [sourceTable('orders', columns, ['tenant', 'id', 'amount'])],
      [/key of the contract \(tenant, id\) is not unique/],
    ],
  ] as const)('tells %s', (_case, tables, expected) => {
    const found = faults(...tables)
    expect(found).toHaveLength(expected.length)
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern)
  })

  it('takes a table without a primary key that tells its rows apart by all columns', () => {
    expect(faults(sourceTable('orders', columns, [], { identity: 'full' }))).toEqual([])
  })
})

describe('types', () => {
  it.each([
    ['varchar(3)', 'character varying(3)'],
    ['varchar', 'character varying(3)'],
    ['int', 'integer'],
    ['timestamptz', 'timestamp with time zone'],
    ['timestamp(3) with time zone', 'timestamp(3) with time zone'],
    ['numeric(12)', 'numeric(12,0)'],
    ['NUMERIC(12, 2)', 'numeric(12,2)'],
    ['text[]', 'text[]'],
    ['order_status', 'shop.order_status'],
    ['shop.order_status', 'order_status'],
    ['string', 'text'],
    ['Odd Enum', '"Odd Enum"'],
  ])('%s is %s', (declared, actual) => {
    expect(typeFault(declared, column('c', actual))).toBeUndefined()
  })

  it.each([
    ['varchar(3)', 'character varying(5)'],
    ['integer', 'bigint'],
    ['text', 'text[]'],
    ['timestamp', 'timestamp with time zone'],
    ['numeric(12,2)', 'numeric(12,3)'],
    ['a.status', 'b.status'],
    ['string', 'uuid'],
  ])('%s is not %s', (declared, actual) => {
    expect(typeFault(declared, column('c', actual))).toMatch(/./)
  })

  it('takes a domain by its name or its base type, if both are stored the same way', () => {
    const country = column('c', 'country_code', { baseType: 'character varying(2)' })
    expect(typeFault('country_code', country)).toBeUndefined()
    expect(typeFault('varchar(2)', country)).toBeUndefined()
    const cents = column('c', 'cents', { baseType: 'bigint' })
    expect(typeFault('cents', cents)).toBe('cents is a domain; write its base type, physicalType: bigint')
  })
})
