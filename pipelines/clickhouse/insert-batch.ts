/**
 * Inserts the rows of a batch, once: a repetition asks first whether they are there, and afterwards whether they are now. If the engine refuses the rows, halves find the bad
 * ones. Tokens follow from the range, so a replay is the same. An insert that is fenced (lane-claims.ts) is repeated only if the lane is ours.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { RawRecord, StoredRow } from '#transforms/record.ts'
import type { InsertResult, Lane, QuarantinedRecord, RowSink, UnchangedLookup } from '../ports.ts'
import { claimsReplay } from '../quarantine/replayed-record.ts'
import type { Batch, BatchRow } from '../worker/batcher.ts'
import { plainRows, type RowMaker } from '../worker/make-rows.ts'
import { keyCells } from '../worker/resolve-unchanged.ts'
import type { LaterRow, RowBlock } from '../worker/row-block.ts'
import type { ClaimHolder } from './claim-holder.ts'

/** Code of the fault: the engine refused the row. */
export const ENGINE_REFUSED = 'engine_refused'

/** Rows that are looked at for one that can be asked for. */
const MOST_PROBED = 100

/** What inserting needs. */
export type InsertDeps = {
  readonly dataset: CompiledDataset
  readonly lane: Lane
  readonly sink: Pick<RowSink, 'insert' | 'holds' | 'isStored' | 'removedBelow'>
  readonly maker: RowMaker
  readonly claim: ClaimHolder
}

/** Waits until the engine is there. */
type Storing = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Inserts the rows of the block and those that were filled; returns the records whose rows the engine refused. `isOurs` asks Kafka; null
 * if the lane is another worker's.
 */
export async function insertBatch(
  batch: Batch,
  filled: readonly BatchRow[],
  deps: InsertDeps,
  storing: Storing,
  isOurs: () => Promise<boolean>,
): Promise<readonly QuarantinedRecord[] | null> {
  const { dataset, sink, maker, lane } = deps
  const block = inOrder(batch.block, filled, maker)
  return insertRows(0, block.count, tokenOf(batch, lane))

  /** A row with its record, made anew by the plain path; undefined if that makes another one now. */
  function rowAt(number: number): BatchRow | undefined {
    const record = block.record(number)
    if (!record) return undefined
    const version = block.version(number)
    // A record may have made two rows of one version, which stand one behind the other.
    const isSecond = number > 0 && block.record(number - 1)?.offset === record.offset
    const row = plainRows(maker, record)[isSecond ? 1 : 0]
    return row?.version === version ? { row, record } : undefined
  }

  /**
   * The row to be asked for: the last one. It has the highest version of its key in all that was inserted up to here, so that only this insert,
   * or one after it, can have brought it or a later one. (A replayed row has the version of long ago.)
   */
  function probeOf(from: number, to: number): UnchangedLookup | null {
    for (let number = to - 1; number >= Math.max(from, to - MOST_PROBED); number--) {
      const found = rowAt(number)
      if (found && !claimsReplay(found.record))
        return { key: keyCells(found.row.key), version: found.row.version }
    }
    return null
  }

  /** Is the row there, or was it? A TRUNCATE that another lane has carried out since may have removed it. */
  async function wasStored(probe: UnchangedLookup, token: string): Promise<boolean> {
    if (await sink.isStored(dataset, probe, token)) return true
    const below = await sink.removedBelow(dataset)
    return below !== null && BigInt(probe.version) < below
  }

  async function insertRows(
    from: number,
    to: number,
    token: string,
  ): Promise<readonly QuarantinedRecord[] | null> {
    if (to <= from) return []
    const result = await insertOnce(from, to, token)
    if (result === null) return null
    if (result.kind === 'stored') return []
    if (to - from === 1) return refused(block.record(from), rowAt(from)?.row, result.engineCode)
    const middle = from + ((to - from) >> 1)
    const first = await insertRows(from, middle, `${token}.0`)
    const second = first && (await insertRows(middle, to, `${token}.1`))
    return second && [...first, ...second]
  }

  /** Null if the lane is lost. */
  async function insertOnce(
    from: number,
    to: number,
    token: string,
  ): Promise<Exclude<InsertResult, { kind: 'fenced' }> | null> {
    let repeated = batch.repeated
    for (;;) {
      const result = await storing(async (): Promise<InsertResult> => {
        // Before it is asked what is there: from here on nobody else begins an insert.
        const claim = await deps.claim.current()
        const probe = repeated ? probeOf(from, to) : null
        if (probe && (await sink.holds(dataset, probe, token))) return { kind: 'stored' }
        repeated = true
        const inserted = await sink.insert(dataset, block.bytes(from, to), token, claim)
        if (inserted.kind !== 'stored' || probe === null || (await wasStored(probe, token))) return inserted
        // An engine that was killed may know the token of rows that it does not have: then it has dropped them.
        return sink.insert(dataset, block.bytes(from, to), `${token}.dropped`, claim)
      })
      if (result.kind !== 'fenced') return result
      if (!(await isOurs())) return null
      deps.claim.renew()
    }
  }
}

/** All rows of a batch in the order of their records, on which {@link insertBatch} counts when it asks for the last one. */
function inOrder(block: RowBlock, filled: readonly BatchRow[], { encoder }: RowMaker): RowBlock {
  if (filled.length === 0) return block
  const later = filled.map(
    ({ row, record }): LaterRow => ({
      record,
      write: (writer) => encoder.encode(row.cells, writer),
    }),
  )
  return block.with(later.toSorted((a, b) => Number(a.record.offset - b.record.offset)))
}

function refused(
  record: RawRecord | undefined,
  row: StoredRow | undefined,
  engineCode: string,
): readonly QuarantinedRecord[] {
  if (!record) return []
  const faults = [{ code: `${ENGINE_REFUSED}_${engineCode}`, column: '' }]
  // Which of the values it refuses is not known, so none of them counts as known later.
  return [{ record, faults, ...(row && { row: { ...row, cells: row.cells.map(() => null) } }) }]
}

/**
 * The deduplication token. The version of a row is in it, because a topic that was made anew starts at offset 0 again; that of one which is
 * there before any is filled, because not all may be filled when the batch is repeated.
 */
export function tokenOf({ block, loose, first, last }: Batch, { topic, partition }: Lane): string {
  const version = block.count > 0 ? block.version(0) : (loose[0]?.row.version ?? '')
  return `${topic}:${partition}:${first}-${last}:${version}`
}
