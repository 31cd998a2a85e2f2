import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { createConvert } from '#transforms/convert.ts'
import type { RawValue } from '#transforms/record.ts'

const converter = (sourceType: string, nullable = true) =>
  createConvert({ kind: mapPostgresType(sourceType).kind, sourceType, nullable })
/** The JSON text, or the code of the fault after `!`. */
const convert = (sourceType: string, value: RawValue, nullable = true): string => {
  const converted = converter(sourceType, nullable)(value)
  return converted.ok ? converted.json : `!${converted.code}`
}

describe('a value of Postgres as JSON for ClickHouse', () => {
  const cases: readonly (readonly [string, RawValue, string])[] = [
    ['smallint', 32_767, '32767'],
    ['smallint', -32_768, '-32768'],
    ['smallint', 32_768, '!out_of_range'],
    ['integer', -2_147_483_648, '-2147483648'],
    ['integer', 2_147_483_648, '!out_of_range'],
    ['integer', 1.5, '!type'],
    ['integer', '1', '!type'],
    ['integer', true, '!type'],
    ['bigint', 9_007_199_254_740_991, '"9007199254740991"'],
    ['bigint', 9_007_199_254_740_992, '!type'],
    ['bigint', '9223372036854775807', '"9223372036854775807"'],
    ['bigint', '-9223372036854775808', '"-9223372036854775808"'],
    ['bigint', '9223372036854775808', '!out_of_range'],
    ['bigint', '-9223372036854775809', '!out_of_range'],
    ['bigint', '12345678901234567890123', '!type'],
    ['bigint', '1e3', '!type'],
    ['numeric(12,2)', '12.50', '"12.50"'],
    ['numeric(12,2)', '-9999999999.99', '"-9999999999.99"'],
    ['numeric(12,2)', '10000000000.00', '!out_of_range'],
    ['numeric(12,2)', '1.239', '!out_of_range'],
    ['numeric(12,2)', '1.230', '"1.230"'],
    ['numeric(12,2)', '1E+3', '"1E+3"'],
    ['numeric(12,2)', '1E+10', '!out_of_range'],
    ['numeric(12,2)', 7, '"7"'],
    ['numeric(12,2)', 'NaN', '!not_finite'],
    ['numeric(12,2)', 'NAN', '!not_finite'],
    ['numeric', 'POSITIVE_INFINITY', '!not_finite'],
    ['numeric', '-Infinity', '!not_finite'],
    ['numeric(12,2)', 'twelve', '!type'],
    ['numeric(12,2)', '', '!type'],
    ['numeric(12,2)', false, '!type'],
    ['numeric', `1${'0'.repeat(100)}.5`, `"1${'0'.repeat(100)}.5"`],
    ['numeric(76,38)', `-${'9'.repeat(38)}.${'9'.repeat(38)}`, `"-${'9'.repeat(38)}.${'9'.repeat(38)}"`],
    ['double precision', 0.1, '0.1'],
    ['double precision', -0, '-0'],
    ['double precision', 1e300, '1e+300'],
    ['double precision', '12345678901234567890', '12345678901234567000'],
    ['double precision', 'NaN', '"nan"'],
    ['double precision', 'Infinity', '"inf"'],
    ['double precision', '-Infinity', '"-inf"'],
    ['double precision', Number.NaN, '"nan"'],
    ['double precision', 'toString', '!type'],
    ['double precision', '1.5x', '!type'],
    ['real', 3.5, '3.5'],
    ['real', 1e300, '!out_of_range'],
    ['boolean', true, 'true'],
    ['boolean', 'true', '!type'],
    ['text', '', '""'],
    ['text', 'a"b\\c\n\u0000😀', '"a\\"b\\\\c\\n\\u0000😀"'],
    ['text', 12, '"12"'],
    ['text', { a: [1] }, '"{\\"a\\":[1]}"'],
    ['jsonb', '{"n": 1e999}', '"{\\"n\\": 1e999}"'],
    ['jsonb', 'null', '"null"'],
    ['inet', '10.0.0.1', '"10.0.0.1"'],
    ['uuid', '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d', '"6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d"'],
    ['uuid', '6f1c6a1e', '!type'],
    ['date', '1980-01-06Z', '"1980-01-06"'],
    ['date', '1900-01-01', '"1900-01-01"'],
    ['date', '2299-12-31', '"2299-12-31"'],
    ['date', '2024-02-29Z', '"2024-02-29"'],
    ['date', '2023-02-29Z', '!type'],
    ['date', '1899-12-31', '!out_of_range'],
    ['date', '2300-01-01', '!out_of_range'],
    ['date', '9999-12-31Z', '!out_of_range'],
    ['date', '+5877611-06-21Z', '!out_of_range'],
    ['date', '-0043-03-15Z', '!out_of_range'],
    ['date', 'infinity', '!out_of_range'],
    ['date', 19_000, '!type'],
    ['date', '2026-13-01', '!type'],
    ['date', '2026-00-10', '!type'],
    ['date', 'soon', '!type'],
    ['timestamptz', '2016-11-04T11:51:30.123456Z', '"2016-11-04 11:51:30.123456"'],
    ['timestamptz', '2016-11-04T11:51:30Z', '"2016-11-04 11:51:30"'],
    ['timestamptz', '2016-11-04T11:51Z', '"2016-11-04 11:51:00"'],
    ['timestamptz', '2016-11-04T11:51:30+00:00', '"2016-11-04 11:51:30"'],
    ['timestamptz', '2016-11-04T11:51:30+02:00', '!type'],
    ['timestamptz', '2016-11-04T11:51:30.1234567Z', '!type'],
    ['timestamptz', '2016-11-04T25:51:30Z', '!type'],
    ['timestamptz', '2016-11-31T10:51:30Z', '!type'],
    ['timestamptz', '-infinity', '!out_of_range'],
    ['timestamptz', 'infinity', '!out_of_range'],
    ['timestamptz', '9999-12-31T23:59:59Z', '!out_of_range'],
    ['timestamptz', '-0043-03-15T00:00:00Z', '!out_of_range'],
    ['timestamptz', 1_478_260_290_123_456, '!type'],
  ]
  test.each(cases)('%s %j -> %s', (type, value, json) => expect(convert(type, value)).toBe(json))

  test.each([
    'integer',
    'bigint',
    'numeric(5,1)',
    'float8',
    'text',
    'jsonb',
    'uuid',
    'date',
    'timestamp',
    'text[]',
  ])('NULL of %s is NULL, and nothing else is', (type) => {
    expect(convert(type, null)).toBe('null')
    expect(converter(type)(undefined)).toEqual({ ok: true, json: 'null' })
    expect(convert(type, '')).not.toBe('null')
  })
})

