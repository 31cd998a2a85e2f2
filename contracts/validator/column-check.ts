/**
 * What one column's value must be, as a plain function that a person can read: the reference of the generated code, and what it
 * falls back on for every value that its fast path does not know.
 *
 * NULL, absent and unchanged values are not seen here. A value of the wrong type has one fault, and is asked no more.
 */
import type { CompiledColumn, Rule, ValueKind } from '../compile/compiled-dataset.ts'
import { elementType, mapPostgresType } from '../compile/type-mapping.ts'
import { createMatcher } from '../pattern/create-matcher.ts'
import { compareDecimals } from './compare-decimals.ts'
import { isMultipleOf } from './is-multiple-of.ts'
import { MAX_ROW_FAULTS, type RowFault, type RowValue } from './row.ts'
import { textOf } from './text-of.ts'
import { isoText, orderAgainst } from './value-order.ts'
import { dimensionsOf, itemsOf, propertyCount } from './value-parts.ts'
import { typeCheck } from './value-types.ts'

/** Adds the faults of a value to those of its row, in the order of the contract, until they are {@link MAX_ROW_FAULTS}. */
export type ColumnCheck = (value: RowValue, faults: RowFault[]) => void

type RuleCheck = { readonly fault: RowFault; readonly holds: (value: RowValue) => boolean }

/** Makes the check of a column. Faults are made once, so that a flood of bad rows makes none. */
export function createColumnCheck(column: CompiledColumn): ColumnCheck {
  const faultOf = (code: string): RowFault => Object.freeze({ code, column: column.source })
  const isOfType = typeCheck(column.kind, mapPostgresType(elementType(column.sourceType)).kind)
  const wrongType = faultOf('type')
  const checks = column.rules.flatMap((rule): RuleCheck[] => {
    const holds = ruleCheck(column.kind, rule)
    return holds ? [{ fault: faultOf(rule.rule), holds }] : []
  })
  return function checkColumn(value, faults) {
    if (!isOfType(value)) {
      faults.push(wrongType)
      return
    }
    for (let at = 0; at < checks.length && faults.length < MAX_ROW_FAULTS; at++) {
      const check = checks[at]
      if (check && !check.holds(value)) faults.push(check.fault)
    }
  }
}

/** One rule alone: does a value of the right type keep it? `required` is kept by every value. */
export function createRuleTest(kind: ValueKind, rule: Rule): (value: RowValue) => boolean {
  return ruleCheck(kind, rule) ?? (() => true)
}

/** Undefined for `required`, which is asked before. */
function ruleCheck(kind: ValueKind, rule: Rule): RuleCheck['holds'] | undefined {
  switch (rule.rule) {
    case 'required':
      return undefined
    case 'minLength':
      return (value) => lengthOf(value) >= rule.bound
    case 'maxLength':
      // A text has no more characters than code units: most need no counting.
      return (value) =>
        (typeof value === 'string' && value.length <= rule.bound) || lengthOf(value) <= rule.bound
    case 'pattern': {
      const pattern = createMatcher(rule.pattern)
      return (value) => typeof value === 'string' && pattern.test(value)
    }
    case 'validValues':
      return validValues(kind, rule.values)
    case 'multipleOf':
      return (value) => isMultipleOf(textOf(value) ?? '', rule.bound)
    case 'minItems':
      return (value) => (itemsOf(value)?.length ?? 0) >= rule.bound
    case 'maxItems':
      return (value) => (itemsOf(value)?.length ?? 0) <= rule.bound
    case 'uniqueItems':
      return (value) => {
        const items = itemsOf(value) ?? []
        return new Set(items.map(itemText)).size === items.length
      }
    case 'items':
      return itemsCheck(rule.kind, rule.rules)
    case 'minProperties':
      return (value) => propertyCount(value) >= rule.bound
    case 'maxProperties':
      return (value) => propertyCount(value) <= rule.bound
    case 'dimensions':
      return (value) => dimensionsOf(value) === rule.bound
    default:
      return bound(rule.rule, orderAgainst(kind, rule.bound))
  }
}

/** Every item keeps every rule; NULL does unless it is `required`. What is no array has no items. */
function itemsCheck(kind: ValueKind, rules: readonly Rule[]): RuleCheck['holds'] {
  const allowsNull = rules.every(({ rule }) => rule !== 'required')
  const checks = rules.flatMap((rule) => ruleCheck(kind, rule) ?? [])
  return (value) =>
    (itemsOf(value) ?? []).every((item) =>
      item === null ? allowsNull : checks.every((holds) => holds(item)),
    )
}

/** What has no place in the order (NaN, infinities) passes: the converter quarantines it with a reason of its own. */
function bound(
  name: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum',
  order: (value: RowValue) => number | undefined,
): RuleCheck['holds'] {
  return (value) => {
    const against = order(value)
    if (against === undefined) return true
    if (name === 'minimum') return against >= 0
    if (name === 'maximum') return against <= 0
    return name === 'exclusiveMinimum' ? against > 0 : against < 0
  }
}

/** Numbers are equal by value (`1.50` and 1.5), moments in any of their spellings, everything else by its text. */
function validValues(kind: ValueKind, values: readonly string[]): RuleCheck['holds'] {
  const known = new Set(values)
  const moments = new Set(values.map(isoText))
  const isAllowed = (value: RowValue): boolean => {
    const text = textOf(value) ?? ''
    if (known.has(text)) return true
    if (kind === 'decimal' || kind === 'bigint' || kind === 'float')
      return values.some((allowed) => compareDecimals(text, allowed) === 0)
    return (kind === 'date' || kind === 'timestamp') && moments.has(isoText(text))
  }
  return (value) => (Array.isArray(value) ? value.every(isAllowed) : isAllowed(value))
}

/** Length in characters (code points), or in elements. */
function lengthOf(value: RowValue): number {
  if (Array.isArray(value)) return value.length
  let count = 0
  for (const _ of textOf(value) ?? '') count++
  return count
}

/** Text that tells 1 from "1". */
function itemText(value: RowValue): string {
  return typeof value === 'string' ? `"${value}` : (textOf(value) ?? '')
}
