/**
 * Looks at tables: have rows changed since an answer was read, and whose?
 *
 * A look that finds the same parts costs one small statement; one that finds others asks which tenants have rows in the new ones. Requests
 * that wait for a look share it: one runs at a time, and whoever comes while it does waits for the next.
 *
 * A look counts for twice as long as the fastest of the last ones took, and never longer than `mostMillis`. In that time nobody gets an insert
 * or a delete done, with its answer, and then asks: that takes longer than a look. So whoever has changed something sees it; what others
 * change at the very same time is seen a few milliseconds later at most.
 *
 * Rows of a part that was merged with older ones before it was looked at are told by the time at which they were loaded, with a margin far
 * beyond what an insert takes. Where anything is unclear, all rows count as changed. A look that fails makes nothing known: what is kept
 * is not used then.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { EngineIdentity, QueryEngine } from '../ports.ts'
import { type Part, partChanges } from './part-changes.ts'
import type { ReadRows } from './read-rows.ts'
import { createTableHistory, type RowChanges, type TableHistory } from './table-history.ts'
import {
  fingerprintOf,
  hashesStatement,
  linesOf,
  partLines,
  partsStatement,
  readParts,
  tenantsStatement,
} from './version-statements.ts'

/** What tables looked like when an answer was read: a fingerprint for each of its {@link ReadRows}. */
export type Stamp = readonly string[]

/** What looking needs. */
export type TableLooksOptions = {
  readonly engine: QueryEngine
  readonly identity: EngineIdentity
  readonly database: string
  readonly datasets: readonly CompiledDataset[]
  /** Milliseconds of a clock that never goes back, such as `performance.now`. */
  readonly clock: () => number
  /** Longest time that a look counts, milliseconds; 0: it counts for those alone who have waited for it. */
  readonly mostMillis: number
  /** So many parts are read at once, without asking first whether they have changed. */
  readonly fewParts?: number
}

/** See the header. */
export type TableLooks = ReturnType<typeof createTableLooks>

type Known = {
  readonly history: TableHistory
  parts: readonly Part[]
  /** What the engine said of them, as it stands. */
  text: string
  /** Its hash, where there are many parts. */
  hash: string | undefined
  /** When the last look began. */
  lookedAt: number
}

/** What has changed. It is not sure if rows of a part may not have been seen, because it was merged away meanwhile. */
type Found = { readonly changes: RowChanges; readonly isSure: boolean }

const ANY: Found = { changes: 'any', isSure: true }
const NOTHING: Found = { changes: new Set(), isSure: true }

/** See `fewParts`. */
const FEW_PARTS = 100
/** Seconds that an insert never takes from its begin to its commit. */
const LONGEST_INSERT = 600
const LONGEST_LOOK = 2_000
const TRIES = 5
/** After a look that failed none is begun for so long. */
const REST_MILLIS = 2_000
/** A look counts for so many times as long as the fastest of the last ones took. */
const LASTING = 2
const LAST_LOOKS = 20

