/** Rules of dates and moments as whole numbers to compare with; see `contracts/validator/value-order.ts` for what a bound means. */
import type { Rule } from '#contracts/compile/compiled-dataset.ts'
import { isoText } from '#contracts/validator/value-order.ts'

const SECONDS_A_DAY = 86_400

/** The first and the last value that keeps all rules, in days or seconds since 1970. */
export type MomentBounds = { readonly first: number; readonly last: number }

/** No rule at all. */
const UNBOUNDED: MomentBounds = {
  first: Number.NEGATIVE_INFINITY,
  last: Number.POSITIVE_INFINITY,
}

/** What a bound names: a day, a minute or a second, as its first second and its last. */
const BOUND = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/

/**
 * Bounds in days (`date`), or in whole seconds: a moment keeps them if its second does, since no bound that is read here has a fraction.
 * Undefined for rules that need the text.
 */
export function momentBounds(rules: readonly Rule[], kind: 'date' | 'timestamp'): MomentBounds | undefined {
  let { first, last } = UNBOUNDED
  for (const rule of rules) {
    if (rule.rule === 'required') continue
    if (!('bound' in rule) || typeof rule.bound !== 'string') return undefined
    const named = kind === 'date' ? namedDay(rule.bound) : namedSeconds(rule.bound)
    if (named === undefined) return undefined
    if (rule.rule === 'minimum') first = Math.max(first, named.first)
    else if (rule.rule === 'exclusiveMinimum') first = Math.max(first, named.last + 1)
    else if (rule.rule === 'maximum') last = Math.min(last, named.last)
    else if (rule.rule === 'exclusiveMaximum') last = Math.min(last, named.first - 1)
    else return undefined
  }
  return { first, last }
}

/** Of a date only the day of a bound counts: the shorter text says how far the two are compared. */
function namedDay(bound: string): MomentBounds | undefined {
  const named = namedSeconds(isoText(bound).slice(0, 10))
  return named && { first: named.first / SECONDS_A_DAY, last: named.first / SECONDS_A_DAY }
}

function namedSeconds(bound: string): MomentBounds | undefined {
  const [, year, month, day, hour, minute, second] = BOUND.exec(isoText(bound)) ?? []
  if (year === undefined) return undefined
  const text = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}Z`
  const millis = Date.parse(text)
  // A day that is not in the calendar has its place among texts only.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 19) !== text.slice(0, 19))
    return undefined
  const first = millis / 1000
  return { first, last: first + (hour === undefined ? SECONDS_A_DAY : second === undefined ? 60 : 1) - 1 }
}
