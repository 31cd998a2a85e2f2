/**
 * Guesses for all tables of a run. A column that refers to a personal key gets the key's plan, or the two would never join and the values
 * would lie in clear beside their tokens.
 */
import { isPersonal } from '../pii/is-personal.ts'
import { PII_METHODS } from '../pii/pii-methods.ts'
import { piiPlanSchema } from '../pii/pii-plan.ts'
import { guessForClassified, guessPersonal, type PersonalGuess } from './guess-personal.ts'
import { type ImportedColumn, type ImportedTable, tableKey, tableText } from './imported-table.ts'

/** Guess per column of one table. */
export type TableGuesses = ReadonlyMap<string, PersonalGuess>

/** Guesses per table, in their order. `tenantColumns`: the column that says whose a row is, which stays in clear. */
export function guessTables(
  tables: readonly ImportedTable[],
  tenantColumns: readonly (string | undefined)[],
): readonly TableGuesses[] {
  const places = new Map(tables.map((table, index) => [tableKey(table), index]))
  const own = tables.map((table, index) => ownGuesses(table, tenantColumns[index]))
  return tables.map((table, index) => {
    const guesses = new Map(own[index])
    for (const column of table.columns) {
      if (column.name === tenantColumns[index]) continue
      const target = targetOf(index, column.name, new Set())
      if (target) guesses.set(column.name, target)
    }
    return guesses
  })

  /** The guess of the column at the end of the references; undefined if there is none, or no reference. */
  function targetOf(index: number, column: string, seen: Set<string>): PersonalGuess | undefined {
    const mark = `${index} ${column}`
    if (seen.has(mark)) return undefined
    seen.add(mark)
    for (const key of tables[index]?.foreignKeys ?? []) {
      const position = key.columns.indexOf(column)
      const other = places.get(tableKey(key.to))
      const toColumn = key.toColumns[position]
      if (position < 0 || other === undefined || toColumn === undefined) continue
      const guess = targetOf(other, toColumn, seen) ?? own[other]?.get(toColumn)
      if (guess?.plan.method === 'hmac') {
        const { classification, plan } = guess
        return { classification, plan, reason: { by: 'reference', of: `${tableText(key.to)}.${toColumn}` } }
      }
    }
    return undefined
  }
}

function ownGuesses(table: ImportedTable, tenantColumn: string | undefined): TableGuesses {
  const guesses = new Map<string, PersonalGuess>()
  for (const column of table.columns) {
    if (column.name === tenantColumn || column.notPersonal) continue
    const guess =
      planned(column) ?? (isPersonal(column.classification) ? classified(column) : guessPersonal(column))
    if (guess) guesses.set(column.name, guess)
  }
  return guesses
}

/** A plan that the source has: no guess. */
function planned({ plan, classification, keyPosition }: ImportedColumn): PersonalGuess | undefined {
  const parsed = piiPlanSchema.safeParse(plan)
  if (!parsed.success) return undefined
  if (keyPosition !== undefined && !PII_METHODS[parsed.data.method].keepsApart) return undefined
  const level = classification === 'sensitive' ? 'sensitive' : 'personal'
  return { classification: level, plan: plan as PersonalGuess['plan'], reason: { by: 'source' } }
}

/** What the source calls personal is so; only the plan is a guess. */
function classified(column: ImportedColumn): PersonalGuess {
  return { ...guessForClassified(column), reason: { by: 'source' } }
}
