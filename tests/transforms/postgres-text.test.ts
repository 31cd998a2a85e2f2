/** Values in the forms in which Debezium sends them -> Postgres' text; and the texts of numbers and shapes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floatText } from '#transforms/float-text.ts'
import { intervalMicros } from '#transforms/interval-micros.ts'
import { createPostgresText, createTextImage } from '#transforms/postgres-text.ts'
import type { RawValue } from '#transforms/record.ts'
import { datasetOf, KEY } from '../contracts/contract-text.ts'

const textOf = (sourceType: string, value: RawValue, logicalType = 'string') =>
  createPostgresText({ sourceType, logicalType })?.(value)

/** Well-known binary of one kind, with the numbers of its points. */
function wkb(kind: number, points: readonly number[], head: readonly number[] = []): string {
  const bytes = Buffer.alloc(5 + head.length * 4 + points.length * 8)
  bytes[0] = 1
  bytes.writeUInt32LE(kind, 1)
  for (const [index, number] of head.entries()) bytes.writeUInt32LE(number, 5 + index * 4)
  for (const [index, number] of points.entries()) bytes.writeDoubleLE(number, 5 + head.length * 4 + index * 8)
  return bytes.toString('base64')
}

describe('the text of', () => {
  const opaque = (text: string) => Buffer.from(text).toString('base64')
  const cases: readonly (readonly [type: string, value: RawValue, text: RawValue | undefined])[] = [
    ['time', '12:30:00.5Z', '12:30:00.5'],
    ['time(3)', '12:30:00', '12:30:00'],
    ['time without time zone', 5, undefined],
    ['time(3)[]', ['12:30:00Z', null], ['12:30:00', null]],
    ['time(3)[]', ['12:30:00Z', 5], undefined],
    ['time(3)[]', 'x', undefined],
    ['interval', 'P0Y0M1DT2H3M4.5S', 'P1DT2H3M4.5S'],
    ['interval', 'P0Y0M0DT0H0M0S', 'PT0S'],
    ['interval', 'P178000000Y0M0DT0H0M0S', 'P178000000Y'],
    ['interval(3)', 'P0Y0M0DT0H0M-0.5S', 'PT-0.5S'],
    ['interval year to month', 'P1Y2M0DT0H0M0S', 'P1Y2M'],
    ['interval', '1 day', undefined],
    ['bit', true, '1'],
    ['bit(1)', false, '0'],
    ['bit(1)', 'AQ==', undefined],
    ['bit(5)', 'FQ==', '10101'],
    ['bit(5)', '', '00000'],
    ['bit(5)', '/w==', undefined],
    ['bit(64)', 'AAAAAAAAAIA=', `1${'0'.repeat(63)}`],
    ['bit(9)', 'AAE=', '100000000'],
    ['bit(5)', '10101', undefined],
    ['tsquery', opaque("'fat' & 'cat'"), "'fat' & 'cat'"],
    ['int4multirange', opaque('{}'), '{}'],
    ['int4multirange', '', ''],
    ['int4multirange', '{}', undefined],
    ['jsonpath', '/w==', undefined],
    ['pg_lsn[]', [opaque('0/1'), null], ['0/1', null]],
    ['sparsevec(5)', { dimensions: 5, vector: { 1: 1.5, 3: 2 } }, '{1:1.5,3:2}/5'],
    ['sparsevec(5)', { dimensions: 5, vector: [[1, 1.5]] }, '{1:1.5}/5'],
    ['sparsevec(5)', { dimensions: 5, vector: [['x', 1.5]] }, undefined],
    ['sparsevec(5)', [1], undefined],
    ['point', { x: 1, wkb: wkb(1, [Number.NaN, -0]) }, '(NaN,-0)'],
    ['point', { x: 1, wkb: wkb(2, [1, 2]) }, undefined],
    ['point', { wkb: wkb(1, [1, 2, 3]) }, undefined],
    ['point', { wkb: '' }, undefined],
    ['point', '(1,2)', undefined],
    ['line', { a: 1e300, b: 'NaN', c: 0.1 }, '{1e+300,NaN,0.1}'],
    ['line', { a: 1, b: 2 }, undefined],
    ['path', { wkb: wkb(2, [0, 0, 1, 1], [2]), extensions: { closed: 'false' } }, '[(0,0),(1,1)]'],
    ['path', { wkb: wkb(2, [0, 0, 1, 1], [2]), extensions: { closed: 'true' } }, '((0,0),(1,1))'],
    ['path', { wkb: wkb(2, [0, 0], [1]) }, undefined],
    ['polygon', { wkb: wkb(3, [0, 0], [1, 1]) }, '((0,0))'],
    ['polygon', { wkb: wkb(3, [0, 0, 1, 1, 0, 0], [1, 3]) }, '((0,0),(1,1))'],
    ['polygon', { wkb: wkb(3, [0, 0, 1, 1], [2, 1]) }, undefined],
    ['box', { wkb: wkb(3, [1, 1, 1, 0, 0, 0, 0, 1, 1, 1], [1, 5]) }, '(1,1),(0,0)'],
    ['lseg', { wkb: wkb(2, [0, 0, 1, 1], [2]) }, '[(0,0),(1,1)]'],
    ['lseg', { wkb: wkb(2, [0, 0], [1]) }, undefined],
    ['circle', { center: { wkb: wkb(1, [1, 2]) }, radius: 3 }, '<(1,2),3>'],
    ['circle', { center: null, radius: 3 }, undefined],
    ['point', null, null],
  ]
  test.each(cases)('%s %j is %j', (type, value, text) => expect(textOf(type, value)).toEqual(text))

  test('a composite type is encoded, if the contract says that it is one', () => {
    expect(textOf('shop.pair', opaque('(1,a)'), 'object')).toBe('(1,a)')
    expect(createPostgresText({ sourceType: 'shop.pair', logicalType: 'string' })).toBeUndefined()
    expect(createPostgresText({ sourceType: 'jsonb', logicalType: 'object' })).toBeUndefined()
  })

  test.each([
    'text',
    'jsonb',
    'bytea',
    'timetz',
    'numeric',
    'timestamptz',
    'text[]',
    'hstore',
    'xml',
    'int4range',
    '"time"',
  ])('%s is what comes', (type) =>
    expect(createPostgresText({ sourceType: type, logicalType: 'string' })).toBeUndefined(),
  )

  test('nothing makes it throw', () => {
    const types = cases.map(([type]) => type)
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.jsonValue(), (type, value) => {
        textOf(type, value as RawValue)
      }),
      { numRuns: 500, seed: 7 },
    )
  })

  test('bits: every string of bits comes back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[01]{2,80}$/), (bits) => {
        const bytes: number[] = []
        for (let end = bits.length; end > 0; end -= 8)
          bytes.push(Number.parseInt(bits.slice(Math.max(0, end - 8), end), 2))
        while (bytes.at(-1) === 0) bytes.pop()
        expect(textOf(`bit(${bits.length})`, Buffer.from(bytes).toString('base64'))).toBe(bits)
      }),
      { numRuns: 200, seed: 8 },
    )
  })
})

