/** Values of every type on real servers: what Postgres holds is what ClickHouse holds, by the snapshot and by the stream alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['i2', 'smallint'],
  ['i8', 'bigint'],
  ['n12', 'numeric(12,2)'],
  ['n38', 'numeric(38,9)'],
  ['n76', 'numeric(76,38)'],
  ['nfree', 'numeric'],
  ['f4', 'real'],
  ['f8', 'double precision'],
  ['ok', 'boolean'],
  ['t', 'text'],
  ['c3', 'char(3)'],
  ['u', 'uuid'],
  ['d', 'date'],
  ['tz', 'timestamptz'],
  ['ts', 'timestamp'],
  ['t6', 'time(6)'],
  ['iv', 'interval'],
  ['by', 'bytea'],
  ['ip', 'inet'],
  ['e', 'mood'],
  ['dom', 'cents'],
  ['j', 'json'],
  ['jb', 'jsonb'],
  ['ta', 'text[]'],
  ['ia', 'bigint[]'],
  ['rng', 'int4range'],
  ['bits', 'bit(5)'],
  ['tsv', 'tsvector'],
]
const NAMES = COLUMNS.map(([name]) => name)

const SCHEMA = /*sql*/ `
create type mood as enum ('ok', 'bad');
create domain cents as bigint;
create table vals (id int primary key, ${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')});
`
const LONG = '1'.repeat(1000)

/** Rows by id: column -> [SQL, what ClickHouse shows]. Columns left out are NULL. */
const ROWS: Readonly<Record<number, Readonly<Record<string, readonly [string, unknown]>>>> = {
  1: {
    i2: ['-32768', -32768],
    i8: ['9223372036854775807', '9223372036854775807'],
    n12: ['-1234567890.12', '-1234567890.12'],
    n38: ['12345678901234567890123456789.123456789', '12345678901234567890123456789.123456789'],
    n76: ["'-0.00000000000000000000000000000000000001'", '-0.00000000000000000000000000000000000001'],
    nfree: [
      "'123456789012345678901234567890123456789012345678901234567890123456789012345678901.5'",
      '123456789012345678901234567890123456789012345678901234567890123456789012345678901.5',
    ],
    f4: ['1.5', 1.5],
    f8: ['0.1', 0.1],
    ok: ['true', true],
    t: [`'emoji 🙂 "quoted" back\\slash' || chr(10) || 'line'`, 'emoji 🙂 "quoted" back\\slash\nline'],
    c3: ["'ab'", 'ab '],
    u: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    d: ["'1980-01-06'", '1980-01-06'],
    tz: ["'2016-11-04 13:51:30.123456+02'", '2016-11-04 11:51:30.123456'],
    ts: ["'2016-11-04 13:51:30.1'", '2016-11-04 13:51:30.100000'],
    t6: ["'23:59:59.999999'", '23:59:59.999999'],
    ip: ["'2001:db8::1/64'", '2001:db8::1/64'],
    e: ["'bad'", 'bad'],
    dom: ['42', '42'],
    j: [`'{"a": ${LONG}, "b":  [1, null]}'`, `{"a": ${LONG}, "b":  [1, null]}`],
    jb: [`'{"b": null, "a": 1.10}'`, '{"a": 1.10, "b": null}'],
    ta: ["array['a', null, '', 'c,d']", '["a",null,"","c,d"]'],
    ia: ['array[9223372036854775807, null]', '["9223372036854775807",null]'],
    rng: ["'[1,5)'", '[1,5)'],
    bits: ["b'10101'", expect.anything()],
    by: ["'\\xdeadbeef'", '3q2+7w=='],
    iv: ["'1 day 02:03:04.5'", expect.stringMatching(/^P/)],
    tsv: ["to_tsvector('simple', 'cat')", expect.anything()],
  },
  2: {},
  3: {
    i2: ['0', 0],
    i8: ['-9223372036854775808', '-9223372036854775808'],
    n12: ['0', '0'],
    f8: ["'-0'", expect.anything()],
    ok: ['false', false],
    t: ["''", ''],
    by: ["''", ''],
    d: ["'1900-01-01'", '1900-01-01'],
    tz: ["'2299-12-31 23:59:59.999999+00'", '2299-12-31 23:59:59.999999'],
    ta: ["'{}'", '[]'],
    ia: ["'{}'", '[]'],
    j: ["'null'", 'null'],
    jb: ["'null'", 'null'],
  },
  4: { f4: ["'NaN'", 'nan'], f8: ["'-Infinity'", '-inf'] },
}
/** Rows that no type of ClickHouse can hold: column -> SQL, code. */
const BAD: Readonly<Record<number, readonly [column: string, sql: string, code: string]>> = {
  11: ['n12', "'NaN'", 'not_finite'],
  12: ['tz', "'infinity'", 'out_of_range'],
  13: ['d', "'-infinity'", 'out_of_range'],
  14: ['ts', "'0044-03-15 BC'", 'out_of_range'],
  15: ['tz', "'9999-12-31'", 'out_of_range'],
}

