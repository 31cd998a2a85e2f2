/**
 * Fills values that Postgres did not send because they did not change (large texts under REPLICA IDENTITY DEFAULT), from what is known
 * of the row before: an earlier row of the same batch, else the table, and on top of it what quarantined changes have set since
 * (a change that broke its contract is not stored, but the next one leaves out what it has set). One lookup of each per
 * batch. A row whose key has changed is looked for under its old key.
 *
 * What nobody knows is quarantined: storing NULL, the placeholder or an older value would be a lie.
 */
import type { QuarantinedRow, RawRecord, StoredRow } from '#transforms/record.ts'
import type { QuarantinedRecord, UnchangedLookup } from '../ports.ts'
import type { BatchRow } from './batcher.ts'

/** Where earlier values are. */
export type RowHistory = {
  /** Asks the table; see RowSink.lookup. */
  readonly stored: (wanted: readonly UnchangedLookup[]) => Promise<readonly (readonly string[] | null)[]>
  /** What quarantined changes say of the rows with these keys; in no order. */
  readonly quarantined: (keys: readonly string[]) => Promise<readonly QuarantinedRow[]>
  /** Names of the source columns by cell index, for the reason. */
  readonly columnNames: readonly string[]
  /** Index of the cell with the row version in what `stored` answers. */
  readonly versionCell: number
}

/** Rows with every cell filled, and records for which no value is known. */
export type Resolved = { readonly rows: readonly BatchRow[]; readonly unknown: readonly QuarantinedRecord[] }

/** Code of the fault: the last known value of an unchanged column is not there. */
export const UNCHANGED_UNKNOWN = 'unchanged_value_unknown'

/** Cells as far as they are known; null where they are not. */
type KnownCells = readonly (string | null)[]

/** Resolves the rows of a batch, in order. */
export async function resolveUnchanged(
  batch: { readonly rows: readonly BatchRow[]; readonly quarantined: readonly QuarantinedRecord[] },
  history: RowHistory,
): Promise<Resolved> {
  const { rows } = batch
  if (rows.every(({ row }) => row.unresolved.length === 0)) return { rows, unknown: [] }
  const entries = inOrder(rows, batch.quarantined)
  const before = await knownBefore(entries, history)
  const latest = new Map<string, KnownCells>()
  const known = (key: string): KnownCells | null => latest.get(key) ?? before.get(key) ?? null
  const resolved: BatchRow[] = []
  const unknown: QuarantinedRecord[] = []
  const refused = new Set<RawRecord>()
  for (const entry of entries) {
    if ('broken' in entry) {
      latest.set(entry.broken.key, overlay(known(entry.broken.previousKey), entry.broken))
      continue
    }
    const { row, record } = entry
    const cells = fill(row, known(row.previousKey))
    if (cells === null) {
      const from = known(row.previousKey)
      const lacking = row.unresolved.filter((index) => from?.[index] == null)
      refused.add(record)
      unknown.push({
        record,
        faults: lacking.map((index) => ({
          code: UNCHANGED_UNKNOWN,
          column: history.columnNames[index] ?? '',
        })),
        row,
      })
      latest.set(row.key, overlay(from, row))
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

type Entry = BatchRow | { readonly broken: QuarantinedRow; readonly record: RawRecord }

function inOrder(rows: readonly BatchRow[], quarantined: readonly QuarantinedRecord[]): readonly Entry[] {
  const broken = quarantined.flatMap(({ row, record }) => (row ? [{ broken: row, record }] : []))
  if (broken.length === 0) return rows
  const entries: readonly Entry[] = [...rows, ...broken]
  return entries.toSorted((a, b) => Number(a.record.offset - b.record.offset))
}

function fill(row: StoredRow, known: KnownCells | null): string[] | null {
  if (row.unresolved.length === 0) return row.cells
  if (known === null) return null
  const cells = [...row.cells]
  for (const index of row.unresolved) {
    const cell = known[index]
    if (cell == null) return null
    cells[index] = cell
  }
  return cells
}

/** What is known after a change that was not stored: its own values, and for those that it did not send the ones before. */
function overlay(known: KnownCells | null, { cells }: Pick<QuarantinedRow, 'cells'>): KnownCells {
  return cells.map((cell, index) => (cell === '' ? (known?.[index] ?? null) : cell))
}

/** What is known, before this batch, of the rows that it has to be asked for. */
async function knownBefore(
  entries: readonly Entry[],
  history: RowHistory,
): Promise<ReadonlyMap<string, KnownCells>> {
  const asked = lookups(entries)
  if (asked.size === 0) return new Map()
  const [stored, quarantined] = await Promise.all([
    history.stored([...asked.values()]),
    history.quarantined([...asked.keys()]),
  ])
  const byKey = Map.groupBy(quarantined, ({ key }) => key)
  const known = new Map<string, KnownCells>()
  for (const [index, [key, { version }]] of [...asked].entries()) {
    const row = stored[index] ?? null
    const since = row === null ? -1n : versionOfCell(row[history.versionCell])
    const later = (byKey.get(key) ?? [])
      .filter((change) => BigInt(change.version) > since && BigInt(change.version) < BigInt(version))
      .toSorted((a, b) => (BigInt(a.version) < BigInt(b.version) ? -1 : 1))
    let cells: KnownCells | null = row
    for (const change of later) cells = overlay(cells, change)
    if (cells !== null) known.set(key, cells)
  }
  return known
}

function versionOfCell(cell: string | undefined): bigint {
  const digits = /\d+/.exec(cell ?? '')?.[0]
  return digits === undefined ? -1n : BigInt(digits)
}

/** What to ask for: keys that no earlier stored row of the batch has, each once. */
function lookups(entries: readonly Entry[]): ReadonlyMap<string, UnchangedLookup> {
  const needed = new Set(
    entries.flatMap((entry) =>
      'row' in entry && entry.row.unresolved.length > 0 ? [entry.row.previousKey] : [],
    ),
  )
  const asked = new Map<string, UnchangedLookup>()
  const seen = new Set<string>()
  const ask = (key: string, version: string): void => {
    if (!seen.has(key) && !asked.has(key)) asked.set(key, { key: keyCells(key), version })
  }
  for (const entry of entries) {
    if ('broken' in entry) {
      if (needed.has(entry.broken.key)) ask(entry.broken.previousKey, entry.broken.version)
    } else {
      const { row } = entry
      if (row.unresolved.length > 0) ask(row.previousKey, row.version)
      if (!row.deleted) seen.add(row.key)
    }
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
