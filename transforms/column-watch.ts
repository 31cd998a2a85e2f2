/**
 * Notices when the columns of the source table are no longer those of the contract, record by record, and says what the contract wants
 * done then. One record tells it all: a change of the table is in its row image from the first record after it.
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
}

/** See {@link createColumnWatch}. */
export type ColumnWatch = {
  /** The change that columns in this order show; null if they are those of the contract. */
  look(names: readonly string[]): ColumnChange | null
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
  let last: readonly string[] = []
  let lastChange: ColumnChange | null = null

  function compare(names: readonly string[]): ColumnChange | null {
    const came = new Set(names)
    const added = names.filter((name) => !known.has(name))
    const removed = stored.filter((name) => !came.has(name))
    if (added.length === 0 && removed.length === 0) return null
    const decisions = [
      ...(added.length > 0 ? [policy.added] : []),
      ...(removed.length > 0 ? [policy.removed] : []),
    ]
    // Of two changes the more careful decision counts for both.
    const decision = decisions.reduce((one, other) => (WEIGHT[other] > WEIGHT[one] ? other : one))
    return { decision, added, removed }
  }

  return {
    look(names) {
      if (isSame(names, last)) return lastChange
      last = names
      lastChange = compare(names)
      if (lastChange !== null) {
        const text = JSON.stringify(lastChange)
        if (!said.has(text)) noticed(lastChange)
        said.add(text)
      }
      return lastChange
    },
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  if (names.length !== others.length) return false
  for (let index = 0; index < names.length; index++) if (names[index] !== others[index]) return false
  return true
}
