/**
 * What the contract says of values that the stored type does not hold as they are (custom properties `outOfRange`, `notFinite`, `bytesAs`,
 * `oneDimensional`): bytes in another form are another format, the rest changes how a value is made.
 */
import type { ContractProperty } from '../model/contract.ts'
import type { DiffCode } from './grades.ts'
import { customPath, type Report } from './report.ts'

/** The properties, what is meant without them, and what it is to change them. */
const POLICIES: readonly (readonly [name: string, usual: string, code: DiffCode])[] = [
  ['outOfRange', 'quarantine', 'DIFF_TRANSFORM_CHANGED'],
  ['notFinite', 'quarantine', 'DIFF_TRANSFORM_CHANGED'],
  ['oneDimensional', 'false', 'DIFF_TRANSFORM_CHANGED'],
  ['bytesAs', 'base64', 'DIFF_FORMAT_CHANGED'],
]

/** Names of the custom properties. */
export const VALUE_POLICIES: readonly string[] = POLICIES.map(([name]) => name)

/** Compares the policies of a column. */
export function diffValuePolicies(older: ContractProperty, newer: ContractProperty, report: Report): void {
  for (const [name, usual, code] of POLICIES) {
    const [was, is] = [policyOf(older, name, usual), policyOf(newer, name, usual)]
    if (was !== is) report(code, `${name}: ${was} -> ${is}`, customPath(newer, name), customPath(older, name))
  }
}

/** YAML reads a bare null as nothing; here it is the word. */
function policyOf({ customProperties }: ContractProperty, name: string, usual: string): string {
  const written = customProperties.find(({ property }) => property === name)
  return written === undefined ? usual : String(written.value ?? 'null').slice(0, 40)
}
