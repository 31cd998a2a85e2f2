/** Random values of columns, as the JSON that stands in a row image. */
import { placeholderTexts } from '#transforms/unchanged.ts'
import type { Draw } from './draw.ts'
import { oddlyWritten } from './json-text.ts'

/** Debezium's placeholder in these tests. */
export const PLACEHOLDER = 'placeholder-of-tests/0123456789'

/** Makes the JSON of a value. */
export type MakeValue = (draw: Draw) => string

const TEXTS = [
  'note',
  '',
  'Ada@Example.org ',
  '+44 (0)20 7946-0000 ext. 12',
  '0049 89 1234567',
  '020 7946 0000',
  '4111-1111-1111-1111',
  ' two  words ',
  'ÄÖÜ straße',
  'ﬁne ① Ⅷ ｆｕｌｌ',
  '日本語のテキスト',
  'a 😀 face and 👩‍👩‍👧 three',
  'he said "no" \\ yes / no',
  'line\nbreak\tand\r',
  '{"a":{"b":[1,"x"]}}',
  '["a","b"]',
  'x'.repeat(127),
  'é'.repeat(70),
  '0123456789'.repeat(40),
  'null',
  '2024-02-29',
  'DE89370400440532013000',
]
const ODD_TEXTS = [
  '\ud800',
  'cut \udc00 half',
  '\u0000\u001f\u007f\u2028\ufeff',
  '\ufffd',
  'y'.repeat(1100),
  '😀'.repeat(1200),
  '[Ljava.lang.String;@1a2b',
  'none',
  'x',
]

const number: MakeValue = (draw) =>
  draw.pick(['0', '-0', '1.0', '1e3', '-5', '1.5', '1E+2', '1e400', '12345678901234567', '9007199254740993'])
const junk: MakeValue = (draw) =>
  draw.pick([
    'null',
    'true',
    'false',
    '{}',
    '[]',
    '""',
    '"x"',
    '{"a":[1,{"b":null}]}',
    '[[1],["a"]]',
    '[null]',
  ])

const [, BASE64 = '', HSTORE = '', UUID = ''] = placeholderTexts(PLACEHOLDER)
const unchanged: MakeValue = (draw) => {
  const text = draw.pick([PLACEHOLDER, BASE64, HSTORE, UUID, `${PLACEHOLDER} `, PLACEHOLDER.slice(1)])
  const written = draw.chance(50) ? oddlyWritten(draw, text) : JSON.stringify(text)
  const numbers = `[${[...new Int8Array(Buffer.from(PLACEHOLDER))].join(',')}]`
  return draw.pick([written, `[${written}]`, `[null,${written}]`, numbers])
}

const digits = (draw: Draw, count: number): string =>
  Array.from({ length: count }, () => draw.below(10)).join('')
const whole = (draw: Draw, most: number): string => {
  const size = draw.pick([1, 10, 1000, most])
  return String(draw.between(-size, size - 1))
}
const decimal = (draw: Draw, before: number, after: number): string => {
  const sign = draw.chance(30) ? '-' : ''
  const fraction = draw.between(0, after)
  return `"${sign}${draw.below(10 ** Math.min(before, 9))}${fraction === 0 ? '' : `.${digits(draw, fraction)}`}"`
}
const two = (value: number): string => String(value).padStart(2, '0')
const date = (draw: Draw, first: number, last: number): string =>
  `${String(draw.between(first, last)).padStart(4, '0')}-${two(draw.between(1, 12))}-${two(draw.between(1, 28))}`
