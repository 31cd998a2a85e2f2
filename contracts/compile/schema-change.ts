/**
 * What the contract says of changes to the source table: custom property `schemaChange` of the object, for columns that come (`added`) and
 * columns that stay away (`removed`; a renamed column is both).
 *
 *   accept      go on: a new column is not stored, since nobody has said what it is; one that is gone is NULL, where it may be
 *   hold        the table waits, its records stay in Kafka, until the contract has moved
 *   quarantine  records of the new shape are quarantined, and can be replayed
 *
 * A changed type needs no policy: values that the contract's type holds go on, each other one is quarantined.
 */
import { type ContractObject, customPath, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import type { Report } from './report.ts'

/** See above. */
export type ChangeDecision = 'accept' | 'hold' | 'quarantine'

/** What is decided of which change. */
export type SchemaChangePolicy = { readonly added: ChangeDecision; readonly removed: ChangeDecision }

/** Nothing that is stored changes when a column comes; when one goes, its values would become NULL without a word. */
export const USUAL_POLICY: SchemaChangePolicy = { added: 'accept', removed: 'hold' }

const CHANGES = ['added', 'removed'] as const
const DECISIONS: readonly string[] = ['accept', 'hold', 'quarantine'] satisfies readonly ChangeDecision[]

/** Reads it; undefined if the contract says nothing. */
export function compileSchemaChange(object: ContractObject, report: Report): SchemaChangePolicy | undefined {
  const written = customValue(object, 'schemaChange')
  if (written === undefined) return undefined
  const at = customPath(object, 'schemaChange', [])
  const fault = (path: readonly (string | number)[], message: string, suggestion?: string): void =>
    report(
      [...at, ...path],
      'CONTRACT_SCHEMA_CHANGE',
      suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`,
      'error',
      suggestion,
    )
  if (typeof written === 'string' && isDecision(written)) return { added: written, removed: written }
  if (written === null || typeof written !== 'object' || Array.isArray(written)) {
    const near = typeof written === 'string' ? nearest(written, DECISIONS) : undefined
    fault([], `schemaChange: expected ${DECISIONS.join(', ')}, or {added: …, removed: …}`, near)
    return undefined
  }
  const policy = { ...USUAL_POLICY }
  for (const [name, decision] of Object.entries(written)) {
    const change = CHANGES.find((each) => each === name)
    if (!change)
      fault([name], `schemaChange: ${name} is no change; expected added or removed`, nearest(name, CHANGES))
    else if (typeof decision === 'string' && isDecision(decision)) policy[change] = decision
    else {
      const near = typeof decision === 'string' ? nearest(decision, DECISIONS) : undefined
      fault([name], `schemaChange: ${name} is one of ${DECISIONS.join(', ')}`, near)
    }
  }
  return policy
}

function isDecision(text: string): text is ChangeDecision {
  return DECISIONS.includes(text)
}
