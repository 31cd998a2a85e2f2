/**
 * What a schema cannot see: names that stand twice, references that lead nowhere, options that contradict each other, and what a contract that
 * nobody vouches for could do to those who follow it. Faults of syntax and shape are the parser's, those of the pipeline the compiler's;
 * `check-contract.ts` has them all.
 */
import type { Purpose } from '../compile/compile-contract.ts'
import { type ContractFault, pathText } from '../fault.ts'
import { createFaultList } from '../fault-list.ts'
import { type ContractObject, customValue } from '../model/contract.ts'
import { nearest } from '../nearest.ts'
import type { ParsedContract } from '../parse.ts'
import type { LintContext, LintRule, Neighbours, Say } from './lint-rule.ts'
import { documentFields } from './rules/document.ts'
import { duplicateNames } from './rules/duplicate-names.ts'
import { enumValues } from './rules/enum-values.ts'
import { facts } from './rules/facts.ts'
import { halfCharacters } from './rules/half-characters.ts'
import { hiddenCharacters } from './rules/hidden-characters.ts'
import { hosts } from './rules/hosts.ts'
import { keys } from './rules/keys.ts'
import { mapKeys } from './rules/map-keys.ts'
import { options } from './rules/options.ts'
import { patterns } from './rules/patterns.ts'
import { qualityRules } from './rules/quality-rules.ts'
import { relationships } from './rules/relationships.ts'
import { serviceLevelValues } from './rules/service-level-values.ts'
import { serviceLevels } from './rules/service-levels.ts'
import { variables } from './rules/variables.ts'

const RULES: readonly LintRule[] = [
  documentFields,
  duplicateNames,
  halfCharacters,
  hiddenCharacters,
  relationships,
  serviceLevels,
  serviceLevelValues,
  keys,
  options,
  enumValues,
  mapKeys,
  patterns,
  qualityRules,
  hosts,
  facts,
  variables,
]

/** Most faults that are said, and most names that are compared for suggestions: a contract may be hostile. */
const MAX_FAULTS = 1_000
const MAX_COMPARED = 20_000

/** How to look at a contract. */
export type LintOptions = {
  readonly purpose: Purpose
  /** Columns by dataset of the contracts beside this one, where they are known. */
  readonly neighbours?: Neighbours
}

const NO_NEIGHBOURS: Neighbours = new Map()

/** The semantic faults of a contract; none if it could not be read. Throws nothing. */
export function lintContract(parsed: ParsedContract, options: LintOptions): readonly ContractFault[] {
  const { contract, value, text, locate } = parsed
  if (!contract) return []
  const list = createFaultList(MAX_FAULTS, 'faults of meaning')
  const say: Say = (path, code, message, { severity = 'error', at, expected, suggestion } = {}) => {
    list.add({
      severity,
      code,
      path: pathText(path),
      message,
      ...(expected !== undefined && { expected }),
      ...(suggestion !== undefined && { suggestion }),
      ...locate(path, at),
    })
  }
  const isGoverned = (object: ContractObject): boolean => customValue(object, 'tenant') !== undefined
  const anyGoverned = contract.schema.some(isGoverned)
  let compared = 0
  const context: LintContext = {
    contract,
    value,
    text,
    neighbours: options.neighbours ?? NO_NEIGHBOURS,
    strictness: (object) =>
      options.purpose === 'pipeline' || (object ? isGoverned(object) : anyGoverned) ? 'error' : 'warning',
    say,
    suggest: (word, known, most) => {
      const names = [...known]
      compared += names.length
      return compared > MAX_COMPARED ? undefined : nearest(word, names, most)
    },
    dataset: datasetIndex(contract.schema),
  }
  for (const rule of RULES) rule(context)
  return list.all()
}

function datasetIndex(schema: readonly ContractObject[]): LintContext['dataset'] {
  let index: Map<string, ContractObject> | undefined
  return (name) => {
    if (!index) {
      index = new Map()
      for (const object of schema)
        if (object.physicalName !== undefined && !index.has(object.physicalName))
          index.set(object.physicalName, object)
      for (const object of schema.toReversed()) index.set(object.name, object)
    }
    return index.get(name)
  }
}
