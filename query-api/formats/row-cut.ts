/**
 * Ends an answer of the engine at a limit that the caller gave: behind whole rows, never inside one.
 *
 * Rows are told apart by line breaks; in CSV by those outside quotes. The bytes counted are those of rows as the engine writes them;
 * names, types and the envelope come on top.
 */

/** Most rows, and most bytes of rows, that the caller wants. */
export type AnswerLimit = { readonly rows: number; readonly bytes: number }

/** One cutter, for one answer. */
export type RowCut = {
  /** What of a piece belongs to the answer, as far as it is known. */
  take(chunk: Buffer): Buffer
  /** What is left when the engine's answer has ended. */
  end(): Buffer
  /** True once there is more than the limit allows: nothing more will be taken. */
  isFull(): boolean
}

const LINE_BREAK = 0x0a
const QUOTE = 0x22

/** Lines, of which the first few are no rows. */
export function createLineCut(limit: AnswerLimit, headLines: number): RowCut {
  return createRecordCut(limit, headLines, () => (chunk, from) => chunk.indexOf(LINE_BREAK, from))
}

/** CSV with names in its first line. */
export function createCsvCut(limit: AnswerLimit): RowCut {
  return createRecordCut(limit, 1, () => {
    let quoted = false
    return (chunk, from) => {
      for (let at = from; at < chunk.length; at++) {
        if (chunk[at] === QUOTE) quoted = !quoted
        else if (chunk[at] === LINE_BREAK && !quoted) return at
      }
      return -1
    }
  })
}

/** Finds the line break that ends a record at or after a place; it is asked for each byte once. */
type EndFinder = (chunk: Buffer, from: number) => number

function createRecordCut(limit: AnswerLimit, headLines: number, finder: () => EndFinder): RowCut {
  const endOf = finder()
  let headLeft = headLines
  let rows = 0
  let bytes = 0
  let full = false
  /** The beginning of a row whose end is not there yet. */
  let begun: Buffer[] = []
  let begunBytes = 0

  return { take, end: () => (full ? Buffer.alloc(0) : Buffer.concat(begun)), isFull: () => full }

  function take(chunk: Buffer): Buffer {
    const parts: Buffer[] = []
    let from = 0
    while (from < chunk.length && !full) {
      if (headLeft === 0 && rows >= limit.rows) {
        full = true
        break
      }
      const at = endOf(chunk, from)
      const piece = chunk.subarray(from, at < 0 ? chunk.length : at + 1)
      const length = begunBytes + piece.length
      if (headLeft === 0 && bytes + length > limit.bytes) {
        full = true
        break
      }
      begun.push(piece)
      begunBytes = length
      if (at < 0) break
      parts.push(...begun)
      if (headLeft > 0) headLeft--
      else {
        rows++
        bytes += length
      }
      begun = []
      begunBytes = 0
      from = at + 1
    }
    return Buffer.concat(parts)
  }
}
