/** What is looked for in a table before it is read: values that Debezium would change without a word, or stop at. */
import { describe, expect, test } from 'vitest'
import { bentValues, bentValuesStatement } from '#pipelines/capture/bent-values.ts'
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
    ['interval', {}, `NOT isfinite("v""")`, /length 0/],
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
  const values = found('date').concat(found('interval'))
  expect(bentValuesStatement({ schema: 's', table: 't' }, values)).toBe(
    `SELECT coalesce(bool_or("v""" BETWEEN '2299-01-01 BC' AND '1900-12-31 BC'), false) AS found_0, coalesce(bool_or(NOT isfinite("v""")), false) AS found_1 FROM "s"."t"`,
  )
})