/** One INSERT per row, with ids moved by `shift`. */
function inserts(shift: number): string {
  const good = Object.entries(ROWS).map(([id, columns]) => {
    const names = ['id', ...Object.keys(columns)]
    const values = [Number(id) + shift, ...Object.values(columns).map(([sql]) => sql)]
    return `insert into vals (${names.join(', ')}) values (${values.join(', ')})`
  })
  const bad = Object.entries(BAD).map(
    ([id, [column, sql]]) => `insert into vals (id, ${column}) values (${Number(id) + shift}, ${sql})`,
  )
  return `${[...good, ...bad].join(';')};`
}

let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await createPipeline({
    schema: `${SCHEMA} ${inserts(0)}`,
    contracts: [
      {
        dataset: 'vals',
        table: 'public.vals',
        tenant: '=acme',
        columns: [
          { name: 'id', type: 'integer', key: 1 },
          // A domain is named by its base type.
          ...COLUMNS.map(([name, type]) => ({ name, type: type === 'cents' ? 'bigint' : type })),
        ],
      },
    ],
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await pipeline.until('SELECT count() FROM vals FINAL', Object.keys(ROWS).length)
  await pipeline.project.postgres.query(inserts(100))
  await pipeline.until('SELECT count() FROM vals FINAL', 2 * Object.keys(ROWS).length)
})
afterAll(() => pipeline?.dispose())

async function stored(id: number): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await pipeline.rows(
    `SELECT _tenant, ${NAMES.map((name) => (name.startsWith('f') ? `toString(${name}) AS ${name}` : name)).join(', ')} FROM vals FINAL WHERE id = ${id}`,
  )
  return row ?? {}
}

describe('a row', () => {
  it.each(Object.keys(ROWS).map(Number))('%d arrives value by value, NULL by NULL', async (id) => {
    const wanted = Object.fromEntries(
      NAMES.map((name) => {
        const value = ROWS[id]?.[name]?.[1] ?? null
        return [name, name.startsWith('f') && typeof value === 'number' ? String(value) : value]
      }),
    )
    expect(await stored(id)).toEqual({ _tenant: 'acme', ...wanted })
  })

  it.each(Object.keys(ROWS).map(Number))('%d is the same by the snapshot and by the stream', async (id) => {
    expect(await stored(id + 100)).toEqual(await stored(id))
  })

  it('that no type can hold is quarantined with the reason, by snapshot and stream alike', async () => {
    const { governance } = pipeline.project
    const expected = Object.values(BAD).flatMap(([column, , code]) => [
      `${column} ${code}`,
      `${column} ${code}`,
    ])
    await pipeline.until(`SELECT count() FROM ${governance}.quarantine FINAL`, expected.length)
    const rows = await pipeline.rows(
      `SELECT concat(columns[1], ' ', codes[1]) AS fault FROM ${governance}.quarantine FINAL`,
    )
    expect(rows.map(({ fault }) => fault).sort()).toEqual(expected.sort())
  })
})
