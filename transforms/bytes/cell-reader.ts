/**
 * One column, read byte by byte from the row image and written as RowBinary: what the plain path does in three steps (parse, check, convert or
 * protect), in one. A reader may bail at anything unusual: the plain path then takes the whole record. It must never write what the
 * plain path would not have written; property tests compare the two.
 */

import type { RowWriter } from '../rowbinary/row-writer.ts'
import { afterWord } from './scan.ts'
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

/** n, with which nothing but `null` begins. */
const NULL = 0x6e

const readNull: CellReader = (bytes, at, _end, writer) => {
  writer.bytes[writer.at++] = 1
  return afterWord(bytes, at, 'null')
}

/** The reader of a column that may be NULL, as its cell says in front; `read` is given values only. */
export function orNull(read: CellReader, ofNull: CellReader = readNull): CellReader {
  return function readOrNull(bytes, at, end, writer, context) {
    if (bytes[at] === NULL) return ofNull(bytes, at, end, writer, context)
    writer.bytes[writer.at++] = 0
    return read(bytes, at, end, writer, context)
  }
}

/** Cells of numbers, moments and tokens are no longer than this. Whoever writes more reserves it. */
export const MOST_SHORT_BYTES = 128
