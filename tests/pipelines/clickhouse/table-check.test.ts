/** A table against its contract: what is expanded without a word being lost, and what is refused. */
import { describe, expect, it } from 'vitest'
import { tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { checkTable } from '#pipelines/clickhouse/table-check.ts'
import { isWidening } from '#pipelines/clickhouse/type-widening.ts'
import { compiled } from '../support/catalog.ts'

describe('a type that is widened', () => {
  it.each([
    ['Int32', 'Int64'],
    ['Int8', 'Int256'],
    ['UInt32', 'UInt64'],
    ['UInt32', 'Int64'],
    ['Nullable(Int32)', 'Nullable(Int64)'],
    ['Int32', 'Nullable(Int32)'],
    ['Int16', 'Nullable(Int32)'],
    ['Float32', 'Float64'],
    ['Decimal(12, 2)', 'Decimal(30, 2)'],
    ['Nullable(Decimal(12, 2))', 'Nullable(Decimal(13,2))'],
    ['Date', 'Date32'],
    ['LowCardinality(String)', 'String'],
    ['LowCardinality(Nullable(String))', 'Nullable(String)'],
    ['String', 'LowCardinality(String)'],
    ['Array(Int32)', 'Array(Int64)'],
    ['Array(Int32)', 'Array(Nullable(Int32))'],
  ])('%s -> %s', (from, to) => {
    expect(isWidening(from, to)).toBe(true)
  })

  it.each([
    ['String', 'String'],
    ['Decimal(12, 2)', 'Decimal(12,2)'],
    ['Int64', 'Int32'],
    ['Int32', 'UInt64'],
    ['UInt64', 'Int64'],
    ['Nullable(Int32)', 'Int64'],
    ['Nullable(String)', 'String'],
    ['Int32', 'String'],
    ['String', 'Int64'],
    ['Int32', 'Float64'],
    ['Int32', 'Decimal(12, 0)'],
    ['Float64', 'Float32'],
    ['Float64', 'Decimal(38, 10)'],
    ['Decimal(12, 2)', 'Decimal(12, 4)'],
    ['Decimal(12, 2)', 'Decimal(20, 4)'],
    ['Decimal(12, 2)', 'Decimal(11, 2)'],
    ['Date32', 'Date'],
    ['Date', "DateTime64(3, 'UTC')"],
    ["DateTime64(3, 'UTC')", "DateTime64(6, 'UTC')"],
    ['UUID', 'String'],
    ['Array(Int64)', 'Array(Int32)'],
    ['Int32', 'Array(Int32)'],
    ['Bool', 'Int8'],
  ])('is not %s -> %s', (from, to) => {
    expect(isWidening(from, to)).toBe(false)
  })
})

const dataset = (amount: string, id = 'integer', required = true) =>
  compiled({
    ...{ dataset: 'orders', table: 'public.orders', tenant: 'tenant' },
    columns: [
      { name: 'tenant', type: 'text', key: 1 },
      { name: 'id', type: id, key: 2 },
      { name: 'amount', type: amount, required },
    ],
  })
const tableOf = (made: ReturnType<typeof dataset>) => ({
  engine: 'ReplacingMergeTree',
  sortingKey: 'tenant, id',
  columns: tableColumns(made).map(({ name, type }) => ({ name, type: type.replace(/ DEFAULT .*/, '') })),
})

describe('a table whose contract has moved', () => {
  it.each([
    ['integer -> bigint', dataset('integer'), dataset('bigint'), 'Int64'],
    ['numeric(12,2) -> numeric(20,2)', dataset('numeric(12,2)'), dataset('numeric(20,2)'), 'Decimal(20, 2)'],
    ['required no more', dataset('integer'), dataset('integer', 'integer', false), 'Nullable(Int32)'],
  ])('is widened: %s', (_case, former, moved, type) => {
    expect(checkTable(moved, tableOf(former))).toEqual({
      ...{ fits: true, missing: [] },
      widened: [expect.objectContaining({ name: 'amount', type })],
    })
  })

  it('stays as it is where the type holds the same: varchar(3) -> text', () => {
    const check = checkTable(dataset('text'), tableOf(dataset('varchar(3)')))
    expect(check).toEqual({ fits: true, missing: [], widened: [] })
  })

  it.each([
    [
      'a narrower type',
      dataset('bigint'),
      dataset('integer'),
      'column amount is Int64, the contract says Int32',
    ],
    ['another type', dataset('text'), dataset('integer'), 'column amount is String, the contract says Int32'],
    [
      'NULL allowed no more',
      dataset('integer', 'integer', false),
      dataset('integer'),
      'column amount is Nullable(Int32), the contract says Int32',
    ],
    [
      'a wider key',
      dataset('text', 'integer'),
      dataset('text', 'bigint'),
      'column id is Int32, the contract says Int64; the engine cannot change the type of a column that it sorts by',
    ],
  ])('is refused: %s', (_case, former, moved, detail) => {
    expect(checkTable(moved, tableOf(former))).toEqual({ fits: false, detail })
  })
})
