/** A rule in words. */
import type { CompiledColumn, Rule } from '../compile/compiled-dataset.ts'

/** Values that are shown of a list. */
const MOST_VALUES = 12

/** Rules of a column in words, as the contract gives them; empty if there are none. */
export function ruleTexts(column: CompiledColumn): readonly string[] {
  return [...column.rules.map(ruleText), ...(column.unique ? ['unique'] : [])]
}

/** The rules of each item of an array; empty if the contract has none. */
export function itemRules(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) => (rule.rule === 'items' ? rule.rules : []))
}

/** One rule in words. */
export function ruleText(rule: Rule): string {
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
    case 'items':
      return `each item ${rule.rules.map(ruleText).join(' and ')}`
    case 'minProperties':
      return `at least ${counted(rule.bound, 'property', 'properties')}`
    case 'maxProperties':
      return `at most ${counted(rule.bound, 'property', 'properties')}`
    case 'dimensions':
      return counted(rule.bound, 'dimension')
    case 'validValues': {
      const more = rule.values.length - MOST_VALUES
      const shown = rule.values.slice(0, MOST_VALUES).join(', ')
      return `one of ${shown}${more > 0 ? `, and ${more} more` : ''}`
    }
  }
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}
