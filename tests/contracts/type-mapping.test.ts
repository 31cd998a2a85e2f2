import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementType, mapPostgresType } from '#contracts/compile/type-mapping.ts'

const STAMP = "DateTime64(6, 'UTC')"

describe('Postgres type -> kind and ClickHouse type', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['smallint', 'integer', 'Int16'],
    ['int2', 'integer', 'Int16'],
    ['smallserial', 'integer', 'Int16'],
    ['integer', 'integer', 'Int32'],
    ['INT', 'integer', 'Int32'],
    ['int4', 'integer', 'Int32'],
    ['serial', 'integer', 'Int32'],
    ['bigint', 'bigint', 'Int64'],
    ['int8', 'bigint', 'Int64'],
    ['bigserial', 'bigint', 'Int64'],
    ['oid', 'bigint', 'Int64'],
    ['real', 'float', 'Float32'],
    ['float4', 'float', 'Float32'],
    ['double  precision', 'float', 'Float64'],
    ['float8', 'float', 'Float64'],
    ['boolean', 'boolean', 'Bool'],
    ['bool', 'boolean', 'Bool'],
    ['uuid', 'uuid', 'UUID'],
    ['date', 'date', 'Date32'],
    ['timestamp', 'timestamp', STAMP],
    ['timestamp(3)', 'timestamp', STAMP],
    ['timestamp (3) without time zone', 'timestamp', STAMP],
    ['timestamptz', 'timestamp', STAMP],
    ['timestamptz(6)', 'timestamp', STAMP],
    ['timestamp with time zone', 'timestamp', STAMP],
    ['timestamp(6) with time zone', 'timestamp', STAMP],
    ['json', 'json', 'String'],
    ['jsonb', 'json', 'String'],
    ['numeric(12,2)', 'decimal', 'Decimal(12, 2)'],
    ['NUMERIC(12, 2)', 'decimal', 'Decimal(12, 2)'],
    ['decimal(38,9)', 'decimal', 'Decimal(38, 9)'],
    ['numeric(76,38)', 'decimal', 'Decimal(76, 38)'],
    ['numeric(5)', 'decimal', 'Decimal(5, 0)'],
    ['numeric', 'decimal', 'String'],
    ['numeric(77,2)', 'decimal', 'String'],
    ['numeric(5,-2)', 'decimal', 'Decimal(7, 0)'],
    ['numeric(3,5)', 'decimal', 'Decimal(5, 5)'],
    ['numeric(75,-2)', 'decimal', 'String'],
    ['numeric(3,77)', 'decimal', 'String'],
    ['text', 'text', 'String'],
    ['varchar', 'text', 'String'],
    ['varchar(20)', 'text', 'String'],
    ['character varying(20)', 'text', 'String'],
    ['character(3)', 'text', 'String'],
    ['"char"', 'text', 'String'],
    ['time', 'text', 'String'],
    ['time(6) without time zone', 'text', 'String'],
    ['timetz', 'text', 'String'],
    ['interval', 'text', 'String'],
    ['interval(3)', 'text', 'String'],
    ['bytea', 'text', 'String'],
    ['inet', 'text', 'String'],
    ['money', 'decimal', 'Decimal(19, 2)'],
    ['public.hstore', 'json', 'String'],
    ['pg_catalog.int8', 'bigint', 'Int64'],
    ['shop.hstores', 'text', 'String'],
    ['bit varying(8)', 'text', 'String'],
    ['int4range', 'text', 'String'],
    ['order_status', 'text', 'String'],
    ['shop."Order Status"', 'text', 'String'],
    ['"date"', 'text', 'String'],
    ['constructor', 'text', 'String'],
    ['', 'text', 'String'],
  ]
  test.each(cases)('%s -> %s, %s', (postgres, kind, type) => {
    expect(mapPostgresType(postgres)).toEqual({ kind, type, nullableType: `Nullable(${type})` })
  })

  const arrays: readonly (readonly [string, string])[] = [
    ['text[]', 'Array(Nullable(String))'],
    ['integer[]', 'Array(Nullable(Int32))'],
    ['integer[][]', 'Array(Nullable(Int32))'],
    ['integer [3] [4]', 'Array(Nullable(Int32))'],
    ['numeric(12,2)[]', 'Array(Nullable(Decimal(12, 2)))'],
    ['timestamp with time zone[]', `Array(Nullable(${STAMP}))`],
    ['"Order Status"[]', 'Array(Nullable(String))'],
  ]
  test.each(['vector(3)', 'vector', 'ext.halfvec(2)'])('%s -> numbers that are never NULL', (postgres) => {
    expect(mapPostgresType(postgres)).toEqual({
      kind: 'array',
      type: 'Array(Float32)',
      nullableType: 'Nullable(String)',
    })
    expect(elementType(postgres)).toBe('real')
  })

  test.each(arrays)('%s -> %s where required, else JSON text', (postgres, type) => {
    expect(mapPostgresType(postgres)).toEqual({ kind: 'array', type, nullableType: 'Nullable(String)' })
  })

  test('any text is mapped, and soon', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(mapPostgresType(text).nullableType).toMatch(/^Nullable\(/)
      }),
    )
    const start = performance.now()
    mapPostgresType(`${'a '.repeat(50_000)}!`)
    mapPostgresType('[]'.repeat(5_000))
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
