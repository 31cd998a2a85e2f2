/** What is looked for in a table before it is read: values that Debezium would change without a word, or stop at. */
import { describe, expect, test } from 'vitest'
import { bentValues, bentValuesStatement, unguardedColumns } from '#pipelines/capture/bent-values.ts'
import type { SourceColumn } from '#pipelines/capture/source-catalog.ts'
import { column, compiled, sourceTable } from '../support/catalog.ts'

const id = { name: 'id', type: 'bigint', key: 1 }

function found(type: string, actual: Partial<SourceColumn> = {}, more: object = {}) {
  const dataset = compiled({
    dataset: 't',
    table: 'public.t',
    tenant: '=a',
    columns: [id, { name: 'v"', type }],
  })
  const changed = {
    ...dataset,
    columns: dataset.columns.map((one) => (one.source === 'id' ? one : { ...one, ...more })),
  }
  const table = sourceTable('t', [column('id', 'bigint'), column('v"', type, actual)], ['id'])
  return bentValues(changed, table)
}

describe('there is looked for', () => {
  test.each([
    ['time without time zone', {}, `"v""" = '24:00:00'`, /sends as 00:00:00/],
    ['date', {}, `"v""" BETWEEN '2299-01-01 BC' AND '1900-12-31 BC'`, /after Christ/],
    ['time with time zone', {}, `extract(timezone FROM "v""")::int % 60 <> 0`, /zone has seconds/],
    [
      'date[]',
      { elementKind: 'base' },
      `EXISTS (SELECT FROM unnest("v""") AS u (e) WHERE e BETWEEN '2299-01-01 BC' AND '1900-12-31 BC')`,
      /after Christ/,
    ],
    [
      'numeric[]',
      { elementKind: 'base' },
      `EXISTS (SELECT FROM unnest("v""") AS u (e) WHERE e::text IN ('NaN', 'Infinity', '-Infinity'))`,
      /NaN or infinity/,
    ],
    [
      'mood[]',
      { elementKind: 'enum' },
      `EXISTS (SELECT FROM unnest("v""") AS u (e) WHERE e IS NULL)`,
      /NULL in it/,
    ],
  ] as const)('in %s', (type, actual, condition, words) => {
    expect(found(type, actual)).toEqual([{ condition, message: expect.stringMatching(words) }])
  })

  test('intervals without end, and of more hours than Debezium reads', () => {
    expect(found('interval').map(({ condition }) => condition)).toEqual([
      `NOT isfinite("v""")`,
      `abs(extract(hour FROM "v""")) > 2147483647`,
    ])
  })

  test.each(['text', 'timestamp with time zone', 'numeric', 'integer[]'])('nothing in %s', (type) => {
    expect(found(type)).toEqual([])
  })

  test('nothing in a column that is not stored', () => {
    expect(found('date', {}, { target: null })).toEqual([])
  })

  test('every date whose era matters, where dates are clamped or stored as text', () => {
    const [clamped] = found('date', {}, { outOfRange: 'clamp' })
    expect(clamped?.condition).toBe(`(isfinite("v""") AND "v""" < '1900-12-31 BC')`)
    const [text] = found('date', {}, { targetType: 'Nullable(String)' })
    expect(text?.condition).toMatch(/< '0001-01-01' OR .* BETWEEN '1582-10-05' AND '1582-10-14'/)
  })

  test('what is beneath a domain', () => {
    expect(found('opening', { baseType: 'time without time zone' })).toHaveLength(1)
  })
})

test('one reading of the table answers all', () => {
  const values = found('date').concat(found('time without time zone'))
  expect(bentValuesStatement({ schema: 's', table: 't' }, values)).toBe(
    `SELECT coalesce(bool_or("v""" BETWEEN '2299-01-01 BC' AND '1900-12-31 BC'), false) AS found_0, coalesce(bool_or("v""" = '24:00:00'), false) AS found_1 FROM "s"."t"`,
  )
})

describe('a column of which changes may bring such values', () => {
  const dataset = compiled({
    dataset: 't',
    table: 'public.t',
    tenant: '=a',
    columns: [
      id,
      { name: 'open', type: 'time' },
      { name: 'for', type: 'interval' },
      { name: 'day', type: 'date' },
      { name: 'é'.repeat(30), type: 'time' },
    ],
  })
  const table = sourceTable(
    't',
    [
      ...[column('id', 'bigint'), column('open', 'time without time zone'), column('for', 'interval')],
      ...[column('day', 'date'), column('é'.repeat(30), 'time(3) without time zone')],
    ],
    ['id'],
  )

  test('is named with what keeps them out, until that is there', () => {
    const found = unguardedColumns(dataset, table)
    expect(found.map((each) => each.column)).toEqual(['open', 'for', 'é'.repeat(30)])
    expect(found[0]).toEqual({
      ...{ table: 'public.t', column: 'open' },
      reason: 'a time 24:00:00, which Debezium sends as 00:00:00',
      statement: `ALTER TABLE "public"."t" ADD CONSTRAINT "mogo_carried_open" CHECK (NOT ("open" = '24:00:00'));`,
    })
    expect(found[1]?.reason).toMatch(/infinite interval.*more than 2147483647 hours/)
    // As Postgres cuts it: 13 bytes, and 25 characters of two.
    const checks = ['mogo_carried_open', 'mogo_carried_for', `mogo_carried_${'é'.repeat(25)}`]
    expect(unguardedColumns(dataset, { ...table, checks })).toEqual([])
  })
})
