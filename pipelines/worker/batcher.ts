/**
 * Collects a lane's records into batches: makes the rows of each, and notes what else became of it. No clock, no I/O.
 *
 * A batch is full by rows, by bytes, before and after a TRUNCATE, or, when a pending range is replayed, exactly at its last offset and
 * nowhere before: the replay must be the same range as the first try. A TRUNCATE stands alone because what comes after it must be
 * loaded after it, and what comes before must be done with: a repetition would find the rows gone that it takes unchanged values from.
 */
import type { ColumnChange } from '#transforms/column-watch.ts'
import type { Outcome, RawRecord, StoredRow } from '#transforms/record.ts'
import type { FetchedRecords } from '../kafka/fetched-records.ts'
import type { QuarantinedRecord } from '../ports.ts'
import { claimsReplay } from '../quarantine/replayed-record.ts'
import type { BufferRoom } from './buffer-room.ts'
import { supersededBelow } from './epoch-transform.ts'
import { datedAt } from './freshness.ts'
import type { RowMaker } from './make-rows.ts'
import { RowBlock } from './row-block.ts'
import { MOST_TRACES } from './trace-links.ts'

/** Sizes at which a batch is full. In a `room` that is tight it is full sooner. */
export type BatchLimits = { readonly rows: number; readonly bytes: number; readonly room?: BufferRoom }

/** No less of a full batch is worth an insert of its own, however tight the room. */
const SMALLEST_PART = 1 / 16

/** A row and the record it came from. */
export type BatchRow = { readonly row: StoredRow; readonly record: RawRecord }

/** A contiguous range of a lane. Every record of it is counted once: as stored, quarantined or filtered. */
export type Batch = {
  readonly first: bigint
  readonly last: bigint
  /** Offset to go on from. */
  readonly next: bigint
  /** Records read. */
  readonly records: number
  /** Records that became rows (one may become two). */
  readonly stored: number
  /** Rows that are complete. */
  readonly block: RowBlock
  /** Rows of records of which a row lacks a value that did not change; in order. */
  readonly loose: readonly BatchRow[]
  readonly quarantined: readonly QuarantinedRecord[]
  /** Reason -> records. */
  readonly filtered: ReadonlyMap<string, number>
  /** Everything below this version is to be removed after the rows are stored. */
  readonly truncate: string | null
  /** Bytes of the records, as an estimate of the rows. */
  readonly bytes: number
  /** True for the pending range of a former worker: it may be stored already. */
  readonly repeated: boolean
  /** W3C `traceparent` headers of the first records that have one. */
  readonly traces: readonly string[]
  /** What its records lie in; kept until the batch is released. */
  readonly sources: readonly FetchedRecords[]
  /** Stored records that claim to be replays out of quarantine. */
  readonly replays: readonly RawRecord[]
}

/**
 * What came of adding a record. `full`: the batch must be taken before the next is added. `apart`: it was not added, and must come again
 * when the batch was taken. A change of the source's columns means that it was not added, and must come again once the contract has moved, or
 * once is known what is unknown about it.
 */
export type Added = 'room' | 'full' | 'apart' | HeldRecord

/** A record that must come again, by the version of its row. */
export type HeldRecord = { readonly held: ColumnChange; readonly version: string }

/** See {@link createBatcher}. */
export type Batcher = {
  /** Adds a record, or does not. */
  add(records: FetchedRecords, index: number): Added
  /** True if the record must not join the open batch. */
  mustCloseBefore(offset: number): boolean
  /** From the next batch on: is there so much to read that another thread should help? */
  hurry(isBehind: boolean): void
  /** True while a pending range is being replayed: time must not close the batch. */
  replaying(): boolean
  /** Records in the open batch. */
  size(): number
  bytes(): number
  /** Takes the open batch; null if it is empty. `next` is used if all that was fetched is in the batch. */
  take(next: bigint | null): Batch | null
  /** Lets a batch go that is done with: its block is filled again, and the memory of its records may be, too. */
  release(batch: Pick<Batch, 'block' | 'sources' | 'bytes'>): void
  /** Lets the open batch go, unloaded. */
  drop(): void
}

/** An outcome that is one. */
type Settled = Exclude<Outcome, { readonly kind: 'held' }>

type OpenBatch = {
  first: number
  last: number
  records: number
  stored: number
  readonly block: RowBlock
  readonly loose: BatchRow[]
  readonly quarantined: QuarantinedRecord[]
  readonly filtered: Map<string, number>
  truncate: string | null
  bytes: number
  readonly traces: string[]
  readonly sources: FetchedRecords[]
  readonly replays: RawRecord[]
}

