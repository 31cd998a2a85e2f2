/** Answers that are passed on as they are, and whose rows are counted: NDJSON by lines, CSV by line breaks outside quotes. */
import { NOTHING, type RowCounter } from './row-counter.ts'

const LINE_BREAK = 0x0a
const QUOTE = 0x22

/** One row per line. */
export function createLineCounter(): RowCounter {
  let rows = 0
  return {
    take(piece) {
      for (let at = piece.indexOf(LINE_BREAK); at >= 0; at = piece.indexOf(LINE_BREAK, at + 1)) rows++
      return piece
    },
    end: () => NOTHING,
    rows: () => rows,
  }
}

/** One row per line break outside quotes, less the line with the names. A doubled quote opens and closes, so it needs no care. */
export function createCsvCounter(): RowCounter {
  let lines = 0
  let quoted = false
  return {
    take(piece) {
      for (const byte of piece) {
        if (byte === QUOTE) quoted = !quoted
        else if (byte === LINE_BREAK && !quoted) lines++
      }
      return piece
    },
    end: () => NOTHING,
    rows: () => Math.max(0, lines - 1),
  }
}