/** Begins without having seen any table. */
export function createTableLooks(options: TableLooksOptions) {
  const { engine, identity, database, clock, fewParts = FEW_PARTS, mostMillis } = options
  const datasets = new Map(options.datasets.map((dataset) => [dataset.table, dataset]))
  const seen = new Map<string, Known>()
  const durations: number[] = []
  let last: Promise<void> = Promise.resolve()
  let next: { readonly tables: Set<string>; readonly done: Promise<void> } | undefined
  let restUntil = 0
  /** How long a look counts. */
  let lasts = 0
  return { look, age, stamp, isCurrent }

  /** Resolves when a look that counts for this call is done, with whether it could be. Never rejects. */
  async function look(rows: readonly ReadRows[]): Promise<boolean> {
    // What reads no table is never outdated.
    if (rows.length === 0 || age(rows) < lasts) return true
    if (clock() < restUntil) return false
    next ??= begin()
    for (const { table } of rows) next.tables.add(table)
    try {
      await next.done
      return true
    } catch {
      restUntil = clock() + REST_MILLIS
      return false
    }
  }

  /** Milliseconds since the last look at these began; infinity if one of them was never looked at. */
  function age(rows: readonly ReadRows[]): number {
    const times = rows.map(({ table }) => seen.get(table)?.lookedAt ?? Number.NEGATIVE_INFINITY)
    return clock() - Math.min(...times)
  }

  /** The stamp of what is read from now on; undefined if a table is unknown. */
  function stamp(rows: readonly ReadRows[]): Stamp | undefined {
    const found = rows.flatMap(({ table }) => seen.get(table)?.history.current() ?? [])
    return found.length === rows.length ? found : undefined
  }

  /** True if, as far as the last look has seen, what was read with that stamp is what would be read now. */
  function isCurrent(stamp: Stamp, rows: readonly ReadRows[]): boolean {
    return rows.every(
      ({ table, tenant }, index) => seen.get(table)?.history.isCurrent(stamp[index] ?? '', tenant) === true,
    )
  }

  /** Begins when the look before it has ended; until then whoever asks is gathered. */
  function begin(): NonNullable<typeof next> {
    const tables = new Set<string>()
    const done = last
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return lookAt([...tables])
      })
    last = done
    return { tables, done }
  }

  async function lookAt(tables: readonly string[]): Promise<void> {
    const lookedAt = clock()
    const known = tables.map((table) => seen.get(table)?.parts.length ?? 0)
    const isShort = known.reduce((sum, parts) => sum + parts, 0) <= fewParts
    const looked = isShort ? tables : await changedOf(tables)
    if (looked.length > 0) await learn(looked)
    for (const table of tables) {
      const found = seen.get(table)
      if (found) found.lookedAt = lookedAt
    }
    durations.push(clock() - lookedAt)
    if (durations.length > LAST_LOOKS) durations.shift()
    lasts = Math.min(mostMillis, LASTING * Math.min(...durations))
  }

  /** Of many parts a hash is enough, as long as it is the same. */
  async function changedOf(tables: readonly string[]): Promise<readonly string[]> {
    const lines = linesOf(await ask(hashesStatement(database, tables)))
    const hashes = new Map(lines.map(([table = '', hash = '']) => [table, hash]))
    return tables.filter((table) => {
      const known = seen.get(table)
      const hash = hashes.get(table)
      if (hash !== undefined && known?.hash === hash) return false
      // If the parts change before they are read, the next hash is another one.
      if (known) known.hash = hash
      return true
    })
  }

  /** Reads the parts of tables, and finds out what has changed. */
  async function learn(tables: readonly string[]): Promise<void> {
    let found = partLines(await ask(partsStatement(database, tables)))
    for (const table of tables)
      for (let tries = 1; ; tries++) {
        const lines = found.get(table) ?? []
        const text = lines.join('\n')
        if (seen.get(table)?.text === text) break
        const parts = readParts(lines)
        if (!parts || parts.length === 0) {
          seen.delete(table)
          break
        }
        const { changes, isSure } = tries > TRIES ? ANY : await changesOf(table, parts)
        if (!isSure) {
          // A part that is still there now was there all the time, so its rows were seen.
          found = partLines(await ask(partsStatement(database, tables)))
          if (!areThere(parts, readParts(found.get(table) ?? []) ?? [])) continue
        }
        note(table, parts, text, changes)
        break
      }
  }

  function note(table: string, parts: readonly Part[], text: string, changes: RowChanges): void {
    const print = fingerprintOf(parts)
    const known = seen.get(table)
    if (!known) {
      const history = createTableHistory(print)
      seen.set(table, { history, parts, text, hash: undefined, lookedAt: Number.NEGATIVE_INFINITY })
      return
    }
    if (known.history.current() !== print) known.history.saw(print, changes)
    known.parts = parts
    known.text = text
  }

  async function changesOf(table: string, parts: readonly Part[]): Promise<Found> {
    const known = seen.get(table)
    const dataset = datasets.get(table)
    if (!known) return NOTHING
    const changes = partChanges(known.parts, parts)
    if (changes.kind === 'any' || !dataset) return ANY
    const { fresh, mixed } = changes
    if (fresh.length + mixed.length === 0) return NOTHING
    const seconds = LONGEST_INSERT + Math.ceil((clock() - known.lookedAt) / 1000)
    const lines = linesOf(await ask(tenantsStatement(database, dataset, { fresh, mixed, seconds })))
    const read = new Set(lines.map(([part]) => part))
    return {
      changes: new Set(lines.map(([, tenant = '""']) => JSON.parse(tenant) as string)),
      isSure: mixed.length === 0 && fresh.every((part) => read.has(part)),
    }
  }

  function ask(sql: string): Promise<string> {
    return engine.text(identity, { sql, format: 'TSVRaw', signal: AbortSignal.timeout(LONGEST_LOOK) })
  }
}

function areThere(parts: readonly Part[], after: readonly Part[]): boolean {
  const active = new Set(after.map(({ identity }) => identity))
  return parts.every(({ identity }) => active.has(identity))
}
