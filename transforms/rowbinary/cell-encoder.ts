/**
 * Cells (JSON texts, as `to-row.ts` makes them and as ClickHouse itself answers in JSONCompactEachRow) -> RowBinary, by the type of the
 * column in ClickHouse. The values have been checked: what a type cannot hold never comes here, so a value of another kind is a fault
 * of the code, and stops.
 */
import { MogoError } from '#contracts/errors.ts'
import type { RowWriter } from './row-writer.ts'
import { scaledInteger } from './scaled-integer.ts'

/** A cell, parsed. */
export type CellValue = string | number | boolean | null | readonly CellValue[]

/** Writes one value. */
export type EncodeValue = (value: CellValue, writer: RowWriter) => void

/** Makes the encoder of a ClickHouse type. @throws MogoError MOGO_INTERNAL for a type that no column has */
export function createValueEncoder(type: string): EncodeValue {
  const wrapped = /^(Nullable|LowCardinality|Array)\((.*)\)$/s.exec(type)
  if (wrapped) {
    const inner = createValueEncoder(wrapped[2] ?? '')
    if (wrapped[1] === 'Nullable') return nullable(inner)
    return wrapped[1] === 'Array' ? array(inner) : inner
  }
  const encode = integerEncoder(type) ?? decimalEncoder(type) ?? momentEncoder(type) ?? PLAIN.get(type)
  if (encode) return encode
  throw new MogoError('MOGO_INTERNAL', { where: `the encoder of the type ${type}` })
}

/**
 * The same for a cell that is not parsed yet. A tombstone has NULL in every column but the key: where the type has no NULL, the engine
 * stores the default of the type, and so do we.
 */
export function createCellEncoder(type: string): (cell: string, writer: RowWriter) => void {
  const encode = createValueEncoder(type)
  const ofNull = /^(?:LowCardinality\()?Nullable\(/.test(type) ? null : defaultValue(type)
  return (cell, writer) => {
    const value = JSON.parse(cell) as CellValue
    encode(value ?? ofNull, writer)
  }
}

function defaultValue(type: string): CellValue {
  if (type.startsWith('Array(')) return []
  if (type === 'UUID') return '00000000-0000-0000-0000-000000000000'
  if (type.startsWith('DateTime')) return '1970-01-01 00:00:00'
  if (type.startsWith('Date')) return '1970-01-01'
  if (type === 'Bool') return false
  return type.includes('String') ? '' : 0
}

function nullable(inner: EncodeValue): EncodeValue {
  return (value, writer) => {
    writer.byte(value === null ? 1 : 0)
    if (value !== null) inner(value, writer)
  }
}

function array(inner: EncodeValue): EncodeValue {
  return (value, writer) => {
    if (!Array.isArray(value)) return mismatch('array')
    writer.length(value.length)
    for (const item of value) inner(item, writer)
  }
}

const encodeText: EncodeValue = (value, writer) => {
  if (typeof value !== 'string') return mismatch('text')
  writer.text(value)
}

const PLAIN: ReadonlyMap<string, EncodeValue> = new Map<string, EncodeValue>([
  ['String', encodeText],
  ['Bool', (value, writer) => writer.byte(value === true || value === 1 ? 1 : 0)],
  ['Float32', (value, writer) => writer.float32(toFloat(value))],
  ['Float64', (value, writer) => writer.float64(toFloat(value))],
  ['UUID', encodeUuid],
  ['Date', (value, writer) => writer.integer(BigInt(epochDay(textValue(value, 'date'))), 2)],
  ['Date32', (value, writer) => writer.integer(BigInt(epochDay(textValue(value, 'date'))), 4)],
])

function integerEncoder(type: string): EncodeValue | undefined {
  const bits = /^U?Int(8|16|32|64|128|256)$/.exec(type)?.[1]
  if (bits === undefined) return undefined
  const width = Number(bits) / 8
  return (value, writer) => {
    if (typeof value !== 'number' && typeof value !== 'string') return mismatch('integer')
    writer.integer(BigInt(value), width)
  }
}

/** Bytes of a Decimal of that many digits. */
export function decimalWidth(precision: number): number {
  return precision <= 9 ? 4 : precision <= 18 ? 8 : precision <= 38 ? 16 : 32
}

function decimalEncoder(type: string): EncodeValue | undefined {
  const [, precision, scale] = /^Decimal\((\d+), ?(\d+)\)$/.exec(type) ?? []
  if (precision === undefined || scale === undefined) return undefined
  const width = decimalWidth(Number(precision))
  return (value, writer) => {
    if (typeof value !== 'number' && typeof value !== 'string') return mismatch('decimal')
    writer.integer(scaledInteger(String(value), Number(scale)), width)
  }
}

/** `DateTime` and `DateTime64(digits)`, in UTC; what is between two ticks has been refused. */
function momentEncoder(type: string): EncodeValue | undefined {
  const [, digits] = /^DateTime(?:64\((\d)(?:, ?'[^']*')?\)|(?:\('[^']*'\))?)$/.exec(type) ?? []
  if (!type.startsWith('DateTime')) return undefined
  const scale = Number(digits ?? 0)
  const width = digits === undefined ? 4 : 8
  return (value, writer) => {
    const [, day = '', hour, minute, second, fraction = ''] =
      /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(textValue(value, 'time')) ?? []
    if (day === '') return mismatch('time')
    const seconds = epochDay(day) * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second)
    const ticks = BigInt(seconds) * 10n ** BigInt(scale)
    writer.integer(ticks + BigInt(fraction.padEnd(scale, '0').slice(0, scale) || '0'), width)
  }
}

/** Days since 1970-01-01 of a date `YYYY-MM-DD` that there is. */
export function epochDay(date: string): number {
  const millis = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(millis) ? mismatch('date') : millis / 86_400_000
}

const FLOATS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

function toFloat(value: CellValue): number {
  if (typeof value === 'number') return value
  const special = typeof value === 'string' ? (FLOATS[value] ?? Number(value)) : mismatch('float')
  return Number.isNaN(special) && value !== 'nan' ? mismatch('float') : special
}

/** Two unsigned 64-bit numbers, the higher one first, each with its lowest byte first. */
function encodeUuid(value: CellValue, writer: RowWriter): void {
  const hex = textValue(value, 'uuid').replaceAll('-', '')
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) mismatch('uuid')
  writer.integer(BigInt(`0x${hex.slice(0, 16)}`), 8)
  writer.integer(BigInt(`0x${hex.slice(16)}`), 8)
}

function textValue(value: CellValue, what: string): string {
  return typeof value === 'string' ? value : mismatch(what)
}

function mismatch(what: string): never {
  throw new MogoError('MOGO_INTERNAL', { where: `the encoding of a cell as ${what}` })
}
