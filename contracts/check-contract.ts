/** All that can be said of one contract: faults of syntax, shape and meaning, and what the pipeline needs, in one list. */
import { type CompiledContract, compileContract, type Purpose } from './compile/compile-contract.ts'
import type { ContractFault, Severity } from './fault.ts'
import { MORE_FAULTS } from './fault-list.ts'
import { lintContract } from './lint/lint-contract.ts'
import type { Neighbours } from './lint/lint-rule.ts'
import { type ParsedContract, parseContract } from './parse.ts'

/** How to look at a contract. */
export type CheckOptions = {
  /** `pipeline` if it is not given. */
  readonly purpose?: Purpose
  /** Columns by dataset of the contracts beside this one, where they are known. */
  readonly neighbours?: Neighbours
}

/** A contract that was checked. Datasets with an error are left out. */
export type CheckedContract = CompiledContract & { readonly parsed: ParsedContract }

/** Checks a contract, as text or parsed. Throws nothing. */
export function checkContract(
  contract: string | ParsedContract,
  options: CheckOptions = {},
): CheckedContract {
  const { purpose = 'pipeline', neighbours } = options
  const parsed = typeof contract === 'string' ? parseContract(contract) : contract
  const linted = lintContract(parsed, { purpose, ...(neighbours && { neighbours }) })
  // What the linter refuses is not compiled either.
  const { datasets, described, faults } = compileContract(
    { ...parsed, faults: [...parsed.faults, ...linted] },
    { purpose },
  )
  return { parsed, datasets, described, faults: inOrder(faults) }
}

const WEIGHT: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 }

/** In the order of the text, and last that there are more. What two parts say of one place under one code is said once, at its worst. */
function inOrder(faults: readonly ContractFault[]): readonly ContractFault[] {
  const byPlace = new Map<string, ContractFault>()
  for (const fault of faults) {
    const place = `${fault.code} ${fault.path}`
    // A pattern or a name has one fault of a kind; other places may have several that differ in their words.
    const key = SAID_ONCE.has(fault.code) ? place : `${place} ${fault.message}`
    const other = byPlace.get(key)
    if (!other || WEIGHT[fault.severity] > WEIGHT[other.severity]) byPlace.set(key, fault)
  }
  return [...byPlace.values()].sort(
    (a, b) =>
      Number(a.code === MORE_FAULTS) - Number(b.code === MORE_FAULTS) ||
      a.line - b.line ||
      a.column - b.column,
  )
}

/** Codes that both the linter and the compiler say. */
const SAID_ONCE = new Set(['CONTRACT_PATTERN', 'CONTRACT_DUPLICATE_NAME', 'CONTRACT_ROLE_TWICE'])
