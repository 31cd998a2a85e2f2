/**
 * What flows through the transforms: a raw record comes in, an outcome goes out. What is expected to happen is a value of
 * these types, never an exception; an exception is a fault of the code and stops the worker before the offset is committed.
 */
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { Row, RowFault, RowValue } from '#contracts/validator/row.ts'
import type { ColumnChange } from './column-watch.ts'

/** A record as it lies in Kafka. */
export type RawRecord = {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | undefined>>
}

/** A column's value as Debezium wrote it. */
export type RawValue = RowValue

/** The columns of a row, by source name. */
export type RawRow = Row

/** c: insert, r: snapshot read, u: update, d: delete, t: truncate. */
export type Operation = 'c' | 'r' | 'u' | 'd' | 't'

/** A decoded change event. */
export type Change = {
  readonly op: Operation
  /** The row before: whole under REPLICA IDENTITY FULL, else the key only (other columns then hold type defaults). */
  readonly before: RawRow | null
  readonly after: RawRow | null
  /** Where it stands in the order of commits: an LSN, or 0 in a first snapshot. See decode.ts. */
  readonly position: bigint
  /** Among the changes of one position: see version.ts. */
  readonly order: bigint
  /** Commit time in Postgres, milliseconds. */
  readonly committedAt: number
}

/** Why a record, or a column of it, is quarantined: a rule of the contract, or `not_json`, `out_of_range`, … */
export type Fault = RowFault

/** A row ready to be loaded. */
export type StoredRow = {
  /** One JSON text per insert column of the dataset; the empty string where the value is not known yet. */
  readonly cells: string[]
  /** Identity inside the table: tenant and key cells joined. */
  readonly key: string
  /** Identity under which the last known row is stored, if the key has changed in this change; else equal to `key`. */
  readonly previousKey: string
  /** UInt128, decimal. */
  readonly version: string
  readonly deleted: boolean
  /** Milliseconds. */
  readonly committedAt: number
  /** Indexes of cells whose value Postgres did not send, because it did not change (TOAST). */
  readonly unresolved: readonly number[]
}

/**
 * What a quarantined change says of its row. A later change may leave a large value out because it is what this one has set: whoever fills
 * it in must know, or an older value would be taken for it.
 */
export type QuarantinedRow = Pick<StoredRow, 'key' | 'previousKey' | 'version'> & {
  /** As in {@link StoredRow}: the empty string where the value did not come because it did not change; null where it is what is wrong. */
  readonly cells: readonly (string | null)[]
}

/** What became of a record. Every record has exactly one outcome: in = stored + quarantined + filtered. */
export type Outcome =
  | { readonly kind: 'rows'; readonly dataset: CompiledDataset; readonly rows: readonly StoredRow[] }
  | { readonly kind: 'truncate'; readonly dataset: CompiledDataset; readonly version: string }
  | {
      readonly kind: 'quarantine'
      readonly dataset: CompiledDataset
      readonly faults: readonly Fault[]
      /** Not there for deletes, and where the record cannot be read or its key is not known. */
      readonly row?: QuarantinedRow
    }
  | { readonly kind: 'filtered'; readonly reason: 'tombstone' | 'message' }
  /**
   * No outcome yet: the columns of the source have changed, and the contract wants the table to wait, or it is not known yet whether they have. The
   * record is to come again. `version` is that of its row.
   */
  | {
      readonly kind: 'held'
      readonly dataset: CompiledDataset
      readonly change: ColumnChange
      readonly version: string
    }
