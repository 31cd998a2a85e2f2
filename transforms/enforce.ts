/**
 * Enforces the contract on one row, before anything is tokenized: every rule of every column, at most three faults. The
 * checks are made once per dataset, so that a record costs only the comparisons.
 */
import type { CompiledColumn, CompiledDataset, Rule } from '#contracts/compile/compiled-dataset.ts'
import { compareDecimals } from './compare-decimals.ts'
import type { Fault, RawRow, RawValue } from './record.ts'
import { textOf } from './text-of.ts'

/** Most faults of one record that are collected. */
export const MAX_FAULTS = 3

type Check = { readonly source: string; readonly code: string; readonly holds: (value: RawValue) => boolean }

/** Makes the check of a dataset's rows. `isUnchanged` tells a placeholder, which has been checked when it was first stored. */
export function createEnforce(
  dataset: CompiledDataset,
  isUnchanged: (value: RawValue | undefined) => boolean,
): (row: RawRow) => readonly Fault[] {
  const required = dataset.columns.filter((column) => !column.nullable).map((column) => column.source)
  const checks = dataset.columns.flatMap((column) =>
    column.rules.flatMap((rule) => compileRule(column, rule)),
  )
  return function enforce(row) {
    const faults: Fault[] = []
    for (const source of required) {
      const value = row[source]
      if (value === null || value === undefined) faults.push({ code: 'required', column: source })
    }
    for (const check of checks) {
      if (faults.length >= MAX_FAULTS) break
      const value = row[check.source]
      if (value === null || value === undefined || isUnchanged(value)) continue
      if (!check.holds(value)) faults.push({ code: check.code, column: check.source })
    }
    return faults.slice(0, MAX_FAULTS)
  }
}

function compileRule(column: CompiledColumn, rule: Rule): readonly Check[] {
  const check = (holds: Check['holds']): readonly Check[] => [
    { source: column.source, code: rule.rule, holds },
  ]
  switch (rule.rule) {
    case 'required':
      return []
    case 'minLength':
      return check((value) => length(value) >= rule.bound)
    case 'maxLength':
      return check(
        (value) => (typeof value === 'string' && value.length <= rule.bound) || length(value) <= rule.bound,
      )
    case 'pattern': {
      const pattern = new RegExp(rule.pattern, 'u')
      return check((value) => typeof value === 'string' && pattern.test(value))
    }
    case 'validValues': {
      const values = new Set(rule.values)
      return check((value) =>
        Array.isArray(value)
          ? value.every((item) => values.has(textOf(item) ?? ''))
          : values.has(textOf(value) ?? ''),
      )
    }
    default: {
      const compare = comparison(column, rule.bound)
      const { rule: name } = rule
      return check((value) => {
        const order = compare(value)
        // NaN and infinities have no place in an order; the converter quarantines them with a reason of their own.
        if (order === undefined) return true
        if (name === 'minimum') return order >= 0
        if (name === 'maximum') return order <= 0
        return name === 'exclusiveMinimum' ? order > 0 : order < 0
      })
    }
  }
}

/** Length in characters (code points), or in elements. */
function length(value: RawValue): number {
  if (Array.isArray(value)) return value.length
  let count = 0
  for (const _ of textOf(value) ?? '') count++
  return count
}

/** Compares a value with the bound in the column's own order; undefined if it has none. */
function comparison(column: CompiledColumn, bound: string): (value: RawValue) => number | undefined {
  if (column.kind === 'date' || column.kind === 'timestamp') {
    const limit = isoText(bound)
    return (value) => {
      const text = isoText(textOf(value) ?? '')
      const shared = Math.min(text.length, limit.length)
      const [a, b] = [text.slice(0, shared), limit.slice(0, shared)]
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
function isoText(text: string): string {
  return text.replace(' ', 'T').replace(/Z$/, '')
}
