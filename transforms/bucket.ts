/**
 * The range that a value lies in, as text that cannot be taken for a value: `[30,40)`, `1987`, `1987-Q1`, `1980s`, the first characters
 * of a postal code. Numbers are exact whatever their length. What is no value of its type is a fault, as it is without a plan.
 *
 * Text and not the lower bound in the column's own type: a birth date of the first of January would look like one.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import type { PlanOf } from '#contracts/pii/pii-plan.ts'
import { compareDecimals } from '#contracts/validator/compare-decimals.ts'
import { textOf } from '#contracts/validator/text-of.ts'
import { createConvert } from './convert.ts'
import { normalizer } from './normalize.ts'
import type { RawValue } from './record.ts'

/** The range, or the code of what is wrong with the value. */
export type Bucketed = string | { readonly code: string }

type Bucket = (value: RawValue) => Bucketed
type Column = Pick<CompiledColumn, 'kind' | 'sourceType'>

const NO_VALUE: Bucketed = { code: 'type' }
const NOT_FINITE: Bucketed = { code: 'not_finite' }

/** Makes the buckets of a column. */
export function createBucket(plan: PlanOf<'bucket'>, column: Column): Bucket {
  if (plan.keep !== undefined) return prefixBucket(plan.keep, normalizer(plan.normalize))
  if (plan.unit !== undefined) return dateBucket(plan.unit, column)
  if (plan.boundaries !== undefined) return boundaryBucket(plan.boundaries, column)
  if (plan.width !== undefined) return widthBucket(plan.width, column)
  throw new TypeError('a bucket without width, boundaries, unit or keep')
}

/** Never the whole text: of a short one, one character less than it has. */
function prefixBucket(keep: number, normal: (text: string) => string): Bucket {
  return (value) => {
    const text = textOf(value)
    if (text === undefined) return NO_VALUE
    const symbols = [...normal(text).slice(0, (keep + 1) * 2)]
    return symbols.slice(0, Math.max(0, Math.min(keep, symbols.length - 1))).join('')
  }
}

/** The value as an exact decimal, or the fault. */
function decimalOf(column: Column): Bucket {
  // A type of the user's is a text to us; its values may be numbers all the same.
  const kind = column.kind === 'text' ? 'decimal' : column.kind
  const sourceType = column.kind === 'text' ? 'numeric' : column.sourceType
  const convert = createConvert({ kind, sourceType, nullable: false })
  return (value) => {
    const converted = convert(value)
    if (!converted.ok) return converted
    const text = converted.json.replaceAll('"', '')
    return /^-?\d/.test(text) ? text : NOT_FINITE
  }
}

function boundaryBucket(boundaries: readonly string[], column: Column): Bucket {
  const decimal = decimalOf(column)
  const labels = [...boundaries, ''].map((upper, index) => {
    if (index === 0) return `(-inf,${upper})`
    return upper === '' ? `[${boundaries[index - 1]},inf)` : `[${boundaries[index - 1]},${upper})`
  })
  return (value) => {
    const text = decimal(value)
    if (typeof text !== 'string') return text
    let low = 0
    let high = boundaries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((compareDecimals(text, boundaries[middle] ?? '') ?? 0) < 0) high = middle
      else low = middle + 1
    }
    return labels[low] ?? NO_VALUE
  }
}

function widthBucket(width: string, column: Column): Bucket {
  const decimal = decimalOf(column)
  const scale = width.split('.')[1]?.length ?? 0
  const step = BigInt(width.replace('.', ''))
  const print = (units: bigint): string => {
    if (scale === 0) return String(units)
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
    return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  }
  return (value) => {
    const text = decimal(value)
    if (typeof text !== 'string') return text
    const units = floorUnits(text, scale)
    const rest = units % step
    const lower = units - (rest < 0n ? rest + step : rest)
    return `[${print(lower)},${print(lower + step)})`
  }
}

/** The value in units of 10^-scale, rounded down: what is cut off never reaches the next range. */
function floorUnits(text: string, scale: number): bigint {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  const shift = scale + Number(exponent) - fraction.length
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const rest = digits % divisor
  return (digits - rest) / divisor - (rest < 0n ? 1n : 0n)
}

function dateBucket(unit: NonNullable<PlanOf<'bucket'>['unit']>, column: Column): Bucket {
  const date = createConvert({ kind: 'date', sourceType: 'date', nullable: false })
  const timestamp = createConvert({ kind: 'timestamp', sourceType: 'timestamptz', nullable: false })
  const label = LABELS[unit]
  return (value) => {
    const isDate =
      column.kind === 'date' ||
      (column.kind !== 'timestamp' && typeof value === 'string' && value.length <= 11)
    const converted = isDate ? date(value) : timestamp(value)
    // The JSON text is "yyyy-mm-dd….
    return converted.ok ? label(converted.json.slice(1, 11)) : converted
  }
}

const LABELS: Readonly<Record<NonNullable<PlanOf<'bucket'>['unit']>, (date: string) => string>> = {
  day: (date) => date,
  week: isoWeek,
  month: (date) => date.slice(0, 7),
  quarter: (date) => `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`,
  year: (date) => date.slice(0, 4),
  decade: (date) => `${date.slice(0, 3)}0s`,
}

const DAY = 86_400_000

/** `1987-W11` (ISO 8601): a week belongs to the year of its Thursday. */
function isoWeek(date: string): string {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const weekday = (new Date(midnight).getUTCDay() + 6) % 7
  const thursday = midnight + (3 - weekday) * DAY
  const year = new Date(thursday).getUTCFullYear()
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY))
  return `${year}-W${String(week).padStart(2, '0')}`
}
