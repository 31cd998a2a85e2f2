/** A rule in words. */
import type { CompiledColumn, Rule } from '../compile/compiled-dataset.ts'

/** Values that are shown of a list. */
const MOST_VALUES = 12

/** Rules of a column in words, as the contract gives them; empty if there are none. */
export function ruleTexts(column: CompiledColumn): readonly string[] {
  return [...column.rules.map(ruleText), ...(column.unique ? ['unique'] : [])]
}

function ruleText(rule: Rule): string {
  switch (rule.rule) {
    case 'required':
      return 'required'
    case 'minLength':
      return `at least ${counted(rule.bound, 'character')}`
    case 'maxLength':
      return `at most ${counted(rule.bound, 'character')}`
    case 'pattern':
      return `matches ${rule.pattern}`
    case 'minimum':
      return `≥ ${rule.bound}`
    case 'maximum':
      return `≤ ${rule.bound}`
    case 'exclusiveMinimum':
      return `> ${rule.bound}`
    case 'exclusiveMaximum':
      return `< ${rule.bound}`
    case 'multipleOf':
      return `a multiple of ${rule.bound}`
    case 'minItems':
      return `at least ${counted(rule.bound, 'item')}`
    case 'maxItems':
      return `at most ${counted(rule.bound, 'item')}`
    case 'uniqueItems':
      return 'no item twice'
    case 'validValues': {
      const more = rule.values.length - MOST_VALUES
      const shown = rule.values.slice(0, MOST_VALUES).join(', ')
      return `one of ${shown}${more > 0 ? `, and ${more} more` : ''}`
    }
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
