import { MogoError } from '#contracts/errors.ts'

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * A decimal number, as text, times ten to the `scale`, as a whole number. What lies behind that has been refused before.
 *
 * @throws MogoError MOGO_INTERNAL for what is no decimal number
 */
export function scaledInteger(text: string, scale: number): bigint {
  const [, sign, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  if (whole === undefined) throw new MogoError('MOGO_INTERNAL', { where: 'the scaling of a decimal cell' })
  const digits = BigInt(`${whole}${fraction}`)
  const shift = scale - fraction.length + Number(exponent)
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return sign === '-' ? -scaled : scaled
}
