/** Numbers with a point as Postgres prints them: the fewest digits that are read back as the same double, with an exponent from 1e+15 on. */

/** Exponents between which Postgres writes no exponent. */
const LEAST_PLAIN = -4
const FIRST_LARGE = 15

/** Text of a double; NaN and infinities too. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= LEAST_PLAIN && exponent < FIRST_LARGE) return plainText(digits, exponent)
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`
}

/** `-1.5` and 2 are -150. */
function plainText(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : ''
  const all = digits.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`
  const whole = all.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = all.slice(exponent + 1)
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
