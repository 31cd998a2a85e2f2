/** The benchmark measures what it says: contracts without a fault, valid rows, and rows of which each is broken. */
import { expect, test } from 'vitest'
import { benchContract } from '#contracts/bench/bench-contracts.ts'
import { BENCH_SCHEMA, benchDataset, benchRows } from '#contracts/bench/bench-rows.ts'
import { median } from '#contracts/bench/median.ts'
import { checkContract } from '#contracts/check-contract.ts'
import { createValidator } from '#contracts/validator/create-validator.ts'
import { createReferenceValidator } from '#contracts/validator/reference-validator.ts'

test('its contracts have as many columns as they say, and no fault', () => {
  const { datasets, faults } = checkContract(benchContract(7, 50))
  expect(faults).toEqual([])
  expect(datasets.map(({ name, columns }) => [name, columns.length])).toEqual([['bench_7', 50]])
})

test('its rows are valid or broken for the generated validator, the plain one and zod alike', () => {
  const dataset = benchDataset()
  expect(dataset.columns).toHaveLength(12)
  const validate = createValidator(dataset)
  const reference = createReferenceValidator(dataset)
  for (const row of benchRows(200, false)) {
    expect(validate(row)).toEqual([])
    expect(BENCH_SCHEMA.safeParse(row).success).toBe(true)
  }
  const bad = benchRows(200, true)
  for (const row of bad) {
    expect(validate(row)).toEqual(reference(row))
    expect(BENCH_SCHEMA.safeParse(row).success).toBe(false)
  }
  const broken = new Set(bad.flatMap((row) => validate(row).map(({ column }) => column)))
  expect([...broken].sort()).toEqual(dataset.columns.map(({ source }) => source).sort())
})

test.each([
  [[3, 1, 2], 2],
  [[4, 1], 4],
  [[], Number.NaN],
])('the median of %j is %d', (numbers, middle) => expect(median(numbers)).toBe(middle))
