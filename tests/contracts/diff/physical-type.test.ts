import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orderOf } from '#contracts/diff/exact-order.ts'
import { relateTypes } from '#contracts/diff/physical-type.ts'

const TYPES = [
  'smallint',
  'int4',
  'int8',
  'Int8',
  'Int64',
  'UInt8',
  'UInt64',
  'int unsigned',
  'real',
  'float8',
  'numeric',
  'numeric(10,2)',
  'decimal(12, 4)',
  'varchar(20)',
  'varchar',
  'varchar(max)',
  'numeric(p)',
  'char(3)',
  'text',
  'NVARCHAR(40)',
  'timestamp',
  'timestamptz',
  'timestamp(3) with time zone',
  "DateTime64(3, 'UTC')",
  'DateTime',
  'date',
  'Date32',
  'time',
  'bytea',
  'varbinary(4)',
  'boolean',
  'bool',
  'uuid',
  'json',
  'jsonb',
  'int4[]',
  'Array(Int32)',
  'Nullable(String)',
  'LowCardinality(String)',
  'LowCardinality(Nullable(String))',
  'order_status',
  'bit(3)',
  '',
  '((',
]

describe('physical types', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['int8', 'Int8', 'narrowed'],
    ['Int8', 'smallint', 'widened'],
    ['UInt8', 'Int8', 'changed'],
    ['UInt8', 'Int16', 'widened'],
    ['int4', 'float8', 'widened'],
    ['int4', 'real', 'changed'],
    ['int2', 'real', 'widened'],
    ['int8', 'numeric(19,0)', 'widened'],
    ['int8', 'numeric(18,0)', 'changed'],
    ['numeric(10,2)', 'numeric', 'widened'],
    ['float8', 'numeric', 'changed'],
    ['char(3)', 'varchar(3)', 'widened'],
    ['varchar(3)', 'char(3)', 'narrowed'],
    ['varchar(255)', 'VARCHAR( 255 )', 'same'],
    ['varchar', 'text', 'same'],
    ['bool', 'boolean', 'same'],
    ['timestamptz', 'timestamp with time zone', 'same'],
    ['timestamptz(3)', 'timestamp(6) with time zone', 'widened'],
    ["DateTime64(3, 'UTC')", "DateTime64(3, 'Europe/Berlin')", 'changed'],
    ['Date', 'Date32', 'widened'],
    ['date', 'timestamp', 'changed'],
    ['Nullable(Int32)', 'Int32', 'narrowed'],
    ['LowCardinality(String)', 'String', 'same'],
    ['Array(Int32)', 'Array(Int64)', 'widened'],
    ['int4[]', 'int4', 'changed'],
    ['order_status', 'order_state', 'changed'],
  ]
  test.each(cases)('%s -> %s: %s', (older, newer, relation) =>
    expect(relateTypes(older, newer)).toBe(relation),
  )

  test('are the same as themselves, and the other way round to others', () => {
    const back = { same: 'same', changed: 'changed', widened: 'narrowed', narrowed: 'widened' } as const
    for (const a of TYPES) {
      expect(relateTypes(a, a)).toBe('same')
      for (const b of TYPES) expect(relateTypes(b, a), `${a} ${b}`).toBe(back[relateTypes(a, b)])
    }
  })

  test('widen from step to step', () => {
    for (const a of TYPES)
      for (const b of TYPES)
        for (const c of TYPES)
          if (relateTypes(a, b) === 'widened' && relateTypes(b, c) === 'widened')
            expect(relateTypes(a, c), `${a} ${b} ${c}`).toBe('widened')
  })

  test('may be any text, and are the same as themselves', () => {
    const parts = fc.constantFrom(
      'numeric',
      'varchar',
      'Array',
      'Nullable',
      'time',
      '(',
      ')',
      '[]',
      '<',
      '>',
      ',',
      ' ',
      '3',
      'x',
      "'",
      '-1',
      '1.5',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(parts, { maxLength: 8 }).map((list) => list.join('')),
    )
    fc.assert(
      fc.property(text, (type) => {
        expect(relateTypes(type, type)).toBe('same')
      }),
    )
  })
})

describe('the order of bounds', () => {
  const cases: readonly (readonly [string | number, string | number, number | undefined])[] = [
    [1, '1.0', 0],
    ['0.1', 0.2, -1],
    ['100000000000000000000.000000000000000001', '100000000000000000000', 1],
    [1e21, '1000000000000000000000', 0],
    ['2020-01-01', '2020-01-02', -1],
    ['2020-01-01', '2020-01-01T00:00:00Z', 0],
    ['2020-01-01T12:00:00+02:00', '2020-01-01T10:00:00Z', 0],
    ['2020-01-01T00:00:00.000000001Z', '2020-01-01T00:00:00Z', 1],
    ['08:00', '09:30:00', -1],
    ['09:00-08:00', '09:00+00:00', 1],
    ['0044-03-15', '2020-01-01', -1],
    ['soon', 'later', undefined],
    ['2020-01-01', 5, undefined],
  ]
  test.each(cases)('%s and %s: %s', (a, b, order) => {
    expect(Math.sign(orderOf(a, b) ?? Number.NaN)).toBe(order ?? Number.NaN)
    expect(Math.sign(orderOf(b, a) ?? Number.NaN)).toBe(
      order === undefined ? Number.NaN : order === 0 ? 0 : -order,
    )
  })
})
