/**
 * Notices when the columns of the source table are no longer those of the contract, record by record, and says what the contract wants
 * done then. One record tells it all: a change of the table is in its row image from the first record after it.
 *
 * A column that does not come may be gone, or not be there yet: records that are older than the column are read when a contract has moved
 * early, and whenever records are read again. What is stored tells the two apart. A column has come before a record if a value of it is stored
 * with a lower version; if none is, nothing can be lost, and the record is taken as it is. As long as nobody has looked, the change
 * names such columns as `unknown`.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { type ChangeDecision, USUAL_POLICY } from '#contracts/compile/schema-change.ts'

/** How the columns of a record differ from the contract. */
export type ColumnChange = {
  readonly decision: ChangeDecision
  /** Columns that the contract does not know. */
  readonly added: readonly string[]
  /** Columns of the contract that did not come. */
  readonly removed: readonly string[]
  /** Those of the latter of which is not known yet whether they have come before; only if there are some, and it matters. */
  readonly unknown?: readonly string[]
}

/** See {@link createColumnWatch}. */
export type ColumnWatch = {
  /**
   * The change that columns in this order show; null if they are those of the contract. `version` is that of the record's row, decimal; without
   * it a column counts as gone if it has ever come.
   */
  look(names: readonly string[], version?: string): ColumnChange | null
  /** Says the lowest version known at which a value of a column is stored; null if none is. */
  learn(column: string, first: string | null): void
}

/** The change in words. Names of columns are no values. */
export function changeWords({ added, removed }: ColumnChange): string {
  const list = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ')
  const parts = [
    ...(added.length > 0 ? [`${list(added)} came, which the contract does not know`] : []),
    ...(removed.length > 0 ? [`${list(removed)} of the contract did not come`] : []),
  ]
  return parts.join('; ')
}

/** Doubles with every look, so that looking costs little where nothing is ever found. */
type Trust = { left: number; readonly next: number }

const WEIGHT: Readonly<Record<ChangeDecision, number>> = { accept: 0, quarantine: 1, hold: 2 }

/** Makes the watch. `noticed` is called once for each new set of columns that is not the contract's. */
export function createColumnWatch(
  dataset: CompiledDataset,
  noticed: (change: ColumnChange) => void = () => {},
): ColumnWatch {
  const policy = dataset.schemaChange ?? USUAL_POLICY
  const known = new Set(dataset.columns.map(({ source }) => source))
  // Of what is not stored nothing can be lost; capture may leave such columns out (connector-config.ts).
  const stored = dataset.columns.filter(({ target }) => target !== null).map(({ source }) => source)
  const said = new Set<string>()
  /** Column -> version of its first value. */
  const firsts = new Map<string, bigint>()
  /** Columns without a value -> how often that may be taken for true. */
  const empty = new Map<string, Trust>()
  const everCame = new Set<string>()
  let last: readonly string[] = []
  let added: readonly string[] = []
  let absent: readonly string[] = []

  function compare(names: readonly string[]): void {
    const came = new Set(names)
    last = names
    added = names.filter((name) => !known.has(name))
    absent = stored.filter((name) => !came.has(name))
    for (const column of stored) {
      if (!came.has(column)) continue
      everCame.add(column)
      empty.delete(column)
    }
  }

  function isYetToCome(column: string, version: string | undefined): boolean {
    const first = firsts.get(column)
    if (first !== undefined) return version !== undefined && BigInt(version) < first
    const trust = empty.get(column)
    if (trust === undefined || !everCame.has(column)) return trust !== undefined
    // Another lane may have had a value that was not stored yet when somebody looked.
    if (version === undefined || trust.left === 0) return false
    trust.left -= 1
    return true
  }

  function judge(version: string | undefined): ColumnChange | null {
    if (added.length === 0 && absent.length === 0) return null
    const removed =
      policy.removed === 'accept' ? absent : absent.filter((column) => !isYetToCome(column, version))
    if (added.length === 0 && removed.length === 0) return null
    const decisions = [
      ...(added.length > 0 ? [policy.added] : []),
      ...(removed.length > 0 ? [policy.removed] : []),
    ]
    // Of two changes the more careful decision counts for both.
    const decision = decisions.reduce((one, other) => (WEIGHT[other] > WEIGHT[one] ? other : one))
    const unknown = policy.removed === 'accept' ? [] : removed.filter((column) => !firsts.has(column))
    return { decision, added, removed, ...(unknown.length > 0 ? { unknown } : {}) }
  }

  return {
    look(names, version) {
      if (!isSame(names, last)) compare(names)
      const change = judge(version)
      if (change !== null && change.unknown === undefined) {
        const text = JSON.stringify(change)
        if (!said.has(text)) noticed(change)
        said.add(text)
      }
      return change
    },
    learn(column, first) {
      if (first !== null) {
        firsts.set(column, BigInt(first))
        empty.delete(column)
        return
      }
      const next = empty.get(column)?.next ?? 1
      empty.set(column, { left: next, next: 2 * next })
    },
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  if (names.length !== others.length) return false
  for (let index = 0; index < names.length; index++) if (names[index] !== others[index]) return false
  return true
}
