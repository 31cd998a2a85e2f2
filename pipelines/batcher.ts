/**
 * Collects the outcomes of a lane's records into batches. Pure: no clock, no I/O.
 *
 * A batch is full by rows, by bytes, at a TRUNCATE (what comes after it must be loaded after it), or, when a pending range is
 * replayed, exactly at its last offset and nowhere before: the replay must be the same range as the first try.
 */
import type { Outcome, RawRecord, StoredRow } from '#transforms/record.ts'
import type { QuarantinedRecord } from './ports.ts'

/** Sizes at which a batch is full. */
export type BatchLimits = { readonly rows: number; readonly bytes: number }

/** A row and the record it came from. */
export type BatchRow = { readonly row: StoredRow; readonly record: RawRecord }

/** A contiguous range of a lane. Every record of it is in exactly one of the lists. */
export type Batch = {
  readonly first: bigint
  readonly last: bigint
  /** Offset to go on from. */
  readonly next: bigint
  /** Records read. */
  readonly records: number
  /** Records that became rows (one may become two). */
  readonly stored: number
  readonly rows: readonly BatchRow[]
  readonly quarantined: readonly QuarantinedRecord[]
  /** Reason -> records. */
  readonly filtered: ReadonlyMap<string, number>
  /** Everything below this version is to be removed after the rows are stored. */
  readonly truncate: string | null
  /** Bytes of the records, as an estimate of the rows. */
  readonly bytes: number
  /** True for the pending range of a former worker: it may be stored already. */
  readonly repeated: boolean
}

/** See {@link createBatcher}. */
export type Batcher = {
  /**
   * Adds a record with its outcome; rows below `supersededBelow` are to go once it is stored. True if the batch must be taken
   * before the next is added.
   */
  add(record: RawRecord, outcome: Outcome, supersededBelow?: string | null): boolean
  /** True if the record must not join the open batch. */
  mustCloseBefore(offset: bigint): boolean
  /** True while a pending range is being replayed: time must not close the batch. */
  replaying(): boolean
  /** Records in the open batch. */
  size(): number
  bytes(): number
  /** Takes the open batch; null if it is empty. `next` is used if all that was fetched is in the batch. */
  take(next: bigint | null): Batch | null
}

type OpenBatch = {
  first: bigint
  last: bigint
  records: number
  stored: number
  rows: BatchRow[]
  quarantined: QuarantinedRecord[]
  filtered: Map<string, number>
  truncate: string | null
  bytes: number
}

/** Makes a batcher for a lane. `pendingLast`: end of the range that was under way when its last worker ended. */
export function createBatcher(limits: BatchLimits, pendingLast: bigint | null): Batcher {
  let replayUntil = pendingLast
  let open: OpenBatch | null = null

  function place(batch: OpenBatch, record: RawRecord, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'rows':
        batch.stored += 1
        for (const row of outcome.rows) batch.rows.push({ row, record })
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
        batch.filtered.set('truncate', (batch.filtered.get('truncate') ?? 0) + 1)
        break
      case 'filtered':
        batch.filtered.set(outcome.reason, (batch.filtered.get(outcome.reason) ?? 0) + 1)
    }
  }

  return {
    add(record, outcome, supersededBelow = null) {
      open ??= {
        first: record.offset,
        last: record.offset,
        records: 0,
        stored: 0,
        rows: [],
        quarantined: [],
        filtered: new Map(),
        truncate: null,
        bytes: 0,
      }
      open.last = record.offset
      open.records += 1
      open.bytes += record.value?.length ?? 0
      place(open, record, outcome)
      open.truncate ??= supersededBelow
      if (open.truncate !== null) return true
      if (replayUntil !== null) return record.offset >= replayUntil
      return open.rows.length >= limits.rows || open.bytes >= limits.bytes
    },
    mustCloseBefore: (offset) => replayUntil !== null && open !== null && offset > replayUntil,
    replaying: () => replayUntil !== null,
    size: () => open?.records ?? 0,
    bytes: () => open?.bytes ?? 0,
    take(next) {
      if (!open) return null
      const batch = { ...open, next: next ?? open.last + 1n, repeated: replayUntil !== null }
      replayUntil = null
      open = null
      return batch
    },
  }
}
