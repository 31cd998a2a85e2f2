/** Regular expressions that cannot be run on every record, wherever one stands: in options, and in the arguments of quality rules. */

import type { DocumentPath } from '../../fault.ts'
import type { QualityRule } from '../../model/contract.ts'
import { patternFault } from '../../pattern/pattern-fault.ts'
import { eachProperty, type LintContext } from '../lint-rule.ts'

/** See the header. */
export function patterns(context: LintContext): void {
  const { contract, strictness, say } = context
  const check = (pattern: string, path: DocumentPath, whose: string, dialect: 'error' | 'warning'): void => {
    const fault = patternFault(pattern)
    if (fault === undefined) return
    // What is no pattern in the strict dialect may be one in that of another engine.
    const foreign = fault === 'not a regular expression' && isLooseExpression(pattern)
    say(path, 'CONTRACT_PATTERN', `pattern of ${whose}: ${fault}`, { severity: foreign ? dialect : 'error' })
  }
  const rules = (quality: readonly QualityRule[], path: DocumentPath, whose: string): void => {
    for (const [index, rule] of quality.entries())
      for (const name of ['pattern', 'regex', 'validPattern']) {
        const pattern = rule.arguments?.[name]
        if (typeof pattern === 'string')
          check(pattern, [...path, index, 'arguments', name], `a quality rule of ${whose}`, 'warning')
      }
  }
  for (const [index, object] of contract.schema.entries())
    rules(object.quality, ['schema', index, 'quality'], object.name)
  eachProperty(contract, (property, path, object) => {
    const pattern = property.logicalTypeOptions?.pattern
    if (pattern !== undefined)
      check(
        pattern,
        [...path, 'logicalTypeOptions', 'pattern'],
        property.name || 'an element',
        strictness(object),
      )
    rules(property.quality, [...path, 'quality'], property.name || 'an element')
  })
}

function isLooseExpression(pattern: string): boolean {
  // Inline flags and possessive groups are of other engines.
  const plain = pattern.replace(/^\(\?[a-z]+\)/, '')
  try {
    new RegExp(plain)
    return true
  } catch {
    return false
  }
}
