/**
 * One column, read byte by byte from the row image and written as RowBinary: what the plain path does in three steps (parse, check, convert or
 * protect), in one. A reader may bail at anything unusual: the plain path then takes the whole record. It must never write what the
 * plain path would not have written; property tests compare the two.
 */
import type { RowWriter } from '../rowbinary/row-writer.ts'
import type { TenantState } from './tenant-state.ts'

/** What a reader may use. */
export type ReadContext = {
  readonly tenant: TenantState
}

/**
 * Reads the value at `at`, writes its cell, and returns the position behind the value, or BAIL. Room for short cells is reserved; see
 * {@link MOST_SHORT_BYTES}. What was written before a BAIL is taken back by the caller.
 */
export type CellReader = (
  bytes: Buffer,
  at: number,
  end: number,
  writer: RowWriter,
  context: ReadContext,
) => number

/** Cells of numbers, moments and tokens are no longer than this. Whoever writes more reserves it. */
export const MOST_SHORT_BYTES = 128
