/**
 * The worker's ports, in our words: where records come from, where rows go, where bad records go. One adapter per vendor stands beside
 * this file, and knows nothing of the others.
 *
 * Terms. A *lane* is one partition of one raw topic. A *batch* is a contiguous range of a lane's offsets. The *pending range* is
 * the batch that is being loaded: it is kept with the committed offset before the insert, so that a restart loads the very same
 * range under the same deduplication token, and doubles nothing.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { Fault, Outcome, QuarantinedRow, RawRecord } from '#transforms/record.ts'
import type { FetchedRecords } from './kafka/fetched-records.ts'

/** A partition of a raw topic. */
export type Lane = { readonly topic: string; readonly partition: number }

/** A lane that this worker is to read, and where it stands. */
export type AssignedLane = Lane & {
  /** First offset that is not loaded yet; null if nothing ever was. */
  readonly committed: bigint | null
  /** Last offset of the pending range, if a batch was under way when its worker ended. */
  readonly pendingLast: bigint | null
  /** Its topic has no other partition: everything of the table comes in this order. */
  readonly isAlone: boolean
}

/** What the source calls. */
export type SourceHandler = {
  /** The lanes are these from now on; everything that was buffered is to be forgotten, and comes again. */
  assigned(lanes: readonly AssignedLane[]): Promise<void>
  /** Records of one lane in order. `next` is the offset to go on from after them; `behind` how many lie beyond. */
  records(lane: Lane, records: FetchedRecords, next: bigint, behind: bigint): Promise<void>
}

/** Position of a lane. */
export type Position = {
  readonly next: bigint
  /** Last offset of the pending range, or null if none is pending. */
  readonly pendingLast: bigint | null
}

/** Where records come from. */
export type RecordSource = {
  /** Starts reading; resolves once it tries to, and goes on trying while the broker is away. */
  start(handler: SourceHandler): Promise<void>
  pause(lane: Lane): void
  resume(lane: Lane): void
  /**
   * Keeps a position. Resolves to false if the lane is not ours any more; to true if nothing is pending and the position was kept before that.
   *
   * @throws MogoError MOGO_KAFKA_UNREACHABLE
   */
  commit(lane: Lane, position: Position): Promise<boolean>
  /** True if a position beyond the beginning is kept in a topic. @throws MogoError MOGO_KAFKA_UNREACHABLE */
  wasRead(topic: string): Promise<boolean>
  /** Rejects while the broker cannot be reached. */
  check(): Promise<void>
  stop(): Promise<void>
  /** Rejects if reading ended for good. */
  readonly failed: Promise<never>
}

/** What became of an insert. A refusal concerns the rows themselves: smaller inserts find the bad one. */
export type InsertResult =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly engineCode: string }
  /** Another worker has claimed the lane since. */
  | { readonly kind: 'fenced' }

/** The right to write what comes from a lane; the last one given counts. */
export type LaneClaim = { readonly lane: string; readonly owner: string }

