/**
 * A text -> a literal of a column's type for ClickHouse, or undefined if the text is no value of the type. What a literal holds is checked before
 * it is written, and it is written through {@link quoteLiteral} alone: the engine casts a constant, and never a column.
 */
import { quoteLiteral } from '../compile/clickhouse-ddl.ts'
import type { ValueKind } from '../compile/compiled-dataset.ts'

/** A column as comparisons see it: kind, and its stored type without Nullable. */
export type ComparedColumn = { readonly kind: ValueKind; readonly type: string }

/** What a kind can be compared by. */
type Comparing = {
  readonly ordered: boolean
  readonly literal: (text: string, type: string) => string | undefined
}

const WHOLE = /^-?\d{1,19}$/
const DECIMAL = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?)?(?:Z|\+00:00)?$/
const MIN_LONG = -(2n ** 63n)
const MAX_LONG = 2n ** 63n - 1n

const whole: Comparing = {
  ordered: true,
  literal(text) {
    if (!WHOLE.test(text)) return undefined
    const value = BigInt(text)
    return value >= MIN_LONG && value <= MAX_LONG ? `toInt64(${quoteLiteral(String(value))})` : undefined
  },
}

/** Floats are missing: NaN is in no order, so `not` would let it through. */
const COMPARING: ReadonlyMap<ValueKind, Comparing> = new Map<ValueKind, Comparing>([
  ['text', { ordered: true, literal: quoteLiteral }],
  ['integer', whole],
  ['bigint', whole],
  ['decimal', { ordered: true, literal: decimalLiteral }],
  [
    'boolean',
    {
      ordered: false,
      literal: (text) => (text === 'true' || text === 'false' ? text : undefined),
    },
  ],
  [
    'uuid',
    {
      ordered: false,
      literal: (text) => (UUID.test(text) ? `toUUID(${quoteLiteral(text.toLowerCase())})` : undefined),
    },
  ],
  [
    'date',
    {
      ordered: true,
      literal: (text) => (isDay(text) ? `toDate32(${quoteLiteral(text)})` : undefined),
    },
  ],
  ['timestamp', { ordered: true, literal: timestampLiteral }],
])

/** Can values of the column be compared, and have they an order? Undefined: neither. */
export function comparability({ kind, type }: ComparedColumn): 'ordered' | 'equal' | undefined {
  const comparing = COMPARING.get(kind)
  if (!comparing) return undefined
  // A number that is stored as text would be compared as text: 1.0 is not 1, and 10 comes before 9.
  if (kind !== 'text' && type === 'String') return undefined
  return comparing.ordered ? 'ordered' : 'equal'
}

/** The literal; undefined if the text is no value of the column's type. */
export function typedLiteral(text: string, { kind, type }: ComparedColumn): string | undefined {
  return COMPARING.get(kind)?.literal(text, type)
}

/** Of the column's own type, so that nothing is rounded and nothing overflows. */
function decimalLiteral(text: string, type: string): string | undefined {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
  const [found, sign = '', integer = '', fraction = ''] = DECIMAL.exec(text) ?? []
  if (found === undefined || precision === undefined || scale === undefined) return undefined
  if (!/\d/.test(text) || text.endsWith('.') || text.length > 100) return undefined
  if (fraction.length > Number(scale) || integer.length > Number(precision) - Number(scale)) return undefined
  const digits = `${sign}${integer === '' ? '0' : integer}${fraction === '' ? '' : `.${fraction}`}`
  return `CAST(${quoteLiteral(digits)} AS ${type})`
}

function timestampLiteral(text: string): string | undefined {
  const [, date, time = '00:00', seconds = '00', fraction = '0'] = TIMESTAMP.exec(text) ?? []
  if (date === undefined || !isDay(date)) return undefined
  return `toDateTime64(${quoteLiteral(`${date} ${time}:${seconds}.${fraction.padEnd(6, '0')}`)}, 6, 'UTC')`
}

/** A day that there is, and that Date32 holds. */
function isDay(text: string): boolean {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? []
  if (year === undefined || month === undefined || day === undefined || year < 1900 || year > 2299)
    return false
  const date = new Date(Date.UTC(year, month - 1, day))
  return month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
