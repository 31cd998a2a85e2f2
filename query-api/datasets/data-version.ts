/**
 * The version of what a caller sees of a dataset: a value that changes whenever one of these rows comes, goes or changes, and only then
 * (or when a row is loaded again). It is made of the rows of the caller's own filter alone: how many there are, and a sum over the times
 * at which each was committed and loaded, which every new version of a row has anew.
 *
 * It says what there is, not how it came to be: rows that came and went again leave it as it was. So a row that comes between the reading
 * of a version and that of the rows, and then goes as the only change, is not noticed by whoever has it.
 *
 * That reads two narrow columns of all rows of the scope. Where it takes too long it is given up, and not tried again for a while: an
 * answer without an entity tag is as right as one with.
 */
import type { AccessScope } from '#contracts/compile/access-scope.ts'
import { quoteIdentifier } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import type { createScopeSession } from '../access/scope-session.ts'
import { EngineFault } from '../engine/engine-fault.ts'
import type { QueryEngine } from '../ports.ts'

/** See the header. */
export type DataVersion = {
  /** Rows that the caller sees. */
  readonly rows: number
  readonly text: string
}

/** What the reader needs. */
export type DataVersionOptions = {
  readonly engine: QueryEngine
  readonly session: ReturnType<typeof createScopeSession>
  readonly database: string
  readonly now: () => number
  /** Longest time that a version may take, milliseconds; 0: none is read. */
  readonly patienceMillis: number
}

const REST_MILLIS = 60_000
const MOST_KEPT = 10_000

/** Makes the reader. Nothing is kept: a version is that of the moment it is asked for. */
export function createDataVersion(options: DataVersionOptions) {
  const { engine, session, database, now, patienceMillis } = options
  const tiredUntil = new Map<string, number>()
  return { of }

  /** The version; undefined where it costs too much or cannot be had. Rejects only if the scope cannot be made. */
  async function of(scope: AccessScope, dataset: CompiledDataset): Promise<DataVersion | undefined> {
    const key = `${scope.name} ${dataset.table}`
    if (patienceMillis === 0 || (tiredUntil.get(key) ?? 0) > now()) return undefined
    const times = [INTERNAL_COLUMNS.committedAt, INTERNAL_COLUMNS.loadedAt].map(quoteIdentifier).join(', ')
    const sql = /*sql*/ `SELECT count() AS n, sum(sipHash64(${times})) AS s FROM ${quoteIdentifier(database)}.${quoteIdentifier(dataset.table)}`
    let patience: AbortSignal | undefined
    try {
      const text = await session.run(scope, ({ freshness }) => {
        // The time in which a new scope is made is not the data's.
        patience = AbortSignal.timeout(patienceMillis)
        return engine.text(freshness, { sql, format: 'TSVRaw', signal: patience })
      })
      return { rows: Number(text.split('\t')[0]), text: text.trim() }
    } catch (error) {
      if (!patience?.aborted && !(error instanceof EngineFault)) throw error
      if (tiredUntil.size >= MOST_KEPT) tiredUntil.clear()
      tiredUntil.set(key, now() + REST_MILLIS)
      return undefined
    }
  }
}
