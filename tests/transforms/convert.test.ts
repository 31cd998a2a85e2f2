import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { type ConvertColumn, createConvert, createIsClamped } from '#transforms/convert.ts'
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
    ['integer[][]', false, [[1, 2]], '!multi_dimensional'],
    ['integer[]', false, [null, null], '!multi_dimensional'],
    ['integer[]', true, [null], '!multi_dimensional'],
    ['hstore[]', false, [null], '!multi_dimensional'],
    ['text[]', false, [null], '[null]'],
    ['text[]', false, ['[Ljava.lang.String;@3531ba63', 'a'], '!multi_dimensional'],
    ['uuid[]', false, ['[Ljava.util.UUID;@25d7eea7'], '!multi_dimensional'],
    ['text[]', false, ['[[I@25d7eea7'], '!multi_dimensional'],
    ['text[]', false, ['[L', '[1, 2]', '[Ljava@1'], '["[L","[1, 2]","[Ljava@1"]'],
    ['vector(3)', false, [0.1, 0.25, -3], '[0.1,0.25,-3]'],
    ['vector(3)', true, [0.1], '"[0.1]"'],
    ['vector(3)', false, ['a'], '!type'],
    ['bytea[]', false, ['3q2+7w==', null], '["3q2+7w==",null]'],
    ['text[]', false, 'a', '!type'],
    ['text[]', false, { 0: 'a' }, '!type'],
  ]
  test.each(cases)('%s, nullable %s: %j -> %s', (type, nullable, value, json) =>
    expect(convert(type, value, nullable)).toBe(json),
  )
})

