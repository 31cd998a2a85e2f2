/** A row filter as a sentence, for callers, exports and reviews. */
import type { ColumnPredicate, RowFilter, RowPredicate, ValueOperator } from './row-filter.ts'

const WORDS: Readonly<Record<ValueOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is below',
  '<=': 'is at most',
  '>': 'is above',
  '>=': 'is at least',
  in: 'is among',
  notIn: 'is not among',
}

/** `rows whose tenant_id is your tenant and whose region is among your regions`. */
export function rowFilterText(filter: RowFilter): string {
  if (filter === 'all') return 'every row'
  if (filter.length === 0) return 'no rows'
  return `rows whose ${filter.map(words).join(' and whose ')}`
}

function words(predicate: RowPredicate): string {
  if ('not' in predicate) return `not (${words(predicate.not)})`
  if ('any' in predicate) return grouped(predicate.any, ' or ')
  if ('all' in predicate) return grouped(predicate.all, ' and ')
  return columnWords(predicate)
}

function grouped(predicates: readonly RowPredicate[], join: string): string {
  const texts = predicates.map(words)
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(join)})`
}

function columnWords(predicate: ColumnPredicate): string {
  const { column, operator } = predicate
  if ('principal' in predicate) return `${column} ${WORDS[predicate.operator]} your ${predicate.principal}`
  if (!('value' in predicate)) return `${column} is ${operator === 'isNull' ? '' : 'not '}empty`
  const verb = WORDS[predicate.operator]
  const values = typeof predicate.value === 'string' ? [predicate.value] : predicate.value
  return `${column} ${verb} ${values.map((value) => `'${value}'`).join(', ')}`
}
