/** Freshness: commit in Postgres to visible in ClickHouse. Snapshot rows are left out, since their commit time is that of the snapshot. */
import type { RawRecord, StoredRow } from '#transforms/record.ts'
import { claimsReplay } from '../quarantine/replayed-record.ts'

const SNAPSHOT_MARK = Buffer.from('"op":"r"')
/** The end of an envelope: `"transaction":null,"op":"r","ts_ms":…,"ts_us":…,"ts_ns":…}`. */
const TAIL_BYTES = 160

/** True for a row that a snapshot read. In data the quotes of the mark would be escaped, so it cannot be taken for it. */
export function isSnapshotRead(record: RawRecord): boolean {
  const { value } = record
  if (value === null) return false
  return value.subarray(Math.max(0, value.length - TAIL_BYTES)).includes(SNAPSHOT_MARK)
}

/** When the change of a row was committed, milliseconds; NaN where that says nothing of freshness: snapshot reads, replays, no time at all. */
export function datedAt(record: RawRecord, { committedAt }: Pick<StoredRow, 'committedAt'>): number {
  return committedAt > 0 && !isSnapshotRead(record) && !claimsReplay(record) ? committedAt : Number.NaN
}

/** Value below which a share of the samples lies (nearest rank); NaN without samples. `sorted` ascending. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}
