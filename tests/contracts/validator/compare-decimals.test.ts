import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareDecimals } from '#contracts/validator/compare-decimals.ts'

describe('compareDecimals', () => {
  test.each([
    ['1', '1.0', 0],
    ['-0', '0.000', 0],
    ['1e3', '1000', 0],
    ['1E-2', '0.01', 0],
    ['10', '9', 1],
    ['-10', '-9', -1],
    ['0.1', '0.10000000000000000000000000000000001', -1],
    ['9223372036854775807', '9223372036854775808', -1],
    [' 1 ', '+1', 0],
    ['1', 'NaN', undefined],
    ['Infinity', '1', undefined],
    ['', '0', undefined],
    ['1e99999', '0', undefined],
    ['0x10', '16', undefined],
    ['1_000', '1000', undefined],
  ])('%s and %s: %s', (a, b, order) => expect(compareDecimals(a, b)).toBe(order))

  test('orders scaled integers as integers are ordered', () => {
    const scaled = fc.record({
      digits: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      scale: fc.nat(30),
    })
    const text = ({ digits, scale }: { digits: bigint; scale: number }) => {
      const plain = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
      const at = plain.length - scale
      return `${digits < 0n ? '-' : ''}${plain.slice(0, at)}${scale > 0 ? `.${plain.slice(at)}` : ''}`
    }
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const left = a.digits * 10n ** BigInt(b.scale)
        const right = b.digits * 10n ** BigInt(a.scale)
        expect(compareDecimals(text(a), text(b))).toBe(left < right ? -1 : left > right ? 1 : 0)
        expect(compareDecimals(`${a.digits}e-${a.scale}`, text(a))).toBe(0)
      }),
    )
  })

  test('is antisymmetric, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.float().map(String)), fc.double().map(String), (a, b) => {
        const [one, other] = [compareDecimals(a, b), compareDecimals(b, a)]
        expect(one).toBe(other === undefined || other === 0 ? other : -other)
      }),
    )
  })
})
