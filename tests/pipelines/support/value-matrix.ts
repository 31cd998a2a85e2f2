/**
 * Types of Postgres with values that hurt: empty ones, extremes, odd characters. Each says how Postgres prints it, by an expression of its own,
 * and how far the texts of the two sides may differ and still be the same value.
 */
import { parseExactly } from '#transforms/decode.ts'

/** How two texts are compared: as they are, as decimal numbers, as doubles or singles, as moments of so many digits as they need, as JSON. */
export type Likeness = 'text' | 'decimal' | 'double' | 'single' | 'moment' | 'json'

/** A type of the matrix. */
export type MatrixType = {
  readonly name: string
  /** As in DDL and in the contract. */
  readonly type: string
  /** What the contract says, if it is another: a domain is named by its base type. */
  readonly base?: string
  readonly logicalType?: string
  readonly likeness?: Likeness
  /** SQL literals. */
  readonly values: readonly string[]
  /** Text of a value, as an expression of Postgres; `c::text` if not given. */
  readonly print?: (value: string) => string
  /** Its arrays are in the matrix too. `without NULL`: Debezium stops at NULL elements. */
  readonly array?: true | 'without NULL'
}

const LONG_TEXT = "repeat('x', 20000)"
const DIGITS = '1'.repeat(1000)
const inUtc = (c: string) => `to_char(${c} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`
const local = (c: string) => `to_char(${c}, 'YYYY-MM-DD HH24:MI:SS.US')`
/** As the type's own function prints it: a cast to text cuts blanks, and writes networks in full. */
const output = (c: string) => `case when ${c} is not null then format('%s', ${c}) end`
const base64 = (c: string) => `translate(encode(${c}, 'base64'), E'\\n', '')`
const MOMENTS = [
  "'1900-01-01'",
  "'2299-12-31 23:59:59.999999'",
  "'2016-11-04 13:51:30.1'",
  "'1969-12-31 23:59:59.999999'",
]

/** Statements that make the types of the user's. */
export const MATRIX_TYPES_SQL = /*sql*/ `
create extension if not exists hstore; create extension if not exists citext; create extension if not exists ltree;
create extension if not exists cube; create extension if not exists isn;
create type mood as enum ('ok', 'bad', 'it''s ''odd'' ünï'); create type pair as (a int, b text); create type floats as range (subtype = float8);
create domain cents as bigint; create domain few as cents; create domain opening as time; create domain feeling as mood;`

