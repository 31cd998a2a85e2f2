/** Whole numbers, decimals and floats. What does not fit into a double exactly, or is written in an unusual way, is left to the plain path. */
import type { Rule } from '#contracts/compile/compiled-dataset.ts'
import { decimalWidth } from '../rowbinary/cell-encoder.ts'
import { scaledInteger } from '../rowbinary/scaled-integer.ts'
import type { CellReader } from './cell-reader.ts'
import { afterNumber, BAIL, MINUS, NINE, QUOTE, ZERO } from './scan.ts'

/** Digits that a double holds, whatever they are. */
const EXACT_DIGITS = 15
const TWO_32 = 2 ** 32

/** Is the number, times ten to the scale, within the rules? */
type NumberTest = (scaled: number) => boolean

/** The test of rules on scaled whole numbers; undefined if one of them needs more than a double. */
function scaledTest(rules: readonly Rule[], scale: number): NumberTest | undefined {
  let minimum = Number.NEGATIVE_INFINITY
  let maximum = Number.POSITIVE_INFINITY
  const factors: number[] = []
  for (const rule of rules) {
    if (rule.rule === 'required') continue
    if (!('bound' in rule) || typeof rule.bound !== 'string') return undefined
    const bound = exactScaled(rule.bound, scale)
    if (bound === undefined) return undefined
    if (rule.rule === 'minimum') minimum = Math.max(minimum, bound)
    else if (rule.rule === 'exclusiveMinimum') minimum = Math.max(minimum, bound + 1)
    else if (rule.rule === 'maximum') maximum = Math.min(maximum, bound)
    else if (rule.rule === 'exclusiveMaximum') maximum = Math.min(maximum, bound - 1)
    else if (rule.rule === 'multipleOf' && bound > 0) factors.push(bound)
    else return undefined
  }
  const [factor] = factors
  if (factor === undefined) return (value) => value >= minimum && value <= maximum
  return (value) => value >= minimum && value <= maximum && factors.every((each) => value % each === 0)
}

/** A bound as a scaled whole number, if it is exactly one and a double holds it. */
function exactScaled(bound: string, scale: number): number | undefined {
  const [, fraction = ''] = /^[+-]?\d{1,15}(?:\.(\d{1,15}))?$/.exec(bound) ?? []
  if (!/^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(bound) || fraction.replace(/0+$/, '').length > scale)
    return undefined
  const scaled = scaledInteger(bound, scale)
  return scaled > -(10n ** 15n) && scaled < 10n ** 15n ? Number(scaled) : undefined
}

/** Writes a whole number in two's complement. */
function writeInteger(into: Uint8Array, start: number, value: number, width: number): number {
  const low = value % TWO_32
  const first = low < 0 ? low + TWO_32 : low
  const second = Math.floor(value / TWO_32)
  into[start] = first
  into[start + 1] = first >>> 8
  if (width === 2) return start + 2
  into[start + 2] = first >>> 16
  into[start + 3] = first >>> 24
  if (width === 4) return start + 4
  into[start + 4] = second
  into[start + 5] = second >> 8
  into[start + 6] = second >> 16
  into[start + 7] = second >> 24
  const sign = value < 0 ? 0xff : 0
  for (let index = 8; index < width; index++) into[start + index] = sign
  return start + width
}

/** Int16, Int32 and Int64, from a JSON number without fraction and exponent. */
export function integerReader(options: {
  readonly width: 2 | 4 | 8
  readonly rules: readonly Rule[]
}): CellReader | undefined {
  const { width } = options
  const test = scaledTest(options.rules, 0)
  if (!test) return undefined
  const limit = width === 8 ? 10 ** EXACT_DIGITS : 2 ** (width * 8 - 1)
  return function readInteger(bytes, start, _end, writer) {
    const isNegative = bytes[start] === MINUS
    const first = isNegative ? start + 1 : start
    let at = first
    let value = 0
    for (;;) {
      const byte = bytes[at] as number
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      at++
    }
    const count = at - first
    const after = bytes[at]
    // No digits, too many, a zero in front, -0, a fraction, an exponent.
    if (count === 0 || count > EXACT_DIGITS || (bytes[first] === ZERO && (count > 1 || isNegative)))
      return BAIL
    if (after === 0x2e || after === 0x65 || after === 0x45) return BAIL
    if (isNegative) value = -value
    if (value < -limit || value >= limit || !test(value)) return BAIL
    writer.at = writeInteger(writer.bytes, writer.at, value, width)
    return at
  }
}

/** Decimal(precision, scale), from a JSON text of at most 15 digits. */
export function decimalReader(options: {
  readonly precision: number
  readonly scale: number
  readonly rules: readonly Rule[]
}): CellReader | undefined {
  const { precision, scale } = options
  const test = scaledTest(options.rules, scale)
  if (!test || scale > EXACT_DIGITS) return undefined
  const width = decimalWidth(precision)
  const powers = Array.from({ length: scale + 1 }, (_, index) => 10 ** index)
  return function readDecimal(bytes, start, _end, writer) {
    if (bytes[start] !== QUOTE) return BAIL
    const isNegative = bytes[start + 1] === MINUS
    const first = isNegative ? start + 2 : start + 1
    let at = first
    let value = 0
    let point = -1
    for (;;) {
      const byte = bytes[at] as number
      if (byte >= ZERO && byte <= NINE) value = value * 10 + (byte - ZERO)
      else if (byte === 0x2e && point < 0 && at > first) point = at
      else break
      at++
    }
    if (bytes[at] !== QUOTE) return BAIL
    const fraction = point < 0 ? 0 : at - point - 1
    const whole = (point < 0 ? at : point) - first
    if (whole === 0 || (point >= 0 && fraction === 0) || fraction > scale) return BAIL
    // No more than the type holds, and no more than a double holds once all places are filled.
    if (whole > precision - scale || whole + scale > EXACT_DIGITS) return BAIL
    value *= powers[scale - fraction] as number
    if (isNegative) value = 0 - value
    if (!test(value)) return BAIL
    writer.at = writeInteger(writer.bytes, writer.at, value, width)
    return at + 1
  }
}

/** Float32 and Float64, from a JSON number. */
export function floatReader(options: {
  readonly isSingle: boolean
  readonly rules: readonly Rule[]
}): CellReader | undefined {
  const { isSingle } = options
  const bounds: { readonly rule: string; readonly value: number }[] = []
  for (const rule of options.rules) {
    if (rule.rule === 'required') continue
    if (!('bound' in rule) || typeof rule.bound !== 'string' || rule.rule === 'multipleOf') return undefined
    if (!/^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(rule.bound)) return undefined
    bounds.push({ rule: rule.rule, value: Number(rule.bound) })
  }
  // Rounding keeps the order of two numbers but may make them equal: only "more" and "less" are sure.
  const isSure = (value: number): boolean =>
    bounds.every(({ rule, value: bound }) =>
      rule === 'minimum' || rule === 'exclusiveMinimum' ? value > bound : value < bound,
    )
  return function readFloat(bytes, start, _end, writer) {
    const after = afterNumber(bytes, start)
    if (after < 0) return BAIL
    const value = Number(bytes.toString('latin1', start, after))
    if (!Number.isFinite(isSingle ? Math.fround(value) : value) || !isSure(value)) return BAIL
    writer.at = isSingle
      ? writer.bytes.writeFloatLE(value, writer.at)
      : writer.bytes.writeDoubleLE(value, writer.at)
    return after
  }
}
