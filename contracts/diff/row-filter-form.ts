/**
 * One form for all ways to write a row filter: a list is a conjunction, and neither the order of its parts, nor blanks, nor brackets
 * around a single part matter. Works on filters of unknown shape: what it does not know it keeps.
 */
import { isRecord, type Raw } from '../model/raw-value.ts'
import { canonicalText } from './canonical-text.ts'

/** Deepest nesting that is looked into. */
const MAX_DEPTH = 20

/** The form, as text. `nameOf` gives the newer name of a column. */
export function rowFilterForm(filter: unknown, nameOf: (column: string) => string): string {
  if (!Array.isArray(filter)) return canonicalText(formOf(filter, nameOf, 0))
  return canonicalText(formOf({ all: filter }, nameOf, 0))
}

function formOf(part: unknown, nameOf: (column: string) => string, depth: number): unknown {
  if (!isRecord(part) || depth > MAX_DEPTH) return part
  for (const key of ['all', 'any'] as const) {
    const parts = part[key]
    if (!Array.isArray(parts)) continue
    const forms = parts.map((inner: unknown) => formOf(inner, nameOf, depth + 1))
    // all of all is all; any of any is any.
    const flat = forms.flatMap((form) => (isRecord(form) && Array.isArray(form[key]) ? form[key] : [form]))
    const texts = new Map(flat.map((form: unknown) => [canonicalText(form), form]))
    const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, form]) => form)
    return sorted.length === 1 ? sorted[0] : { [key]: sorted }
  }
  if (part['not'] !== undefined) return { not: formOf(part['not'], nameOf, depth + 1) }
  return predicateForm(part, nameOf)
}

/** Values are text: 5 is "5". One value among one is equality; the order of a list of values says nothing. */
function predicateForm(predicate: Raw, nameOf: (column: string) => string): Raw {
  const column = typeof predicate['column'] === 'string' ? nameOf(predicate['column']) : predicate['column']
  const { operator, value } = predicate
  if (value === undefined) return { ...predicate, column }
  if (!Array.isArray(value) || (operator !== 'in' && operator !== 'notIn'))
    return { ...predicate, column, value: valueText(value) }
  const values = [...new Set(value.map(valueText))].sort()
  if (values.length === 1)
    return { ...predicate, column, operator: operator === 'in' ? '=' : '!=', value: values[0] }
  return { ...predicate, column, value: values }
}

function valueText(value: unknown): string {
  return typeof value === 'object' ? canonicalText(value) : String(value)
}
