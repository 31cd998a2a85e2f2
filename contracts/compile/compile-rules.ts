/** Rules of a property: what a value must keep before it is stored. */
import { type ContractProperty, customValue } from '../model.ts'
import type { Report } from './compile-contract.ts'
import type { Rule } from './compiled-dataset.ts'

const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const

/**
 * A pattern is run on every record: backtracking without end would stop the pipeline. Refused here: a quantified group that
 * itself holds a quantifier, `(a+)+`, and back references; the usual shapes of catastrophic patterns.
 */
const UNSAFE_PATTERN = /\([^)]*[+*}][^)]*\)\s*[+*{]|\\[1-9]|\(\?[<=!]/

/** Compiles the rules; reports those that cannot be. */
export function compileRules(
  property: ContractProperty,
  required: boolean,
  here: readonly (string | number)[],
  report: Report,
): readonly Rule[] {
  const rules: Rule[] = []
  if (required) rules.push({ rule: 'required' })
  const options = property.logicalTypeOptions ?? {}
  if (options.minLength !== undefined) rules.push({ rule: 'minLength', bound: options.minLength })
  if (options.maxLength !== undefined) rules.push({ rule: 'maxLength', bound: options.maxLength })
  if (options.pattern !== undefined) {
    const fault = patternFault(options.pattern)
    if (fault)
      report(
        [...here, 'logicalTypeOptions', 'pattern'],
        'CONTRACT_PATTERN',
        `pattern of ${property.name}: ${fault}`,
      )
    else rules.push({ rule: 'pattern', pattern: options.pattern })
  }
  for (const name of BOUNDS) {
    const bound = options[name]
    if (bound !== undefined) rules.push({ rule: name, bound: String(bound) })
  }
  const values = customValue(property, 'validValues')
  if (values !== undefined) {
    if (Array.isArray(values) && values.length > 0)
      rules.push({ rule: 'validValues', values: values.map(String) })
    else
      report(
        [...here, 'customProperties'],
        'CONTRACT_VALID_VALUES',
        `validValues of ${property.name} must be a list`,
      )
  }
  return rules
}

function patternFault(pattern: string): string | undefined {
  if (UNSAFE_PATTERN.test(pattern))
    return 'nested quantifiers, look-around and back references are not allowed (they can run without end)'
  try {
    new RegExp(pattern, 'u')
    return undefined
  } catch {
    return 'not a regular expression'
  }
}
