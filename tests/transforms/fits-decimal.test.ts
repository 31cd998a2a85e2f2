import { describe, expect, test } from 'vitest'
import { fitsDecimal } from '#transforms/fits-decimal.ts'

describe('fitsDecimal', () => {
  test.each([
    ['0.00', 2, 2, true],
    ['000123', 3, 0, true],
    ['1.500', 2, 1, true],
    ['0.05', 1, 1, false],
    ['1e2', 3, 0, true],
    ['1e3', 3, 0, false],
    ['120e-1', 2, 0, true],
    ['125e-1', 2, 0, false],
    ['0e9999', 1, 0, true],
    ['-99', 2, 0, true],
  ])('%s in Decimal(%i, %i): %s', (text, precision, scale, fits) =>
    expect(fitsDecimal(text, precision, scale)).toBe(fits),
  )
})
