/** Exact comparison of decimal numbers as text: no digit is lost, however long they are. */
import { smallDecimal } from './fast-values.ts'

const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** Negative, zero or positive as a is less than, equal to or greater than b; undefined if one is not a finite number. */
export function compareDecimals(a: string, b: string): number | undefined {
  // Of at most 15 digits doubles are exact, and twenty times faster.
  const [x, y] = [smallDecimal(a), smallDecimal(b)]
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x < y ? -1 : x > y ? 1 : 0
  const left = parse(a)
  const right = parse(b)
  if (!left || !right) return undefined
  const scale = Math.max(left.scale, right.scale)
  const difference =
    left.digits * 10n ** BigInt(scale - left.scale) - right.digits * 10n ** BigInt(scale - right.scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function parse(text: string): { digits: bigint; scale: number } | undefined {
  const match = PLAIN.exec(text.trim())
  if (!match) return undefined
  const [, sign = '', whole = '0', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  const scale = fraction.length - exponent
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}
