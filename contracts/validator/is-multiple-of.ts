/** Exact test for multiples of a decimal number: 0.3 is a multiple of 0.1, which it is not among doubles. */

const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** True too for what is no finite number: it has no place here, and the type check or the converter refuses it. */
export function isMultipleOf(text: string, step: string): boolean {
  const value = parse(text)
  const unit = parse(step)
  if (!value || !unit || unit.digits === 0n) return true
  const scale = Math.max(value.scale, unit.scale)
  const scaled = value.digits * 10n ** BigInt(scale - value.scale)
  return scaled % (unit.digits * 10n ** BigInt(scale - unit.scale)) === 0n
}

function parse(text: string): { readonly digits: bigint; readonly scale: number } | undefined {
  const [, , whole, fraction = '', exponent = '0'] = PLAIN.exec(text.trim()) ?? []
  if (whole === undefined) return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}
