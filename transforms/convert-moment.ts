/**
 * Dates and moments -> cells. What the stored type cannot hold is a fault, NULL or the nearest that it holds, as the contract says;
 * ClickHouse would clamp it without a word.
 *
 * A fraction with more digits than the type has is a fault, whatever the contract says: it is not beyond the type, but between two of its
 * values.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { typeName } from '#contracts/compile/type-name.ts'
import { type Convert, done, NULL_CELL, wrong } from './converted.ts'
import { dayText, postgresMoment, type ReadMoment, readMoment } from './moment.ts'
import type { RawValue } from './record.ts'

/** What the conversion depends on. `type` is the stored type, without Nullable. */
export type MomentColumn = Pick<CompiledColumn, 'sourceType' | 'outOfRange'> & {
  readonly kind: 'date' | 'timestamp'
  readonly type: string
}

/** The first and the last value of a type as text, and digits behind the point. */
export type MomentRange = { readonly first: string; readonly last: string; readonly digits: number }

const RANGES: ReadonlyMap<string, MomentRange> = new Map([
  ['Date', { first: '1970-01-01', last: '2149-06-06', digits: 0 }],
  ['Date32', { first: '1900-01-01', last: '2299-12-31', digits: 0 }],
  ["DateTime('UTC')", { first: '1970-01-01 00:00:00', last: '2106-02-07 06:28:15', digits: 0 }],
  ["DateTime64(0, 'UTC')", { first: '1900-01-01 00:00:00', last: '2299-12-31 23:59:59', digits: 0 }],
  ["DateTime64(3, 'UTC')", { first: '1900-01-01 00:00:00', last: '2299-12-31 23:59:59.999', digits: 3 }],
  ["DateTime64(6, 'UTC')", { first: '1900-01-01 00:00:00', last: '2299-12-31 23:59:59.999999', digits: 6 }],
  // Nanoseconds since 1970 end here.
  ["DateTime64(9, 'UTC')", { first: '1900-01-01 00:00:00', last: '2262-04-11 23:47:16.854775', digits: 9 }],
])

/** The range of a ClickHouse type; undefined for one that is no type of moments. */
export function momentRange(type: string): MomentRange | undefined {
  return RANGES.get(type)
}

/** Makes the converter. */
export function momentConvert(column: MomentColumn): Convert {
  const { kind, type, outOfRange } = column
  const range = RANGES.get(type)
  if (!range) return momentTextConvert(column)
  return (value) => {
    const moment = typeof value === 'string' ? readMoment(value, kind) : undefined
    if (moment === undefined) return wrong('type')
    const side = sideOf(moment, range)
    if (side === 0 && typeof moment !== 'string') {
      const time = withDigits(moment.time, range.digits)
      if (time === undefined) return wrong('too_precise')
      return done(`"${dayText(moment)}${time === '' ? '' : ` ${time}`}"`)
    }
    if (outOfRange === 'null') return done(NULL_CELL)
    return outOfRange === 'clamp' ? done(`"${side < 0 ? range.first : range.last}"`) : wrong('out_of_range')
  }
}

/** Tells the values that are clamped; undefined for a column of which none is. */
export function createClampTest(column: MomentColumn): ((value: RawValue) => boolean) | undefined {
  const range = RANGES.get(column.type)
  if (column.outOfRange !== 'clamp' || !range) return undefined
  return (value) => {
    const moment = typeof value === 'string' ? readMoment(value, column.kind) : undefined
    return moment !== undefined && sideOf(moment, range) !== 0
  }
}

/** As Postgres' text, which has room for all of them. */
function momentTextConvert({ kind, sourceType }: MomentColumn): Convert {
  const zoned = typeName(sourceType).name === 'timestamp with time zone'
  return (value) => {
    const moment = typeof value === 'string' ? readMoment(value, kind) : undefined
    return moment === undefined ? wrong('type') : done(JSON.stringify(postgresMoment(moment, zoned)))
  }
}

/** Negative before the range, positive behind it, 0 in it. Texts of years with four digits have the order of time. */
function sideOf(moment: ReadMoment, { first, last }: MomentRange): number {
  if (typeof moment === 'string') return moment === 'infinity' ? 1 : -1
  if (moment.year < 1000) return -1
  if (moment.year > 9999) return 1
  const text = `${dayText(moment)}${moment.time === '' ? '' : ` ${moment.time}`}`
  if (text < first) return -1
  // What the last value leaves out of the fraction is too precise, not beyond it.
  return text.slice(0, last.length) > last ? 1 : 0
}

/** The time with at most that many digits behind the point; undefined if it has more than zeros there. */
function withDigits(time: string, digits: number): string | undefined {
  const dot = time.indexOf('.')
  if (dot < 0 || time.length - dot - 1 <= digits) return time
  if (/[1-9]/.test(time.slice(dot + 1 + digits))) return undefined
  return time.slice(0, digits === 0 ? dot : dot + 1 + digits)
}
