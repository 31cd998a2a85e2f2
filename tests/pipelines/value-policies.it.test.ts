/**
 * Values that a stored type cannot hold, on real servers: quarantined, NULL or clamped, as the contract says, by the snapshot and by the stream
 * alike. Beside them stand columns that Debezium would stop at: no contract stores them, so that they do no harm.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareProject } from '#ops/compare/compare-project.ts'
import { createPipeline, type Pipeline } from './support/pipeline.ts'

const COLUMNS: Readonly<
  Record<string, { readonly type: string; readonly custom?: Readonly<Record<string, unknown>> }>
> = {
  d: { type: 'date' },
  ts: { type: 'timestamp' },
  tz: { type: 'timestamptz' },
  n: { type: 'numeric(12,2)' },
  nf: { type: 'numeric' },
  d_null: { type: 'date', custom: { outOfRange: 'null' } },
  d_clamp: { type: 'date', custom: { outOfRange: 'clamp' } },
  tz_clamp: { type: 'timestamptz', custom: { outOfRange: 'clamp' } },
  ts_null: { type: 'timestamp', custom: { outOfRange: 'null' } },
  n_null: { type: 'numeric(12,2)', custom: { notFinite: 'null' } },
  d_text: { type: 'date', custom: { targetType: 'String' } },
  tz_text: { type: 'timestamptz', custom: { targetType: 'String' } },
  ms: { type: 'timestamp', custom: { targetType: "DateTime64(3, 'UTC')" } },
  sec: { type: 'timestamptz', custom: { targetType: "DateTime('UTC')" } },
  u64: { type: 'numeric', custom: { targetType: 'UInt64' } },
  micros: { type: 'interval', custom: { targetType: 'Int64' } },
  hex: { type: 'bytea', custom: { bytesAs: 'hex' } },
  ia: { type: 'integer[]' },
  ta: { type: 'text[]' },
  one: { type: 'integer[]', custom: { oneDimensional: true } },
}
/** Not under contract. */
const BESIDE = { cur: 'refcursor', kinds: 'kind[]', bits: 'bit varying', prices: 'money[]', later: 'timetz' }

/** Rows that are stored: column, literal, what ClickHouse shows of it (and of the column that tells whether it was clamped). */
const GOOD: readonly (readonly [column: string, sql: string, shown: unknown, clamped?: boolean])[] = [
  ['d_null', "'infinity'", null],
  ['d_null', "'0044-03-15 BC'", null],
  ['d_null', "'2016-11-04'", '2016-11-04'],
  ['d_clamp', "'infinity'", '2299-12-31', true],
  ['d_clamp', "'-infinity'", '1900-01-01', true],
  ['d_clamp', "'9999-12-31'", '2299-12-31', true],
  ['d_clamp', "'1899-12-31'", '1900-01-01', true],
  ['d_clamp', "'2299-12-31'", '2299-12-31', false],
  ['tz_clamp', "'-infinity'", '1900-01-01 00:00:00.000000', true],
  ['tz_clamp', "'0044-03-15 BC'", '1900-01-01 00:00:00.000000', true],
  ['tz_clamp', "'294276-12-31 23:59:59.999999+00'", '2299-12-31 23:59:59.999999', true],
  ['tz_clamp', "'2299-12-31 23:59:59.999999+00'", '2299-12-31 23:59:59.999999', false],
  ['ts_null', "'infinity'", null],
  ['ts_null', "'-infinity'", null],
  ['n_null', "'NaN'", null],
  ['n_null', '-1.50', '-1.5'],
  ['d_text', "'9999-12-31'", '9999-12-31'],
  ['d_text', "'infinity'", 'infinity'],
  ['d_text', "'-infinity'", '-infinity'],
  ['tz_text', "'-infinity'", '-infinity'],
  ['tz_text', "'0044-03-15 12:00+00 BC'", '0044-03-15 12:00:00+00 BC'],
  ['tz_text', "'2016-11-04 13:51:30.120+02'", '2016-11-04 11:51:30.12+00'],
  ['ms', "'2016-11-04 13:51:30.123'", '2016-11-04 13:51:30.123'],
  ['sec', "'2106-02-07 06:28:15+00'", '2106-02-07 06:28:15'],
  ['u64', '18446744073709551615', '18446744073709551615'],
  ['micros', "'-1 hour 0.000001 sec'", '-3599999999'],
  ['hex', "'\\x00ff'", '00ff'],
  ['ia', "'{1,NULL}'", '[1,null]'],
  ['ta', "'{NULL}'", '[null]'],
  ['one', "'{NULL,NULL}'", '[null,null]'],
]

/** Rows that are not: column, literal, code. */
const BAD: readonly (readonly [column: string, sql: string, code: string])[] = [
  ['d', "'infinity'", 'out_of_range'],
  ['d', "'-infinity'", 'out_of_range'],
  ['d', "'0044-03-15 BC'", 'out_of_range'],
  ['d', "'9999-12-31'", 'out_of_range'],
  ['ts', "'infinity'", 'out_of_range'],
  ['ts', "'0044-03-15 BC'", 'out_of_range'],
  ['tz', "'infinity'", 'out_of_range'],
  ['tz', "'-infinity'", 'out_of_range'],
  ['tz', "'9999-12-31'", 'out_of_range'],
  ['tz', "'0044-03-15 BC'", 'out_of_range'],
  ['n', "'NaN'", 'not_finite'],
  ['nf', "'Infinity'", 'not_finite'],
  ['nf', "'-Infinity'", 'not_finite'],
  ['ms', "'2016-11-04 13:51:30.123456'", 'too_precise'],
  ['sec', "'2106-02-07 06:28:16+00'", 'out_of_range'],
  ['sec', "'1969-12-31 23:59:59+00'", 'out_of_range'],
  ['u64', '-1', 'minimum'],
  ['u64', '1.5', 'multipleOf'],
  ['micros', "'1 mon'", 'out_of_range'],
  ['ia', "'{{1,2},{3,4}}'", 'multi_dimensional'],
  ['ia', "'{NULL}'", 'multi_dimensional'],
  ['ta', "'{{a,b},{c,d}}'", 'multi_dimensional'],
]

