/** Values that a column may have: `enum` of the standard (3.2), or our custom property `validValues`, which mean the same. */
import type { DocumentPath } from '../fault.ts'
import { type ContractProperty, customValue } from '../model/contract.ts'
import { isRecord } from '../model/raw-value.ts'
import { canonicalText, sameItems } from './canonical-text.ts'
import { customPath, type Report } from './report.ts'

type Allowed = { readonly values: ReadonlySet<string>; readonly at: DocumentPath }

/** Compares the lists. Messages count values and do not name them. */
export function diffAllowedValues(older: ContractProperty, newer: ContractProperty, report: Report): void {
  if (!sameItems(describedValues(older), describedValues(newer)))
    report('DIFF_DOCUMENTATION_CHANGED', 'what is said of the allowed values changed', ['enum'])
  const [was, is] = [allowed(older), allowed(newer)]
  if (!was && !is) return
  if (!was) report('DIFF_ENUM_ADDED', 'only listed values are allowed', is?.at)
  else if (!is) report('DIFF_ENUM_REMOVED', 'any value is allowed', was.at)
  else {
    const added = [...is.values].filter((value) => !was.values.has(value)).length
    const removed = [...was.values].filter((value) => !is.values.has(value)).length
    if (added > 0) report('DIFF_ENUM_VALUE_ADDED', `${plural(added)} more allowed`, is.at, was.at)
    if (removed > 0) report('DIFF_ENUM_VALUE_REMOVED', `${plural(removed)} no longer allowed`, is.at, was.at)
  }
}

/** What is allowed: where both lists stand, what is in both. */
function allowed(column: ContractProperty): Allowed | undefined {
  const custom = customValue(column, 'validValues')
  const own = Array.isArray(custom) ? texts(custom) : undefined
  const standard = column.enum && texts(column.enum)
  if (!standard) return own && { values: own, at: customPath(column, 'validValues') }
  return { values: own ? new Set([...standard].filter((value) => own.has(value))) : standard, at: ['enum'] }
}

/** Values are compared as texts, as the enforcement does: 1 is "1". */
function texts(values: readonly unknown[]): ReadonlySet<string> {
  return new Set(values.map((value) => (typeof value === 'object' ? canonicalText(value) : String(value))))
}

/** Values of `enum` of which more is said than the value: a label, a description. */
function describedValues({ raw }: ContractProperty): readonly unknown[] {
  const list = raw['enum']
  return Array.isArray(list) ? list.filter((item) => isRecord(item) && Object.keys(item).length > 1) : []
}

function plural(count: number): string {
  return count === 1 ? '1 value' : `${count} values`
}