describe('a row image', () => {
  const dataset = datasetOf({
    properties: [...KEY, '{name: opens, physicalType: time}', '{name: bits, physicalType: bit(3)}'],
  })
  const image = createTextImage(dataset, (value) => value === 'unchanged')

  test('has texts in place of what came; placeholders and NULL stay', () => {
    expect(image?.({ id: 1, opens: '09:00:00Z', bits: 'BQ==' })).toEqual({
      image: { id: 1, opens: '09:00:00', bits: '101' },
      wrong: [],
    })
    expect(image?.({ id: 1, opens: null, bits: 'unchanged' })).toEqual({
      image: { id: 1, opens: null, bits: 'unchanged' },
      wrong: [],
    })
  })

  test('says which values are none', () => {
    expect(image?.({ id: 1, opens: 9, bits: 'x' })).toEqual({
      image: { id: 1, opens: 9, bits: 'x' },
      wrong: ['opens', 'bits'],
    })
  })

  test('is left alone where every column comes as it is', () => {
    expect(createTextImage(datasetOf(), () => false)).toBeUndefined()
  })
})

describe('the text of a double', () => {
  test.each([
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [-2, '-2'],
    [100, '100'],
    [0.1, '0.1'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [123456789012345, '123456789012345'],
    [1e15, '1e+15'],
    [1.2345678901234567e19, '1.2345678901234567e+19'],
    [1e300, '1e+300'],
    [5e-324, '5e-324'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d is %s', (number, text) => expect(floatText(number)).toBe(text))

  test('is read back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (number) => Object.is(Number(floatText(number)), number)),
      { numRuns: 500, seed: 9 },
    )
  })
})

test.each([
  ['PT0S', 0n],
  ['PT1H2M3.5S', 3_723_500_000n],
  ['PT-1H', -3_600_000_000n],
  ['PT2562047788H54.775807S', 9_223_372_036_854_775_807n],
  ['P1Y', 'no fixed length'],
  ['P-1DT1H', 'no fixed length'],
  ['P', undefined],
  ['PT', undefined],
  ['P1DT', undefined],
  ['1 day', undefined],
])('the interval %s has %s microseconds', (text, micros) => expect(intervalMicros(text)).toBe(micros))