/** The types that are no arrays. */
export const SCALARS: readonly MatrixType[] = [
  { name: 'i2', type: 'smallint', values: ['-32768', '32767', '0'], array: true },
  { name: 'i4', type: 'integer', values: ['-2147483648', '2147483647', '0'], array: true },
  {
    name: 'i8',
    type: 'bigint',
    values: ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0'],
    array: true,
  },
  { name: 'oids', type: 'oid', values: ['4294967295', '0'], array: true },
  {
    name: 'n12',
    type: 'numeric(12,2)',
    likeness: 'decimal',
    values: ['-9999999999.99', '0', '0.10'],
    array: true,
  },
  {
    name: 'n38',
    type: 'numeric(38,9)',
    likeness: 'decimal',
    values: ['12345678901234567890123456789.123456789', '1e-9'],
  },
  {
    name: 'n76',
    type: 'numeric(76,38)',
    likeness: 'decimal',
    values: ["'-0.00000000000000000000000000000000000001'", `${'9'.repeat(38)}.${'9'.repeat(38)}`],
  },
  {
    name: 'n77',
    type: 'numeric(100,50)',
    values: [`'-${'9'.repeat(50)}.${'9'.repeat(50)}'`, '0.10'],
    array: true,
  },
  {
    name: 'nfree',
    type: 'numeric',
    values: ["('1' || repeat('0', 2000) || '.50')::numeric", "'-1e-400'", '0.000', '100'],
    array: true,
  },
  { name: 'nup', type: 'numeric(5,-2)', likeness: 'decimal', values: ['1234567', '-100', '0'] },
  { name: 'ndown', type: 'numeric(3,5)', likeness: 'decimal', values: ['0.00123', '-0.00999'] },
  {
    name: 'cash',
    type: 'money',
    likeness: 'decimal',
    values: ["'-92233720368547758.08'", "'12.34'", '0'],
    print: (c) => `${c}::numeric::text`,
  },
  {
    name: 'f4',
    type: 'real',
    likeness: 'single',
    values: ['0.1', "'NaN'", "'-Infinity'", '3.4028235e38', '1e-45', "'-0'"],
    array: true,
  },
  {
    name: 'f8',
    type: 'double precision',
    likeness: 'double',
    values: [
      '0.1',
      "'NaN'",
      "'Infinity'",
      '1.7976931348623157e308',
      '5e-324',
      "'-0'",
      '12345678901234567890',
    ],
    array: true,
  },
  { name: 'ok', type: 'boolean', values: ['true', 'false'], array: true },
  {
    name: 't',
    type: 'text',
    values: ["''", `'emoji 🙂 "quoted" back\\slash' || chr(10) || chr(1) || 'line'`, LONG_TEXT, "'null'"],
    array: true,
  },
  { name: 'vc', type: 'varchar(5)', values: ["'ab '", "''"], array: true },
  { name: 'c3', type: 'char(3)', values: ["'ab'", "''"], print: output, array: true },
  { name: 'cc', type: '"char"', values: ["'a'", "''"], array: true },
  { name: 'nm', type: 'name', values: ["'n'"] },
  { name: 'ct', type: 'citext', values: ["'MiXed'", "''"], array: true },
  {
    name: 'u',
    type: 'uuid',
    values: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "'00000000-0000-0000-0000-000000000000'"],
    array: true,
  },
  {
    name: 'd',
    type: 'date',
    values: ["'1900-01-01'", "'2299-12-31'", "'1969-12-31'", "'2024-02-29'"],
    array: true,
  },
  { name: 'ts', type: 'timestamp', likeness: 'moment', values: MOMENTS, print: local, array: true },
  {
    name: 'ts3',
    type: 'timestamp(3)',
    likeness: 'moment',
    values: ["'2016-11-04 13:51:30.123'"],
    print: local,
  },
  {
    name: 'tz',
    type: 'timestamptz',
    likeness: 'moment',
    values: [...MOMENTS.map((moment) => `${moment.slice(0, -1)}+00'`), "'2016-11-04 13:51:30.123456+02'"],
    print: inUtc,
    array: true,
  },
  {
    name: 'tz0',
    type: 'timestamptz(0)',
    likeness: 'moment',
    values: ["'2016-11-04 13:51:30+02'"],
    print: inUtc,
  },
  { name: 't6', type: 'time(6)', values: ["'00:00'", "'23:59:59.999999'", "'12:30:00.5'"] },
  { name: 't3', type: 'time(3)', values: ["'12:30:00.5'", "'00:00'"], array: true },
  {
    name: 'ttz',
    type: 'timetz',
    values: ["'12:30:00.5+02'", "'23:59:59.999999-15:59'"],
    print: (c) => `replace((${c} at time zone 'UTC')::text, '+00', 'Z')`,
    array: true,
  },
  {
    name: 'iv',
    type: 'interval',
    values: [
      "'1 day 02:03:04.5'",
      "'-1 year -2 mons +3 days -04:05:06.789'",
      "'0'",
      "'178000000 years'",
      "'0.000001 sec'",
    ],
  },
  { name: 'ivym', type: 'interval year to month', values: ["'1-2'"] },
  {
    name: 'by',
    type: 'bytea',
    values: ["''", "'\\xdeadbeef00ff'", "decode(repeat('00ff', 3000), 'hex')"],
    print: base64,
    array: true,
  },
  { name: 'b1', type: 'bit', values: ["b'1'", "b'0'"] },
  { name: 'b5', type: 'bit(5)', values: ["b'10101'", "b'00001'", "b'00000'"] },
  { name: 'b70', type: 'bit(70)', values: [`b'1${'0'.repeat(69)}'`, `b'${'0'.repeat(69)}1'`] },
  {
    name: 'ip',
    type: 'inet',
    values: ["'10.0.0.1'", "'10.0.0.0/8'", "'2001:db8::1/64'"],
    print: output,
    array: true,
  },
  { name: 'net', type: 'cidr', values: ["'10.0.0.0/8'", "'2001:db8::/32'"], array: true },
  { name: 'mac', type: 'macaddr', values: ["'08:00:2b:01:02:03'"], array: true },
  { name: 'mac8', type: 'macaddr8', values: ["'08:00:2b:01:02:03:04:05'"], array: true },
  { name: 'e', type: 'mood', values: ["'ok'", "'it''s ''odd'' ünï'"], array: 'without NULL' },
  { name: 'dom', type: 'cents', base: 'bigint', values: ['9223372036854775807', '0'] },
  { name: 'domdom', type: 'few', base: 'bigint', values: ['-1'] },
  { name: 'domtime', type: 'opening', base: 'time', values: ["'09:00'"] },
  { name: 'domenum', type: 'feeling', base: 'mood', values: ["'bad'"] },
  {
    name: 'j',
    type: 'json',
    values: [`'{"a": ${DIGITS}, "b":  [1, null], "b": "\\u00e9🙂"}'`, "'null'", '\'""\'', "'[]'"],
    array: true,
  },
  {
    name: 'jb',
    type: 'jsonb',
    values: [`'{"b": null, "a": 1.10, "n": ${DIGITS}}'`, "'null'", '\'"x"\''],
    array: true,
  },
  { name: 'x', type: 'xml', values: [`'<a b="1">x &amp; y</a>'`, "''"] },
  {
    name: 'hs',
    type: 'hstore',
    likeness: 'json',
    values: [`'a=>1, b=>NULL, "k "=>"v, \\"q"'`, "''"],
    print: (c) => `hstore_to_json(${c})::text`,
    array: true,
  },
  { name: 'lt', type: 'ltree', values: ["'a.b.c'", "''"], array: 'without NULL' },
  { name: 'isb', type: 'isbn', values: ["'978-0-393-04002-9'"] },
  { name: 'cub', type: 'cube', logicalType: 'string', values: ["'(1,2),(3,4)'"] },
  {
    name: 'prs',
    type: 'pair',
    logicalType: 'object',
    values: ["row(1, 'a,b')::pair", 'row(null, null)::pair'],
  },
  { name: 'urng', type: 'floats', logicalType: 'object', values: ["'[1,2)'"] },
  {
    name: 'tsv',
    type: 'tsvector',
    values: ["to_tsvector('simple', 'the fat cats')", "''"],
    array: 'without NULL',
  },
  { name: 'tsq', type: 'tsquery', values: ["'fat & cat'"], array: 'without NULL' },
  { name: 'jp', type: 'jsonpath', values: ["'$.a[*]'"] },
  { name: 'rng', type: 'int4range', values: ["'[1,5)'", "'empty'", "'(,)'"], array: true },
  { name: 'nrng', type: 'numrange', values: ["'[1.10,NaN)'"], array: true },
  { name: 'tzrng', type: 'tstzrange', values: ["'[2020-01-01 00:00+02,infinity)'"], array: true },
  { name: 'mrng', type: 'int4multirange', values: ["'{[1,3),[5,9)}'", "'{}'"], array: 'without NULL' },
  { name: 'lsn', type: 'pg_lsn', values: ["'16/B374D848'"] },
  { name: 'x8', type: 'xid8', values: ["'18446744073709551615'"] },
  { name: 'xi', type: 'xid', values: ["'4294967295'"] },
  { name: 'reg', type: 'regclass', values: ["'pg_class'"] },
  {
    name: 'gpoint',
    type: 'point',
    values: ["'(1.5,-2)'", "'(NaN,Infinity)'", "'(1e300,-0)'", "'(0.00001,123456789012345678)'"],
  },
  { name: 'gline', type: 'line', values: ["'{1,2.5,-3}'"] },
  { name: 'glseg', type: 'lseg', values: ["'[(0,0),(1,1e-7)]'"] },
  { name: 'gbox', type: 'box', values: ["'(1e300,0.1),(-5,2)'"] },
  { name: 'gpath', type: 'path', values: ["'[(0,0),(1,1)]'", "'((0,0),(1,1),(2,0))'"] },
  { name: 'gpoly', type: 'polygon', values: ["'((0,0),(1,1),(1,0))'", "'((0,0))'"] },
  { name: 'gcirc', type: 'circle', values: ["'<(1,2),3>'", "'<(NaN,0),Infinity>'"] },
]

