/** Faults in words: what the contract asks for at a column. The rule's bound is the contract's own; no value of a record is in it. */
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { ruleText } from '#contracts/export/rule-text.ts'
import { FORMER_ROW_MISSING } from '#transforms/compose.ts'
import type { Fault } from '#transforms/record.ts'

/** Longest text that is kept of a rule: a pattern may be long. */
const LONGEST = 200

const FORMER_ROW_WORDS =
  'REPLICA IDENTITY FULL (mogo capture apply), as the tenant is not in the key; a former tenant may see the row until mogo capture apply --resnapshot'

/** One text per fault; the code itself for faults that are of no rule of the contract. */
export function ruleWords(dataset: CompiledDataset, faults: readonly Fault[]): readonly string[] {
  return faults.map(({ code, column }) => {
    if (code === FORMER_ROW_MISSING) return FORMER_ROW_WORDS
    const found = dataset.columns.find(({ source }) => source === column)
    const words = found === undefined ? undefined : wordsOf(found, code)
    return words === undefined ? code : words.length <= LONGEST ? words : `${words.slice(0, LONGEST - 1)}…`
  })
}

function wordsOf(column: CompiledColumn, code: string): string | undefined {
  if (code === 'type') return `of type ${column.sourceType}`
  const rule = column.rules.find((each) => each.rule === code)
  return rule && ruleText(rule)
}
