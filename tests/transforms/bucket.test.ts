import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { type PlanOf, piiPlanSchema } from '#contracts/pii/pii-plan.ts'
import { createBucket } from '#transforms/bucket.ts'
import type { RawValue } from '#transforms/record.ts'

const bucketOf = (options: object, sourceType: string) =>
  createBucket(piiPlanSchema.parse({ method: 'bucket', ...options }) as PlanOf<'bucket'>, {
    kind: mapPostgresType(sourceType).kind,
    sourceType,
  })

describe('a bucket', () => {
  const cases: readonly (readonly [object, string, RawValue, string])[] = [
    [{ width: 10 }, 'integer', 37, '[30,40)'],
    [{ width: 10 }, 'integer', 30, '[30,40)'],
    [{ width: 10 }, 'integer', -1, '[-10,0)'],
    [{ width: 10 }, 'integer', -10, '[-10,0)'],
    [{ width: 10 }, 'integer', 0, '[0,10)'],
    [{ width: 1000 }, 'bigint', '9223372036854775807', '[9223372036854775000,9223372036854776000)'],
    [{ width: 0.5 }, 'numeric(12,2)', '12.75', '[12.5,13.0)'],
    [{ width: '0.25' }, 'numeric(12,4)', '-0.0001', '[-0.25,0.00)'],
    [{ width: 100 }, 'numeric', '1e3', '[1000,1100)'],
    [{ width: 100 }, 'numeric', '-1E-30', '[-100,0)'],
    [{ width: 100 }, 'double precision', 99.99999, '[0,100)'],
    [{ width: 100 }, 'real', -0, '[0,100)'],
    [{ width: 10 }, 'age_in_years', '42', '[40,50)'],
    [{ boundaries: [18, 30, 65] }, 'integer', 17, '(-inf,18)'],
    [{ boundaries: [18, 30, 65] }, 'integer', 18, '[18,30)'],
    [{ boundaries: [18, 30, 65] }, 'integer', 64, '[30,65)'],
    [{ boundaries: [18, 30, 65] }, 'integer', 65, '[65,inf)'],
    [{ boundaries: ['0.10'] }, 'numeric(6,3)', '0.099', '(-inf,0.10)'],
    [{ boundaries: ['0.10'] }, 'numeric(6,3)', '0.1', '[0.10,inf)'],
    [{ unit: 'year' }, 'date', '1987-03-12', '1987'],
    [{ unit: 'decade' }, 'date', '1987-03-12Z', '1980s'],
    [{ unit: 'quarter' }, 'date', '1987-03-31', '1987-Q1'],
    [{ unit: 'quarter' }, 'date', '1987-12-01', '1987-Q4'],
    [{ unit: 'month' }, 'date', '1987-03-31', '1987-03'],
    [{ unit: 'week' }, 'date', '1987-01-01', '1987-W01'],
    [{ unit: 'week' }, 'date', '2021-01-03', '2020-W53'],
    [{ unit: 'week' }, 'date', '2024-12-30', '2025-W01'],
    [{ unit: 'day' }, 'timestamptz', '1987-03-12T23:59:59.999999Z', '1987-03-12'],
    [{ unit: 'year' }, 'birth_day', '1987-03-12', '1987'],
    [{ keep: 3 }, 'text', 'EC1A 1BB', 'EC1'],
    [{ keep: 3 }, 'text', '75', '7'],
    [{ keep: 3 }, 'text', '7', ''],
    [{ keep: 3 }, 'text', '', ''],
    [{ keep: 2 }, 'text', '😀😁😂', '😀😁'],
    [{ keep: 2, normalize: 'lower' }, 'text', ' AB 1', 'ab'],
  ]
  test.each(cases)('%j of %s: %j is %s', (options, type, value, expected) =>
    expect(bucketOf(options, type)(value)).toBe(expected),
  )

  test.each<readonly [object, string, RawValue, string]>([
    [{ width: 10 }, 'integer', 'many', 'type'],
    [{ width: 10 }, 'integer', 3_000_000_000, 'out_of_range'],
    [{ width: 10 }, 'numeric', 'NaN', 'not_finite'],
    [{ width: 10 }, 'double precision', 'Infinity', 'not_finite'],
    [{ boundaries: [1] }, 'double precision', 'NaN', 'not_finite'],
    [{ width: 10 }, 'age_in_years', 'forty', 'type'],
    [{ unit: 'year' }, 'date', '1987-02-30', 'type'],
    [{ unit: 'year' }, 'date', '+5877611-06-21Z', 'out_of_range'],
    [{ unit: 'year' }, 'date', { a: 1 }, 'type'],
    [{ unit: 'year' }, 'timestamptz', '-infinity', 'out_of_range'],
  ])('%j of %s: %j is a fault', (options, type, value, code) =>
    expect(bucketOf(options, type)(value)).toMatchObject({ code }),
  )

  test('of a whole number is the range that holds it', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 1_000_000 }), (value, width) => {
        const [, lower = '', upper = ''] =
          /^\[(-?\d+),(-?\d+)\)$/.exec(String(bucketOf({ width }, 'bigint')(value))) ?? []
        expect(BigInt(lower) <= BigInt(value) && BigInt(value) < BigInt(upper)).toBe(true)
        expect(BigInt(upper) - BigInt(lower)).toBe(BigInt(width))
        expect(BigInt(lower) % BigInt(width)).toBe(0n)
      }),
    )
  })

  test('never throws, whatever the value', () => {
    const buckets = [
      bucketOf({ width: 3 }, 'numeric'),
      bucketOf({ boundaries: [1, 2] }, 'double precision'),
      bucketOf({ unit: 'week' }, 'date'),
      bucketOf({ keep: 2 }, 'text'),
    ]
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const bucket of buckets) bucket(value as RawValue)
      }),
    )
  })
})
