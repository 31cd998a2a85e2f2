/** How much a column's values may vary: lengths, ranges, steps, sizes, and patterns. */
import type { ContractProperty, LogicalTypeOptions } from '../model/contract.ts'
import { isMultipleOf } from '../validator/is-multiple-of.ts'
import { type Bound, nextWhole, orderOf } from './exact-order.ts'
import type { DiffCode } from './grades.ts'
import { textLength } from './physical-type.ts'
import type { Report } from './report.ts'

type Limit = { readonly value: Bound; readonly exclusive: boolean; readonly key: string }

const NONE: LogicalTypeOptions = { raw: {} }
const OPTIONS = (name: string) => ['logicalTypeOptions', name]

/** Compares the bounds. */
export function diffBounds(older: ContractProperty, newer: ContractProperty, report: Report): void {
  const was = older.logicalTypeOptions ?? NONE
  const is = newer.logicalTypeOptions ?? NONE
  diffCount('minLength', 'at least', was, is, ['DIFF_LENGTH_NARROWED', 'DIFF_LENGTH_WIDENED'], report)
  const [longest, nowLongest] = [withTypeLength(older, is), withTypeLength(newer, was)]
  diffCount(
    'maxLength',
    'at most',
    longest,
    nowLongest,
    ['DIFF_LENGTH_NARROWED', 'DIFF_LENGTH_WIDENED'],
    report,
  )
  for (const key of ['minItems', 'minProperties'] as const)
    diffCount(key, 'at least', was, is, ['DIFF_SIZE_NARROWED', 'DIFF_SIZE_WIDENED'], report)
  for (const key of ['maxItems', 'maxProperties'] as const)
    diffCount(key, 'at most', was, is, ['DIFF_SIZE_NARROWED', 'DIFF_SIZE_WIDENED'], report)
  if ((was.uniqueItems ?? false) !== (is.uniqueItems ?? false))
    report(
      is.uniqueItems ? 'DIFF_UNIQUE_ITEMS_ADDED' : 'DIFF_UNIQUE_ITEMS_REMOVED',
      is.uniqueItems ? 'items must be different' : 'items may repeat',
      OPTIONS('uniqueItems'),
    )
  diffLimit(lowest(older), lowest(newer), 1, report)
  diffLimit(highest(older), highest(newer), -1, report)
  diffStep(stepOf(older), stepOf(newer), report)
  diffPattern(was.pattern, is.pattern, report)
}

/** A count that is at least or at most so much. */
function diffCount(
  key: 'minLength' | 'maxLength' | 'minItems' | 'maxItems' | 'minProperties' | 'maxProperties',
  kind: 'at least' | 'at most',
  was: LogicalTypeOptions,
  is: LogicalTypeOptions,
  [narrowed, widened]: readonly [DiffCode, DiffCode],
  report: Report,
): void {
  // Every count is at least 0: that says nothing.
  const open = kind === 'at least' ? 0 : Number.MAX_VALUE
  const [from, to] = [was[key] ?? open, is[key] ?? open]
  if (from === to) return
  const less = kind === 'at least' ? to > from : to < from
  report(less ? narrowed : widened, `${key}: ${was[key] ?? 'none'} -> ${is[key] ?? 'none'}`, OPTIONS(key))
}

/** The stricter of minimum and exclusiveMinimum. */
function lowest({ logicalType, logicalTypeOptions: options = NONE }: ContractProperty): Limit | undefined {
  return stricter(limit(options, 'minimum', 'exclusiveMinimum', logicalType === 'integer' ? 1 : undefined), 1)
}

/** The stricter of maximum and exclusiveMaximum. */
function highest({ logicalType, logicalTypeOptions: options = NONE }: ContractProperty): Limit | undefined {
  return stricter(
    limit(options, 'maximum', 'exclusiveMaximum', logicalType === 'integer' ? -1 : undefined),
    -1,
  )
}