const BAD_FROM = 500
const STREAM = 1000
const beside = `'c', '{NULL}', '0001', '{1.50}', '12:00+05:30:15'`

function inserts(shift: number): string {
  const insert = (id: number, column: string, sql: string) =>
    `insert into far (id, ${column}, ${Object.keys(BESIDE).join(', ')}) values (${id + shift}, ${sql}, ${beside});`
  return [
    ...GOOD.map(([column, sql], index) => insert(index, column, sql)),
    ...BAD.map(([column, sql], index) => insert(BAD_FROM + index, column, sql)),
  ].join('\n')
}

let pipeline: Pipeline

beforeAll(async () => {
  const ddl = [
    ...Object.entries(COLUMNS).map(([name, { type }]) => `${name} ${type}`),
    ...Object.entries(BESIDE).map(([name, type]) => `${name} ${type}`),
  ]
  pipeline = await createPipeline({
    schema: `create type kind as enum ('a', 'b'); create table far (id int primary key, ${ddl.join(', ')}); ${inserts(0)}`,
    contracts: [
      {
        dataset: 'far',
        table: 'public.far',
        tenant: '=acme',
        columns: [
          { name: 'id', type: 'integer', key: 1 },
          ...Object.entries(COLUMNS).map(([name, column]) => ({ name, ...column })),
        ],
      },
    ],
  })
  await pipeline.capture().apply()
  await pipeline.startWorker()
  await pipeline.until('SELECT count() FROM far FINAL', GOOD.length)
  await pipeline.project.postgres.query(inserts(STREAM))
  await pipeline.until('SELECT count() FROM far FINAL', 2 * GOOD.length)
  await pipeline.until(`SELECT count() FROM ${pipeline.project.governance}.quarantine FINAL`, 2 * BAD.length)
}, 120_000)
afterAll(() => pipeline?.dispose())

const cases = GOOD.map(([column, sql, shown, clamped], index) => ({ index, column, sql, shown, clamped }))

describe.each([
  ['the snapshot', 0],
  ['the stream', STREAM],
] as const)('by %s', (_way, shift) => {
  it.each(cases)('$column $sql is stored as $shown', async ({ index, column, shown, clamped }) => {
    const told = clamped === undefined ? '' : `, ${column}_clamped AS clamped`
    const rows = await pipeline.rows(
      `SELECT toString(${column}) AS shown${told} FROM far FINAL WHERE id = ${index + shift}`,
    )
    expect(rows).toEqual([{ shown, ...(clamped === undefined ? {} : { clamped }) }])
  })
})

it('what is not stored is quarantined with its code, by snapshot and stream alike', async () => {
  const { governance } = pipeline.project
  const rows = await pipeline.rows(
    `SELECT concat(columns[1], ' ', codes[1]) AS fault FROM ${governance}.quarantine FINAL`,
  )
  const expected = BAD.flatMap(([column, , code]) => [`${column} ${code}`, `${column} ${code}`])
  expect(rows.map(({ fault }) => fault).sort()).toEqual(expected.sort())
})

it('`mogo verify` explains what is quarantined, and finds no other difference', async () => {
  expect(await compareProject(pipeline.project.settings)).toMatchObject([
    { sourceRows: 2 * (GOOD.length + BAD.length), explained: 2 * BAD.length, unexplained: 0 },
  ])
})

describe('a table is not read', () => {
  it.each([
    ['time', 't', "'24:00'", /sends as 00:00:00/],
    ['interval', 'i', "'infinity'", /length 0/],
    ['date', 'd', "'2000-01-01 BC'", /dates before Christ/],
    ['kind[]', 'k', "'{a,NULL}'", /a NULL in it/],
    ['numeric[]', 'n', "'{NaN}'", /NaN or infinity/],
  ])('with a %s that Debezium would change or stop at', async (type, name, sql, words) => {
    const bent = await createPipeline({
      schema: `create type kind as enum ('a', 'b'); create table bent (id int primary key, ${name} ${type}); insert into bent values (1, ${sql});`,
      contracts: [
        {
          dataset: 'bent',
          table: 'public.bent',
          tenant: '=acme',
          columns: [
            { name: 'id', type: 'integer', key: 1 },
            { name, type },
          ],
        },
      ],
    })
    try {
      await expect(bent.capture().apply()).rejects.toMatchObject({
        code: 'MOGO_CONTRACT_SOURCE_MISMATCH',
        message: expect.stringMatching(words),
      })
      // Nothing was changed: a plan says the same as before.
      expect((await bent.capture().plan()).map(({ kind }) => kind)).toContain('connector')
    } finally {
      await bent.dispose()
    }
  })
})