describe('what the contract asks for', () => {
  type Asked = Partial<ConvertColumn>
  const asked = (sourceType: string, more: Asked, value: RawValue): string => {
    const { kind } = mapPostgresType(sourceType)
    const converted = createConvert({ kind, sourceType, nullable: true, ...more })(value)
    return converted.ok ? converted.json : `!${converted.code}`
  }
  const millis: Asked = { targetType: "Nullable(DateTime64(3, 'UTC'))" }
  const seconds: Asked = { targetType: "DateTime('UTC')" }
  const cases: readonly (readonly [string, Asked, RawValue, string])[] = [
    ['date', { outOfRange: 'null' }, 'infinity', 'null'],
    ['date', { outOfRange: 'null' }, '2016-11-04Z', '"2016-11-04"'],
    ['date', { outOfRange: 'null' }, '2016-11-31Z', '!type'],
    ['date', { outOfRange: 'clamp' }, 'infinity', '"2299-12-31"'],
    ['date', { outOfRange: 'clamp' }, '+5877611-06-21Z', '"2299-12-31"'],
    ['date', { outOfRange: 'clamp' }, '-5877611-06-22Z', '"1900-01-01"'],
    // -infinity of a snapshot, whose era Debezium loses.
    ['date', { outOfRange: 'clamp' }, '+292269055-12-02Z', '"1900-01-01"'],
    ['date', { outOfRange: 'clamp' }, '+292278994-08-16Z', '"2299-12-31"'],
    ['date', { outOfRange: 'clamp' }, '-0043-03-15Z', '"1900-01-01"'],
    ['date', { outOfRange: 'clamp', targetType: 'Date' }, '1969-12-31Z', '"1970-01-01"'],
    ['date', { targetType: 'Date' }, '2149-06-07Z', '!out_of_range'],
    ['date', { targetType: 'String' }, '-0043-03-15Z', '"0044-03-15 BC"'],
    ['date', { targetType: 'String' }, '0000-01-01Z', '"0001-01-01 BC"'],
    ['date', { targetType: 'String' }, '+10000-01-01Z', '"10000-01-01"'],
    ['date', { targetType: 'Nullable(String)' }, '-5877611-06-22Z', '"-infinity"'],
    ['timestamp', { outOfRange: 'clamp' }, '9999-12-31T00:00:00Z', '"2299-12-31 23:59:59.999999"'],
    ['timestamp', { outOfRange: 'clamp' }, '-292275055-05-16T23:00:00Z', '"1900-01-01 00:00:00"'],
    ['timestamp', { outOfRange: 'clamp' }, '1899-12-31T23:59:59.999999Z', '"1900-01-01 00:00:00"'],
    ['timestamptz', { targetType: 'String' }, '2016-11-04T11:51:30.120000Z', '"2016-11-04 11:51:30.12+00"'],
    ['timestamptz', { targetType: 'String' }, '2016-11-04T11:51:30.000000Z', '"2016-11-04 11:51:30+00"'],
    ['timestamptz', { targetType: 'String' }, '-0043-03-15T00:00:00.000000Z', '"0044-03-15 00:00:00+00 BC"'],
    ['timestamp', { targetType: 'String' }, '2016-11-04T11:51:30Z', '"2016-11-04 11:51:30"'],
    ['timestamp', millis, '2016-11-04T11:51:30.123Z', '"2016-11-04 11:51:30.123"'],
    ['timestamp', millis, '2016-11-04T11:51:30.123000Z', '"2016-11-04 11:51:30.123"'],
    ['timestamp', millis, '2016-11-04T11:51:30.123456Z', '!too_precise'],
    ['timestamp', { ...millis, outOfRange: 'null' }, '2016-11-04T11:51:30.123456Z', '!too_precise'],
    ['timestamp', { ...millis, outOfRange: 'clamp' }, '2299-12-31T23:59:59.999500Z', '!too_precise'],
    ['timestamp', { ...millis, outOfRange: 'clamp' }, '2300-01-01T00:00:00Z', '"2299-12-31 23:59:59.999"'],
    ['timestamp', seconds, '2106-02-07T06:28:15Z', '"2106-02-07 06:28:15"'],
    ['timestamp', seconds, '2106-02-07T06:28:16Z', '!out_of_range'],
    ['timestamp', seconds, '2000-01-01T00:00:00.5Z', '!too_precise'],
    [
      'timestamp',
      { targetType: "DateTime64(9, 'UTC')" },
      '2262-04-11T23:47:16.854775Z',
      '"2262-04-11 23:47:16.854775"',
    ],
    ['timestamp', { targetType: "DateTime64(9, 'UTC')" }, '2262-04-11T23:47:16.854776Z', '!out_of_range'],
    ['numeric', { notFinite: 'null' }, 'NAN', 'null'],
    ['numeric', { notFinite: 'null' }, 'NEGATIVE_INFINITY', 'null'],
    ['numeric', { notFinite: 'null' }, 'x', '!type'],
    ['numeric(5,-2)', {}, `1234600.${'0'.repeat(2046)}`, '"1234600"'],
    ['numeric(5,-2)', { targetType: 'String' }, '1234600.000', '"1234600"'],
    ['numeric', { targetType: 'Decimal(5, 2)' }, '1000', '!out_of_range'],
    ['numeric', { targetType: 'UInt64' }, '18446744073709551615.00', '"18446744073709551615"'],
    ['numeric', { targetType: 'UInt64' }, '18446744073709551616', '!out_of_range'],
    ['numeric', { targetType: 'Int8' }, '-128', '"-128"'],
    ['numeric', { targetType: 'Int8' }, '-0.0', '"0"'],
    ['numeric', { targetType: 'Int8' }, '1.2E+2', '"120"'],
    ['numeric', { targetType: 'Int8' }, '0.5', '!out_of_range'],
    ['numeric', { targetType: 'UInt256' }, '1'.repeat(2000), '!out_of_range'],
    ['bigint', { targetType: 'UInt8' }, 256, '!out_of_range'],
    ['bigint', { targetType: 'String' }, '9223372036854775807', '"9223372036854775807"'],
    ['integer', { targetType: 'String' }, 5, '"5"'],
    ['integer', { targetType: 'UInt8' }, -1, '!out_of_range'],
    ['real', { targetType: 'Float64' }, 0.1, String(Math.fround(0.1))],
    ['bytea', { bytesAs: 'hex' }, '3q2+7w==', '"deadbeef"'],
    ['interval', { targetType: 'Int64' }, 'PT1H0.000001S', '"3600000001"'],
    ['interval', { targetType: 'Int64' }, 'PT-0.5S', '"-500000"'],
    ['interval', { targetType: 'Nullable(Int64)' }, 'P1D', '!out_of_range'],
    ['interval', { targetType: 'Int64' }, '1 day', '!type'],
    ['integer[]', { oneDimensional: true }, [null, null], '"[null,null]"'],
    ['integer[]', { targetType: 'String', nullable: false }, [1], '"[1]"'],
  ]
  test.each(cases)('%s with %j: %j -> %s', (type, more, value, json) =>
    expect(asked(type, more, value)).toBe(json),
  )

  test('is told where a value was clamped', () => {
    const clamped = createIsClamped({
      kind: 'timestamp',
      sourceType: 'timestamp',
      nullable: true,
      outOfRange: 'clamp',
    })
    const told = [
      'infinity',
      '9999-12-31T00:00:00Z',
      '2299-12-31T23:59:59.999999Z',
      'x',
      null,
      undefined,
    ].map((value) => clamped?.(value))
    expect(told).toEqual([true, true, false, false, false, false])
    expect(createIsClamped({ kind: 'date', sourceType: 'date', nullable: true })).toBeUndefined()
    expect(createIsClamped({ kind: 'text', sourceType: 'text', nullable: true })).toBeUndefined()
  })

  test('every whole number of a decimal is the same in an integer', () => {
    const text = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(5))
    fc.assert(
      fc.property(text, ([number, zeros]) => {
        const wire = `${number}${zeros === 0 ? '' : `.${'0'.repeat(zeros)}`}`
        const fits = number >= -(2n ** 63n) && number < 2n ** 63n
        expect(asked('numeric', { targetType: 'Int64' }, wire)).toBe(fits ? `"${number}"` : '!out_of_range')
      }),
      { numRuns: 300, seed: 5 },
    )
  })
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
        else expect(converted.code).toMatch(/^(type|out_of_range|not_finite|multi_dimensional)$/)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is nested so deeply that it throws', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as RawValue
    for (const type of types) expect(convert(type, deep)).toMatch(/^!(type|multi_dimensional)$/)
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
