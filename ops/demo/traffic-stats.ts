/** Counts of what live traffic did. */
import type { BrokenRow } from './broken-rows.ts'
import type { ShopTable } from './tables.ts'

/** What a change does to a row. */
export type ChangeKind = 'insert' | 'update' | 'delete'

/** Row changes by kind. */
export type ChangeCounts = { readonly [kind in ChangeKind]: number }

/** A snapshot of the counts; all numbers are since the start. */
export type TrafficStats = {
  readonly elapsedMs: number
  /** Committed row changes: what capture must see. */
  readonly changes: number
  readonly transactions: number
  /** Transactions rolled back and tried again, because of a conflict with another session. */
  readonly conflicts: number
  /** Changes that were due but could not be made in time. */
  readonly missed: number
  readonly byTable: Readonly<Partial<Record<ShopTable, ChangeCounts>>>
  /** Broken rows put in and not mended so far: exactly these must be in quarantine. */
  readonly broken: readonly BrokenRow[]
  /** Broken rows mended since: these must have arrived after all. */
  readonly mended: number
}

/** A change that was made, before it is committed. */
export type Change = { readonly table: ShopTable; readonly kind: ChangeKind; readonly count: number }

/** Collects counts over all connections. */
export type TrafficCounter = {
  readonly committed: (changes: readonly Change[]) => void
  readonly conflict: () => void
  readonly broke: (row: BrokenRow) => void
  readonly mended: (row: BrokenRow) => void
  readonly snapshot: (elapsedMs: number, missed: number) => TrafficStats
}

/** An empty counter. */
export function createTrafficCounter(): TrafficCounter {
  const byTable = new Map<ShopTable, Record<ChangeKind, number>>()
  const broken = new Set<BrokenRow>()
  let [changes, transactions, conflicts, mended] = [0, 0, 0, 0]
  return {
    committed(made) {
      transactions += 1
      for (const { table, kind, count } of made) {
        let counts = byTable.get(table)
        if (!counts) {
          counts = { insert: 0, update: 0, delete: 0 }
          byTable.set(table, counts)
        }
        counts[kind] += count
        changes += count
      }
    },
    conflict() {
      conflicts += 1
    },
    broke: (row) => void broken.add(row),
    mended(row) {
      if (broken.delete(row)) mended += 1
    },
    snapshot: (elapsedMs, missed) => ({
      elapsedMs,
      changes,
      transactions,
      conflicts,
      missed,
      byTable: Object.fromEntries([...byTable].map(([table, counts]) => [table, { ...counts }])),
      broken: [...broken],
      mended,
    }),
  }
}