describe('arrays', () => {
  const cases: readonly (readonly [string, boolean, RawValue, string])[] = [
    ['text[]', false, ['a', null, ''], '["a",null,""]'],
    ['text[]', true, ['a', null, ''], '"[\\"a\\",null,\\"\\"]"'],
    ['text[]', false, [], '[]'],
    ['text[]', true, [], '"[]"'],
    ['text[]', false, ['NULL', 'a,b', '"'], '["NULL","a,b","\\""]'],
    ['integer[]', false, [1, null, -2], '[1,null,-2]'],
    ['integer[]', false, [2 ** 31], '!out_of_range'],
    ['integer[]', false, ['x'], '!type'],
    ['bigint[]', false, [1, '9223372036854775807'], '["1","9223372036854775807"]'],
    ['numeric(5,2)[]', false, ['1.50', '1.555'], '!out_of_range'],
    ['date[]', false, ['2026-01-31Z', null], '["2026-01-31",null]'],
    ['integer[][]', false, [[1, 2]], '!type'],
    ['text[]', false, 'a', '!type'],
    ['text[]', false, { 0: 'a' }, '!type'],
  ]
  test.each(cases)('%s, nullable %s: %j -> %s', (type, nullable, value, json) =>
    expect(convert(type, value, nullable)).toBe(json),
  )
})

describe('no value', () => {
  const types = [
    'smallint',
    'integer',
    'bigint',
    'numeric',
    'numeric(12,2)',
    'real',
    'float8',
    'boolean',
    'text',
    'jsonb',
    'uuid',
    'date',
    'timestamptz',
    'text[]',
    'bigint[]',
    'timestamp[]',
  ]

  test('makes it throw, and every answer is JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.boolean(), fc.jsonValue(), (type, nullable, value) => {
        const converted = converter(type, nullable)(value as RawValue)
        if (converted.ok) JSON.parse(converted.json)
        else expect(converted.code).toMatch(/^(type|out_of_range|not_finite)$/)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is nested so deeply that it throws', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as RawValue
    for (const type of types) expect(convert(type, deep)).toBe('!type')
  })

  test('is changed: every decimal that is let through is the same number', () => {
    const digits = fc.stringMatching(/^-?\d{1,12}(\.\d{1,6})?$/)
    fc.assert(
      fc.property(
        digits,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 6 }),
        (text, precision, scale) => {
          fc.pre(scale <= precision)
          const converted = converter(`numeric(${precision},${scale})`)(text)
          const [whole = '', fraction = ''] = text.replace('-', '').split('.')
          const fits =
            whole.replace(/^0+/, '').length <= precision - scale &&
            fraction.replace(/0+$/, '').length <= scale
          expect(converted).toEqual(
            fits ? { ok: true, json: `"${text}"` } : { ok: false, code: 'out_of_range' },
          )
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('is cut: every date that is let through is one of the calendar', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1800, max: 2400 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (year, month, day) => {
          const two = (number: number) => String(number).padStart(2, '0')
          const text = `${year}-${two(month)}-${two(day)}`
          const date = new Date(`${text}T00:00:00Z`)
          const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
          const expected = !real ? '!type' : year < 1900 || year > 2299 ? '!out_of_range' : `"${text}"`
          expect(convert('date', `${text}Z`)).toBe(expected)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