/** The limits that are written. A step turns an exclusive one of whole numbers into an inclusive one: they mean the same. */
function limit(
  options: LogicalTypeOptions,
  inclusiveKey: 'minimum' | 'maximum',
  exclusiveKey: 'exclusiveMinimum' | 'exclusiveMaximum',
  step: 1 | -1 | undefined,
): readonly Limit[] {
  const limits: Limit[] = []
  const add = (value: Bound, exclusive: boolean, key: string): void => {
    const next = exclusive && step !== undefined ? nextWhole(value, step) : undefined
    limits.push(next === undefined ? { value, exclusive, key } : { value: next, exclusive: false, key })
  }
  const inclusive = options[inclusiveKey]
  const exclusive = options[exclusiveKey]
  // In version 3.0 of the standard, exclusive… may be a flag of the other bound.
  if (inclusive !== undefined) add(inclusive, options.raw[exclusiveKey] === true, inclusiveKey)
  if (exclusive !== undefined) add(exclusive, true, exclusiveKey)
  return limits
}

function stricter(limits: readonly Limit[], direction: 1 | -1): Limit | undefined {
  const [first, second] = limits
  return first && second && (orderOfLimits(first, second, direction) ?? 0) < 0 ? second : first
}

/** Positive where `a` allows less than `b`; `direction` is 1 for lower bounds and -1 for upper ones. */
function orderOfLimits(a: Limit, b: Limit, direction: 1 | -1): number | undefined {
  const order = orderOf(a.value, b.value)
  if (order === undefined) return a.value === b.value ? Number(a.exclusive) - Number(b.exclusive) : undefined
  return order === 0 ? Number(a.exclusive) - Number(b.exclusive) : order * direction
}

function diffLimit(
  older: Limit | undefined,
  newer: Limit | undefined,
  direction: 1 | -1,
  report: Report,
): void {
  const key = newer?.key ?? older?.key
  if (key === undefined) return
  const message = `${direction === 1 ? 'lower' : 'upper'} bound: ${limitText(older)} -> ${limitText(newer)}`
  const order = older && newer ? orderOfLimits(newer, older, direction) : newer ? 1 : -1
  if (order === undefined) report('DIFF_RANGE_CHANGED', message, OPTIONS(key))
  else if (order > 0) report('DIFF_RANGE_NARROWED', message, OPTIONS(key))
  else if (order < 0) report('DIFF_RANGE_WIDENED', message, OPTIONS(key))
}

function limitText(limit: Limit | undefined): string {
  return limit === undefined
    ? 'none'
    : `${String(limit.value).slice(0, 60)}${limit.exclusive ? ' (exclusive)' : ''}`
}

/** A varchar(10) says maxLength 10 where the other side writes it out. */
function withTypeLength(
  { physicalType, logicalTypeOptions: options = NONE }: ContractProperty,
  other: LogicalTypeOptions,
): LogicalTypeOptions {
  const length = physicalType === undefined ? undefined : textLength(physicalType)
  return options.maxLength !== undefined || other.maxLength === undefined || length === undefined
    ? options
    : { ...options, maxLength: length }
}

/** Of whole numbers a step of 1, or a part of it, says nothing. */
function stepOf({ logicalType, logicalTypeOptions: options = NONE }: ContractProperty): number | undefined {
  const { multipleOf: step } = options
  return logicalType === 'integer' && step !== undefined && isWithin(1, step) ? undefined : step
}

function isWithin(value: number, unit: number): boolean {
  return unit !== 0 && isMultipleOf(String(value), String(unit))
}

function diffStep(older: number | undefined, newer: number | undefined, report: Report): void {
  if (older === newer) return
  const message = `multipleOf: ${older ?? 'none'} -> ${newer ?? 'none'}`
  if (older === undefined || (newer !== undefined && isWithin(newer, older)))
    report('DIFF_MULTIPLE_OF_TIGHTENED', message, OPTIONS('multipleOf'))
  else if (newer === undefined || isWithin(older, newer))
    report('DIFF_MULTIPLE_OF_LOOSENED', message, OPTIONS('multipleOf'))
  else report('DIFF_MULTIPLE_OF_CHANGED', message, OPTIONS('multipleOf'))
}

function diffPattern(older: string | undefined, newer: string | undefined, report: Report): void {
  if (older === newer) return
  if (older === undefined) report('DIFF_PATTERN_ADDED', 'a pattern is demanded', OPTIONS('pattern'))
  else if (newer === undefined) report('DIFF_PATTERN_REMOVED', 'no pattern is demanded', OPTIONS('pattern'))
  else report('DIFF_PATTERN_CHANGED', 'the pattern is another one', OPTIONS('pattern'))
}
