/**
 * Fills values that Postgres did not send because they did not change (large texts under REPLICA IDENTITY DEFAULT), from the last known
 * row: an earlier row of the same batch, else the table (one lookup per batch). A row whose key has changed is looked for under its
 * old key.
 *
 * What nobody knows is quarantined: storing NULL or the placeholder would be a lie.
 */
import type { RawRecord, StoredRow } from '#transforms/record.ts'
import type { BatchRow } from './batcher.ts'
import type { QuarantinedRecord, UnchangedLookup } from './ports.ts'

/** Asks the table; see RowSink.lookup. */
export type Lookup = (wanted: readonly UnchangedLookup[]) => Promise<readonly (readonly string[] | null)[]>

/** Rows with every cell filled, and records for which no value is known. */
export type Resolved = { readonly rows: readonly BatchRow[]; readonly unknown: readonly QuarantinedRecord[] }

/** Code of the fault: the last known value of an unchanged column is not there. */
export const UNCHANGED_UNKNOWN = 'unchanged_value_unknown'

/**
 * Resolves the rows of a batch, in order. `columnNames`: source columns by cell index, for the reason.
 */
export async function resolveUnchanged(
  rows: readonly BatchRow[],
  lookup: Lookup,
  columnNames: readonly string[],
): Promise<Resolved> {
  if (rows.every(({ row }) => row.unresolved.length === 0)) return { rows, unknown: [] }
  const asked = lookups(rows)
  const wanted = [...asked.values()]
  const answers = wanted.length === 0 ? [] : await lookup(wanted)
  const stored = new Map([...asked.keys()].map((key, index) => [key, answers[index] ?? null]))
  const latest = new Map<string, readonly string[]>()
  const resolved: BatchRow[] = []
  const unknown: QuarantinedRecord[] = []
  const refused = new Set<RawRecord>()
  for (const entry of rows) {
    const { row, record } = entry
    const known = latest.get(row.previousKey) ?? stored.get(row.previousKey) ?? null
    const cells = fill(row, known)
    if (cells === null) {
      refused.add(record)
      unknown.push({
        record,
        faults: row.unresolved.map((index) => ({
          code: UNCHANGED_UNKNOWN,
          column: columnNames[index] ?? '',
        })),
      })
      continue
    }
    // A tombstone has no values: the live row before it is what a changed key is filled from.
    if (!row.deleted) latest.set(row.key, cells)
    resolved.push(cells === row.cells ? entry : { row: { ...row, cells, unresolved: [] }, record })
  }
  // A record is stored or quarantined, not both by halves.
  return {
    rows: refused.size === 0 ? resolved : resolved.filter(({ record }) => !refused.has(record)),
    unknown,
  }
}

function fill(row: StoredRow, known: readonly string[] | null): string[] | null {
  if (row.unresolved.length === 0) return row.cells
  if (known === null) return null
  const cells = [...row.cells]
  for (const index of row.unresolved) cells[index] = known[index] ?? 'null'
  return cells
}

/** What to ask the table for: keys that no earlier row of the batch has, each once. */
function lookups(rows: readonly BatchRow[]): ReadonlyMap<string, UnchangedLookup> {
  const asked = new Map<string, UnchangedLookup>()
  const seen = new Set<string>()
  for (const { row } of rows) {
    if (row.unresolved.length > 0 && !seen.has(row.previousKey) && !asked.has(row.previousKey))
      asked.set(row.previousKey, { key: keyCells(row.previousKey), version: row.version })
    if (!row.deleted) seen.add(row.key)
  }
  return asked
}

/** A key is its cells, JSON texts, joined by commas. Numbers stay text: they may be longer than a double. */
export function keyCells(key: string): readonly string[] {
  const parsed: unknown = JSON.parse(`[${key}]`, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value,
  )
  return Array.isArray(parsed) ? parsed.map((cell) => JSON.stringify(cell)) : []
}