const time = (draw: Draw): string => {
  const fraction = draw.between(0, 6)
  const seconds = `${two(draw.below(24))}:${two(draw.below(60))}:${two(draw.below(60))}`
  return `${seconds}${fraction === 0 ? '' : `.${digits(draw, fraction)}`}`
}
const uuid = (draw: Draw): string => {
  const hex = Array.from({ length: 32 }, () => draw.below(16).toString(16)).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
const text: MakeValue = (draw) => JSON.stringify(draw.pick(TEXTS))
const oddText: MakeValue = (draw) => oddlyWritten(draw, draw.pick([...TEXTS, ...ODD_TEXTS]))
const list = (item: MakeValue, most = 4): MakeValue => {
  return (draw) => {
    const items = Array.from({ length: draw.between(0, most) }, () => (draw.chance(20) ? 'null' : item(draw)))
    // An array of nothing but NULL may have been one of several dimensions.
    return `[${items.every((each) => each === 'null') ? '' : items.join(',')}]`
  }
}

type Values = { readonly usual: MakeValue; readonly odd: MakeValue }

const texts: Values = { usual: text, odd: oddText }
const moments = (zone: string): Values => ({
  usual: (draw) => `"${date(draw, 1950, 2100)}T${time(draw)}${zone}"`,
  odd: (draw) =>
    `"${draw.pick([
      `${date(draw, 0, 9999)}T${time(draw)}${zone}`,
      `${date(draw, 2250, 2299)}T${time(draw)}${zone}`,
      `${date(draw, 1890, 1910)} ${time(draw)}+00`,
      `${date(draw, 2000, 2030)}T${time(draw)}+02:00`,
      `${date(draw, 2000, 2030)}T10:00`,
      `${date(draw, 2000, 2030)}T24:00:00Z`,
      `${date(draw, 2000, 2030)}T${time(draw)}1234567Z`,
      `${date(draw, 2000, 2030)}T10:00:00.Z`,
      `${date(draw, 2000, 2030)}T10:00:00.000000Z`,
      '2023-02-29T00:00:00Z',
      '2299-12-31T23:59:59.999999Z',
      '+12345-01-01T00:00:00Z',
      '-0044-03-15T00:00:00Z',
      'infinity',
      '-infinity',
    ])}"`,
})
const json: Values = {
  usual: (draw) =>
    JSON.stringify(draw.pick(['{}', '[]', '{"a": 1, "b": "é"}', '[1, 2, {"c": "\\n"}]', 'null', '"t"', '5'])),
  odd: (draw) => oddlyWritten(draw, draw.pick(['{"a": 1}', '{"\\u0041":"\\ud83d\\ude00"}', '{"a":'])),
}
const wholes = (most: number): Values => ({
  usual: (draw) => whole(draw, most),
  odd: (draw) =>
    draw.pick([
      String(most),
      String(-most),
      String(-most - 1),
      '007',
      '-',
      number(draw),
      `"${whole(draw, 9)}"`,
    ]),
})
const decimals = (before: number, after: number): Values => ({
  usual: (draw) => decimal(draw, before, after),
  odd: (draw) =>
    draw.pick([
      `"${digits(draw, draw.between(1, 40))}"`,
      `"-${digits(draw, draw.between(1, 20))}.${digits(draw, draw.between(1, 30))}"`,
      '"-0.00"',
      '"NaN"',
      '"Infinity"',
      '"1E+3"',
      '"1.5e-2"',
      '"5."',
      '".5"',
      '"00012.50"',
      '"--1"',
      number(draw),
    ]),
})
const floats: Values = {
  usual: (draw) =>
    draw.pick([whole(draw, 1e6), `${whole(draw, 1000)}.${draw.between(1, 999)}`, '1.5E-7', '-0.0']),
  odd: (draw) =>
    draw.pick([
      '"NaN"',
      '"Infinity"',
      '3.5e38',
      '1e309',
      '-1e-400',
      '123456789012345678901',
      '1.',
      '01.5',
      number(draw),
    ]),
}
const geometry: Values = {
  usual: () => '{"x":1.0,"y":2.0,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}',
  odd: (draw) => draw.pick(['{"x":1,"wkb":"AQ=="}', '{"wkb":5}', '"(1,2)"']),
}
const base64: Values = {
  usual: (draw) => `"${Buffer.from(draw.pick(TEXTS)).toString('base64')}"`,
  odd: oddText,
}

/** Postgres type -> its values. */
export const VALUES: Readonly<Record<string, Values>> = {
  text: texts,
  'character varying(400)': texts,
  citext: texts,
  mood: { usual: (draw) => JSON.stringify(draw.pick(['sad', 'ok', 'happy'])), odd: oddText },
  inet: { usual: (draw) => `"10.0.${draw.below(256)}.${draw.below(256)}/24"`, odd: oddText },
  smallint: wholes(2 ** 15),
  integer: wholes(2 ** 31),
  bigint: wholes(10 ** 14),
  oid: { usual: (draw) => String(draw.below(2 ** 31)), odd: wholes(2 ** 32).odd },
  'numeric(12,2)': decimals(9, 2),
  'numeric(4,4)': { usual: (draw) => `"0.${digits(draw, 4)}"`, odd: decimals(1, 4).odd },
  'numeric(38,10)': decimals(9, 10),
  'numeric(5,-2)': { usual: (draw) => `"${draw.below(10_000)}00"`, odd: decimals(7, 2).odd },
  numeric: decimals(9, 5),
  money: decimals(9, 2),
  real: floats,
  'double precision': floats,
  boolean: {
    usual: (draw) => draw.pick(['true', 'false']),
    odd: (draw) => draw.pick(['"t"', '1', 'tru', 'falsey']),
  },
  uuid: {
    usual: (draw) => `"${uuid(draw)}"`,
    odd: (draw) =>
      draw.pick([
        `"${uuid(draw).toUpperCase()}"`,
        `"${uuid(draw).slice(1)}"`,
        `"${uuid(draw)}0"`,
        `"g${uuid(draw).slice(1)}"`,
      ]),
  },
  date: {
    usual: (draw) => `"${date(draw, 1900, 2299)}${draw.pick(['', 'Z'])}"`,
    odd: (draw) =>
      `"${draw.pick([date(draw, 0, 9999), `${date(draw, 2000, 2004)}T00:00:00Z`, '2023-02-29', '2024-02-29', '1900-02-29', '2000-13-01', '2000-00-10', 'infinity', '+12345-01-01'])}"`,
  },
  'timestamp without time zone': moments(''),
  'timestamp with time zone': moments('Z'),
  json,
  jsonb: json,
  hstore: { usual: (draw) => JSON.stringify(draw.pick(['{}', '{"a":"1","b":null}'])), odd: json.odd },
  bytea: base64,
  'time without time zone': { usual: (draw) => `"${time(draw)}Z"`, odd: oddText },
  interval: { usual: (draw) => `"P0Y0M${draw.below(9)}DT${draw.below(24)}H0M1.5S"`, odd: oddText },
  'bit(1)': { usual: (draw) => draw.pick(['true', 'false']), odd: text },
  'bit(12)': { usual: (draw) => draw.pick(['"AQ=="', '"/w8="', '""']), odd: base64.usual },
  tsquery: base64,
  point: geometry,
  'text[]': { usual: list(text), odd: list(oddText, 140) },
  'citext[]': { usual: list(text), odd: list(oddText) },
  'uuid[]': { usual: list((draw) => `"${uuid(draw)}"`), odd: list(oddText) },
  'integer[]': { usual: list((draw) => whole(draw, 2 ** 31)), odd: list(number) },
  'bigint[]': { usual: list((draw) => whole(draw, 10 ** 14)), odd: list(number) },
  'numeric(8,2)[]': { usual: list((draw) => decimal(draw, 6, 2)), odd: list((draw) => decimal(draw, 9, 5)) },
  'boolean[]': { usual: list((draw) => draw.pick(['true', 'false'])), odd: list(number) },
  'date[]': { usual: list((draw) => `"${date(draw, 1900, 2299)}"`), odd: list(oddText) },
  'double precision[]': { usual: list((draw) => floats.usual(draw)), odd: list((draw) => floats.odd(draw)) },
  'jsonb[]': { usual: list((draw) => json.usual(draw)), odd: list((draw) => json.odd(draw)) },
  'vector(3)': { usual: () => '[0.5,1.0,-2.25]', odd: list(number) },
}

/** A value of a column: nearly always one that may come, now and then another. */
export function oddValue(draw: Draw, type: string): string {
  const values = VALUES[type] ?? texts
  switch (draw.below(16)) {
    case 15:
      return junk(draw)
    case 14:
      return unchanged(draw)
    case 13:
      return number(draw)
    case 12:
    case 11:
    case 10:
      return values.odd(draw)
    default:
      return values.usual(draw)
  }
}
