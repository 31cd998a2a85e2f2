/**
 * What a rule of the linter is given, and how it says a fault.
 *
 * A rule looks at the reader's view, so it never meets a value of the wrong shape: what is malformed is '' or left out, and was said by the
 * shape check. A rule is a function in a file of its own; the list of them is in `lint-contract.ts`.
 */
import type { DocumentPath, Severity } from '../fault.ts'
import type { Contract, ContractObject, ContractProperty } from '../model/contract.ts'

/** More about a fault. */
export type FaultDetails = {
  /** `error` if it is not given. */
  readonly severity?: Severity
  readonly expected?: string
  readonly suggestion?: string
  /** Where to point: at the value (if it is not given) or at its key. */
  readonly at?: 'value' | 'key'
}

/** Says a fault at a path of the document. */
export type Say = (path: DocumentPath, code: string, message: string, details?: FaultDetails) => void

/** Columns by dataset, of the contracts beside this one. */
export type Neighbours = ReadonlyMap<string, ReadonlySet<string>>

/** What a rule is given. */
export type LintContext = {
  readonly contract: Contract
  /** The whole document as plain values, for what the view leaves out. */
  readonly value: unknown
  /** The text of the document. */
  readonly text: string
  readonly neighbours: Neighbours
  /**
   * Weight of what only somebody who runs the contract needs: an error in the pipeline and of governed objects (those with the custom property
   * `tenant`), else a warning. Without an object: of the whole contract.
   */
  readonly strictness: (object?: ContractObject) => 'error' | 'warning'
  readonly say: Say
  /** The known name that is nearest to a word, at most `most` edits away. Searched a limited number of times: a contract may be hostile. */
  readonly suggest: (word: string, known: Iterable<string>, most?: number) => string | undefined
  /** The dataset of a name, its own or the physical one. */
  readonly dataset: (name: string) => ContractObject | undefined
}

/** A rule. */
export type LintRule = (context: LintContext) => void

/** Is called with a property, its path, and the schema object it is in. */
export type PropertyVisitor = (property: ContractProperty, path: DocumentPath, object: ContractObject) => void

/** Visits every property, nested ones too. */
export function eachProperty(contract: Contract, visit: PropertyVisitor): void {
  for (const [index, object] of contract.schema.entries()) {
    const inside = (property: ContractProperty, path: DocumentPath): void => {
      visit(property, path, object)
      for (const [place, nested] of property.properties.entries())
        inside(nested, [...path, 'properties', place])
      if (property.items) inside(property.items, [...path, 'items'])
      if (property.map?.key) inside(property.map.key, [...path, 'map', 'key'])
      if (property.map?.value) inside(property.map.value, [...path, 'map', 'value'])
    }
    for (const [place, property] of object.properties.entries())
      inside(property, ['schema', index, 'properties', place])
  }
}
