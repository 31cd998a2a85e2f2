/**
 * Compares a value with a bound in the column's own order: numbers exactly, whatever their length; dates and timestamps as
 * ISO text in UTC, as far as the shorter of the two goes (a day as a maximum holds until its end).
 */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import { compareDecimals } from './compare-decimals.ts'
import type { RowValue } from './row.ts'
import { textOf } from './text-of.ts'

/** Negative, zero or positive as the value is below, at or above the bound; undefined if the value has no place in the order. */
export function orderAgainst(kind: ValueKind, bound: string): (value: RowValue) => number | undefined {
  if (kind === 'date' || kind === 'timestamp') {
    const limit = isoText(bound)
    return (value) => {
      const text = isoText(textOf(value) ?? '')
      const far = farAway(text)
      if (far !== 0) return far
      const a = text.length > limit.length ? text.slice(0, limit.length) : text
      const b = limit.length > text.length ? limit.slice(0, text.length) : limit
      return a < b ? -1 : a > b ? 1 : 0
    }
  }
  const numeric = Number(bound)
  return (value) => {
    if (typeof value === 'number')
      return value < numeric ? -1 : value > numeric ? 1 : value === numeric ? 0 : undefined
    return compareDecimals(textOf(value) ?? '', bound)
  }
}

/** `2026-01-31T10:00:00.5` of any ISO date or timestamp in UTC: comparable as text for years 0000 to 9999. */
export function isoText(text: string): string {
  const iso = text.charAt(10) === ' ' ? text.replace(' ', 'T') : text
  return iso.endsWith('Z') ? iso.slice(0, -1) : iso.replace(/\+00(?::?00)?$/, '')
}

/** Years before Christ and -infinity are below every bound, years of five digits and infinity above. */
function farAway(text: string): number {
  const first = text.charAt(0)
  if (first === '-') return -1
  return first === '+' || first === 'i' || isDigit(text.charAt(4)) ? 1 : 0
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}