/** A column of the table: of a type, or of its arrays, nullable or required. */
export type MatrixColumn = {
  readonly name: string
  readonly type: string
  /** As in the contract. */
  readonly declared: string
  readonly logicalType: string
  readonly required: boolean
  readonly values: readonly string[]
  /** Lists of texts are compared, element by element. */
  readonly isArray: boolean
  readonly likeness: Likeness
  /** Text of a value, or JSON list of the texts of elements. */
  readonly print: string
}

const QUOTED = (name: string) => `"${name}"`

/** The columns of all types, and of the arrays of those that have them. */
export const COLUMNS: readonly MatrixColumn[] = SCALARS.flatMap((each): MatrixColumn[] => {
  const { name, type, base = type, logicalType = 'string', likeness = 'text', values, array } = each
  const print = each.print ?? ((c: string) => `${c}::text`)
  const scalar = {
    name,
    type,
    declared: base,
    logicalType,
    required: false,
    values,
    isArray: false,
    likeness,
  }
  const made: MatrixColumn[] = [{ ...scalar, print: print(QUOTED(name)) }]
  if (array === undefined) return made
  const cast = values.map((value) => `(${value})::${type}`)
  const nulls = array === true ? ', null' : ''
  const lists = [`'{}'`, `array[${cast.join(', ')}${nulls}]::${type}[]`, `array[${cast[0]}]::${type}[]`]
  for (const [prefix, required] of [
    ['a_', false],
    ['r_', true],
  ] as const) {
    const column = `${prefix}${name}`
    made.push({
      ...scalar,
      name: column,
      type: `${type}[]`,
      declared: `${base}[]`,
      required,
      values: lists,
      isArray: true,
      print: `array_to_json(array(select ${print('e')} from unnest(${QUOTED(column)}) with ordinality as u (e, n) order by n))::text`,
    })
  }
  return made
})

/** One form for all texts of the same value. */
export function normalForm(likeness: Likeness, text: unknown): unknown {
  if (text === null) return null
  const written = String(text)
  switch (likeness) {
    case 'decimal':
      return written.includes('.')
        ? written.replace(/\.?0+$/, '').replace(/^-0$/, '0')
        : written.replace(/^-0$/, '0')
    case 'double':
    case 'single': {
      const number = Number(written.replace(/^(-?)inf(inity)?$/i, '$1Infinity').replace(/^nan$/i, 'NaN'))
      return Object.is(number, -0) ? '-0' : String(likeness === 'single' ? Math.fround(number) : number)
    }
    case 'moment':
      return written.replace(/\.?0*$/, (zeros) => (written.includes('.') ? '' : zeros))
    case 'json':
      return JSON.stringify(JSON.parse(written))
    default:
      return written
  }
}

/** The elements of a list that came as JSON text, or as a list. */
export function elements(list: unknown): readonly (string | null)[] {
  const items = (typeof list === 'string' ? parseExactly(list) : list) as readonly unknown[]
  return items.map((item) => (item === null ? null : Object.is(item, -0) ? '-0' : String(item)))
}
