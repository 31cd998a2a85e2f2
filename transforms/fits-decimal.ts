/** Does a decimal number, as text, fit Decimal(precision, scale) without losing a digit? */

/**
 * `text` is a plain decimal number, with or without an exponent. Zeros in front of the whole part and behind the fraction do not
 * count; every other digit must have its place.
 */
export function fitsDecimal(text: string, precision: number, scale: number): boolean {
  const start = text.startsWith('-') ? 1 : 0
  const dot = text.indexOf('.')
  const whole = (dot < 0 ? text.length : dot) - start
  const fraction = dot < 0 ? 0 : text.length - dot - 1
  // The usual case costs no more than two subtractions; an exponent only makes a text longer than this.
  if (whole <= precision - scale && fraction <= scale && !/[eE]/.test(text)) return true
  const [, digits = '', decimals = '', exponentText = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const exponent = Number(exponentText)
  const all = `${digits}${decimals}`
  const first = all.search(/[1-9]/)
  if (first < 0) return true
  const last = all.length - (/0*$/.exec(all)?.[0].length ?? 0)
  // The point stands behind this many digits of `all`; it may lie before the first or behind the last.
  const point = digits.length + exponent
  return point - first <= precision - scale && last - point <= scale
}
