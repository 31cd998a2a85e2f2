/**
 * The text of a value in a query string -> the same value in the engine's own notation for the column's type, or undefined if it is none:
 * out of range, with more digits than the type has, a day that there is not. So nothing is rounded, cut or wrapped on the way.
 */
import type { ColumnType } from './column-type.ts'

/** Longest number that is looked at. */
const LONGEST_NUMBER = 200

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/
const MOMENT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** The value in the engine's notation; undefined if the text is no value of the type. */
export function typedValue(text: string, type: ColumnType): string | undefined {
  switch (type.kind) {
    case 'integer':
      return integer(text, type.bits, type.signed)
    case 'decimal':
      return decimal(text, type.precision, type.scale)
    case 'float':
      return float(text, type.bits)
    case 'date':
      return isDay(text) && text >= type.from && text <= type.to ? text : undefined
    case 'moment': {
      const value = moment(text, type.scale)
      const seconds = value?.slice(0, 19)
      return seconds !== undefined && seconds >= type.from && seconds <= type.to ? value : undefined
    }
    case 'uuid':
      return UUID.test(text) ? text.toLowerCase() : undefined
    case 'boolean':
      return text === 'true' || text === 'false' ? text : undefined
    case 'enum':
      return type.values.includes(text) ? text : undefined
    case 'text':
      return text.isWellFormed() ? text : undefined
    default:
      return undefined
  }
}

/** How a value of the type is written, for people. */
export function valueForm(type: ColumnType): string {
  switch (type.kind) {
    case 'integer': {
      const { from, to } = integerRange(type.bits, type.signed)
      return `a whole number from ${from} to ${to}`
    }
    case 'decimal':
      return `a number with at most ${type.precision - type.scale} digits before the point and ${type.scale} behind it`
    case 'float':
      return 'a number such as 1.5 or 2e-3, or inf or -inf'
    case 'date':
      return `a day such as 2026-01-31, from ${type.from} to ${type.to}`
    case 'moment':
      return `a moment such as 2026-01-31T08:00:00Z, with at most ${type.scale} digits behind the seconds (a + stands as %2B)`
    case 'uuid':
      return 'a UUID such as 0b5e8f5a-8a2c-4d53-9f5e-2f0d3a4b5c6d'
    case 'boolean':
      return 'true or false'
    case 'enum':
      return 'one of its values'
    case 'array':
      return `items: ${valueForm(type.items)}`
    default:
      return 'valid text'
  }
}

/** The range of a whole number's type. */
export function integerRange(bits: number, signed: boolean): { readonly from: bigint; readonly to: bigint } {
  const half = 2n ** BigInt(bits - 1)
  return signed ? { from: -half, to: half - 1n } : { from: 0n, to: 2n * half - 1n }
}

function integer(text: string, bits: number, signed: boolean): string | undefined {
  if (!INTEGER.test(text) || text.length > LONGEST_NUMBER) return undefined
  const value = BigInt(text.replace('+', ''))
  const { from, to } = integerRange(bits, signed)
  return value >= from && value <= to ? String(value) : undefined
}

function decimal(text: string, precision: number, scale: number): string | undefined {
  const [found, sign, before = '', behind = ''] = DECIMAL.exec(text) ?? []
  if (found === undefined || text.length > LONGEST_NUMBER || before + behind === '') return undefined
  const whole = before.replace(/^0+/, '')
  const fraction = behind.replace(/0+$/, '')
  if (whole.length > precision - scale || fraction.length > scale) return undefined
  return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction === '' ? '' : `.${fraction}`}`
}

/** What is too large for the type would become infinite. NaN is not there: it is equal to nothing. */
function float(text: string, bits: 32 | 64): string | undefined {
  const infinite = INFINITE.exec(text)
  if (infinite) return infinite[1] === '-' ? '-inf' : 'inf'
  if (!FLOAT.test(text) || text.length > LONGEST_NUMBER) return undefined
  const value = Number(text)
  return Number.isFinite(bits === 32 ? Math.fround(value) : value) ? String(value) : undefined
}

/** A day of the calendar, from 1900 on. */
function isDay(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = DAY.exec(text)?.map(Number) ?? []
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1900 && month >= 1 && month <= 12 && date.getUTCMonth() === month - 1
}

function moment(text: string, scale: number): string | undefined {
  const [, day = '', hours = '0', minutes = '0', seconds = '0', fraction = '', zone = 'Z'] =
    MOMENT.exec(text) ?? []
  if (!isDay(day) || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const digits = fraction.replace(/0+$/, '')
  const ahead = minutesAhead(zone)
  if (digits.length > scale || ahead === undefined) return undefined
  const here = Date.parse(`${day}T00:00:00Z`) + (Number(hours) * 60 + Number(minutes) - ahead) * 60_000
  const utc = new Date(here + Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return scale === 0 ? utc : `${utc}.${digits.padEnd(scale, '0')}`
}

/** How far a zone is ahead of UTC. */
function minutesAhead(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
