/** Rows of the plain path -> RowBinary: what the byte path writes for the same record, byte for byte. */
import { tableColumns } from '#contracts/compile/clickhouse-ddl.ts'
import { type CompiledDataset, INTERNAL_COLUMNS } from '#contracts/compile/compiled-dataset.ts'
import { isKeyColumn } from '../to-row.ts'
import { createCellEncoder } from './cell-encoder.ts'
import { HASH_START, hashBytes } from './hash-bytes.ts'
import type { RowWriter } from './row-writer.ts'

/** Appends rows to a writer. */
export type RowEncoder = {
  /** Cells in the order of `insertColumns`, all of them known. Returns the hash of the key, as in `Transcoder.keyHash`. */
  encode(cells: readonly string[], writer: RowWriter): number
  /** The hash alone, of a key as in `StoredRow.key`: its cells, joined by commas. */
  hashOfKey(keyCells: readonly string[]): number
}

/** Makes the encoder of a dataset's rows. */
export function createRowEncoder(dataset: CompiledDataset, scratch: RowWriter): RowEncoder {
  const keys = new Set(
    dataset.columns.filter((column) => isKeyColumn(dataset, column)).map(({ target }) => target),
  )
  const columns = tableColumns(dataset)
    .filter(({ name }) => name !== INTERNAL_COLUMNS.loadedAt)
    .map(({ name, type }) => ({ encode: createCellEncoder(type), isKey: keys.has(name) }))
  const keyColumns = columns.filter(({ isKey }) => isKey)
  return {
    encode(cells, writer) {
      let hash = HASH_START
      for (const [index, { encode, isKey }] of columns.entries()) {
        const start = writer.at
        encode(cells[index] ?? '', writer)
        if (isKey) hash = hashBytes(hash, writer.bytes, start, writer.at)
      }
      return hash
    },
    hashOfKey(keyCells) {
      scratch.at = 0
      for (const [index, { encode }] of keyColumns.entries()) encode(keyCells[index] ?? '', scratch)
      return hashBytes(HASH_START, scratch.bytes, 0, scratch.at)
    },
  }
}
