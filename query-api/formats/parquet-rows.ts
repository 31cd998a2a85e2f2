/**
 * Counts the rows of a Parquet file on its way: they stand in its footer (Apache Parquet format, "File format": FileMetaData in Thrift's
 * compact protocol, its length in four bytes, `PAR1`), so they are known when the last byte is there.
 */
import { NOTHING, type RowCounter } from './row-counter.ts'
import { skipThrift, varint, zigzag } from './thrift-compact.ts'

/** Longest footer that is read; of a file with a longer one the rows are -1, "not known". */
const LONGEST_FOOTER = 8 * 1024 * 1024
const TRAILER = 8

/** Passes the file on as it is. */
export function createParquetCounter(): RowCounter {
  let tail: Buffer[] = []
  let held = 0
  let rows = 0
  return {
    take(piece) {
      tail.push(piece)
      held += piece.length
      while (tail[0] && held - tail[0].length >= LONGEST_FOOTER + TRAILER) held -= tail.shift()?.length ?? 0
      return piece
    },
    end() {
      rows = rowsOfFooter(Buffer.concat(tail))
      tail = []
      return NOTHING
    },
    rows: () => rows,
  }
}

/** Rows by the footer at the end of these bytes; -1 if there is none, or not all of it. */
export function rowsOfFooter(end: Buffer): number {
  try {
    if (end.toString('latin1', end.length - 4) !== 'PAR1') return -1
    const from = end.length - TRAILER - end.readUInt32LE(end.length - TRAILER)
    return from < 0 ? -1 : numRows(end.subarray(from, end.length - TRAILER))
  } catch {
    return -1
  }
}

/** FileMetaData: 1 version, 2 schema, 3 num_rows. */
function numRows(footer: Buffer): number {
  const at = { offset: 0 }
  for (let field = 0; ; ) {
    const head = footer.readUInt8(at.offset++)
    if (head === 0) return -1
    const delta = head >> 4
    field = delta === 0 ? Number(zigzag(varint(footer, at))) : field + delta
    if (field === 3) return Number(zigzag(varint(footer, at)))
    skipThrift(footer, at, head & 0x0f, 0)
  }
}
