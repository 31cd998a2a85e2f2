/** Values of query strings in the engine's notation: nothing is rounded, cut or wrapped; what is no value of the type is none. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnType } from '#query-api/rows/column-type.ts'
import { typedValue, valueForm } from '#query-api/rows/typed-value.ts'

const value = (text: string, type: string) => typedValue(text, columnType(type))

test.each([
  ['Int8', '127', '127'],
  ['Int8', '128', undefined],
  ['UInt64', '18446744073709551615', '18446744073709551615'],
  ['UInt64', '18446744073709551616', undefined],
  ['UInt64', '-1', undefined],
  ['UInt64', '-0', '0'],
  ['Nullable(Int16)', '+007', '7'],
  ['Int256', `-${2n ** 255n}`, `-${2n ** 255n}`],
  ['Int64', '1e3', undefined],
  ['Int64', ' 1', undefined],
  ['Int64', '', undefined],
  ['Int64', '9'.repeat(1000), undefined],
  ['Decimal(12, 2)', '1.50', '1.5'],
  ['Decimal(12, 2)', '-.05', '-0.05'],
  ['Decimal(12, 2)', '9999999999.99', '9999999999.99'],
  ['Decimal(12, 2)', '10000000000', undefined],
  ['Decimal(12, 2)', '1.001', undefined],
  ['Decimal(12, 2)', '1.', '1'],
  ['Decimal(12, 2)', '.', undefined],
  ['Decimal(12, 2)', '1e2', undefined],
  ['Float64', '1.5e-3', '0.0015'],
  ['Float64', '1e999', undefined],
  ['Float64', '-inf', '-inf'],
  ['Float64', 'Infinity', 'inf'],
  ['Float64', 'nan', undefined],
  ['Float64', '0x10', undefined],
  ['Float32', '3.5e38', undefined],
  ['Float32', '3.4e38', '3.4e+38'],
  ['Date32', '2024-02-29', '2024-02-29'],
  ['Date32', '2023-02-29', undefined],
  ['Date32', '1899-12-31', undefined],
  ['Date', '1969-12-31', undefined],
  ['Date', '2149-06-07', undefined],
  ['Date32', '2024-2-29', undefined],
  ["DateTime64(6, 'UTC')", '2026-01-31T08:00:00.000001Z', '2026-01-31 08:00:00.000001'],
  ["DateTime64(6, 'UTC')", '2026-01-31 08:00', '2026-01-31 08:00:00.000000'],
  ["DateTime64(6, 'UTC')", '2026-01-31', '2026-01-31 00:00:00.000000'],
  ["DateTime64(6, 'UTC')", '2026-01-01T01:30:00+02:00', '2025-12-31 23:30:00.000000'],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:00-0330', '2026-01-01 03:30:00.000000'],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:00.1234567Z', undefined],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:00.1230000000Z', undefined],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:00.12300000Z', '2026-01-01 00:00:00.123000'],
  ["DateTime64(6, 'UTC')", '2026-01-01T24:00:00Z', undefined],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:60Z', undefined],
  ["DateTime64(6, 'UTC')", '2026-01-01T00:00:00 02:00', undefined],
  ["DateTime64(6, 'UTC')", '1900-01-01T00:00:00+01:00', undefined],
  ["DateTime64(9, 'UTC')", '2262-04-11T23:47:14.999999999Z', '2262-04-11 23:47:14.999999999'],
  ["DateTime64(9, 'UTC')", '2262-04-12', undefined],
  ["DateTime('UTC')", '2106-02-07T06:28:15Z', '2106-02-07 06:28:15'],
  ["DateTime('UTC')", '2106-02-07T06:28:16Z', undefined],
  ["DateTime('UTC')", '2026-01-01T00:00:00.5Z', undefined],
  ["DateTime64(6, 'Europe/Berlin')", '2026-01-01', undefined],
  ['UUID', '0B5E8F5A-8A2C-4D53-9F5E-2F0D3A4B5C6D', '0b5e8f5a-8a2c-4d53-9f5e-2f0d3a4b5c6d'],
  ['UUID', '0b5e8f5a8a2c4d539f5e2f0d3a4b5c6d', undefined],
  ['Bool', 'true', 'true'],
  ['Bool', '1', undefined],
  ["Enum8('a ] b' = 1, 'it\\'s' = -2)", "it's", "it's"],
  ["Enum16('a' = 1)", 'b', undefined],
  ['LowCardinality(Nullable(String))', 'a\0b', 'a\0b'],
  ['String', '\ud800', undefined],
  ['Array(Int32)', '1', undefined],
  ['Map(String, String)', 'x', undefined],
])('%s of %j', (type, text, expected) => {
  expect(value(text, type)).toBe(expected)
})

describe('for any value', () => {
  test('whole numbers: those of the range, and no others', () => {
    const bits = fc.constantFrom(8, 16, 32, 64, 128, 256)
    fc.assert(
      fc.property(
        bits,
        fc.boolean(),
        fc.bigInt({ min: -(2n ** 257n), max: 2n ** 257n }),
        (width, signed, number) => {
          const half = 2n ** BigInt(width - 1)
          const fits = signed ? number >= -half && number < half : number >= 0n && number < 2n * half
          expect(value(String(number), `${signed ? '' : 'U'}Int${width}`)).toBe(
            fits ? String(number) : undefined,
          )
        },
      ),
    )
  })

  test('decimals keep every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(10), (number, scale) => {
        const digits = String(number < 0n ? -number : number).padStart(scale + 1, '0')
        const text = `${number < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${digits.slice(digits.length - scale)}` : ''}`
        const read = value(text, `Decimal(40, ${scale})`) ?? ''
        const [whole = '', behind = ''] = read.replace('-', '').split('.')
        expect(BigInt(whole + behind.padEnd(scale, '0'))).toBe(number < 0n ? -number : number)
      }),
    )
  })

  test('moments are those of their zone, to the last digit', () => {
    const millis = fc.integer({ min: Date.UTC(1901, 0, 1), max: Date.UTC(2298, 0, 1) })
    fc.assert(
      fc.property(millis, fc.nat(999), fc.integer({ min: -14 * 60, max: 14 * 60 }), (at, micros, ahead) => {
        const there = new Date(at + ahead * 60_000).toISOString().slice(0, 23)
        const minutes = Math.abs(ahead)
        const zone = `${ahead < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
        const read = value(`${there}${String(micros).padStart(3, '0')}${zone}`, "DateTime64(6, 'UTC')")
        expect(read).toBe(
          `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')}${String(micros).padStart(3, '0')}`,
        )
      }),
    )
  })

  test('nothing is thrown, whatever the text and the type', () => {
    const types = fc.constantFrom(
      'Int8',
      'UInt256',
      'Decimal(76, 38)',
      'Float32',
      'Date',
      "DateTime64(9, 'UTC')",
      'UUID',
      'Bool',
      'String',
      "Enum8('a' = 1)",
      'Array(String)',
      'Nothing',
    )
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+0-9.eETZ: ]{0,30}$/))
    fc.assert(
      fc.property(text, fc.oneof(types, fc.string()), (each, type) => {
        expect(typeof value(each, type)).toMatch(/string|undefined/)
        expect(valueForm(columnType(type))).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })
})