/** Where rows go. Every method throws MOGO_CLICKHOUSE_UNREACHABLE while it is away, other faults if it refuses for good. */
export type RowSink = {
  /** Databases and tables of governance. */
  prepareGovernance(): Promise<void>
  /**
   * The table of a dataset: made, or checked, given columns that the contract added, and types that it widened. One that rows were loaded into, and that
   * is not there any more, is made only if it may be made `anew`.
   *
   * @throws MogoError MOGO_TABLE_MISMATCH, MOGO_TABLE_GONE
   */
  prepare(dataset: CompiledDataset, options?: { readonly anew?: boolean }): Promise<void>
  /** Claims a lane; inserts under an earlier claim are refused from then on. */
  claim(dataset: CompiledDataset, lane: Lane): Promise<LaneClaim>
  /**
   * Rows in RowBinary, with the columns of `insertColumns`; stored whole or not at all. The same token never stores twice in the table, and
   * a second insert of a token waits (MOGO_CLICKHOUSE_UNREACHABLE) while the first is under way. What lies behind the table may see a
   * repetition: ask {@link RowSink.holds} first.
   */
  insert(dataset: CompiledDataset, rows: Buffer, token: string, claim: LaneClaim): Promise<InsertResult>
  /** Lines of JSONCompactEachRow for a table of governance; its rows are our own, so a refusal is a fault. */
  insertGovernance(table: string, columns: readonly string[], lines: Buffer, token: string): Promise<void>
  /** Last known values of rows; see {@link UnchangedLookup}. */
  lookup(
    dataset: CompiledDataset,
    wanted: readonly UnchangedLookup[],
  ): Promise<readonly (readonly string[] | null)[]>
  /**
   * A version at which a value of a column (by its name in the source) is stored: one below `version`, if there is one, else the lowest of all; null if
   * no value is stored.
   */
  firstValue(dataset: CompiledDataset, column: string, version: string): Promise<string | null>
  /** Sealed records of quarantine by the row that they are about. */
  quarantined(dataset: CompiledDataset, rowKeys: readonly string[]): Promise<readonly SealedPayload[]>
  /**
   * True if the table has this version of a row, or a later one, which of a batch that is repeated only its first try can have brought. Waits
   * (MOGO_CLICKHOUSE_UNREACHABLE) while the insert with this token is under way.
   */
  isStored(dataset: CompiledDataset, row: UnchangedLookup, token: string): Promise<boolean>
  /**
   * True if the insert with this token is done, and need not be repeated: its last row {@link RowSink.isStored}, and the views behind the table
   * either have it, too, or would have it twice.
   */
  holds(dataset: CompiledDataset, row: UnchangedLookup, token: string): Promise<boolean>
  /** Notes that every row below a version is to be gone, and removes them. */
  truncate(dataset: CompiledDataset, belowVersion: string): Promise<void>
  /** The version below which rows were last removed; null if none ever were. */
  removedBelow(dataset: CompiledDataset): Promise<bigint | null>
  /** Removes once more what another lane brought after the removal. */
  removeBelow(dataset: CompiledDataset, version: bigint): Promise<void>
  check(): Promise<void>
  close(): Promise<void>
}

/** A key and a version: asks for the last live row of the key that is not above it, or for just that version. */
export type UnchangedLookup = {
  /** Key cells, JSON texts, in the order of the key columns in the table. */
  readonly key: readonly string[]
  /** UInt128, decimal. */
  readonly version: string
}

/** A record that goes into quarantine. */
export type QuarantinedRecord = {
  readonly record: RawRecord
  readonly faults: readonly Fault[]
  /** What it says of its row; see {@link QuarantinedRow}. */
  readonly row?: QuarantinedRow
}

/** A sealed record and its place. */
export type SealedPayload = {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** Empty if the record was dropped. */
  readonly payload: string
  /** Which row it is about; see QuarantineSink. */
  readonly rowKey: string
  /** UInt128, decimal: the version that its row would have. */
  readonly rowVersion: string
}

/** A quarantined record as it is kept: columns of the quarantine table, and its place as the key. */
export type SealedRecord = { readonly place: string; readonly cells: readonly unknown[] }

/** Where bad records go, sealed: a topic, for whoever replays them, and a table, for whoever looks. */
export type QuarantineSink = {
  seal(dataset: CompiledDataset, records: readonly QuarantinedRecord[]): readonly SealedRecord[]
  publish(sealed: readonly SealedRecord[]): Promise<void>
  store(sealed: readonly SealedRecord[]): Promise<void>
  /**
   * What quarantined changes say of the rows with these keys, in no order: those that are open, by what `transform` makes of them now, and
   * those that were dropped, of which only is known that they have set something.
   */
  knownRows(
    dataset: CompiledDataset,
    keys: readonly string[],
    transform: (record: RawRecord) => Outcome,
  ): Promise<readonly QuarantinedRow[]>
  /** Settles the places of those records that are proven replays, once they are stored; others may be among them. May be repeated. */
  resolved(dataset: CompiledDataset, records: readonly RawRecord[]): Promise<void>
}
