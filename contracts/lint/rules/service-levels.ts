/** Service levels of elements that are not in the contract. The standard's own examples have such; only what is plainly a slip is an error. */
import type { LintContext } from '../lint-rule.ts'
import { danglingReference } from './relationships.ts'

/** Checks the elements of service levels, and the default element. */
export function serviceLevels(context: LintContext): void {
  const { contract, say, strictness } = context
  const check = (element: string, path: readonly (string | number)[]): void => {
    // A contract without datasets promises for what is described elsewhere.
    if (contract.schema.length === 0) return
    const dangling = danglingReference(element, context, new Map())
    if (!dangling) return
    const { near, message } = dangling
    say(path, 'CONTRACT_SLA_ELEMENT', `${message}${near === undefined ? '' : `; did you mean ${near}?`}`, {
      severity: dangling.severity === 'error' ? 'error' : strictness(),
      ...(near !== undefined && { suggestion: near }),
    })
  }
  if (contract.slaDefaultElement !== undefined)
    for (const element of contract.slaDefaultElement.split(','))
      if (element.trim() !== '') check(element.trim(), ['slaDefaultElement'])
  for (const [index, level] of contract.slaProperties.entries())
    for (const element of level.elements) check(element, ['slaProperties', index, 'element'])
}
