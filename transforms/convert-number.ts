/**
 * Numbers -> cells. A number that the stored type cannot hold is a fault: ClickHouse would wrap whole numbers, and cut the fraction of
 * decimals, without a word.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { type Convert, done, NULL_CELL, wrong } from './converted.ts'
import { fitsDecimal } from './fits-decimal.ts'

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/
/** Debezium prints Java's names of these. */
const NOT_FINITE = /^(nan|[+-]?inf(inity)?|(positive|negative)_infinity)$/i
const LONG = /^-?\d{1,19}$/
const MIN_LONG = -(2n ** 63n)
const MAX_LONG = 2n ** 63n - 1n

/** Is a whole number within a type of ClickHouse? True for what is no type of whole numbers. */
function withinType(type: string): (value: bigint) => boolean {
  const [, unsigned, bits] = /^(U?)Int(\d+)$/.exec(type) ?? []
  if (bits === undefined) return () => true
  const values = 2n ** BigInt(bits)
  const [first, last] = unsigned === 'U' ? [0n, values - 1n] : [-values / 2n, values / 2n - 1n]
  return (value) => value >= first && value <= last
}

/** smallint and integer; texts of types that hold text. */
export function integerConvert(type: string, sourceType: string): Convert {
  const limit = typeName(sourceType).name === 'smallint' ? 2 ** 15 : 2 ** 31
  const isWithin = withinType(type)
  const isText = type.includes('String')
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return wrong('type')
    if (value < -limit || value >= limit || !isWithin(BigInt(value))) return wrong('out_of_range')
    return done(isText ? `"${value}"` : String(value))
  }
}

/** bigint and oid. A number that a double does not hold comes as text, see decode.ts. */
export function bigintConvert(type: string): Convert {
  const isWithin = withinType(type)
  const isUsual = type === 'Int64' || type.includes('String')
  return (value) => {
    if (
      typeof value === 'number'
        ? !Number.isSafeInteger(value)
        : typeof value !== 'string' || !LONG.test(value)
    )
      return wrong('type')
    const text = String(value)
    // Fewer than 19 characters are always a long.
    if (text.length < 19 && isUsual) return done(`"${text}"`)
    const number = BigInt(text)
    if (number < MIN_LONG || number > MAX_LONG || !isWithin(number)) return wrong('out_of_range')
    return done(`"${text}"`)
  }
}

/** numeric and money. */
export function decimalConvert(
  type: string,
  { sourceType, notFinite }: Pick<CompiledColumn, 'sourceType' | 'notFinite'>,
): Convert {
  const fits = fitsType(type)
  const isWhole = type.includes('Int')
  const { modifiers } = typeName(sourceType)
  // Debezium writes numbers without a fraction (numeric(5,-2)) with two thousand zeros in it.
  const isHundreds = (modifiers[1] ?? 0) < 0
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string') return wrong('type')
    if (!DECIMAL.test(text)) {
      if (!NOT_FINITE.test(text)) return wrong('type')
      return notFinite === 'null' ? done(NULL_CELL) : wrong('not_finite')
    }
    if (!fits(text)) return wrong('out_of_range')
    return done(`"${isWhole ? wholeText(text) : isHundreds ? text.replace(/\.0+$/, '') : text}"`)
  }
}

function fitsType(type: string): (text: string) => boolean {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
  if (precision !== undefined && scale !== undefined)
    return (text) => fitsDecimal(text, Number(precision), Number(scale))
  if (!type.includes('Int')) return () => true
  const isWithin = withinType(type)
  // 256 bits are 78 digits; longer texts are not made numbers.
  return (text) => fitsDecimal(text, 78, 0) && isWithin(BigInt(wholeText(text)))
}

/** A decimal text without a fraction in plain digits: `12.00`, `1E+3`. */
function wholeText(text: string): string {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`
  const length = whole.length + Number(exponent)
  const plain = digits
    .padEnd(length, '0')
    .slice(0, Math.max(length, 0))
    .replace(/^0+(?=\d)/, '')
  return plain === '' || plain === '0' ? '0' : `${sign}${plain}`
}

const FLOATS: Readonly<Record<string, string>> = {
  nan: '"nan"',
  infinity: '"inf"',
  '-infinity': '"-inf"',
}

/** real and double precision. A real in a wider type is the very number that the real is, as it is in Postgres. */
export function floatConvert(type: string, sourceType: string): Convert {
  const isReal = type === 'Float32' || typeName(sourceType).name === 'real'
  const isWidened = isReal && type !== 'Float32'
  return (value) => {
    // Whole numbers of 16 digits and more come as text, see decode.ts.
    const read = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof read !== 'number') {
      const special = typeof read === 'string' ? read.toLowerCase() : ''
      return Object.hasOwn(FLOATS, special) ? done(FLOATS[special] ?? '') : wrong('type')
    }
    if (!Number.isFinite(read)) return done(FLOATS[String(read).toLowerCase()] ?? '"nan"')
    const single = isReal ? Math.fround(read) : read
    if (!Number.isFinite(single)) return wrong('out_of_range')
    const number = isWidened ? single : read
    return done(Object.is(number, -0) ? '-0' : String(number))
  }
}