/** Makes a batcher for a lane. `pendingLast`: end of the range that was under way when its last worker ended. */
export function createBatcher(limits: BatchLimits, pendingLast: bigint | null, maker: RowMaker): Batcher {
  let replayUntil = pendingLast === null ? null : Number(pendingLast)
  let open: OpenBatch | null = null
  let hurries = false
  const free: RowBlock[] = []
  const { fast, transform, encoder, tokens } = maker

  function begin(offset: number): OpenBatch {
    const block = free.pop() ?? new RowBlock()
    if (hurries && tokens) block.makeTokensIn(tokens)
    return {
      ...{ first: offset, last: offset, records: 0, stored: 0, bytes: 0, truncate: null, block },
      ...{ loose: [], quarantined: [], filtered: new Map(), traces: [], sources: [], replays: [] },
    }
  }

  function addFast(batch: OpenBatch, records: FetchedRecords, index: number): boolean {
    if (fast === null) return false
    const { block } = batch
    const start = block.writer.at
    if (!fast.tryRecord(records, index, block.writer)) return false
    batch.stored += 1
    block.add(start, records, index, fast.isSnapshotRead ? Number.NaN : fast.committedAt, fast.keyHash)
    block.sendTokens(false)
    return true
  }

  function isFull({ block, loose, bytes }: OpenBatch): boolean {
    if (block.count + loose.length >= limits.rows || bytes >= limits.bytes) return true
    return bytes >= limits.bytes * SMALLEST_PART && limits.room?.isTight === true
  }

  function addPlain(
    batch: OpenBatch,
    records: FetchedRecords,
    index: number,
    record: RawRecord,
    outcome: Settled,
  ): void {
    batch.truncate = supersededBelow(record)
    switch (outcome.kind) {
      case 'rows':
        batch.stored += 1
        if (claimsReplay(record)) batch.replays.push(record)
        addRows(batch, records, index, record, outcome)
        break
      case 'quarantine':
        batch.quarantined.push({
          record,
          faults: outcome.faults,
          ...(outcome.row ? { row: outcome.row } : {}),
        })
        break
      case 'truncate':
        batch.truncate = outcome.version
        bump(batch.filtered, 'truncate')
        break
      case 'filtered':
        bump(batch.filtered, outcome.reason)
    }
  }

  function addRows(
    { block, loose }: OpenBatch,
    records: FetchedRecords,
    index: number,
    record: RawRecord,
    { rows }: Extract<Outcome, { readonly kind: 'rows' }>,
  ): void {
    // A record is stored or quarantined as a whole: one row that lacks something holds the others up, too.
    if (rows.some((row) => row.unresolved.length > 0)) {
      for (const row of rows) loose.push({ row, record })
      return
    }
    for (const row of rows) {
      const start = block.writer.at
      const hash = encoder.encode(row.cells, block.writer)
      block.add(start, records, index, datedAt(record, row), hash)
    }
  }

  function release({ block, sources, bytes }: Pick<Batch, 'block' | 'sources' | 'bytes'>): void {
    block.clear()
    limits.room?.release(bytes)
    for (const records of sources) records.release()
    // One is being filled while another is loaded.
    if (free.length < 2) free.push(block)
  }

  return {
    add(records, index) {
      const offset = records.offsets[index] as number
      const batch = open ?? begin(offset)
      if (!addFast(batch, records, index)) {
        const record = records.record(index)
        const outcome = transform(record)
        if (outcome.kind === 'held') {
          if (open === null) release(batch)
          return { held: outcome.change, version: outcome.version }
        }
        if (outcome.kind === 'truncate' && open !== null && replayUntil === null) return 'apart'
        addPlain(batch, records, index, record, outcome)
      }
      open = batch
      if (batch.sources.at(-1) !== records) {
        records.retain()
        batch.sources.push(records)
      }
      batch.last = offset
      batch.records += 1
      const length = records.valueLength(index)
      batch.bytes += length
      limits.room?.hold(length)
      if (batch.traces.length < MOST_TRACES) noteTrace(batch.traces, records, index)
      if (batch.truncate !== null) return 'full'
      const full = replayUntil === null ? isFull(batch) : offset >= replayUntil
      return full ? 'full' : 'room'
    },
    hurry(isBehind) {
      hurries = isBehind
    },
    mustCloseBefore: (offset) => replayUntil !== null && open !== null && offset > replayUntil,
    replaying: () => replayUntil !== null,
    size: () => open?.records ?? 0,
    bytes: () => open?.bytes ?? 0,
    take(next) {
      if (!open) return null
      open.block.sendTokens(true)
      const batch = {
        ...open,
        first: BigInt(open.first),
        last: BigInt(open.last),
        next: next ?? BigInt(open.last) + 1n,
        repeated: replayUntil !== null,
      }
      replayUntil = null
      open = null
      return batch
    },
    release,
    drop() {
      if (open) release(open)
      open = null
    },
  }
}

function noteTrace(traces: string[], records: FetchedRecords, index: number): void {
  // Nearly all records have one short header, or none.
  const { start, end } = records.headers
  if ((end[index] as number) - (start[index] as number) < SHORTEST_TRACE) return
  const header = records.headersOf(index)['traceparent']
  if (header) traces.push(header.toString('latin1'))
}

/** `00-` and 32 hex digits, a dash and 16 more, and flags. */
const SHORTEST_TRACE = 55

function bump(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}
