/** Does an allowed value keep the other rules of its property? One that does not can never be stored, and nobody would notice. */
import type { ContractProperty } from '../model/contract.ts'
import { createMatcher, type PatternMatcher } from '../pattern/create-matcher.ts'
import { patternFault } from '../pattern/pattern-fault.ts'
import { compareBounds } from './compare-bounds.ts'

/** Most characters of a pattern, and of values that it is tried on: a contract may be hostile. */
const LONGEST_PATTERN = 1_000
const MAX_TRIED = 50_000

/** What a value does not keep, in words; undefined if it keeps everything. Values are never said. */
export type AllowedValueFault = (value: unknown) => string | undefined

/** Makes the check for the values of a property. */
export function createAllowedValueFault({
  logicalType,
  logicalTypeOptions,
}: ContractProperty): AllowedValueFault {
  if (!logicalTypeOptions) return () => undefined
  const { minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum } =
    logicalTypeOptions
  const isText = logicalType === undefined || logicalType === 'string'
  let matcher: PatternMatcher | undefined
  if (
    isText &&
    pattern !== undefined &&
    pattern.length <= LONGEST_PATTERN &&
    patternFault(pattern) === undefined
  )
    matcher = createMatcher(pattern)
  let left = MAX_TRIED
  return (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    if (isText && typeof value === 'string') {
      const length = [...value.slice(0, MAX_TRIED)].length
      if (minLength !== undefined && length < minLength) return 'is shorter than minLength'
      if (maxLength !== undefined && length > maxLength) return 'is longer than maxLength'
      left -= value.length
      if (matcher && left >= 0 && !matcher.test(value)) return 'does not match the pattern'
    }
    const orderTo = (bound: number | string | undefined): number | undefined =>
      bound === undefined ? undefined : compareBounds(value, bound)
    if ((orderTo(minimum) ?? 0) < 0) return 'is below the minimum'
    if ((orderTo(maximum) ?? 0) > 0) return 'is above the maximum'
    if ((orderTo(exclusiveMinimum) ?? 1) <= 0) return 'is not above exclusiveMinimum'
    return (orderTo(exclusiveMaximum) ?? -1) >= 0 ? 'is not below exclusiveMaximum' : undefined
  }
}
