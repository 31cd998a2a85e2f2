/** How fresh a dataset is for a caller: the newest commit and load among the rows of the caller's own filter. */
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { MogoError } from '#contracts/errors.ts'
import type { createScopeSession } from '../access/scope-session.ts'
import { EngineFault } from '../engine/engine-fault.ts'
import type { QueryEngine } from '../ports.ts'

/** Times in ISO 8601, UTC; null if there are no rows yet. */
export type Freshness = {
  readonly lastCommittedAt: string | null
  readonly lastLoadedAt: string | null
  /** Seconds from the newest commit in the source to its load. */
  readonly delaySeconds: number | null
}

const NONE: Freshness = { lastCommittedAt: null, lastLoadedAt: null, delaySeconds: null }
const KEEP_MILLIS = 1_000
const MOST_KEPT = 1_000

/** Makes the reader; answers are kept for a second. */
export function createFreshness(
  engine: QueryEngine,
  session: ReturnType<typeof createScopeSession>,
  database: string,
  now: () => number,
) {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<Freshness> }>()
  return { of }

  function of(scope: AccessScope, dataset: CompiledDataset): Promise<Freshness> {
    const key = `${scope.name} ${dataset.table}`
    const known = kept.get(key)
    if (known && now() - known.at < KEEP_MILLIS) return known.value
    const value = read(scope, dataset)
    value.catch(() => kept.delete(key))
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(key, { at: now(), value })
    return value
  }

  async function read(scope: AccessScope, dataset: CompiledDataset): Promise<Freshness> {
    const committed = quoteIdentifier(INTERNAL_COLUMNS.committedAt)
    const loaded = quoteIdentifier(INTERNAL_COLUMNS.loadedAt)
    const sql = /*sql*/ `SELECT count() AS n, toUnixTimestamp64Milli(max(${committed})) AS c, toUnixTimestamp64Milli(argMax(${loaded}, ${committed})) AS l FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`
    const text = await session
      .run(scope, ({ freshness }) => engine.text(freshness, { sql, format: 'TSVRaw' }))
      .catch(notLoaded)
    const [rows = 0, commit = 0, load = 0] = text.trim().split('\t').map(Number)
    if (rows === 0) return NONE
    return {
      lastCommittedAt: new Date(commit).toISOString(),
      lastLoadedAt: new Date(load).toISOString(),
      delaySeconds: Math.max(0, load - commit) / 1000,
    }
  }
}

const UNKNOWN_TABLE = 60
const UNKNOWN_DATABASE = 81

/** A dataset whose table is not there yet has no rows; any other fault of the engine is one. */
function notLoaded(error: unknown): string {
  if (!(error instanceof EngineFault)) throw error
  if (error.code === UNKNOWN_TABLE || error.code === UNKNOWN_DATABASE) return '0'
  throw new MogoError('MOGO_UNAVAILABLE', { what: 'Freshness' }, { cause: error })
}
