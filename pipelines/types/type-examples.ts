/**
 * Every type of Postgres with values as Debezium sends them: JSON texts, measured with 3.7.0.Final (`decimal.handling.mode=string`,
 * `time.precision.mode=isostring`, `binary.handling.mode=base64`, `interval.handling.mode=string`, `hstore.handling.mode=json`,
 * `include.unknown.datatypes=true`). `TYPES.md` is made of them; tests on real servers compare them with what Postgres prints.
 */

/** A row of the table. */
export type TypeExample = {
  /** As a contract writes it. */
  readonly type: string
  /** Other names and types that are treated alike. */
  readonly alike?: string
  /** What the contract has to say beside the type. */
  readonly logicalType?: string
  /** JSON text of a value. */
  readonly wire: string
  /** The same value as Postgres prints it. */
  readonly text: string
  /** JSON texts of values that are not stored. */
  readonly refused?: readonly string[]
}

/** A part of the table. */
export type TypeGroup = { readonly title: string; readonly examples: readonly TypeExample[] }

const NOT_FINITE = ['"NAN"', '"POSITIVE_INFINITY"']
const FAR_MOMENTS = ['"infinity"', '"-0043-03-15T00:00:00.000000Z"', '"9999-12-31T00:00:00.000000Z"']

/** All of them. */
export const TYPE_GROUPS: readonly TypeGroup[] = [
  {
    title: 'Numbers',
    examples: [
      { type: 'smallint', alike: 'int2, smallserial', wire: '-32768', text: '-32768' },
      { type: 'integer', alike: 'int, int4, serial', wire: '2147483647', text: '2147483647' },
      { type: 'bigint', alike: 'int8, bigserial', wire: '9223372036854775807', text: '9223372036854775807' },
      {
        type: 'numeric(12,2)',
        alike: 'decimal; up to 76 digits',
        wire: '"-9999999999.99"',
        text: '-9999999999.99',
        refused: NOT_FINITE,
      },
      { type: 'numeric(5,-2)', wire: '"1234600.000"', text: '1234600', refused: NOT_FINITE },
      { type: 'numeric(3,5)', wire: '"0.00123"', text: '0.00123', refused: NOT_FINITE },
      {
        type: 'numeric',
        alike: 'numeric of more than 76 digits',
        wire: '"123456789012345678901234567890.10"',
        text: '123456789012345678901234567890.10',
        refused: NOT_FINITE,
      },
      { type: 'real', alike: 'float4', wire: '3.4028235E38', text: '3.4028235e+38' },
      { type: 'double precision', alike: 'float8', wire: '"-Infinity"', text: '-Infinity' },
      { type: 'money', wire: '"-1234567.89"', text: '-1234567.89' },
      { type: 'oid', wire: '4294967295', text: '4294967295' },
    ],
  },
  {
    title: 'Texts',
    examples: [
      { type: 'text', alike: 'varchar, varchar(n), citext, name', wire: '"a \\uD83D\\uDE42"', text: 'a 🙂' },
      { type: 'character(5)', alike: 'char(n), bpchar', wire: '"ab   "', text: 'ab   ' },
      { type: '"char"', wire: '"a"', text: 'a' },
      { type: 'mood', alike: 'any enum', wire: '"it\'s ok"', text: "it's ok" },
      { type: 'xml', wire: '"<a b=\\"1\\">x &amp; y</a>"', text: '<a b="1">x &amp; y</a>' },
      { type: 'tsvector', wire: "\"'cats':3 'fat':2\"", text: "'cats':3 'fat':2" },
      { type: 'ltree', alike: 'isbn', wire: '"a.b.c"', text: 'a.b.c' },
    ],
  },
  {
    title: 'JSON and other structures',
    examples: [
      { type: 'json', wire: '"{\\"a\\":  1.10}"', text: '{"a":  1.10}' },
      { type: 'jsonb', wire: '"{\\"a\\": 1.10}"', text: '{"a": 1.10}' },
      { type: 'hstore', wire: '"{\\"a\\":\\"1\\",\\"b\\":null}"', text: '{"a":"1","b":null}' },
      {
        type: 'pair',
        alike: 'any composite type; any type that Debezium does not know',
        logicalType: 'object',
        wire: '"KDEsImEsYiIp"',
        text: '(1,"a,b")',
        refused: ['"(1)"'],
      },
    ],
  },
  {
    title: 'Bytes and bits',
    examples: [
      { type: 'bytea', wire: '"3q2+7w=="', text: '3q2+7w==' },
      { type: 'bit(1)', alike: 'bit', wire: 'true', text: '1' },
      { type: 'bit(5)', alike: 'bit(n)', wire: '"AQ=="', text: '00001', refused: ['"/w=="'] },
    ],
  },
  {
    title: 'Dates and times',
    examples: [
      {
        type: 'date',
        wire: '"2016-11-04Z"',
        text: '2016-11-04',
        refused: ['"+5877611-06-21Z"', '"-0043-03-15Z"', '"9999-12-31Z"'],
      },
      {
        type: 'timestamp',
        alike: 'timestamp(n)',
        wire: '"2016-11-04T13:51:30.123456Z"',
        text: '2016-11-04 13:51:30.123456',
        refused: ['"+292278994-08-16T23:00:00Z"', '"-0043-03-15T00:00:00Z"', '"9999-12-31T00:00:00Z"'],
      },
      {
        type: 'timestamptz',
        alike: 'timestamptz(n)',
        wire: '"2016-11-04T11:51:30.123456Z"',
        text: '2016-11-04 11:51:30.123456',
        refused: FAR_MOMENTS,
      },
      { type: 'time', alike: 'time(n)', wire: '"12:30:00.5Z"', text: '12:30:00.5' },
      { type: 'timetz', alike: 'timetz(n)', wire: '"10:30:00.5Z"', text: '10:30:00.5Z' },
      {
        type: 'interval',
        alike: 'interval(n), interval year to month, …',
        wire: '"P-1Y-2M3DT-4H-5M-6.789S"',
        text: 'P-1Y-2M3DT-4H-5M-6.789S',
        refused: ['"1 day"'],
      },
    ],
  },
  {
    title: 'Other scalars',
    examples: [
      { type: 'boolean', alike: 'bool', wire: 'true', text: 'true' },
      {
        type: 'uuid',
        wire: '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
        text: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      },
      { type: 'inet', wire: '"2001:db8::1/64"', text: '2001:db8::1/64' },
      { type: 'cidr', alike: 'macaddr, macaddr8', wire: '"10.0.0.0/8"', text: '10.0.0.0/8' },
      { type: 'pg_lsn', wire: '"MTYvQjM3NEQ4NDg="', text: '16/B374D848' },
      {
        type: 'xid8',
        alike: 'xid, cid, tid, regclass, regtype, …, pg_snapshot, jsonpath, tsquery',
        wire: '"MTg0NDY3NDQwNzM3MDk1NTE2MTU="',
        text: '18446744073709551615',
      },
    ],
  },
  {
    title: 'Ranges',
    examples: [
      {
        type: 'int4range',
        alike: 'int8range, numrange, tsrange, tstzrange, daterange',
        wire: '"[1,5)"',
        text: '[1,5)',
      },
      {
        type: 'int4multirange',
        alike: 'all multiranges',
        wire: '"e1sxLDMpLFs1LDkpfQ=="',
        text: '{[1,3),[5,9)}',
      },
    ],
  },
  {
    title: 'Geometry',
    examples: [
      {
        type: 'point',
        wire: '{"x":1.5,"y":-2.0,"wkb":"AQEAAAAAAAAAAAD4PwAAAAAAAADA","srid":null}',
        text: '(1.5,-2)',
      },
      { type: 'line', wire: '{"a":1.0,"b":2.0,"c":3.0}', text: '{1,2,3}' },
      {
        type: 'lseg',
        wire: '{"wkb":"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=","srid":null,"extensions":{"type":"lseg"}}',
        text: '[(0,0),(1,1)]',
      },
      {
        type: 'box',
        wire: '{"wkb":"AQMAAAABAAAABQAAAAAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/","srid":null,"extensions":{"type":"box"}}',
        text: '(1,1),(0,0)',
      },
      {
        type: 'path',
        wire: '{"wkb":"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=","srid":null,"extensions":{"type":"path","closed":"true"}}',
        text: '((0,0),(1,1))',
      },
      {
        type: 'polygon',
        wire: '{"wkb":"AQMAAAABAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","srid":null,"extensions":{"type":"polygon"}}',
        text: '((0,0),(1,1),(1,0))',
      },
      {
        type: 'circle',
        wire: '{"center":{"x":1.0,"y":2.0,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null},"radius":3.0}',
        text: '<(1,2),3>',
      },
    ],
  },
  {
    title: 'pgvector',
    examples: [
      { type: 'vector(3)', alike: 'halfvec', wire: '[0.1,0.25,-3.0]', text: '[0.1,0.25,-3]' },
      {
        type: 'sparsevec(5)',
        wire: '{"dimensions":5,"vector":[[1,1.5],[3,2.0]]}',
        text: '{1:1.5,3:2}/5',
      },
    ],
  },
  {
    title: 'Arrays',
    examples: [
      {
        type: 'integer[]',
        alike: 'of every number but money',
        wire: '[1,null,-2]',
        text: '[1,null,-2]',
        refused: ['[null,null]'],
      },
      {
        type: 'bigint[]',
        wire: '[9223372036854775807,null]',
        text: '["9223372036854775807",null]',
        refused: ['[null]'],
      },
      { type: 'numeric(12,2)[]', wire: '["1.50",null]', text: '["1.50",null]', refused: ['[null]'] },
      {
        type: 'text[]',
        alike: 'varchar, char, citext, "char", json, jsonb, hstore, inet, cidr, macaddr, ranges, enums',
        wire: '["a",null,""]',
        text: '["a",null,""]',
        refused: ['["[Ljava.lang.String;@3531ba63"]'],
      },
      { type: 'bytea[]', wire: '["3q2+7w==",null]', text: '["3q2+7w==",null]', refused: ['[null]'] },
      {
        type: 'uuid[]',
        wire: '["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",null]',
        text: '["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",null]',
      },
      { type: 'boolean[]', wire: '[true,null]', text: '[true,null]', refused: ['[null]'] },
      {
        type: 'date[]',
        wire: '["2016-11-04Z",null]',
        text: '["2016-11-04",null]',
        refused: ['["+5877611-06-21Z"]', '[null]'],
      },
      {
        type: 'timestamptz[]',
        alike: 'timestamp[]',
        wire: '["2016-11-04T11:51:30.123456Z",null]',
        text: '["2016-11-04 11:51:30.123456",null]',
        refused: ['["infinity"]', '[null]'],
      },
      {
        type: 'time(3)[]',
        alike: 'timetz[]',
        wire: '["12:30:00.5Z",null]',
        text: '["12:30:00.5",null]',
        refused: ['[null]'],
      },
      {
        type: 'int4multirange[]',
        alike: 'of other types that Debezium does not know',
        wire: '["e1sxLDMpfQ=="]',
        text: '["{[1,3)}"]',
      },
    ],
  },
]
